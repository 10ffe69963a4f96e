//! An administrator's and an auditor's pages about bids, in a browser without JavaScript.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::scenario::{FOUR, Scenario, items, text};

/// Four bids that are in, and one that is being written.
fn open() -> (Scenario, Browser) {
    let scenario = Scenario::open(&FOUR, |_| {});
    let draft = json!({"title": "SECRET-DRAFT", "areas": ["E08000003"]});
    scenario.bids[0].provider.post(&scenario.at("bids"), &draft).created();
    let browser = Browser::of(&scenario.app, &scenario.admin);
    (scenario, browser)
}

/// Saves other content, and submits it where asked to.
fn revise(scenario: &Scenario, bid: usize, submit: bool, change: impl FnOnce(&mut Value)) {
    let bid = &scenario.bids[bid];
    let path = format!("/bids/{}", bid.id);
    let standing = bid.provider.get(&path).ok();
    let mut content = standing.json["content"].clone();
    change(&mut content);
    bid.provider.put(&path, &standing.etag(), &content).ok();
    if submit {
        bid.provider.post(&format!("{path}/submit"), &json!({})).created();
    }
}

/// The references of a list, in its order.
fn listed(scenario: &Scenario, html: &str) -> Vec<usize> {
    let place = |reference: &String| html.find(&format!(">{reference}<"));
    let mut found: Vec<(usize, usize)> = scenario
        .bids
        .iter()
        .enumerate()
        .filter_map(|(index, bid)| place(&bid.reference).map(|at| (at, index)))
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, index)| index).collect()
}

#[test]
fn the_list_has_what_was_received_and_of_drafts_their_number() {
    let (scenario, browser) = open();
    revise(&scenario, 0, false, |content| content["title"] = json!("SECRET-REVISION"));
    let page = browser.get(&scenario.at("bids")).ok();
    let page =
        page.says("4 bids were received; 1 more was begun and not submitted.").says("Alder digital skills");
    let page = page.says_nothing_of("SECRET");
    assert_eq!(listed(&scenario, &page.html).len(), 4);
    browser.get(&format!("/bids/{}", scenario.bids[0].id)).ok().says_nothing_of("SECRET");
}

#[test]
fn a_draft_is_named_and_not_shown() {
    let (scenario, browser) = open();
    let bids = items(&scenario.bids[0].provider.get(&scenario.at("bids?status=draft")).ok());
    let page = browser.get(&format!("/bids/{}", text(&bids[0]["id"]))).ok();
    page.says("Not submitted yet").says("only its own people can read it").says_nothing_of("SECRET-DRAFT");
}

#[test]
fn filters_search_and_order_stay_in_the_address() {
    let (scenario, browser) = open();
    let list = scenario.at("bids");
    let shown = |query: &str| listed(&scenario, &browser.get(&format!("{list}?{query}")).ok().html);
    let decided = json!({"eligible": false, "reason": "It came from a person, not an organisation."});
    scenario.admin.post(&format!("/bids/{}/eligibility", scenario.bids[2].id), &decided).ok();
    scenario.bids[3].provider.post(&format!("/bids/{}/withdraw", scenario.bids[3].id), &json!({})).ok();

    assert_eq!(shown("area=lancashire-lep"), [1]);
    assert_eq!(shown("eligibility=ineligible"), [2]);
    assert_eq!(shown("status=withdrawn"), [3]);
    assert_eq!(shown("q=BIRCH"), [1], "an organisation's name, in either case");
    assert_eq!(shown("q=cedar+digital"), [2], "a title");
    assert_eq!(shown(&format!("q={}", &scenario.bids[0].reference[4..])), [0], "a part of a reference");
    assert_eq!(shown("q=%25"), Vec::<usize>::new(), "no sign stands for others");
    assert_eq!(shown("sort=-amount"), [0, 2, 1, 3]);
    assert_eq!(shown("sort=amount"), [3, 1, 2, 0]);
    assert_eq!(shown("sort=organisation"), [0, 1, 2, 3]);
    assert_eq!(shown("sort=submitted"), [0, 1, 2, 3]);

    let page = browser.get(&format!("{list}?q=skills&area=E47000001&sort=-amount")).ok();
    let form = page.form(&list);
    assert_eq!((form.get("q"), form.get("area"), form.get("sort")), ("skills", "E47000001", "-amount"));
    let kept = page.links().iter().any(|link| {
        link.contains("q=skills&area=E47000001&sort=submitted")
            || link.contains("q=skills&area=E47000001&sort=-submitted")
    });
    assert!(kept, "another order keeps the filter: {:?}", page.links());
    assert!(page.html.contains("aria-sort=\"descending\""));

    let none = browser.get(&format!("{list}?q=nothing-like-it")).ok().says("No bid found");
    assert!(none.links().contains(&list));
    browser.get(&format!("{list}?utm_source=mail")).ok().says("Alder");
    browser.get(&format!("{list}?cursor=AAAA")).is(400);
}

