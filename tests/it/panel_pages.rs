//! The panel's pages: where a round stands, what administrators settle on them, and what auditors see of it.

use serde_json::json;

use crate::browser::Browser;
use crate::closing::tamper;
use crate::scenario::{BURNLEY, FOUR, MANCHESTER, Plan, Scenario};

/// The administrator's and an auditor's browsers.
fn readers(scenario: &Scenario) -> (Browser, Browser) {
    let auditor = scenario.app.auditor(&scenario.admin);
    (Browser::of(&scenario.app, &scenario.admin), Browser::of(&scenario.app, &auditor))
}

// ---- overview ---------------------------------------------------------------------------------

#[test]
fn the_overview_says_where_a_round_stands_and_what_comes_next() {
    let scenario = Scenario::open(&FOUR, |_| {});
    let (admin, _) = readers(&scenario);
    let address = scenario.at("").trim_end_matches('/').to_owned();
    admin
        .get(&address)
        .ok()
        .says("Bids are coming in")
        .says("4 bids in total were received, 1 covering the Lancashire area.")
        .says("12:00pm on Sunday 20 September 2026");
    scenario.app.set_time("2026-09-20T11:00:01Z");
    let (admin, auditor) = readers(&scenario);
    admin.get(&address).ok().says("The deadline has passed").says("Start the assessment");
    auditor.get(&address).ok().says("The deadline has passed").says_nothing_of("Start the assessment");

    scenario.start();
    scenario.all_score(0, 4);
    let assessing = admin.get(&address).ok();
    let assessing = assessing.says("9 assessments are still to come").says("All3 of 12");
    assessing.says("is incomplete, 0 of 3").says("Burnley0 of 3").says("Ann Assessor1 of 4");
    for (bid, score) in [(1, 5), (2, 3), (3, 1)] {
        scenario.all_score(bid, score);
    }
    let ready = admin.get(&address).ok().says("Ready to be closed");
    assert!(ready.links().contains(&format!("{address}/close")));
    auditor.get(&address).ok().says("Ready to be closed").says_nothing_of("/close\"");
    scenario.close().ok();
    admin.get(&address).ok().says("Closed").says("See the outcomes");
}

#[test]
fn what_keeps_a_round_from_being_closed_leads_to_where_it_is_settled() {
    let scenario = Scenario::assessing(&FOUR, |_| {});
    for (bid, score) in [5, 3, 3].into_iter().enumerate() {
        scenario.all_score(bid, score);
    }
    for (assessor, score) in [5, 1, 3].into_iter().enumerate() {
        scenario.score(assessor, 3, score, score);
    }
    let (admin, _) = readers(&scenario);
    let page = admin.get(&format!("/rounds/{}", scenario.round)).ok();
    let page = page.says("The panel has points to settle").says("has a disagreement that is not moderated");
    let settled_at = format!("/bids/{}/scores", scenario.bids[3].id);
    assert!(page.links().contains(&settled_at), "{:?}", page.links());
}

// ---- scores -----------------------------------------------------------------------------------

/// [`FOUR`], scored 5, 4, 3 and 1, the third by assessors who lie four levels apart.
fn disputed() -> Scenario {
    let scenario = Scenario::assessing(&FOUR, |_| {});
    for (bid, score) in [(0, 5), (1, 4), (3, 1)] {
        scenario.all_score(bid, score);
    }
    for (assessor, score) in [5, 1, 3].into_iter().enumerate() {
        scenario.score(assessor, 2, score, 3);
    }
    scenario
}

#[test]
fn scores_are_a_table_with_the_funding_line_and_what_is_open() {
    let scenario = disputed();
    let (admin, auditor) = readers(&scenario);
    for browser in [&admin, &auditor] {
        let page = browser.get(&scenario.at("scores")).ok();
        let page =
            page.says("Need and demand 60%").says("100.00").says("±4 levels apart").says("Funding line");
        let page = page.says("Adjusted for leniency").says("Ben Assessor").says("It decides");
        assert_eq!(page.forms().len(), 1, "only signing out");
        assert!(page.links().contains(&format!("/bids/{}/scores", scenario.bids[2].id)));
    }
    let early = Scenario::open(&FOUR, |_| {});
    let (admin, _) = readers(&early);
    admin.get(&early.at("scores")).ok().says("No scores yet");
}

