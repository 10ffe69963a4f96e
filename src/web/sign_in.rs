//! The page to sign in on, and forms that came when their session was over: they are held in the
//! page itself, shown again once their person has signed in, and sent by that person's own hand.
//!
//! Nothing of them is kept on the server. They are held only for a form that one of our own pages
//! sent, and given back only to the person whose session had ended, where that is known.

use askama::Template;

use super::form::Form;
use super::page::own_address;
use super::shell::Shell;
use super::visitor::Visitor;
use crate::id::UserId;

/// Before the names of a held form's fields.
const FIELD: &str = "held.";
/// The field with the held form's address.
const ADDRESS: &str = "held-address";
/// The field with the id of the person it belongs to.
const PERSON: &str = "held-person";

/// A form that could not take effect yet.
#[derive(Debug, Clone)]
pub struct Held {
    pub address: String,
    pub person: Option<UserId>,
    pub fields: Vec<(String, String)>,
}

impl Held {
    #[must_use]
    pub fn of(form: &Form, address: &str, person: Option<UserId>) -> Self {
        Self { address: address.to_owned(), person, fields: form.kept() }
    }

    /// What a sign-in form holds, if it does and `person` may have it.
    #[must_use]
    pub fn read(form: &Form, person: UserId) -> Option<Self> {
        let held = Self::carried(form)?;
        held.person.is_none_or(|owner| owner == person).then_some(held)
    }

    /// What a sign-in form holds, to be held once more.
    #[must_use]
    pub fn carried(form: &Form) -> Option<Self> {
        let address = own_address(form.get(ADDRESS))?.to_owned();
        let person = form.get(PERSON);
        // A person that cannot be read is nobody: the form is then given to none.
        let person = match person {
            "" => None,
            id => Some(id.parse().map(UserId).ok()?),
        };
        let fields = form.pairs().filter_map(|(name, value)| {
            name.strip_prefix(FIELD).map(|name| (name.to_owned(), value.to_owned()))
        });
        Some(Self { address, person, fields: fields.collect() })
    }

    /// As hidden fields of the sign-in form.
    #[must_use]
    pub fn hidden(&self) -> Vec<(String, String)> {
        let person = self.person.map(|person| person.to_string()).unwrap_or_default();
        let own = [(ADDRESS.to_owned(), self.address.clone()), (PERSON.to_owned(), person)];
        let fields = self.fields.iter().map(|(name, value)| (format!("{FIELD}{name}"), value.clone()));
        own.into_iter().chain(fields).collect()
    }
}

#[derive(Template)]
#[template(path = "web/templates/sign_in.html")]
pub struct SignInPage {
    shell: Shell,
    form: Form,
    hidden: Vec<(String, String)>,
    is_held: bool,
    may_register: bool,
}

impl SignInPage {
    /// `may_register`: whether providers may register themselves.
    #[must_use]
    pub fn new(visitor: &Visitor, form: Form, may_register: bool) -> Self {
        let held = Held::carried(&form);
        Self {
            shell: Shell::of(visitor),
            form,
            is_held: held.is_some(),
            hidden: held.map(|held| held.hidden()).unwrap_or_default(),
            may_register,
        }
    }

    /// For a form that came when its session was over.
    #[must_use]
    pub fn again(visitor: &Visitor, held: &Held) -> Self {
        Self {
            shell: Shell::of(visitor),
            form: Form::blank(),
            hidden: held.hidden(),
            is_held: true,
            may_register: false,
        }
    }
}

#[derive(Template)]
#[template(path = "web/templates/held.html")]
pub struct HeldPage {
    shell: Shell,
    address: String,
    fields: Vec<(String, String)>,
    shown: Vec<(String, String)>,
}

impl HeldPage {
    #[must_use]
    pub fn of(visitor: &Visitor, held: Held) -> Self {
        let shown = Form::from(held.fields.clone()).shown();
        Self { shell: Shell::of(visitor), address: held.address, fields: held.fields, shown }
    }
}
