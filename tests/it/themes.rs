//! Themes and expertise: the better fit among those who are as near, and never more than that.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::scene::{BURNLEY, LANCASHIRE, MANCHESTER, Scene, Setup, content};
use crate::support::Client;

fn announce(rules: &mut Value) {
    rules["themes"] = json!([
        {"key": "cyber", "title": "Cyber security"},
        {"key": "media", "title": "Broadcasting and media"},
        {"key": "software", "title": "Software"},
    ]);
}

/// A round of these assessors, each with their themes, and one bid about `themes` in Burnley.
fn scene(assessors: &[(&str, &[&str], u32)], known: &[Value], themes: &[&str]) -> Scene {
    let scene = Scene::with_rules(&Setup { assessors, ..Setup::default() }, announce);
    for (assessor, themes) in scene.assessors.iter().zip(known) {
        know(&scene, assessor, themes);
    }
    let mut bid = content("A bid", &[BURNLEY]);
    bid["themes"] = json!(themes);
    scene.app.set_time("2026-09-30T10:00:00Z");
    scene.submit(&scene.app.provider("Provider"), &bid);
    scene.app.set_time("2026-09-30T11:00:01Z");
    scene
}

fn know(scene: &Scene, assessor: &Client, themes: &Value) {
    let path = format!("/assessors/{}", assessor.id());
    let read = scene.admin.get(&path).ok();
    let change = json!({"areas": read.json["areas"], "themes": themes});
    scene.admin.put(&path, &read.etag(), &change).ok();
}

fn explanation(scene: &Scene) -> Value {
    scene.start();
    scene.assignments()[0]["assignment"]["explanation"].clone()
}

#[test]
fn of_those_as_near_the_one_who_shares_a_theme_is_chosen() {
    let scene = scene(
        &[("Ann Example", &[BURNLEY], 2), ("Ben Example", &[BURNLEY], 2)],
        &[json!({"media": 3}), json!({"cyber": 0, "software": 1})],
        &["cyber"],
    );
    let explanation = explanation(&scene);
    assert_eq!(
        explanation["sentence"],
        "Covers Burnley; shares the theme Cyber security; load 1 of 2; next best is Ann Example, as near to the area but \
         less versed in the bid's themes."
    );
    assert_eq!(explanation["themes"], json!({"cyber": 0}));
    assert_eq!(explanation["next_best"]["worse_by"], 80);
    let ben = &scene.assessors[1];
    let own = ben.get("/assignments").ok().json["items"][0]["assignment"]["explanation"].clone();
    assert_eq!(own["sentence"], "Covers Burnley; shares the theme Cyber security.");
    let email = scene.emails("assignment_offered").remove(0);
    let email = scene.admin.get(&format!("/emails/{}", email["id"].as_str().unwrap())).ok().json;
    assert!(email["text"].as_str().unwrap().contains("shares the theme Cyber security"), "{email}");
}

#[test]
fn what_an_assessor_knows_is_chosen_by_the_titles_of_a_rounds_themes() {
    let scene = Scene::with_rules(
        &Setup { assessors: &[("Ann Example", &[BURNLEY], 2)], ..Setup::default() },
        announce,
    );
    let ann = scene.assessors[0].id();
    know(&scene, &scene.assessors[0], &json!({"media": 1, "farming": 2}));
    let browser = Browser::of(&scene.app, &scene.admin);
    let member = format!("/rounds/{}/assessors/{ann}", scene.round);
    let themes = format!("{member}/themes");
    let page = browser.get(&member).ok().says("What Ann Example knows");
    assert!(page.links().contains(&themes), "{:?}", page.links());
    let form = browser.get(&themes).ok().says("Cyber security").form(&themes);
    assert_eq!((form.get("themes.cyber"), form.get("themes.media")), ("", "1"));
    let chosen = form.set("themes.cyber", "3").set("themes.media", "");
    browser.send(&chosen).ok().says("Saved.");
    let known = || scene.admin.get(&format!("/assessors/{ann}")).ok().json["themes"].clone();
    // What other rounds announce stays.
    assert_eq!(known(), json!({"cyber": 3, "farming": 2}));
    let refused = browser.send(&chosen.set("themes.software", "0")).is(412);
    let again = refused.says("Somebody else changed the assessor").form(&themes);
    assert_eq!(again.get("themes.software"), "0");
    browser.send(&again).ok().says("Saved.");
    assert_eq!(known(), json!({"cyber": 3, "farming": 2, "software": 0}));
    browser.get(&format!("/rounds/{}/assessors/{}/themes", scene.round, scene.admin.id())).is(404);
}

#[test]
fn of_those_who_share_as_many_themes_the_more_expert_is_chosen() {
    let scene = scene(
        &[("Ann Example", &[BURNLEY], 2), ("Ben Example", &[BURNLEY], 2)],
        &[json!({"cyber": 2, "media": 0}), json!({"cyber": 3, "media": 0})],
        &["media", "cyber"],
    );
    let explanation = explanation(&scene);
    assert_eq!(
        explanation["sentence"],
        "Covers Burnley; shares the themes Cyber security (expertise 3) and Broadcasting and media; load 1 of 2; next best \
         is Ann Example, as near to the area but less versed in the bid's themes."
    );
    assert_eq!(explanation["next_best"]["worse_by"], 5);
}