#[test]
fn the_scores_say_what_draws_the_funding_line() {
    let told_of = |budget: i64| {
        let scenario = Scenario::assessing(&FOUR, |rules| rules["budget_pence"] = json!(budget));
        for (bid, score) in [5, 4, 3, 1].into_iter().enumerate() {
            scenario.all_score(bid, score);
        }
        let scores = scenario.admin.get(&scenario.at("scores")).ok().json;
        let (admin, _) = readers(&scenario);
        let paper = admin.get(&scenario.at("reports/paper")).ok().text();
        (scores["calibration"]["line_drawn_by"].clone(), admin.get(&scenario.at("scores")).ok(), paper)
    };
    let (drawn_by, page, paper) = told_of(30_000_000);
    assert_eq!(drawn_by, "money");
    page.says("Funding line: the money ends here").says("Money draws the line: the ranking pays 2 bids");
    assert!(paper.contains("It is drawn by the money"), "{paper}");
    // The third of the four, too, is paid now; the fourth is below the threshold.
    let (drawn_by, page, paper) = told_of(90_000_000);
    assert_eq!(drawn_by, "threshold");
    page.says("Funding line: the threshold of 50").says("the threshold of 50 points draws the line");
    assert!(paper.contains("It is drawn by the threshold of 50 points"), "{paper}");
}

#[test]
fn an_incomplete_bid_is_said_to_be_and_has_no_rank() {
    let scenario = Scenario::assessing(&FOUR, |_| {});
    scenario.all_score(0, 4);
    scenario.score(0, 1, 3, 3);
    let (admin, _) = readers(&scenario);
    admin.get(&scenario.at("scores")).ok().says("Incomplete, 1 of 3").says("3 bids are incomplete");
    let page = admin.get(&format!("/bids/{}/scores", scenario.bids[1].id)).ok();
    page.says("Incomplete, 1 of 3").says("Ben AssessorIs writing").says("Accept it short");
}

#[test]
fn a_bid_shows_all_scores_side_by_side_to_those_who_may_see_them() {
    let scenario = disputed();
    let (admin, auditor) = readers(&scenario);
    let address = format!("/bids/{}/scores", scenario.bids[2].id);
    for browser in [&admin, &auditor] {
        let page = browser.get(&address).ok();
        page.says("5 – Excellent")
            .says("JUSTIFIED need 2")
            .says("4 levels apart, more than 2: to be settled")
            .says("PRIVATE 2")
            .says("Fund it");
    }
    assert_eq!(auditor.get(&address).forms().len(), 1, "only signing out");
    for person in [&scenario.assessors[0], &scenario.bids[2].provider] {
        let browser = Browser::of(&scenario.app, person);
        browser.get(&address).is(404).says_nothing_of("JUSTIFIED");
        browser.get(&scenario.at("scores")).is(404);
    }
}

// ---- settling ---------------------------------------------------------------------------------

#[test]
fn a_criterion_is_moderated_with_a_reason_and_the_originals_stay() {
    let scenario = disputed();
    let (admin, auditor) = readers(&scenario);
    let bid = &scenario.bids[2].id;
    let action = format!("/bids/{bid}/moderate/need");
    auditor.get(&action).is(404);
    let form = admin.get(&action).ok().says("JUSTIFIED need 2").form(&action);
    let refused = admin.send(&form.set("score", "3")).is(422).says("Give the reason");
    assert_eq!(refused.form(&action).get("score"), "3");
    admin
        .send(&form.set("reason", "Read together."))
        .is(422)
        .says("Fill in the score")
        .says("Read together.");
    let done = admin.send(&form.set("score", "3").set("reason", "Read together."));
    let done = done.ok().says("The criterion is moderated.").says("Moderated to 3 – Satisfactory");
    done.says("5 – Excellent").says("Read together.").says("Alex Admin");
    admin.get(&scenario.at("scores")).ok().says("3.00m").says_nothing_of("±4");
    auditor.send(&form.set("score", "2").set("reason", "Mine.")).is(403);
    assert_eq!(scenario.admin.get(&format!("/bids/{bid}/moderation")).ok().json["items"][0]["score"], 3);
    admin.get(&format!("/bids/{bid}/moderate/colour")).is(404);
}

