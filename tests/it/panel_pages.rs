//! The panel's pages: where a round stands, what administrators settle on them, and what auditors see of it.

use crate::browser::Browser;
use crate::scenario::{FOUR, Scenario};

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
