//! The letter that tells a bidder that an outcome has changed after the round was closed.

use askama::Template;

use super::messages::Verdict;
use super::text::{one_line, wrapped};
use super::{EmailKind, Message, Site};
use crate::clock::Timestamp;
use crate::problem::{Problem, Result};

/// A changed outcome, for its bidder.
pub struct OutcomeChanged<'a> {
    pub name: &'a str,
    pub fund: &'a str,
    pub round: &'a str,
    pub reference: &'a str,
    pub title: &'a str,
    pub because: Because,
    /// What the last letter said: "On the reserve list".
    pub was: &'a str,
    /// What stands now.
    pub verdict: Verdict<'a>,
    /// Why.
    pub sentence: &'a str,
    pub query_email: &'a str,
    pub query_by: Timestamp,
}

/// Why an outcome has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// The bidder has declined the award.
    Declined,
    /// The bidder has given the award back.
    Withdrawn,
    /// Money has become free for the next of the reserve list.
    Promoted,
    /// The outcome was wrong.
    Corrected,
}

/// The most characters of a subject.
const SUBJECT: usize = 120;

#[derive(Template)]
#[template(path = "mail/templates/outcome_changed.txt")]
struct Text<'a> {
    m: &'a OutcomeChanged<'a>,
    site: &'a Site,
}

#[derive(Template)]
#[template(path = "mail/templates/outcome_changed.html")]
struct Html<'a> {
    m: &'a OutcomeChanged<'a>,
    site: &'a Site,
    subject: &'a str,
}

impl OutcomeChanged<'_> {
    /// # Errors
    /// The template cannot be rendered.
    pub fn render(&self, site: &Site) -> Result<Message> {
        let subject = one_line(&self.subject(), SUBJECT);
        let text = Text { m: self, site }.render().map_err(Problem::internal)?;
        let html = Html { m: self, site, subject: &subject }.render().map_err(Problem::internal)?;
        Ok(Message { kind: EmailKind::OutcomeChanged, subject, text: wrapped(&text), html })
    }

    fn subject(&self) -> String {
        let what = match self.because {
            Because::Declined => "Award declined".to_owned(),
            Because::Withdrawn => "Award withdrawn".to_owned(),
            Because::Promoted => format!("{} from the reserve list", self.verdict.named()),
            Because::Corrected => format!("Correction, {}", self.verdict.named().to_lowercase()),
        };
        format!("{what}: {}, {}", self.reference, self.title)
    }

    /// The first sentence: what has changed.
    fn key_message(&self) -> String {
        let bid = format!("“{}” ({})", one_line(self.title, usize::MAX), self.reference);
        match self.because {
            Because::Declined => format!("We have recorded that you decline the award to your bid {bid}."),
            Because::Withdrawn => format!("We have recorded that the award to your bid {bid} is given back."),
            Because::Promoted => {
                format!("Your bid {bid} has moved up from the reserve list: {}.", self.verdict.named())
            }
            Because::Corrected => {
                format!("The outcome of your bid {bid} was wrong and is corrected: {}.", self.verdict.named())
            }
        }
    }
}
