//! Closing: once, all of it, as it was previewed, and open to being checked.

use diesel::connection::SimpleConnection;
use fasttrack::db::Conn;
use serde_json::{Value, json};

use crate::scenario::{FOUR, Scenario, items, text};

#[test]
fn closing_writes_and_sends_exactly_what_the_preview_showed() {
    let round = Scenario::scored();
    let preview = round.preview();
    assert_eq!(round.emails("outcome").len(), 0);
    let closed = round.close().ok().json;

    let mut expected = preview.clone();
    expected["dry_run"] = json!(false);
    expected["closed_at"] = closed["closed_at"].clone();
    // What was promised is read where all emails are.
    assert_eq!(expected["emails_promised"], 9);
    expected["emails"] = json!([]);
    for outcome in expected["outcomes"].as_array_mut().into_iter().flatten() {
        outcome["decided_at"] = closed["closed_at"].clone();
    }
    assert_eq!(closed, expected);

    let sent: Vec<Value> = [round.emails("outcome"), round.emails("round_summary")].concat();
    let mut sent: Vec<[String; 4]> = sent.iter().map(|email| told(email, "recipient")).collect();
    let planned = preview["emails"].as_array().cloned().unwrap_or_default();
    let mut planned: Vec<[String; 4]> = planned.iter().map(|email| told(email, "to")).collect();
    sent.sort();
    planned.sort();
    assert_eq!(sent, planned);
    // Two for each bid, its lead contact and its submitter, and one for the administrator.
    assert_eq!(planned.len(), 9);

    let outcomes = round.admin.get(&round.at("outcomes")).ok().json;
    assert_eq!(outcomes["provisional"], false);
    assert_eq!(outcomes["outcomes"], closed["outcomes"]);
}

/// Everything that somebody reads, byte for byte.
fn told(email: &Value, recipient: &str) -> [String; 4] {
    [recipient, "subject", "text", "html"].map(|field| text(&email[field]))
}

#[test]
fn closing_is_refused_with_all_that_is_missing_and_changes_nothing() {
    let round = Scenario::assessing(&FOUR[..2], |_| {});
    round.all_score(0, 5);
    round.score(0, 1, 4, 4);
    let refusal = round.close();
    assert_eq!(refusal.pointers(), [format!("/bids/{}", round.bids[1].reference)]);
    refusal.refused(409, "not-ready-to-close");
    assert_eq!(round.emails("outcome").len(), 0);
    assert_eq!(round.admin.get(&format!("/rounds/{}", round.round)).ok().json["status"], "assessing");

    let accepted =
        json!({"kind": "accept_short", "bid_id": round.bids[1].id, "reason": "Two assessors are ill."});
    round.rule(&accepted).created();
    round.close().ok();
    assert_eq!(round.outcome(1)["outcome"], "awarded");
}

#[test]
fn a_round_closes_only_from_assessing_and_once() {
    let round = Scenario::open(&FOUR[..1], |_| {});
    round.close().refused(409, "wrong-state");
    round.admin.post(&round.at("close"), &json!({"dry_run": true})).refused(409, "wrong-state");
    round.start();
    round.all_score(0, 5);
    round.close().ok();
    round.close().refused(409, "wrong-state");
    assert_eq!(round.emails("outcome").len(), 2);
    let moderation = json!({"criterion": "need", "score": 1, "reason": "Too late."});
    round
        .admin
        .post(&format!("/bids/{}/moderation", round.bids[0].id), &moderation)
        .refused(409, "wrong-state");
    let exclude = json!({"kind": "exclude", "bid_id": round.bids[0].id, "reason": "Too late."});
    round.rule(&exclude).refused(409, "wrong-state");
}

#[test]
fn a_cancelled_round_is_not_closed() {
    let round = Scenario::scored();
    round.admin.post(&round.at("cancel"), &json!({"reason": "The money was withdrawn."})).ok();
    round.close().refused(409, "wrong-state");
}

#[test]
fn of_two_closers_at_once_one_closes() {
    let round = Scenario::scored();
    let path = round.at("close");
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let closers: Vec<_> =
            (0..4).map(|_| scope.spawn(|| round.admin.post(&path, &json!({})).status)).collect();
        closers.into_iter().filter_map(|closer| closer.join().ok()).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == 409).count(), 3, "{answers:?}");
    assert_eq!(round.emails("outcome").len(), 8);
    let events = round.admin.get(&format!("/audit?action=round.closed&round_id={}", round.round)).ok();
    assert_eq!(items(&events).len(), 1);
}