#[test]
fn an_organisation_that_is_renamed_is_found_and_sorted_by_its_new_name() {
    let (scenario, browser) = open();
    let provider = &scenario.bids[0].provider;
    let path = format!("/organisations/{}", provider.organisation());
    let read = provider.get(&path).ok();
    provider.put(&path, &read.etag(), &json!({"name": "Zelkova"})).ok();
    let list = scenario.at("bids");
    let page = browser.get(&format!("{list}?sort=organisation")).ok().says("Zelkova");
    assert_eq!(listed(&scenario, &page.html), [1, 2, 3, 0]);
    assert_eq!(listed(&scenario, &browser.get(&format!("{list}?q=zelk")).ok().html), [0]);
    assert!(listed(&scenario, &browser.get(&format!("{list}?q=alder+member")).ok().html).is_empty());
}

#[test]
fn a_round_without_bids_says_so() {
    let scenario = Scenario::open(&[], |_| {});
    let browser = Browser::of(&scenario.app, &scenario.admin);
    browser.get(&scenario.at("bids")).ok().says("No bid yet").says("0 bids were received.");
}

#[test]
fn a_bid_is_read_with_what_was_asked_and_each_version_with_what_changed() {
    let (scenario, browser) = open();
    revise(&scenario, 1, true, |content| {
        content["answers"]["need"] = json!("Sixty vacancies stand open.");
        content["amount_requested_pence"] = json!(9_500_000);
        content["partners"] = json!([{"name": "Pendle Partners", "registered_number": "09888777"}]);
    });
    let bid = format!("/bids/{}", scenario.bids[1].id);
    let page = browser.get(&bid).ok();
    let page =
        page.says("Need and demand").says("Sixty vacancies stand open.").says("£95,000").says("Burnley");
    let page =
        page.says("Pendle Partners (09888777)").says("Birch Lead").says("4 of 500 words · 60% of the score");
    assert!(
        page.links().contains(&format!("{bid}/versions/1"))
            && page.links().contains(&format!("{bid}/versions/2"))
    );

    let page = browser.get(&format!("{bid}/versions/2")).ok();
    let page = page.says("What changed since version 1").says("by Birch Member");
    for part in [
        "<del>Forty </del>",
        "<ins>Sixty </ins>",
        "<del>£90,000</del>",
        "<ins>£95,000</ins>",
        "<ins>Pendle Partners",
    ] {
        assert!(page.html.contains(part), "{part}: {}", page.html);
    }
    browser.get(&format!("{bid}/versions/1")).ok().says("Forty vacancies").says_nothing_of("What changed");
    browser.get(&format!("{bid}/versions/3")).is(404);
    browser.get(&format!("{bid}/versions/two")).is(404);
}

#[test]
fn every_order_shows_every_bid_once_however_it_is_paged() {
    let (scenario, _) = open();
    // Equals in every order but the reference's, and an earlier version that stands no more.
    for bid in [0, 2] {
        revise(&scenario, bid, true, |content| content["amount_requested_pence"] = json!(7_000_000));
    }
    for order in ["reference", "organisation", "amount", "-amount", "submitted", "-submitted"] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = scenario.at(&format!("bids?sort={order}&limit=1{cursor}"));
            let page = scenario.admin.get(&path).ok().json;
            seen.extend(page["items"].as_array().unwrap().iter().map(|bid| text(&bid["id"])));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let whole = items(&scenario.admin.get(&scenario.at(&format!("bids?sort={order}"))).ok());
        let whole: Vec<String> = whole.iter().map(|bid| text(&bid["id"])).collect();
        assert_eq!(seen, whole, "{order}");
        let mut unique = seen.clone();
        unique.sort();
        unique.dedup();
        assert_eq!((seen.len(), unique.len()), (4, 4), "{order}: drafts are in no order");
    }
    let standing = items(&scenario.admin.get(&scenario.at("bids?sort=-amount")).ok());
    assert_eq!(standing[0]["amount_requested_pence"], 9_000_000);
    scenario.admin.get("/bids?sort=amount").refused(422, "invalid");
    scenario.admin.get(&scenario.at("bids?sort=colour")).refused(422, "invalid");
    let own = items(&scenario.bids[1].provider.get(&scenario.at("bids?sort=amount")).ok());
    assert_eq!(own.len(), 1, "a member's list is sorted, and their own");
}
