//! The assessors of a round: how many bids each can take, who comes in and who goes out.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::frame::{RoundFrame, Tab, within_rounds};
use crate::accounts;
use crate::auth::{Admin, Reader, Role};
use crate::id::{RoundId, UserId};
use crate::money::grouped;
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::rest::{Id, IfMatch, Paging, Params};
use crate::rounds::input::Pool;
use crate::rounds::model::{PoolMember, Round, RoundStatus};
use crate::rounds::ops::{self, PoolLines};
use crate::web::form::{Choice, Form, field_of};
use crate::web::page::see_other;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config
        .service(show)
        .service(ask_new)
        .service(add)
        .service(ask_member)
        .service(save_member)
        .service(remove);
}

#[derive(Template)]
#[template(path = "rounds/templates/pool.html")]
struct PoolPage {
    shell: Shell,
    frame: RoundFrame,
    may_change: bool,
    address: String,
    told: String,
    lines: Vec<Line>,
    first: String,
    next: String,
}

/// An assessor in the pool.
struct Line {
    name: String,
    email: String,
    areas: String,
    capacity: u32,
    minimum: u32,
    is_disabled: bool,
    person: String,
    change: String,
}

#[derive(Template)]
#[template(path = "rounds/templates/pool_member.html")]
struct MemberPage {
    shell: Shell,
    frame: RoundFrame,
    form: Form,
    title: String,
    action: String,
    back: String,
    /// Whom to choose from, for one who comes in.
    assessors: Vec<Choice>,
    /// Where one who is in goes out.
    removal: String,
    /// Where it is said what one who is in knows of the round's themes; empty where it announces none.
    expertise: String,
}

#[derive(Debug, serde::Deserialize)]
struct PoolQuery {
    /// How many come before.
    #[serde(default)]
    after: usize,
}

/// Assessors on one page.
const LINES: usize = 100;

const fn may_change(round: &Round) -> bool {
    matches!(round.status, RoundStatus::Draft | RoundStatus::Open | RoundStatus::Assessing)
}

#[get("/rounds/{id}/assessors")]
async fn show(
    on: web::Data<Platform>,
    visit: Visit<Reader>,
    id: Id<RoundId>,
    query: Params<PoolQuery>,
) -> Result<HttpResponse> {
    let PoolLines { round, tree, lines } = ops::pool_lines(&on, &visit.who, id.0).await?;
    let address = Tab::Assessors.address(round.id);
    let after = query.0.after;
    let next = after.saturating_add(LINES);
    let capacity: u64 = lines.iter().map(|(member, _)| u64::from(member.capacity)).sum();
    let line = |(member, profile): &(PoolMember, crate::accounts::model::AssessorProfile)| Line {
        name: profile.name.clone(),
        email: profile.email.clone(),
        areas: profile.areas.iter().map(|code| tree.name(code)).collect::<Vec<_>>().join(", "),
        capacity: member.capacity,
        minimum: member.minimum,
        is_disabled: profile.disabled,
        person: format!("/people/{}", profile.id),
        change: format!("{address}/{}", profile.id),
    };
    visit.show(&PoolPage {
        shell: within_rounds(visit.shell()),
        frame: RoundFrame::of(&round, Tab::Assessors),
        may_change: visit.who.role == Some(Role::Admin) && may_change(&round),
        told: told(lines.len(), capacity, round.rules.assessors_per_bid),
        lines: lines.iter().skip(after).take(LINES).map(line).collect(),
        first: if after > 0 { address.clone() } else { String::new() },
        next: if next < lines.len() { format!("{address}?after={next}") } else { String::new() },
        address,
    })
}

/// What the pool can do, in a sentence.
fn told(assessors: usize, capacity: u64, per_bid: u32) -> String {
    let who = match assessors {
        1 => "One assessor".to_owned(),
        many => format!("{many} assessors"),
    };
    let bids = capacity / u64::from(per_bid.max(1));
    format!(
        "{who} with room for {} assessments: enough for {} bids with {per_bid} assessors each, if areas and interests allow.",
        grouped(capacity),
        grouped(bids)
    )
}

pub(super) fn below(visit: &Visit<Admin>, round: &Round) -> (Shell, RoundFrame) {
    let frame = RoundFrame::of(round, Tab::Assessors);
    let shell = within_rounds(visit.shell()).under(frame.name.clone(), Tab::Rules.address(round.id));
    (shell.under("Assessors", Tab::Assessors.address(round.id)), frame)
}