#[test]
fn closing_asks_for_the_round_that_is_meant_and_the_preview_that_was_seen() {
    let round = Scenario::scored();
    let wrong = round.admin.post(&round.at("close"), &json!({"confirm": "Round 2"}));
    assert_eq!(wrong.pointers(), ["/confirm"]);
    wrong.refused(422, "invalid");

    let previewed = round.preview()["snapshot_sha256"].clone();
    let moderation = json!({"criterion": "need", "score": 4, "reason": "Read together."});
    round.admin.post(&format!("/bids/{}/moderation", round.bids[0].id), &moderation).created();
    let close = json!({"confirm": "DF1", "previewed_sha256": previewed});
    round.admin.post(&round.at("close"), &close).refused(412, "stale");
    let close = json!({"confirm": "DF1", "previewed_sha256": round.preview()["snapshot_sha256"]});
    round.admin.post(&round.at("close"), &close).ok();
}

#[test]
fn an_ineligible_bid_is_told_why_and_a_withdrawn_one_is_not_written_to() {
    let round = Scenario::open(&FOUR, |_| {});
    round.bids[3].provider.post(&format!("/bids/{}/withdraw", round.bids[3].id), &json!({})).ok();
    round.start();
    for bid in 0..3 {
        round.all_score(bid, 5 - i32::try_from(bid).unwrap_or(0));
    }
    let eligibility = json!({"eligible": false, "reason": "the lead organisation was dissolved"});
    round.admin.post(&format!("/bids/{}/eligibility", round.bids[2].id), &eligibility).ok();
    let seen = || round.bids[2].provider.get(&format!("/bids/{}", round.bids[2].id)).ok().json;
    assert_eq!((&seen()["eligibility"], &seen()["eligibility_reason"]), (&json!("unchecked"), &Value::Null));
    round.close().ok();
    assert_eq!(seen()["eligibility_reason"], "the lead organisation was dissolved");

    let cedar = round.bids[2].provider.get(&format!("/bids/{}/outcome", round.bids[2].id)).ok().json;
    assert_eq!(cedar["outcome"], "ineligible");
    assert_eq!(cedar["sentence"], "Not eligible: the lead organisation was dissolved.");
    assert_eq!(cedar["criteria"], json!([]));
    assert_eq!(round.outcome(3)["outcome"], "withdrawn");
    let about: Vec<Value> = round.emails("outcome").iter().map(|email| email["bid_id"].clone()).collect();
    assert_eq!(about.len(), 6);
    assert!(!about.contains(&json!(round.bids[3].id)));
}

#[test]
fn a_bidder_reads_its_own_outcome_and_nothing_of_another_or_of_who_assessed() {
    let round = Scenario::scored();
    round.close().ok();
    let path = format!("/bids/{}/outcome", round.bids[2].id);
    let answer = round.bids[2].provider.get(&path).ok();
    let outcome = &answer.json;
    assert_eq!(outcome["outcome"], "reserve");
    assert_eq!(outcome["score"], "60.00");
    assert_eq!(outcome["overall_threshold"], 50);
    assert_eq!(outcome["criteria"][0]["label"], "Satisfactory");
    assert_eq!(outcome["criteria"][0]["points"], "36.00");
    assert_eq!(outcome["criteria"][0]["feedback"].as_array().map(Vec::len), Some(3));
    assert_eq!(outcome["feedback"].as_array().map(Vec::len), Some(3));
    assert_eq!(outcome["query_email"], "queries@example.org");
    assert_eq!(outcome["query_by"], "2026-09-15T22:59:00Z");

    let mut secrets = vec!["JUSTIFIED".to_owned(), "PRIVATE".to_owned(), "Assessor".to_owned()];
    secrets.extend(round.assessors.iter().map(|assessor| assessor.id().to_owned()));
    for other in [0, 1, 3] {
        secrets.extend([round.bids[other].id.clone(), round.bids[other].reference.clone()]);
        secrets.extend([FOUR[other].name.to_owned(), format!("for bid {other}")]);
        round.bids[other].provider.get(&path).refused(404, "not-found");
    }
    round.assessors[0].get(&path).refused(404, "not-found");
    let letters: Vec<Value> =
        round.emails("outcome").into_iter().filter(|e| e["bid_id"] == json!(round.bids[2].id)).collect();
    assert_eq!(letters.len(), 2);
    assert!(letters.iter().all(|letter| text(&letter["text"]).contains("Overall 0 for bid 2.")));
    let read = letters.iter().map(Value::to_string).chain([answer.text.clone()]);
    for text in read {
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{secret} in {text}");
        }
    }
}

