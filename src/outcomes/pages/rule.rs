//! Rulings on one bid: leave it out, take it short, accept a disagreement, override its outcome; and taking one back.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use askama::Template;

use super::bid::{Board, address_of};
use super::rulings::{RulingView, ruling_view};
use super::{as_reader, comes_back, field_of_a_bids_act};
use crate::auth::Admin;
use crate::id::{BidId, RulingId};
use crate::outcomes::decide::Outcome;
use crate::outcomes::letters::heading;
use crate::outcomes::model::{NewRuling, Revocation, Ruling, RulingKind};
use crate::outcomes::ops;
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rest::Id;
use crate::rounds::pages::frame::address;
use crate::web::form::{Choice, Form};
use crate::web::page::see_other;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(ask).service(rule).service(ask_revoke).service(revoke);
}

#[derive(Template)]
#[template(path = "outcomes/templates/rule.html")]
struct RulePage {
    shell: Shell,
    over: String,
    title: String,
    words: &'static Words,
    action: String,
    address: String,
    /// What the bid asks for and what it would get, where its outcome is overridden.
    outcomes: Vec<Choice>,
    sentence: String,
    form: Form,
}

/// What a page says of one kind of ruling.
struct Words {
    kind: RulingKind,
    place: &'static str,
    heading: &'static str,
    effect: &'static str,
    /// Who reads the reason.
    readers: &'static str,
    button: &'static str,
    done: &'static str,
}

const READ_BY_THE_BIDDER: &str = "The bidder reads it word for word, and it is kept with the round";
const KEPT: &str = "It is kept with the round and can be disclosed";

const KINDS: [Words; 4] = [
    Words {
        kind: RulingKind::Exclude,
        place: "exclude",
        heading: "Exclude this bid",
        effect: "It takes no further part: its outcome is unsuccessful, it has no rank, and its email gives your reason.",
        readers: READ_BY_THE_BIDDER,
        button: "Exclude the bid",
        done: "The bid is excluded.",
    },
    Words {
        kind: RulingKind::AcceptShort,
        place: "accept-short",
        heading: "Accept it short of assessments",
        effect: "It is ranked on the assessments that it has. One that is submitted later still counts.",
        readers: KEPT,
        button: "Accept it short",
        done: "The bid is accepted short.",
    },
    Words {
        kind: RulingKind::AcceptDisagreement,
        place: "accept-disagreement",
        heading: "Accept the disagreement",
        effect: "The assessors' scores stand as they are, and no longer keep the round from being closed.",
        readers: KEPT,
        button: "Accept the disagreement",
        done: "The disagreement is accepted.",
    },
    Words {
        kind: RulingKind::Override,
        place: "override",
        heading: "Override its outcome",
        effect: "It gets the outcome that you choose, in place of the ranking's. Its scores and its rank stay, and money for it is taken \
                 before the ranking is paid.",
        readers: READ_BY_THE_BIDDER,
        button: "Override the outcome",
        done: "The outcome is overridden.",
    },
];

fn words(place: &str) -> Result<&'static Words> {
    KINDS.iter().find(|words| words.place == place).ok_or_else(Problem::not_found)
}

/// The last step of the address names the kind.
fn kind_in(request: &HttpRequest) -> Result<&'static Words> {
    words(request.path().rsplit('/').next().unwrap_or_default())
}

fn page(visit: &Visit<Admin>, of: &Board, words: &'static Words, form: Form) -> RulePage {
    let is_override = words.kind == RulingKind::Override;
    let choice = |outcome: Outcome| Choice::new(outcome.as_str(), heading(outcome));
    RulePage {
        shell: of.shell(visit.shell()).under(of.board.reference.clone(), of.address()),
        over: of.over(),
        title: of.board.title.clone(),
        action: format!("/bids/{}/{}", of.board.bid_id, words.place),
        words,
        address: of.address(),
        outcomes: if is_override { Outcome::ALL.into_iter().map(choice).collect() } else { Vec::new() },
        sentence: of.board.outcome.as_ref().map(|one| one.sentence.clone()).unwrap_or_default(),
        form,
    }
}

#[actix_web::routes]
#[get("/bids/{id}/exclude")]
#[get("/bids/{id}/accept-short")]
#[get("/bids/{id}/accept-disagreement")]
#[get("/bids/{id}/override")]
async fn ask(
    on: web::Data<Platform>,
    visit: Visit<Admin>,
    id: Id<BidId>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let words = kind_in(&request)?;
    let of = Board::load(&on, &as_reader(&visit.who)?, id.0).await?;
    let stands =
        of.board.rulings.iter().any(|one| one.revoked_at.is_none() && one.ruling.kind() == words.kind);
    if !of.is_open() || stands {
        return Ok(see_other(&of.address()));
    }
    visit.show(&page(&visit, &of, words, Form::blank()))
}

