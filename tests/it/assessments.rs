//! What assessing promises: whole numbers, nothing lost, and nobody led by another's score.

use serde_json::json;

use crate::routing::at_once;
use crate::scene::{BURNLEY, LANCASHIRE, Scene, Setup, complete};
use crate::support::Client;

const TWO: &[(&str, &[&str], u32)] = &[("Ann", &[LANCASHIRE], 3), ("Ben", &[LANCASHIRE], 3)];

/// One bid, both assessors on it, both accepted; the assignments in the order of the assessors.
fn accepted() -> (Scene, Vec<String>) {
    let scene = Scene::started(&Setup { places: 2, assessors: TWO, bids: &[&[BURNLEY]], ..Setup::default() });
    let ids: Vec<String> = scene.assessors.iter().map(|one| scene.own(one).remove(0)).collect();
    for (assessor, id) in scene.assessors.iter().zip(&ids) {
        scene.accept(assessor, id);
    }
    (scene, ids)
}

fn path(id: &str) -> String {
    format!("/assignments/{id}/assessment")
}

fn count(client: &Client, scene: &Scene) -> usize {
    let bid = scene.bids[0]["id"].as_str().unwrap();
    client.get(&format!("/bids/{bid}/assessments")).ok().json["items"].as_array().unwrap().len()
}

#[test]
fn draft_starts_empty_and_keeps_what_was_saved() {
    let (scene, ids) = accepted();
    let ann = &scene.assessors[0];
    let blank = ann.get(&path(&ids[0])).ok();
    assert_eq!((blank.etag().as_str(), &blank.json["version"]), ("\"0\"", &json!(0)));
    let draft = json!({"scores": {"need": {"score": 4}}});
    let saved = ann.put(&path(&ids[0]), "\"0\"", &draft).is(201);
    assert_eq!(saved.etag(), "\"1\"");
    let again = ann.put(&path(&ids[0]), "\"1\"", &complete(3)).ok();
    assert_eq!((again.etag().as_str(), &again.json["id"]), ("\"2\"", &saved.json["id"]));
    assert_eq!(ann.get(&path(&ids[0])).ok().json["content"], complete(3));
}

#[test]
fn second_tab_does_not_overwrite_the_first() {
    let (scene, ids) = accepted();
    let ann = &scene.assessors[0];
    ann.put(&path(&ids[0]), "\"0\"", &complete(1)).is(201);
    ann.put(&path(&ids[0]), "\"0\"", &complete(2)).refused(412, "stale");
    ann.send("PUT", &path(&ids[0]), &[], Some(complete(2).to_string())).refused(428, "precondition-required");
    let statuses = at_once(4, |_| ann.put(&path(&ids[0]), "\"1\"", &complete(2)).status);
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(ann.get(&path(&ids[0])).ok().etag(), "\"2\"");
}

#[test]
fn score_is_a_whole_number_on_the_scale() {
    let (scene, ids) = accepted();
    let ann = &scene.assessors[0];
    let refused = |score: serde_json::Value| {
        let draft = json!({"scores": {"need": {"score": score}}});
        let answer = ann.put(&path(&ids[0]), "\"0\"", &draft).is(422);
        assert_eq!(answer.pointers(), ["/scores/need/score"]);
        answer.json["errors"][0]["detail"].as_str().unwrap().to_owned()
    };
    assert!(refused(json!(3.5)).contains("3.5 is not a whole number"));
    assert!(refused(json!("3")).contains("whole number"));
    assert_eq!(refused(json!(6)), "6 is not on the scale; give a whole number from 0 to 5");
    assert_eq!(refused(json!(-1)), "-1 is not on the scale; give a whole number from 0 to 5");
}

#[test]
fn draft_faults_are_told_all_at_once() {
    let (scene, ids) = accepted();
    let long = "x".repeat(20_001);
    let draft = json!({
        "scores": {"colour": {"score": 1}, "need": {"score": 9, "justification": long}}, "feedback": long, "private_note": long,
    });
    let refused = scene.assessors[0].put(&path(&ids[0]), "\"0\"", &draft).is(422);
    let all =
        ["/scores/colour", "/scores/need/score", "/scores/need/justification", "/feedback", "/private_note"];
    assert_eq!(refused.pointers(), all);
    let unknown = json!({"score": 1});
    scene.assessors[0].put(&path(&ids[0]), "\"0\"", &unknown).refused(422, "invalid");
}

#[test]
fn incomplete_assessment_is_refused_with_everything_that_is_missing() {
    let (scene, ids) = accepted();
    let ann = &scene.assessors[0];
    ann.put(&path(&ids[0]), "\"0\"", &json!({"scores": {"need": {"score": 0, "justification": "  "}}}))
        .is(201);
    let refused = ann.post(&format!("{}/submit", path(&ids[0])), &json!({})).is(422);
    let all = [
        "/scores/need/justification",
        "/scores/value/score",
        "/scores/value/justification",
        "/feedback",
        "/in_scope",
        "/recommendation",
    ];
    assert_eq!(refused.pointers(), all);
}

