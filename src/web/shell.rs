//! The frame around every page: whose it is, where it stands, what it says first.

use std::sync::Arc;

use super::visitor::Visitor;
use crate::auth::Role;
use crate::auth::secrets::sha256;
use crate::mail::Site;

/// What the layout shows around a page; every page's template has one as `shell`.
#[derive(Debug, Clone)]
pub struct Shell {
    pub site: Arc<Site>,
    /// The signed-in person's name.
    pub person: Option<String>,
    /// Tells one person's unsaved text from another's in a browser, and says nothing else of them.
    pub mark: String,
    pub navigation: Vec<Link>,
    /// The pages above this one, the topmost first.
    pub crumbs: Vec<Link>,
    /// What the last act did.
    pub notice: Option<String>,
    /// What every form holds to show where it comes from.
    pub token: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub label: String,
    pub address: String,
    /// Whether it leads to the part of the site that the page is in.
    pub is_current: bool,
}

/// The parts of the site for a role, the first of which is where the role starts.
const fn parts(role: Role) -> &'static [(&'static str, &'static str)] {
    match role {
        Role::Assessor => &[("Your assignments", "/assignments")],
        Role::Admin | Role::Auditor => {
            &[("Rounds", "/rounds"), ("People", "/people"), ("Emails", "/emails"), ("Audit", "/audit")]
        }
        Role::Member => &[
            ("Your bids", "/your-bids"),
            ("Open rounds", "/open-rounds"),
            ("Your organisation", "/your-organisation"),
        ],
    }
}

/// Where a role starts.
#[must_use]
pub fn home(role: Role) -> &'static str {
    parts(role).first().map_or("/account", |(_, address)| address)
}

impl Shell {
    #[must_use]
    pub fn of(visitor: &Visitor) -> Self {
        let session = visitor.session.as_ref();
        let role = session.and_then(|session| session.actor.role);
        let is_in = |part: &str| {
            visitor
                .address
                .strip_prefix(part)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
        };
        let navigation = role.map(parts).unwrap_or_default().iter().map(|(label, address)| Link {
            label: (*label).to_owned(),
            address: (*address).to_owned(),
            is_current: is_in(address),
        });
        Self {
            site: Arc::clone(&visitor.site),
            person: session.map(|session| session.name.clone()),
            mark: session.map(|session| mark(&session.user.to_string())).unwrap_or_default(),
            navigation: navigation.collect(),
            crumbs: Vec::new(),
            notice: visitor.notice.clone(),
            token: visitor.token().to_owned(),
        }
    }

    /// With one more page above this one, which is then in the part of the site that the page above is.
    #[must_use]
    pub fn under(mut self, label: impl Into<String>, address: impl Into<String>) -> Self {
        let address = address.into();
        for part in &mut self.navigation {
            part.is_current |= part.address == address;
        }
        self.crumbs.push(Link { label: label.into(), address, is_current: false });
        self
    }
}

fn mark(user: &str) -> String {
    sha256(format!("mark:{user}")).chars().take(12).collect()
}