#[test]
fn a_bid_is_ruled_on_and_a_ruling_is_revoked() {
    let scenario = disputed();
    let (admin, auditor) = readers(&scenario);
    let bid = &scenario.bids[2].id;
    let board = format!("/bids/{bid}/scores");
    let action = format!("/bids/{bid}/accept-disagreement");
    auditor.get(&action).is(404);
    let form = admin.get(&action).ok().form(&action);
    admin.send(&form).is(422).says("Give the reason");
    let done = admin.send(&form.set("reason", "Both readings can be defended.")).ok();
    let done = done.says("Disagreement accepted").says("Both readings can be defended.").says("accepted");
    let revoke = done.links().into_iter().find(|link| link.ends_with("/revoke")).expect("a way to revoke");
    assert_eq!(admin.get(&action).ok().address, board, "one of a kind stands at a time");
    let sheet = admin.get(&revoke).ok().form(&revoke);
    admin.send(&sheet).is(422).says("Give the reason");
    admin
        .send(&sheet.set("reason", "The panel met again."))
        .ok()
        .says("The ruling is revoked")
        .says("Revoked");
    admin.send(&sheet.set("reason", "The panel met again.")).ok();

    let action = format!("/bids/{bid}/override");
    let form = admin.get(&action).ok().form(&action);
    admin.send(&form.set("reason", "Why.")).is(422).says("Choose the outcome").says("Why.");
    let wrong =
        form.set("outcome", "awarded_with_conditions").set("amount_pence", "much").set("reason", "Why.");
    admin.send(&wrong).is(422).says("Give an amount in pounds").says("much");
    let without = form.set("outcome", "awarded_with_conditions").set("reason", "The only one for its trade.");
    admin.send(&without).is(422).says("Conditions go with an award with conditions");
    let right = without.set("conditions", "Name a second employer.").set("amount_pence", "80,000");
    admin
        .send(&right)
        .ok()
        .says("Outcome overridden: awarded with conditions, £80,000")
        .says("Name a second employer.");
    let action = format!("/bids/{bid}/exclude");
    let form = admin.get(&action).ok().form(&action);
    admin.send(&form.set("reason", "It was sent in error.")).ok().says("The bid is excluded.");
    auditor.get(&board).ok().says("Excluded").says_nothing_of("/revoke\"");
}

#[test]
fn an_assessment_is_reopened_with_a_reason() {
    let scenario = disputed();
    let (admin, auditor) = readers(&scenario);
    let action = format!("/assignments/{}/reopen", scenario.assignment(0, 2));
    auditor.get(&action).is(404);
    let form = admin.get(&action).ok().says("Ann Assessor").form(&action);
    admin.send(&form).is(422).says("Give the reason");
    let done = admin.send(&form.set("reason", "It names another bid.")).ok();
    done.says("The assessment is reopened").says("Incomplete, 2 of 3");
    admin.send(&form.set("reason", "It names another bid.")).ok();
    assert_eq!(scenario.emails("assessment_reopened").len(), 1);
}