/// The fields of one assessor, whatever place in the pool the fault names.
fn field(pointer: &str) -> Option<String> {
    let field = field_of(pointer);
    Some(field.rsplit('.').next().unwrap_or_default().to_owned())
}

fn typed(form: &Form, assessor: UserId) -> Result<PoolMember> {
    let mut reading = form.reading();
    reading.put("/assessor_id", assessor.to_string()).count("/capacity").count("/minimum").done()
}

/// What a place in the pool is, in a word that a form brings back.
fn was(member: &PoolMember) -> String {
    format!("{} {}", member.capacity, member.minimum)
}

/// Sets the pool to what it is with this change, unless somebody is first: whatever the change looks at is what it
/// changes.
async fn set(
    on: &Platform,
    sent: &Sent<Admin>,
    id: RoundId,
    change: impl Fn(&mut Vec<PoolMember>) -> Result<()>,
) -> Result<()> {
    let (version, pool) = ops::read_pool(on, &sent.who.reader(), id).await?;
    let mut assessors = pool.assessors;
    change(&mut assessors)?;
    ops::set_pool(on, &sent.who, id, IfMatch::version(version), Pool { assessors }).await.map(drop)
}

async fn new_page(on: &Platform, visit: &Visit<Admin>, id: RoundId, form: Form) -> Result<MemberPage> {
    let lines = ops::pool_lines(on, &visit.who.reader(), id).await?;
    let (shell, frame) = below(visit, &lines.round);
    let is_in = |assessor: UserId| lines.lines.iter().any(|(member, _)| member.assessor_id == assessor);
    let mut assessors = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let paging = Paging::new(Some(100), cursor.as_deref())?;
        let found = accounts::assessors::ops::list(on, &visit.who.reader(), paging).await?;
        let page = crate::rest::Page::new(found, &paging, |profile| profile.id.0);
        assessors.extend(page.items.into_iter().filter(|profile| !profile.disabled && !is_in(profile.id)));
        cursor = page.next_cursor;
        if cursor.is_none() || assessors.len() > 1_000 {
            break;
        }
    }
    assessors.sort_by_key(|profile| (profile.name.to_lowercase(), profile.id));
    let choice = |profile: &crate::accounts::model::AssessorProfile| {
        Choice::new(profile.id.to_string(), format!("{} ({})", profile.name, profile.email))
    };
    Ok(MemberPage {
        shell,
        frame,
        form,
        title: "Add an assessor".to_owned(),
        action: format!("{}/add", Tab::Assessors.address(id)),
        back: Tab::Assessors.address(id),
        assessors: assessors.iter().map(choice).collect(),
        removal: String::new(),
        expertise: String::new(),
    })
}

#[get("/rounds/{id}/assessors/add")]
async fn ask_new(on: web::Data<Platform>, visit: Visit<Admin>, id: Id<RoundId>) -> Result<HttpResponse> {
    let page = new_page(&on, &visit, id.0, Form::blank().with("minimum", "0")).await?;
    visit.show(&page)
}

#[post("/rounds/{id}/assessors/add")]
async fn add(on: web::Data<Platform>, sent: Sent<Admin>, id: Id<RoundId>) -> Result<HttpResponse> {
    let chosen = sent.form.get("assessor_id").parse().map(UserId);
    let adding = match chosen.map_err(|_| Problem::fault("/assessor_id", "choose an assessor")) {
        Ok(assessor) => match typed(&sent.form, assessor) {
            Ok(member) => {
                set(&on, &sent, id.0, |pool| {
                    pool.retain(|other| other.assessor_id != assessor);
                    pool.push(member.clone());
                    Ok(())
                })
                .await
            }
            Err(problem) => Err(problem),
        },
        Err(problem) => Err(problem),
    };
    match adding {
        Ok(()) => Ok(sent.go_saying(&Tab::Assessors.address(id.0), "The assessor is in the round's pool.")),
        Err(problem) if problem.kind() == Kind::Invalid => {
            let form = sent.form.clone().refused_as(&problem, field);
            sent.show_again(&problem, &new_page(&on, &sent, id.0, form).await?)
        }
        Err(problem) => Err(problem),
    }
}

pub(super) type MemberPath = web::Path<(String, String)>;

