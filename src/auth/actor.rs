//! The caller, and the proofs of what the caller is.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use crate::db::types::word_enum;
use crate::id::{ClientId, OrganisationId, UserId};
use crate::problem::Problem;

word_enum! {
    /// What a person is to the service. A provider's API client acts as a member of its organisation.
    pub enum Role {
        Admin = "admin",
        Assessor = "assessor",
        Member = "member",
        Auditor = "auditor",
    }
}

/// The one who acts, as the audit trail names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    User(UserId),
    Client(ClientId),
    /// The service itself: deadlines and reminders.
    System,
}

impl fmt::Display for Who {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(out, "user:{id}"),
            Self::Client(id) => write!(out, "client:{id}"),
            Self::System => out.write_str("system"),
        }
    }
}

/// A signed-in caller.
#[derive(Debug, Clone)]
pub struct Actor {
    pub who: Who,
    /// `None` for the service itself.
    pub role: Option<Role>,
    /// The organisation that a member or API client speaks for.
    pub organisation: Option<OrganisationId>,
    pub request_id: Option<String>,
}

impl Actor {
    /// The service itself.
    #[must_use]
    pub const fn system() -> Self {
        Self { who: Who::System, role: None, organisation: None, request_id: None }
    }

    /// The organisation whose bids, members and clients this caller may see: `None` for those who
    /// belong to none.
    #[must_use]
    pub fn own_organisation(&self) -> Option<OrganisationId> {
        self.organisation.filter(|_| self.role == Some(Role::Member))
    }

    /// Whether every fund, round, bid, score and person may be read.
    #[must_use]
    pub fn reads_everything(&self) -> bool {
        matches!(self.role, Some(Role::Admin | Role::Auditor))
    }

    #[must_use]
    pub fn role_name(&self) -> &'static str {
        self.role.map_or("system", Role::as_str)
    }
}

macro_rules! proof {
    ($(#[$doc:meta])* $name:ident { $field:ident: $type:ty }) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name {
            actor: Actor,
            pub $field: $type,
        }

        impl Deref for $name {
            type Target = Actor;
            fn deref(&self) -> &Actor {
                &self.actor
            }
        }
    };
}

proof! {
    /// An administrator.
    Admin { id: UserId }
}
proof! {
    /// An assessor.
    Assessor { id: UserId }
}
proof! {
    /// A provider's member, or one of its API clients.
    Member { organisation: OrganisationId }
}
proof! {
    /// An administrator or an auditor: everything readable, nothing writable by this proof.
    Reader { id: UserId }
}

impl TryFrom<Actor> for Admin {
    type Error = Problem;
    fn try_from(actor: Actor) -> Result<Self, Problem> {
        match (actor.role, actor.who) {
            (Some(Role::Admin), Who::User(id)) => Ok(Self { actor, id }),
            _ => Err(Problem::forbidden("Only an administrator can do this.")),
        }
    }
}

impl Admin {
    /// An administrator reads everything, too.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader { actor: self.actor.clone(), id: self.id }
    }
}

impl TryFrom<Actor> for Assessor {
    type Error = Problem;
    fn try_from(actor: Actor) -> Result<Self, Problem> {
        match (actor.role, actor.who) {
            (Some(Role::Assessor), Who::User(id)) => Ok(Self { actor, id }),
            _ => Err(Problem::forbidden("Only an assessor can do this.")),
        }
    }
}

impl TryFrom<Actor> for Member {
    type Error = Problem;
    fn try_from(actor: Actor) -> Result<Self, Problem> {
        match actor.own_organisation() {
            Some(organisation) => Ok(Self { actor, organisation }),
            None => Err(Problem::forbidden("Only a provider's member or API client can do this.")),
        }
    }
}

impl TryFrom<Actor> for Reader {
    type Error = Problem;
    fn try_from(actor: Actor) -> Result<Self, Problem> {
        match (actor.reads_everything(), actor.who) {
            (true, Who::User(id)) => Ok(Self { actor, id }),
            _ => Err(Problem::forbidden("Only an administrator or an auditor can read this.")),
        }
    }
}

/// An administrator or the holder of proof `T`; which of the two, the use case asks the actor.
#[derive(Debug, Clone)]
pub struct AdminOr<T> {
    actor: Actor,
    proof: PhantomData<T>,
}

impl<T> Deref for AdminOr<T> {
    type Target = Actor;
    fn deref(&self) -> &Actor {
        &self.actor
    }
}

impl<T: TryFrom<Actor, Error = Problem>> TryFrom<Actor> for AdminOr<T> {
    type Error = Problem;
    fn try_from(actor: Actor) -> Result<Self, Problem> {
        Admin::try_from(actor.clone()).map(drop).or_else(|_| T::try_from(actor.clone()).map(drop))?;
        Ok(Self { actor, proof: PhantomData })
    }
}