#[test]
fn a_tie_is_ordered_by_the_panel() {
    let scenario = Scenario::assessing(&FOUR, |rules| rules["budget_pence"] = json!(15_000_000));
    for bid in 0..4 {
        scenario.all_score(bid, 4);
    }
    let (admin, auditor) = readers(&scenario);
    let overview = format!("/rounds/{}", scenario.round);
    let action = scenario.at("tie");
    assert!(admin.get(&overview).ok().links().contains(&action));
    auditor.get(&action).is(404);
    let page = admin.get(&action).ok().says("Tied on the funding line");
    let form = page.form(&action);
    let places: Vec<String> = form.names("place.");
    assert!(places.len() >= 2, "{places:?}");
    admin.send(&form).is(422).says("Choose a place for DF1-").says("Give the reason");
    let same = places.iter().fold(form.clone(), |form, place| form.set(place, "1"));
    admin.send(&same.set("reason", "So.")).is(422).says("Another bid has the place of DF1-");
    let ordered = places.iter().zip(1..).fold(form, |form, (place, at)| form.set(place, &at.to_string()));
    let done = admin.send(&ordered.set("reason", "The panel prefers the smaller towns.")).ok();
    done.says("The tied bids stand in the panel's order.");
    admin.get(&action).ok().says("An order of the panel stands").says("The panel prefers the smaller towns.");
}

// ---- rehearsal --------------------------------------------------------------------------------

#[test]
fn the_rehearsal_decides_as_closing_would_and_writes_nothing() {
    let scenario = Scenario::scored();
    let (admin, auditor) = readers(&scenario);
    let action = scenario.at("rehearsal");
    for browser in [&admin, &auditor] {
        let page = browser.get(&action).ok();
        page.says("Nothing is written, and nobody is told.")
            .says("Awarded: 2")
            .says("On the reserve list, 1")
            .says("Lancashire£100,000£90,000")
            .says("Burnley1£90,000");
    }
    assert!(auditor.get(&action).says_nothing_of("Go on to close the round").status == 200);
    admin.get(&action).ok().says("Go on to close the round");
    let ask = |query: &str| auditor.get(&format!("{action}?{query}"));
    let page =
        ask("budget_pence=500,000").ok().says("1 bid would fare otherwise.").says("The announced rules stay");
    assert!(page.html.contains("value=\"500,000\""), "what was typed is kept");
    ask("overall_threshold=").ok().says("1 bid would fare otherwise.");
    ask("overall_threshold=50").ok().says("Every bid would fare as it does");
    ask("pots.lancashire.amount_pence=lots")
        .is(422)
        .says("Give an amount in pounds")
        .says("There is a problem");
    let page = ask("criteria.need.weight=90").is(422).says("total 100");
    assert!(page.html.contains("value=\"90\""), "what was typed is kept");
    assert_eq!(scenario.admin.get(&format!("/rounds/{}", scenario.round)).ok().json["status"], "assessing");
    for other in [&scenario.assessors[0], &scenario.bids[0].provider] {
        Browser::of(&scenario.app, other).get(&action).is(404);
    }
}

// ---- closing ----------------------------------------------------------------------------------

