//! Acts after closing: an award that ends, a promotion from the reserve list, a correction. Each is looked at first, with the
//! emails that it would send, and then made.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, web};
use askama::Template;

use super::decided::Now;
use super::outcomes::now;
use super::{as_reader, field_of_a_bids_act};
use crate::auth::Admin;
use crate::id::BidId;
use crate::outcomes::decide::Outcome;
use crate::outcomes::later::model::{LaterActPreview, NewLaterAct};
use crate::outcomes::letters::heading;
use crate::outcomes::model::PlannedEmail;
use crate::outcomes::ops;
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::rest::Id;
use crate::rounds;
use crate::rounds::model::{Round, RoundStatus};
use crate::rounds::pages::frame::{Tab, address, within_rounds};
use crate::web::form::{Choice, Form};
use crate::web::page::see_other;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(choose).service(ask).service(make);
}

/// A bid of a closed round and what stands for it.
struct Standing {
    round: Round,
    bid: BidId,
    over: String,
    title: String,
    stands: Option<Now>,
    is_award: bool,
    /// Whether it is the next of the reserve list that can be paid.
    is_next: bool,
}

impl Standing {
    /// `None` before the round is closed.
    async fn load(on: &Platform, admin: &Admin, bid: BidId) -> Result<Option<Self>> {
        let reader = as_reader(admin)?;
        let board = ops::bid_scores(on, &reader, bid).await?;
        let round = rounds::ops::read_round(on, &reader, board.round_id).await?;
        if round.status != RoundStatus::Closed {
            return Ok(None);
        }
        let acts = ops::later_acts(on, &reader, round.id).await?;
        let outcome = ops::outcome_of(on, &reader, bid).await?;
        let last = acts.acts.iter().rev().find(|act| act.act.bid() == bid);
        let stands = match last {
            Some(act) => now(&round.rules, &act.now),
            None => Now {
                outcome: super::decided::in_words(Some(outcome.outcome), outcome.reserve_position),
                kind: super::kind_of(Some(outcome.outcome)),
                amount: if outcome.outcome.is_award() {
                    outcome.amount_pence.to_string()
                } else {
                    String::new()
                },
                sentence: outcome.sentence,
            },
        };
        Ok(Some(Self {
            over: format!("{} · {}", board.reference, board.organisation),
            title: board.title,
            is_award: outcome.outcome.is_award(),
            is_next: acts.proposal.is_some_and(|next| next.bid_id == bid),
            stands: Some(stands),
            round,
            bid,
        }))
    }

    fn shell(&self, shell: Shell) -> Shell {
        within_rounds(shell)
            .under(self.round.name.clone(), address(self.round.id))
            .under("Outcomes", Tab::Outcomes.address(self.round.id))
    }
}

/// Before closing there is nothing to change: its scores are what there is to see.
fn not_closed(bid: BidId) -> HttpResponse {
    see_other(&super::bid::address_of(bid))
}

#[derive(Template)]
#[template(path = "outcomes/templates/after_closing.html")]
struct ChoosePage {
    shell: Shell,
    over: String,
    title: String,
    stands: Option<Now>,
    bid: BidId,
    is_award: bool,
    is_next: bool,
    back: String,
}

#[get("/bids/{id}/after-closing")]
async fn choose(on: web::Data<Platform>, visit: Visit<Admin>, id: Id<BidId>) -> Result<HttpResponse> {
    let Some(of) = Standing::load(&on, &visit.who, id.0).await? else { return Ok(not_closed(id.0)) };
    visit.show(&ChoosePage {
        shell: of.shell(visit.shell()),
        back: Tab::Outcomes.address(of.round.id),
        over: of.over,
        title: of.title,
        stands: of.stands,
        bid: of.bid,
        is_award: of.is_award,
        is_next: of.is_next,
    })
}

#[derive(Template)]
#[template(path = "outcomes/templates/later_act.html")]
struct ActPage {
    shell: Shell,
    over: String,
    words: &'static Words,
    stands: Option<Now>,
    action: String,
    back: String,
    ends: Vec<Choice>,
    outcomes: Vec<Choice>,
    preview: Option<Preview>,
    form: Form,
}

/// What the act would change, and whom it would tell.
struct Preview {
    now: Now,
    conditions: String,
    emails: Vec<PlannedEmail>,
    fields: Vec<(String, String)>,
}

#[derive(Debug, PartialEq, Eq)]
enum Kinds {
    EndAward,
    Promote,
    Correct,
}

/// What a page says of one kind of act.
struct Words {
    kind: Kinds,
    place: &'static str,
    name: &'static str,
    heading: &'static str,
    effect: &'static str,
    button: &'static str,
    done: &'static str,
}

