//! No bid enters a round after its deadline or out of its `open` state, under any race.

use std::sync::Barrier;
use std::thread;

use fasttrack::id::RoundId;
use fasttrack::rounds;
use fasttrack::rounds::model::RoundStatus;
use serde_json::{Value, json};

use crate::bids::{at, content, start, submit, submitted};
use crate::rounds::{DEADLINE, open_round, path};
use crate::support::App;

#[test]
fn bid_at_the_deadlines_instant_is_in_and_one_microsecond_later_out() {
    let app = App::start();
    let admin = app.admin();
    let round = open_round(&admin);
    let member = app.provider("Calder");
    let (on_time, late) =
        (start(&member, &round, &content()).created(), start(&member, &round, &content()).created());
    app.set_time(DEADLINE);
    submit(&member, &on_time).created();
    app.set_time("2026-09-30T11:00:00.000001Z");
    submit(&member, &late).refused(409, "deadline-passed");
    start(&member, &round, &content()).refused(409, "deadline-passed");
    let tag = member.get(&at(&late)).ok().etag();
    member.put(&at(&late), &tag, &content()).refused(409, "deadline-passed");
    member.post(&format!("{}/withdraw", at(&on_time)), &json!({})).refused(409, "deadline-passed");
    assert_eq!(member.get(&at(&on_time)).ok().json["status"], "submitted");
}

#[test]
fn extension_lets_a_bid_in_that_would_have_been_late() {
    let app = App::start();
    let admin = app.admin();
    let round = open_round(&admin);
    let member = app.provider("Calder");
    let bid = start(&member, &round, &content()).created();
    app.set_time("2026-09-30T11:30:00Z");
    submit(&member, &bid).refused(409, "deadline-passed");
    let body = json!({"deadline": "2026-09-30T12:00:00Z", "reason": "The service was down."});
    admin.post(&format!("{}/extend", path(&round)), &body).ok();
    submit(&member, &bid).created();
}

#[test]
fn answer_given_before_the_deadline_is_given_again_after_it() {
    let app = App::start();
    let admin = app.admin();
    let round = open_round(&admin);
    let member = app.provider("Calder");
    let bid = start(&member, &round, &content()).created();
    let send = || member.post_once(&format!("{}/submit", at(&bid)), "key", &json!({}));
    let first = send().created();
    app.set_time("2026-10-01T11:00:00Z");
    assert_eq!(send().created(), first);
}

#[test]
fn submissions_that_race_with_the_end_of_the_round_are_in_before_it_or_refused() {
    let app = App::start();
    let admin = app.admin();
    let round = open_round(&admin);
    let id: RoundId = serde_json::from_value(round["id"].clone()).unwrap();
    let members: Vec<_> = (0..4).map(|number| app.provider(&format!("Provider {number}"))).collect();
    let bids: Vec<Vec<Value>> = members
        .iter()
        .map(|member| (0..4).map(|_| start(member, &round, &content()).created()).collect())
        .collect();
    let barrier = Barrier::new(members.len() + 1);
    let (statuses, frozen) = thread::scope(|scope| {
        let submitting: Vec<_> = members
            .iter()
            .zip(&bids)
            .map(|(member, bids)| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    bids.iter().map(|bid| submit(member, bid).status).collect::<Vec<_>>()
                })
            })
            .collect();
        barrier.wait();
        // What starting the assessment does first: freeze the round, and take the bids that are in.
        let frozen = app
            .run(app.platform.db.write(move |tx| {
                let round = rounds::ops::load(tx.conn, id)?;
                rounds::ops::advance(tx, &round, RoundStatus::Assessing)?;
                fasttrack::bids::ops::received_in(tx.conn, id)
            }))
            .unwrap();
        let statuses: Vec<u16> = submitting.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        (statuses, frozen)
    });
    assert!(statuses.iter().all(|status| [201, 409].contains(status)), "{statuses:?}");
    let accepted = statuses.iter().filter(|status| **status == 201).count();
    let after =
        app.run(app.platform.db.read(move |conn| fasttrack::bids::ops::received_in(conn, id))).unwrap();
    assert_eq!(after.len(), accepted, "every bid that was answered 201 is there, and no other");
    assert_eq!(after, frozen, "no bid came in after the round was frozen");
}

/// Several times over, for a race that one may win without a rival.
#[test]
fn one_bid_submitted_by_many_at_once_is_submitted_once() {
    let app = App::start();
    let admin = app.admin();
    let round = open_round(&admin);
    let member = app.provider("Calder");
    for _ in 0..6 {
        let bid = start(&member, &round, &content()).created();
        let barrier = Barrier::new(6);
        let statuses: Vec<u16> = thread::scope(|scope| {
            let submitting: Vec<_> = (0..6)
                .map(|_| {
                    scope.spawn(|| {
                        barrier.wait();
                        submit(&member, &bid).status
                    })
                })
                .collect();
            submitting.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| [201, 409].contains(status)), "{statuses:?}");
        assert_eq!(member.get(&at(&bid)).ok().json["submitted_number"], 1);
    }
}

#[test]
fn many_keys_at_once_give_many_bids_and_one_key_gives_one() {
    let app = App::start();
    let admin = app.admin();
    let round = open_round(&admin);
    let member = app.provider("Calder");
    let ids: Vec<String> = thread::scope(|scope| {
        let making: Vec<_> = (0..8)
            .map(|number| {
                let (member, round) = (&member, &round);
                scope.spawn(move || {
                    let key = format!("key {}", number % 4);
                    let bid = member.post_once(&format!("{}/bids", path(round)), &key, &content()).created();
                    bid["id"].as_str().unwrap().to_owned()
                })
            })
            .collect();
        making.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut different = ids.clone();
    different.sort();
    different.dedup();
    assert_eq!(different.len(), 4, "{ids:?}");
    assert_eq!(member.get("/bids").ok().json["items"].as_array().unwrap().len(), 4);
}

#[test]
fn a_crowd_that_comes_at_once_is_let_in_to_the_last() {
    let app = App::start();
    let admin = app.admin();
    let round = open_round(&admin);
    let member = app.provider("Calder");
    let bids: Vec<Value> = (0..32).map(|_| start(&member, &round, &content()).created()).collect();
    let gate = Barrier::new(bids.len());
    thread::scope(|scope| {
        for bid in &bids {
            let (member, gate) = (&member, &gate);
            scope.spawn(move || {
                gate.wait();
                let key = format!("submit {}", bid["id"]);
                member.post_once(&format!("{}/submit", at(bid)), &key, &json!({})).created();
            });
        }
    });
    let events = admin.get("/audit?action=bid.submitted&limit=100").ok().json;
    assert_eq!(events["items"].as_array().unwrap().len(), bids.len(), "each once");
}

#[test]
fn round_that_ended_takes_no_bid_from_those_who_had_none() {
    let app = App::start();
    let admin = app.admin();
    let round = open_round(&admin);
    let id: RoundId = serde_json::from_value(round["id"].clone()).unwrap();
    let (member, stranger) = (app.provider("Calder"), app.provider("Ribble"));
    let bid = submitted(&member, &round);
    app.run(app.platform.db.write(move |tx| {
        let round = rounds::ops::load(tx.conn, id)?;
        rounds::ops::advance(tx, &round, RoundStatus::Assessing).map(drop)
    }))
    .unwrap();
    start(&stranger, &round, &content()).refused(404, "not-found");
    start(&member, &round, &content()).refused(409, "wrong-state");
    let tag = member.get(&at(&bid)).ok().etag();
    member.put(&at(&bid), &tag, &content()).refused(409, "wrong-state");
}