#[test]
fn a_round_is_closed_one_thing_at_a_time() {
    let scenario = disputed();
    let (admin, auditor) = readers(&scenario);
    let action = scenario.at("close");
    auditor.get(&action).is(404);
    let blocked = admin.get(&action).ok().says("Before it can be closed");
    assert!(blocked.links().contains(&format!("/bids/{}/scores", scenario.bids[2].id)));
    let moderation = json!({"criterion": "need", "score": 3, "reason": "Read together."});
    scenario.admin.post(&format!("/bids/{}/moderation", scenario.bids[2].id), &moderation).created();

    let page = admin.get(&action).ok().says("Check the emails").says("£240,000 of £300,000");
    let preview = scenario.preview();
    let emails = preview["emails"].as_array().unwrap();
    assert!(page.text().contains(&format!("The {} emails", emails.len())));
    for (number, email) in (1..).zip(emails) {
        let shown = admin.get(&format!("{action}/email?number={number}")).ok();
        let body = email["text"].as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        shown.says(email["subject"].as_str().unwrap()).says(&body).says(email["to"].as_str().unwrap());
    }
    let sha256 = preview["snapshot_sha256"].as_str().unwrap();
    let confirm = format!("{action}/confirm?previewed={sha256}");
    assert!(page.links().contains(&confirm));
    assert_eq!(admin.get(&format!("{action}/confirm")).ok().address, action, "first the emails");
    let form = admin.get(&confirm).ok().form(&action);
    let wrong =
        admin.send(&form.set("confirm", "Round 2")).is(422).says("Write the name of the round: Round 1");
    assert_eq!(wrong.form(&action).get("confirm"), "Round 2");
    admin.send(&form).is(422);

    let ruling = json!({"kind": "exclude", "bid_id": scenario.bids[3].id, "reason": "It was sent in error."});
    scenario.rule(&ruling).created();
    let form = form.set("confirm", "Round 1");
    let stale = admin.send(&form).is(412).says("It was not closed").says("Something has changed");
    let again = stale.links().into_iter().find(|link| link.contains("/confirm?")).expect("a way on");
    let form = admin.get(&again).ok().form(&action).set("confirm", "Round 1");
    assert!(auditor.send(&form).status == 403);
    let done = admin.send(&form).ok().says("The round is closed").says("fasttrack verify DF1-record.json");
    assert_eq!(done.address, scenario.at("closed"));
    assert_eq!(admin.send(&form).ok().address, scenario.at("closed"), "pressed twice, it is done once");
    let sha256 = scenario.admin.get(&scenario.at("verify")).ok().json["snapshot_sha256"].clone();
    done.says(sha256.as_str().unwrap());
    auditor.get(&scenario.at("closed")).ok().says("The round is closed");
    assert_eq!(admin.get(&action).ok().address, scenario.at("closed"));
}

// ---- outcomes ---------------------------------------------------------------------------------

#[test]
fn outcomes_are_provisional_until_the_round_is_closed() {
    let scenario = Scenario::scored();
    let (admin, auditor) = readers(&scenario);
    let address = scenario.at("outcomes");
    admin
        .get(&address)
        .ok()
        .says("Provisional")
        .says("On the reserve list, 1")
        .says_nothing_of("after-closing");
    let bid = &scenario.bids[0].id;
    for page in ["after-closing", "end-award", "promote", "correct"] {
        assert_eq!(admin.get(&format!("/bids/{bid}/{page}")).ok().address, format!("/bids/{bid}/scores"));
    }
    scenario.close().ok();
    let sha256 = scenario.admin.get(&scenario.at("verify")).ok().json["snapshot_sha256"].clone();
    let closed = admin.get(&address).ok().says_nothing_of("Provisional").says(sha256.as_str().unwrap());
    assert!(closed.links().contains(&format!("/bids/{bid}/after-closing")));
    auditor.get(&address).ok().says("Check this record now").says_nothing_of("after-closing");
}

#[test]
fn a_record_is_checked_when_somebody_asks_for_it_and_not_at_every_visit() {
    let scenario = Scenario::scored();
    let (admin, auditor) = readers(&scenario);
    let address = scenario.at("verify");
    let round = format!("/rounds/{}", scenario.round);
    assert_eq!(auditor.get(&address).ok().address, round, "there is nothing to check yet");
    scenario.close().ok();
    for browser in [&admin, &auditor] {
        for page in ["outcomes", "closed"] {
            let form = browser.get(&scenario.at(page)).ok().form(&address);
            assert!(form.fields.is_empty(), "it only asks");
            browser
                .get(&form.action)
                .ok()
                .says("The record agrees")
                .says("all 4 outcomes are the same")
                .says("The router's one run was solved again");
        }
    }
    tamper(&scenario, "outcomes", "UPDATE outcomes SET amount_pence = amount_pence + 1 WHERE rank = 1");
    for page in ["outcomes", "closed"] {
        admin.get(&scenario.at(page)).ok().says_nothing_of("does not agree");
    }
    let pointer = format!("/outcomes/{}/amount_pence", scenario.bids[0].reference);
    auditor.get(&address).ok().says("The record does not agree").says(&pointer);
}