#[actix_web::routes]
#[post("/bids/{id}/exclude")]
#[post("/bids/{id}/accept-short")]
#[post("/bids/{id}/accept-disagreement")]
#[post("/bids/{id}/override")]
async fn rule(
    on: web::Data<Platform>,
    sent: Sent<Admin>,
    id: Id<BidId>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let words = kind_in(&request)?;
    let of = Board::load(&on, &as_reader(&sent.who)?, id.0).await?;
    let done = match read(&sent.form, words, id.0) {
        Ok(new) => ops::rule(&on, &sent.who, of.round.id, new, sent.once.clone()).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(_) => Ok(sent.go_saying(&of.address(), words.done)),
        Err(problem) if comes_back(&problem) => {
            let form = sent.form.clone().refused_as(&problem, field_of_a_bids_act);
            sent.show_again(&problem, &page(&sent, &of, words, form))
        }
        Err(problem) => Err(problem),
    }
}

fn read(form: &Form, words: &Words, bid: BidId) -> Result<NewRuling> {
    let mut reading = form.reading();
    reading.put("/kind", words.kind.as_str()).put("/bid_id", bid.to_string()).text("/reason");
    match words.kind {
        RulingKind::Override => {
            reading.chosen(&["/outcome"]).words("/outcome").money("/amount_pence").words("/conditions");
        }
        RulingKind::Exclude
        | RulingKind::AcceptShort
        | RulingKind::AcceptDisagreement
        | RulingKind::TieOrder => {}
    }
    reading.done()
}

// ---- taking one back --------------------------------------------------------------------------

#[derive(Template)]
#[template(path = "outcomes/templates/revoke.html")]
struct RevokePage {
    shell: Shell,
    over: String,
    ruling: RulingView,
    back: String,
    action: String,
    form: Form,
}

/// A ruling, with the first bid that it is about.
struct Standing {
    of: Board,
    ruling: Ruling,
}

impl Standing {
    async fn load(on: &Platform, admin: &Admin, id: RulingId) -> Result<Self> {
        let reader = as_reader(admin)?;
        let ruling = ops::read_ruling(on, &reader, id).await?;
        let first = match &ruling.ruling {
            NewRuling::TieOrder { bids, .. } => bids.first().copied(),
            NewRuling::Exclude { .. }
            | NewRuling::AcceptShort { .. }
            | NewRuling::AcceptDisagreement { .. }
            | NewRuling::Override { .. } => ruling.ruling.bid(),
        };
        let of = Board::load(on, &reader, first.ok_or_else(Problem::not_found)?).await?;
        Ok(Self { of, ruling })
    }

    fn is_open(&self) -> bool {
        self.of.is_open() && self.ruling.revoked_at.is_none()
    }

    /// Where the ruling is seen.
    fn back(&self) -> String {
        match self.ruling.ruling.kind() {
            RulingKind::TieOrder => format!("{}/tie", address(self.of.round.id)),
            RulingKind::Exclude
            | RulingKind::AcceptShort
            | RulingKind::AcceptDisagreement
            | RulingKind::Override => address_of(self.of.board.bid_id),
        }
    }

    fn page(&self, visit: &Visit<Admin>, form: Form) -> RevokePage {
        RevokePage {
            shell: self.of.shell(visit.shell()).under(self.of.board.reference.clone(), self.of.address()),
            over: self.of.over(),
            ruling: ruling_view(&self.of, &self.ruling),
            back: self.back(),
            action: format!("/rulings/{}/revoke", self.ruling.id),
            form,
        }
    }
}

#[get("/rulings/{id}/revoke")]
async fn ask_revoke(on: web::Data<Platform>, visit: Visit<Admin>, id: Id<RulingId>) -> Result<HttpResponse> {
    let standing = Standing::load(&on, &visit.who, id.0).await?;
    if !standing.is_open() {
        return Ok(see_other(&standing.back()));
    }
    visit.show(&standing.page(&visit, Form::blank()))
}

#[post("/rulings/{id}/revoke")]
async fn revoke(on: web::Data<Platform>, sent: Sent<Admin>, id: Id<RulingId>) -> Result<HttpResponse> {
    let standing = Standing::load(&on, &sent.who, id.0).await?;
    let revocation = Revocation { reason: sent.form.get("reason").to_owned() };
    match ops::revoke(&on, &sent.who, id.0, revocation).await {
        Ok(_) => Ok(sent.go_saying(&standing.back(), "The ruling is revoked; it stays on record.")),
        // The button was pressed twice.
        Err(_) if standing.ruling.revoked_at.is_some() => Ok(see_other(&standing.back())),
        Err(problem) if comes_back(&problem) => {
            let form = sent.form.clone().refused(&problem);
            sent.show_again(&problem, &standing.page(&sent, form))
        }
        Err(problem) => Err(problem),
    }
}