const KINDS: [Words; 3] = [
    Words {
        kind: Kinds::EndAward,
        place: "end-award",
        name: "end_award",
        heading: "End the award",
        effect: "The provider does not take its award, or gives it back. The money is free again, and the next of the reserve list \
                 can be promoted.",
        button: "End the award and tell the bidder",
        done: "The award has ended.",
    },
    Words {
        kind: Kinds::Promote,
        place: "promote",
        name: "promote",
        heading: "Promote from the reserve list",
        effect: "The bid is awarded what it asked for, from the money that is free.",
        button: "Promote it and tell the bidder",
        done: "The bid is promoted.",
    },
    Words {
        kind: Kinds::Correct,
        place: "correct",
        name: "correct",
        heading: "Correct the outcome",
        effect: "The outcome was wrong and is put right. What was written at closing stays on record, with the correction beside it.",
        button: "Correct it and tell the bidder",
        done: "The outcome is corrected.",
    },
];

fn kind_in(request: &HttpRequest) -> Result<&'static Words> {
    let place = request.path().rsplit('/').next().unwrap_or_default();
    KINDS.iter().find(|words| words.place == place).ok_or_else(Problem::not_found)
}

fn page(
    visit: &Visit<Admin>,
    of: Standing,
    words: &'static Words,
    form: Form,
    preview: Option<Preview>,
) -> ActPage {
    let choice = |outcome: Outcome| Choice::new(outcome.as_str(), heading(outcome));
    ActPage {
        shell: of.shell(visit.shell()).under("Change", format!("/bids/{}/after-closing", of.bid)),
        over: of.over,
        action: format!("/bids/{}/{}", of.bid, words.place),
        back: Tab::Outcomes.address(of.round.id),
        stands: of.stands,
        ends: match words.kind {
            Kinds::EndAward => vec![
                Choice::new("declined", "The provider declined it").hint("Before the grant agreement"),
                Choice::new("withdrawn", "It was withdrawn").hint("After the grant agreement"),
            ],
            Kinds::Promote | Kinds::Correct => Vec::new(),
        },
        outcomes: match words.kind {
            Kinds::Correct => Outcome::ALL.into_iter().map(choice).collect(),
            Kinds::EndAward | Kinds::Promote => Vec::new(),
        },
        words,
        preview,
        form,
    }
}

#[actix_web::routes]
#[get("/bids/{id}/end-award")]
#[get("/bids/{id}/promote")]
#[get("/bids/{id}/correct")]
async fn ask(
    on: web::Data<Platform>,
    visit: Visit<Admin>,
    id: Id<BidId>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let words = kind_in(&request)?;
    let Some(of) = Standing::load(&on, &visit.who, id.0).await? else { return Ok(not_closed(id.0)) };
    visit.show(&page(&visit, of, words, Form::blank(), None))
}

#[actix_web::routes]
#[post("/bids/{id}/end-award")]
#[post("/bids/{id}/promote")]
#[post("/bids/{id}/correct")]
async fn make(
    on: web::Data<Platform>,
    sent: Sent<Admin>,
    id: Id<BidId>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let words = kind_in(&request)?;
    let Some(of) = Standing::load(&on, &sent.who, id.0).await? else { return Ok(not_closed(id.0)) };
    if sent.form.get("then") == "again" {
        return sent.show(&page(&sent, of, words, sent.form.clone(), None));
    }
    let wants_it = sent.form.get("then") == "act";
    let done = match read(&sent.form, words, id.0) {
        Ok(new) if wants_it => {
            let made = ops::act_later(&on, &sent.who, of.round.id, new, sent.once.clone()).await;
            made.map(|_| None)
        }
        Ok(new) => ops::preview_later(&on, &sent.who, of.round.id, new).await.map(Some),
        Err(problem) => Err(problem),
    };
    match done {
        Ok(None) => Ok(sent.go_saying(&Tab::Outcomes.address(of.round.id), words.done)),
        Ok(Some(preview)) => {
            let preview = shown(&of.round, preview, &sent.form);
            sent.show_as(StatusCode::OK, &page(&sent, of, words, sent.form.clone(), Some(preview)))
        }
        Err(problem) if problem.kind() == Kind::Invalid => {
            let form = sent.form.clone().refused_as(&problem, field_of_a_bids_act);
            sent.show_again(&problem, &page(&sent, of, words, form, None))
        }
        Err(problem) => Err(problem),
    }
}

fn shown(round: &Round, preview: LaterActPreview, form: &Form) -> Preview {
    let kept = |name: &str| ["how", "outcome", "amount_pence", "conditions", "reason"].contains(&name);
    Preview {
        now: now(&round.rules, &preview.now),
        conditions: preview.now.conditions.unwrap_or_default(),
        emails: preview.emails,
        fields: form
            .pairs()
            .filter(|(name, _)| kept(name))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    }
}

fn read(form: &Form, words: &Words, bid: BidId) -> Result<NewLaterAct> {
    let mut reading = form.reading();
    reading.put("/kind", words.name).put("/bid_id", bid.to_string()).text("/reason");
    match words.kind {
        Kinds::EndAward => {
            if form.get("how").is_empty() {
                return Err(Problem::fault("/how", "choose how it ended"));
            }
            reading.words("/how");
        }
        Kinds::Promote => {}
        Kinds::Correct => {
            reading.chosen(&["/outcome"]).words("/outcome").money("/amount_pence").words("/conditions");
        }
    }
    reading.done()
}