#[test]
fn an_act_after_closing_is_looked_at_before_it_is_made() {
    let scenario = Scenario::scored();
    scenario.close().ok();
    let (admin, auditor) = readers(&scenario);
    let (awarded, reserve) = (&scenario.bids[0].id, &scenario.bids[2].id);
    let action = format!("/bids/{awarded}/end-award");
    auditor.get(&action).is(404);
    admin
        .get(&format!("/bids/{awarded}/after-closing"))
        .ok()
        .says("End the award")
        .says("Correct the outcome");
    let form = admin.get(&action).ok().form(&action);
    admin.send(&form).is(422).says("Choose how it ended");
    let typed = form.set("how", "declined").set("reason", "They lost their partner.");
    let preview = admin.send(&typed).ok().says("Check before it is done").says("lead@alder.example.org");
    assert_eq!(
        scenario.admin.get(&scenario.at("later-acts")).ok().json["acts"],
        json!([]),
        "nothing is done yet"
    );
    assert!(scenario.emails("outcome_changed").is_empty());
    let changed = admin.send(&preview.form(&action).set("then", "again")).ok();
    assert_eq!(changed.form(&action).get("reason"), "They lost their partner.");
    let make = preview.form(&action).set("then", "act");
    let done =
        admin.send(&make).ok().says("The award has ended.").says("award declined").says("can be promoted");
    assert!(done.text().contains("They lost their partner."));
    admin.send(&make).ok();
    let told = scenario.emails("outcome_changed");
    assert!(preview.text().contains(told[0]["subject"].as_str().unwrap()));

    let action = format!("/bids/{reserve}/promote");
    let form = admin.get(&action).ok().form(&action).set("reason", "It is next.");
    let preview = admin.send(&form).ok().says("Awarded").form(&action);
    admin.send(&preview.set("then", "act")).ok().says("The bid is promoted.").says("Now: Awarded");
    let action = format!("/bids/{}/correct", scenario.bids[3].id);
    let form =
        admin.get(&action).ok().form(&action).set("outcome", "unsuccessful").set("reason", "A mistake.");
    admin.send(&form).is(422).says("This is what stands already");
    let form = form.set("outcome", "reserve");
    let preview = admin.send(&form).ok().form(&action);
    admin.send(&preview.set("then", "act")).ok().says("The outcome is corrected.");
    let acts = scenario.admin.get(&scenario.at("later-acts")).ok().json["acts"].clone();
    assert_eq!(acts.as_array().map(Vec::len), Some(3));
    auditor.get(&scenario.at("outcomes")).ok().says("outcome corrected").says("Since then");
}

// ---- reports ----------------------------------------------------------------------------------

#[test]
fn reports_are_downloaded_with_the_browsers_own_session() {
    let scenario = Scenario::scored();
    let (admin, auditor) = readers(&scenario);
    let at = |name: &str| scenario.at(&format!("reports/{name}"));
    let early = ["awards.json", "awards.csv", "record.json", "snapshot.json"];
    for name in early {
        let page = admin.get(&at(name)).ok();
        assert_eq!(page.address, scenario.at("reports"), "{name}");
    }
    let page = admin.get(&scenario.at("reports")).ok().says("what you download now is a draft");
    assert!(!page.links().contains(&at("awards.json")));
    auditor.get(&at("paper")).ok().says("Draft").says("Scores and the funding line");
    scenario.close().ok();
    let page = auditor.get(&scenario.at("reports")).ok().says("360Giving");
    let all = ["panel-paper.html", "score-sheet.xlsx", "score-sheet.csv"].into_iter().chain(early);
    for name in all {
        assert!(page.links().contains(&at(name)), "{name}");
        let file = auditor.ask("GET", &at(name), &[], None);
        // A workbook is no text.
        assert_eq!(file.status, 200, "{name}");
        assert!(file.header("content-disposition").starts_with("attachment; filename=\""), "{name}");
        assert_eq!(file.header("cache-control"), "no-store", "{name}");
        Browser::of(&scenario.app, &scenario.assessors[0]).get(&at(name)).is(404);
    }
    let record = scenario.admin.get(&scenario.at("record")).ok();
    assert_eq!(auditor.get(&at("record.json")).ok().html, record.text);
}