#[test]
fn no_theme_outweighs_a_step_nearer_nor_expertise_another_theme() {
    let all = json!({"cyber": 3, "media": 3, "software": 3});
    let three = &["cyber", "media", "software"];
    let far = scene(&[("Ann", &[LANCASHIRE], 2), ("Ben", &[BURNLEY], 2)], &[all, json!({})], three);
    let words = explanation(&far)["sentence"].clone();
    assert_eq!(
        words,
        "Covers Burnley; load 1 of 2; next best is Ann, one step further from the area but more versed in the bid's themes."
    );
    let broad = json!({"cyber": 0, "media": 0, "software": 0});
    let deep = json!({"cyber": 3, "media": 3});
    let scene = scene(&[("Ann", &[BURNLEY], 2), ("Ben", &[BURNLEY], 2)], &[deep, broad], three);
    scene.start();
    assert_eq!(scene.assignments()[0]["assessor_name"], "Ben");
}

#[test]
fn themes_alone_make_nobody_eligible_for_a_bid() {
    let scene = scene(&[("Max", &[MANCHESTER], 2)], &[json!({"cyber": 3})], &["cyber"]);
    assert_eq!(scene.start()["filled"], 0);
}

#[test]
fn run_with_themes_is_replayed_from_its_kept_input() {
    let scene = scene(
        &[("Ann", &[BURNLEY], 2), ("Ben", &[BURNLEY], 2)],
        &[json!({"cyber": 1}), json!({"cyber": 2})],
        &["cyber"],
    );
    scene.start();
    let run = scene.admin.get(&scene.path("/routing")).ok().json["items"][0].clone();
    assert_eq!(run["result"]["worth"]["fit"], 1_090);
    let id = serde_json::from_value(run["id"].clone()).unwrap();
    let platform = &scene.app.platform;
    let again =
        scene.app.run(platform.db.read(move |conn| fasttrack::routing::ops::replay(conn, id))).unwrap();
    assert_eq!(again.worth.fit, 1_090);
    let bid = scene.assignments()[0]["bid"]["id"].as_str().unwrap().to_owned();
    let routing = scene.admin.get(&format!("/bids/{bid}/routing")).ok().json;
    assert_eq!(
        routing["not_chosen"][0]["sentence"],
        "Covers Burnley; shares the theme Cyber security (expertise 1); load 0 of 2; with Ann on this bid the fit would be \
         5 lower in all."
    );
}

#[test]
fn bid_chooses_among_the_announced_themes_at_most_three() {
    let scene = Scene::with_rules(&Setup { bids: &[&[BURNLEY]], ..Setup::default() }, announce);
    scene.app.set_time("2026-09-30T10:00:00Z");
    let provider = &scene.providers[0];
    let mut bid = content("A bid", &[BURNLEY]);
    bid["themes"] = json!(["cyber", "farming", "cyber", "media"]);
    let refused = provider.post(&scene.path("/bids"), &bid);
    assert_eq!(refused.pointers(), ["/themes", "/themes/1", "/themes/2"]);
    refused.refused(422, "invalid");
    bid["themes"] = json!(["media", "cyber"]);
    let kept = provider.post(&scene.path("/bids"), &bid).created();
    assert_eq!(kept["content"]["themes"], json!(["media", "cyber"]));
    // A content without themes is written as it was before there were any, so that its hash stays.
    assert_eq!(scene.bids[0]["content"].get("themes"), None);
}

#[test]
fn round_announces_themes_with_keys_and_titles() {
    let app = crate::support::App::start();
    let admin = app.admin();
    let fund = admin.post("/funds", &json!({"name": "A fund", "areas": ["E12000002"]})).created();
    let rules = json!({"themes": [{"key": "Cyber", "title": "Cyber"}, {"key": "it", "title": " "}, {"key": "it", "title": "IT"}]});
    let round = json!({"fund_id": fund["id"], "code": "FT1", "name": "Round 1", "rules": rules});
    let round = admin.post("/rounds", &round).created();
    let refused = admin.post(&format!("/rounds/{}/open", round["id"].as_str().unwrap()), &json!({}));
    let about: Vec<String> =
        refused.pointers().into_iter().filter(|pointer| pointer.starts_with("/rules/themes")).collect();
    assert_eq!(about, ["/rules/themes/0/key", "/rules/themes/2/key", "/rules/themes/1/title"]);
}

#[test]
fn assessor_keeps_themes_that_a_change_leaves_out() {
    let scene = Scene::new(&Setup { assessors: &[("Ann", &[BURNLEY], 2)], ..Setup::default() });
    let ann = &scene.assessors[0];
    let path = format!("/assessors/{}", ann.id());
    know(&scene, ann, &json!({"cyber": 3}));
    let tag = scene.admin.get(&path).ok().etag();
    scene.admin.put(&path, &tag, &json!({"areas": [LANCASHIRE]})).ok();
    let read = scene.admin.get(&path).ok();
    assert_eq!((&read.json["areas"], &read.json["themes"]), (&json!([LANCASHIRE]), &json!({"cyber": 3})));
    let wrong = json!({"areas": [LANCASHIRE], "themes": {"Cyber security": 1, "media": 4}});
    let refused = scene.admin.put(&path, &read.etag(), &wrong);
    assert_eq!(refused.pointers(), ["/themes/Cyber security", "/themes/media"]);
    let event = &scene.audited("assessor.areas_set")[1];
    assert_eq!(event["detail"]["themes_to"], json!({"cyber": 3}), "{event}");
    assert_eq!(ann.get(&path).ok().json["themes"], json!({"cyber": 3}));
}