#[test]
fn submitting_locks_and_only_an_admin_reopens_with_a_reason() {
    let (scene, ids) = accepted();
    let ann = &scene.assessors[0];
    scene.assess(ann, &ids[0], 4);
    let submitted = ann.get(&path(&ids[0])).ok();
    assert_eq!(
        (&submitted.json["status"], &submitted.json["submitted_number"]),
        (&json!("submitted"), &json!(1))
    );
    ann.put(&path(&ids[0]), &submitted.etag(), &complete(1)).refused(409, "wrong-state");
    ann.post(&format!("{}/submit", path(&ids[0])), &json!({})).refused(409, "wrong-state");
    let reopen = format!("{}/reopen", path(&ids[0]));
    ann.post(&reopen, &json!({"reason": "Mine."})).refused(403, "forbidden");
    assert_eq!(scene.admin.post(&reopen, &json!({"reason": " "})).is(422).pointers(), ["/reason"]);

    scene.admin.post(&reopen, &json!({"reason": "It speaks of another bid."})).ok();
    assert_eq!(ann.get(&format!("/assignments/{}", ids[0])).ok().json["assignment"]["status"], "accepted");
    assert_eq!(scene.emails("assessment_reopened").len(), 1);
    scene.admin.post(&reopen, &json!({"reason": "Again."})).refused(409, "wrong-state");

    scene.assess(ann, &ids[0], 2);
    assert_eq!(ann.get(&path(&ids[0])).ok().json["submitted_number"], 2);
    let events = scene.audited("assessment.submitted");
    assert_ne!(events[0]["detail"]["content_sha256"], events[1]["detail"]["content_sha256"]);
}

#[test]
fn bid_is_assessed_only_after_it_is_accepted() {
    let scene = Scene::started(&Setup { assessors: &TWO[..1], bids: &[&[BURNLEY]], ..Setup::default() });
    let ann = &scene.assessors[0];
    let id = scene.own(ann).remove(0);
    ann.get(&path(&id)).refused(409, "wrong-state");
    ann.put(&path(&id), "\"0\"", &complete(3)).refused(409, "wrong-state");
    scene.accept(ann, &id);
    ann.put(&path(&id), "\"0\"", &complete(3)).is(201);
    // Given back, it can be written to no more; the draft is kept.
    ann.post(&format!("/assignments/{id}/decline"), &json!({"reason": "No time."})).ok();
    ann.put(&path(&id), "\"1\"", &complete(4)).refused(409, "wrong-state");
    assert_eq!(ann.get(&path(&id)).ok().json["status"], "draft");
}

#[test]
fn assessor_never_reads_anothers_assessment_nor_counts_them() {
    let (scene, ids) = accepted();
    let (ann, ben) = (&scene.assessors[0], &scene.assessors[1]);
    scene.assess(ann, &ids[0], 5);
    ben.get(&path(&ids[0])).refused(404, "not-found");
    ben.put(&path(&ids[0]), "\"1\"", &complete(1)).refused(404, "not-found");
    ben.post(&format!("{}/submit", path(&ids[0])), &json!({})).refused(404, "not-found");
    assert_eq!(count(ben, &scene), 0);
    scene.assess(ben, &ids[1], 1);
    assert_eq!(count(ben, &scene), 1);
    let reads = ["progress", "scores", "outcomes", "routing", "assignments"];
    for read in reads {
        ben.get(&scene.path(&format!("/{read}"))).refused(404, "not-found");
    }
    assert_eq!(count(&scene.admin, &scene), 2);
    let auditor = scene.app.auditor(&scene.admin);
    assert_eq!(count(&auditor, &scene), 2);
}

#[test]
fn assessors_state_tells_nothing_of_whether_others_have_submitted() {
    let (scene, ids) = accepted();
    let (ann, ben) = (&scene.assessors[0], &scene.assessors[1]);
    let seen = || {
        let assignment = ben.get(&format!("/assignments/{}", ids[1])).ok().text;
        let list = ben.get("/assignments").ok().text;
        let round = ben.get(&scene.path("")).ok().text;
        (assignment, list, round)
    };
    let before = seen();
    scene.assess(ann, &ids[0], 5);
    assert_eq!(seen(), before);
}

#[test]
fn members_never_read_assessments() {
    let (scene, ids) = accepted();
    scene.assess(&scene.assessors[0], &ids[0], 5);
    let provider = &scene.providers[0];
    let bid = scene.bids[0]["id"].as_str().unwrap();
    provider.get(&format!("/bids/{bid}/assessments")).refused(404, "not-found");
    provider.get(&path(&ids[0])).refused(404, "not-found");
    provider
        .post(&format!("{}/reopen", path(&ids[0])), &json!({"reason": "Higher."}))
        .refused(403, "forbidden");
}

#[test]
fn assessor_of_no_bid_reads_no_assessments() {
    let scene = Scene::started(&Setup { assessors: TWO, bids: &[&[BURNLEY]], ..Setup::default() });
    let idle = scene.assessors.iter().find(|one| scene.own(one).is_empty()).unwrap();
    let bid = scene.bids[0]["id"].as_str().unwrap();
    idle.get(&format!("/bids/{bid}/assessments")).refused(404, "not-found");
}

#[test]
fn reminder_is_sent_once_before_the_assessments_are_due() {
    let (scene, ids) = accepted();
    scene.assess(&scene.assessors[0], &ids[0], 3);
    let remind = || scene.app.run(fasttrack::assessments::ops::remind_due(&scene.app.platform, 3)).unwrap();
    assert_eq!(remind(), 0);
    scene.app.set_time("2026-10-17T11:00:00Z");
    assert_eq!((remind(), remind()), (1, 0));
    let emails = scene.emails("assessment_reminder");
    assert_eq!(emails.len(), 1);
    assert_eq!(emails[0]["recipient"], scene.assessors[1].user["email"]);
}