// ---- size -------------------------------------------------------------------------------------

/// The most that a page may weigh, with its style and its script.
const MOST_BYTES: usize = 100_000;

/// What the style and the script of a page weigh.
fn assets(browser: &Browser) -> usize {
    let page = browser.get("/rounds").ok().html;
    let assets = page.split('"').filter(|part| part.starts_with("/assets/"));
    assets.map(|asset| browser.ask("GET", asset, &[], None).html.len()).sum()
}

#[test]
fn pages_of_a_large_round_stay_small_and_go_on() {
    let plan = |number: usize| Plan {
        name: format!("Northern{number}").leak(),
        area: if number.is_multiple_of(3) { BURNLEY } else { MANCHESTER },
        pounds: 9_000,
    };
    let plans: Vec<Plan> = (0..45).map(plan).collect();
    let scenario = Scenario::open(&plans, |_| {});
    let pool =
        scenario.assessors.iter().map(|one| json!({"assessor_id": one.id(), "capacity": 60, "minimum": 0}));
    let pool: Vec<_> = pool.collect();
    let tag = scenario.admin.get(&scenario.at("assessors")).ok().etag();
    scenario.admin.put(&scenario.at("assessors"), &tag, &json!({"assessors": pool})).ok();
    scenario.start();
    for bid in 0..plans.len() {
        let score = |assessor: usize| i32::try_from((bid + assessor) % 3 + 3).unwrap();
        (0..3).for_each(|assessor| scenario.score(assessor, bid, score(assessor), score(assessor)));
    }
    let (admin, _) = readers(&scenario);
    let assets = assets(&admin);
    for page in [
        "",
        "/scores",
        "/scores?page=2",
        "/rehearsal",
        "/rehearsal?budget_pence=100000",
        "/outcomes",
        "/close",
    ] {
        let shown = admin.get(&format!("/rounds/{}{page}", scenario.round)).ok();
        let weight = shown.html.len() + assets;
        assert!(weight < MOST_BYTES, "{page} weighs {weight} bytes");
    }
    let first = admin.get(&scenario.at("scores")).ok().says("Bids 1 to 40 of 45");
    let next = first.links().into_iter().find(|link| link.contains("page=2")).expect("a way on");
    admin.get(&next).ok().says("Bids 41 to 45 of 45");
    admin.get(&scenario.at("outcomes?page=2")).ok().says("Bids 41 to 45 of 45");
    admin.get(&scenario.at("scores?page=99")).ok().says("Bids 41 to 45 of 45");
}

/// A round of 200 bids, each assessed once and moderated with a long reason.
fn very_large() -> Scenario {
    let plan = |number: usize| Plan {
        name: format!("Northern{number}").leak(),
        area: if number.is_multiple_of(3) { BURNLEY } else { MANCHESTER },
        pounds: 9_000,
    };
    let plans: Vec<Plan> = (0..200).map(plan).collect();
    let scenario = Scenario::open(&plans, |rules| {
        rules["assessors_per_bid"] = json!(1);
        rules["quorum"] = json!(1);
    });
    let pool =
        scenario.assessors.iter().map(|one| json!({"assessor_id": one.id(), "capacity": 250, "minimum": 0}));
    let pool: Vec<_> = pool.collect();
    let tag = scenario.admin.get(&scenario.at("assessors")).ok().etag();
    scenario.admin.put(&scenario.at("assessors"), &tag, &json!({"assessors": pool})).ok();
    scenario.start();
    // Nothing is assessed yet, so every bid keeps the round from being closed.
    let (admin, _) = readers(&scenario);
    let assets = assets(&admin);
    for page in ["", "/rehearsal", "/close", "/rehearsal?budget_pence=100000"] {
        let shown = admin.get(&format!("/rounds/{}{page}", scenario.round)).ok().says("160 more points");
        let weight = shown.html.len() + assets;
        assert!(weight < MOST_BYTES, "{page} weighs {weight} bytes");
    }
    for (number, assessor) in scenario.assessors.iter().enumerate() {
        let assigned = assessor.get("/assignments?limit=100").ok().json["items"].clone();
        for view in assigned.as_array().unwrap() {
            let of_view = |bid: &crate::scenario::Sent| view["assignment"]["bid_id"] == *bid.id;
            let bid = scenario.bids.iter().position(of_view).unwrap();
            let score = i32::try_from(bid % 3 + 3).unwrap();
            scenario.score(number, bid, score, score);
        }
    }
    for bid in &scenario.bids {
        let moderation = json!({"criterion": "need", "score": 4, "reason": "Read together. ".repeat(12)});
        scenario.admin.post(&format!("/bids/{}/moderation", bid.id), &moderation).created();
    }
    scenario
}