pub(super) fn ids(path: MemberPath) -> Result<(RoundId, UserId)> {
    let (round, assessor) = path.into_inner();
    match (round.parse(), assessor.parse()) {
        (Ok(round), Ok(assessor)) => Ok((RoundId(round), UserId(assessor))),
        _ => Err(Problem::not_found()),
    }
}

/// The page of one who is in the pool.
async fn member_page(
    on: &Platform,
    visit: &Visit<Admin>,
    round: RoundId,
    assessor: UserId,
    form: Option<Form>,
) -> Result<MemberPage> {
    let lines = ops::pool_lines(on, &visit.who.reader(), round).await?;
    let found = lines.lines.iter().find(|(member, _)| member.assessor_id == assessor);
    let (member, profile) = found.ok_or_else(Problem::not_found)?;
    let (shell, frame) = below(visit, &lines.round);
    let back = Tab::Assessors.address(round);
    let has_themes = !lines.round.rules.themes.is_empty();
    let standing = || {
        Form::blank()
            .with("capacity", member.capacity.to_string())
            .with("minimum", member.minimum.to_string())
            .with("was", was(member))
    };
    Ok(MemberPage {
        shell,
        frame,
        form: form.unwrap_or_else(standing),
        title: profile.name.clone(),
        action: format!("{back}/{assessor}"),
        removal: format!("{back}/{assessor}/remove"),
        expertise: if has_themes { format!("{back}/{assessor}/themes") } else { String::new() },
        back,
        assessors: Vec::new(),
    })
}

#[get("/rounds/{id}/assessors/{assessor}")]
async fn ask_member(on: web::Data<Platform>, visit: Visit<Admin>, path: MemberPath) -> Result<HttpResponse> {
    let (round, assessor) = ids(path)?;
    visit.show(&member_page(&on, &visit, round, assessor, None).await?)
}

#[post("/rounds/{id}/assessors/{assessor}")]
async fn save_member(on: web::Data<Platform>, sent: Sent<Admin>, path: MemberPath) -> Result<HttpResponse> {
    let (round, assessor) = ids(path)?;
    // Nobody is put into the pool by this page.
    let standing = member_page(&on, &sent, round, assessor, Some(sent.form.clone())).await?;
    let saving = match typed(&sent.form, assessor) {
        Ok(member) => {
            set(&on, &sent, round, |pool| {
                let place = pool.iter_mut().find(|other| other.assessor_id == assessor);
                let place = place.ok_or_else(Problem::not_found)?;
                if was(place) != sent.form.get("was") {
                    return Err(Problem::new(Kind::Stale, "Somebody else has changed it."));
                }
                place.clone_from(&member);
                Ok(())
            })
            .await
        }
        Err(problem) => Err(problem),
    };
    match saving {
        Ok(()) => Ok(sent.go_saying(&standing.back, "The assessor's place in the round is changed.")),
        Err(problem) if problem.kind() == Kind::Invalid => {
            let form = sent.form.clone().refused_as(&problem, field);
            sent.show_again(&problem, &MemberPage { form, ..standing })
        }
        Err(problem) if problem.kind() == Kind::Stale => {
            let (_, pool) = ops::read_pool(&on, &sent.who.reader(), round).await?;
            let now = pool.assessors.iter().find(|member| member.assessor_id == assessor);
            let now = now.ok_or_else(Problem::not_found)?;
            let told = format!(
                "Somebody else changed the round's assessors meanwhile; here it is {} at most and {} at least now. Save \
                 again to put what you chose in its place",
                now.capacity, now.minimum
            );
            let form = sent.form.clone().set("was", was(now)).fault_at("capacity", &told);
            sent.show_again(&problem, &MemberPage { form, ..standing })
        }
        Err(problem) => Err(problem),
    }
}

#[post("/rounds/{id}/assessors/{assessor}/remove")]
async fn remove(on: web::Data<Platform>, sent: Sent<Admin>, path: MemberPath) -> Result<HttpResponse> {
    let (round, assessor) = ids(path)?;
    let (_, pool) = ops::read_pool(&on, &sent.who.reader(), round).await?;
    if !pool.assessors.iter().any(|member| member.assessor_id == assessor) {
        return Ok(see_other(&Tab::Assessors.address(round)));
    }
    set(&on, &sent, round, |pool| {
        pool.retain(|member| member.assessor_id != assessor);
        Ok(())
    })
    .await?;
    Ok(sent.go_saying(
        &Tab::Assessors.address(round),
        "The assessor gets no more bids in this round. What they have accepted stays until it is released.",
    ))
}