#[test]
fn the_snapshot_names_nobody_and_verifies() {
    let round = Scenario::scored();
    round.admin.get(&round.at("snapshot")).refused(404, "not-found");
    round.admin.get(&round.at("verify")).refused(404, "not-found");
    let closed = round.close().ok().json;
    let snapshot = round.admin.get(&round.at("snapshot")).ok();
    let hash = text(&closed["snapshot_sha256"]);
    assert_eq!(snapshot.header("etag"), format!("\"{hash}\""));
    assert_eq!(fasttrack::auth::secrets::sha256(&snapshot.text), hash);
    for name in ["@", "Ann Assessor", "Alder Lead", "PRIVATE", "JUSTIFIED"] {
        let rules_aside = snapshot.text.replace("queries@example.org", "");
        assert!(!rules_aside.contains(name), "{name}");
    }
    let verified = round.admin.get(&round.at("verify")).ok().json;
    assert_eq!(
        verified,
        json!({
            "round_id": round.round, "agrees": true, "snapshot_sha256": hash, "bids": 4, "routing_runs": 1, "differences": [],
        })
    );
}

#[test]
fn what_is_tampered_with_after_closing_is_named() {
    let round = Scenario::scored();
    round.close().ok();
    let cedar = round.bids[2].id.clone();
    tamper(
        &round,
        "outcomes",
        &format!("UPDATE outcomes SET rank = 1, amount_pence = 10000000 WHERE bid_id = '{cedar}'"),
    );
    let verified = round.admin.get(&round.at("verify")).ok().json;
    assert_eq!(verified["agrees"], false);
    let reference = &round.bids[2].reference;
    assert_eq!(
        verified["differences"],
        json!([
            {"pointer": format!("/outcomes/{reference}/amount_pence"), "recorded": 10_000_000, "recomputed": 0},
            {"pointer": format!("/outcomes/{reference}/rank"), "recorded": 1, "recomputed": 3},
        ])
    );

    tamper(
        &round,
        "snapshot_pieces",
        "UPDATE snapshot_pieces SET text = replace(text, '\"need\":5', '\"need\":4')",
    );
    let verified = round.admin.get(&round.at("verify")).ok().json;
    assert_eq!(verified["differences"][0]["pointer"], "/snapshot");
}

#[test]
fn run_of_the_router_whose_kept_input_was_changed_is_named() {
    let round = Scenario::scored();
    round.close().ok();
    let run = round.admin.get(&round.at("routing")).ok().json["items"][0]["id"].clone();
    tamper(&round, "routing_runs", "UPDATE routing_runs SET input = replace(input, 'fresh', 'repair')");
    let verified = round.admin.get(&round.at("verify")).ok().json;
    assert_eq!(verified["agrees"], false);
    assert_eq!(verified["differences"][0]["pointer"], format!("/routing/{}", text(&run)));
    assert_eq!(verified["differences"][0]["recomputed"], "the run's input has another hash");
}

/// Changes what the database's triggers keep the service from changing.
pub fn tamper(round: &Scenario, table: &str, sql: &str) {
    let (table, sql) = (table.to_owned(), sql.to_owned());
    let done = round.app.run(round.app.platform.db.write(move |tx| {
        let lift = match &tx.conn {
            Conn::Pg(_) => format!("ALTER TABLE {table} DISABLE TRIGGER ALL"),
            Conn::Sqlite(_) => format!("DROP TRIGGER IF EXISTS {table}_refuse_update"),
        };
        tx.conn.batch_execute(&lift)?;
        Ok(tx.conn.batch_execute(&sql)?)
    }));
    assert!(done.is_ok(), "{done:?}");
}

#[test]
fn the_audit_trail_says_who_closed_moderated_and_ruled() {
    let round = Scenario::scored();
    let moderation = json!({"criterion": "need", "score": 5, "reason": "Read together."});
    round.admin.post(&format!("/bids/{}/moderation", round.bids[0].id), &moderation).created();
    let ruling = json!({"kind": "exclude", "bid_id": round.bids[3].id, "reason": "Copied."});
    round.rule(&ruling).created();
    round.close().ok();
    for action in ["bid.moderated", "ruling.made", "round.closed"] {
        let events =
            items(&round.admin.get(&format!("/audit?action={action}&round_id={}", round.round)).ok());
        assert_eq!(events.len(), 1, "{action}");
        assert_eq!(events[0]["actor"], format!("user:{}", round.admin.id()));
    }
}