#[test]
fn no_page_of_a_round_of_two_hundred_bids_weighs_too_much() {
    let scenario = very_large();
    let (admin, auditor) = readers(&scenario);
    let assets = assets(&admin);
    for page in
        ["", "/scores", "/scores?page=5", "/rehearsal", "/outcomes", "/outcomes?page=5", "/close", "/reports"]
    {
        let shown = admin.get(&format!("/rounds/{}{page}", scenario.round)).ok();
        let weight = shown.html.len() + assets;
        assert!(weight < MOST_BYTES, "{page} weighs {weight} bytes");
    }
    // Leaf by leaf the paper says what its file says.
    let address = scenario.at("reports/paper");
    let file = admin.get(&scenario.at("reports/panel-paper.html")).ok();
    let mut pages = vec![auditor.get(&address).ok()];
    while let Some(next) = pages.last().and_then(|page| next_page(&page.html)) {
        pages.push(auditor.get(&next).ok());
    }
    assert!(pages.len() > 2, "{} pages", pages.len());
    for page in &pages {
        let weight = page.html.len() + assets;
        assert!(weight < MOST_BYTES, "{} weighs {weight} bytes", page.address);
    }
    let rows = |html: &str| -> Vec<String> {
        html.lines()
            .filter(|line| line.starts_with("<tr><th scope=\"row\"><bdi>"))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(pages.iter().flat_map(|page| rows(&page.html)).collect::<Vec<_>>(), rows(&file.html));
    let contents: Vec<String> =
        pages[0].links().into_iter().filter(|link| link.contains("/paper?page=")).collect();
    let scores = contents.iter().find(|link| link.ends_with("#scores-and-the-funding-line")).expect("a way");
    auditor.get(scores.split('#').next().unwrap()).ok().says("Scores by criterion");
    assert_eq!(auditor.get(&format!("{address}?page=99")).ok().html, pages.last().unwrap().html);
}

/// The address behind "The next page".
fn next_page(html: &str) -> Option<String> {
    let before = html.split("\" rel=\"next\"").next().filter(|before| before.len() < html.len())?;
    before.rsplit("href=\"").next().map(str::to_owned)
}

#[test]
fn every_way_on_these_pages_leads_somewhere() {
    let assessing = disputed();
    let closed = Scenario::scored();
    closed.close().ok();
    for scenario in [&assessing, &closed] {
        let (admin, auditor) = readers(scenario);
        for browser in [&admin, &auditor] {
            let mut ways = std::collections::BTreeSet::new();
            let round = ["", "/scores", "/rehearsal", "/outcomes", "/reports", "/closed", "/close"];
            let pages = round.map(|page| format!("/rounds/{}{page}", scenario.round)).into_iter();
            for page in pages.chain(scenario.bids.iter().map(|bid| format!("/bids/{}/scores", bid.id))) {
                ways.extend(browser.get(&page).links().into_iter().filter(|link| link.starts_with('/')));
            }
            for way in &ways {
                let to = browser.get(way).status;
                assert_eq!(to, 200, "{way}");
            }
        }
    }
}
