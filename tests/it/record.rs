//! A closed round's record: it proves itself on any machine, and whoever changes it is found.

use std::collections::BTreeMap;
use std::process::Command;

use fasttrack::auth::secrets::sha256;
use fasttrack::canonical::canonical;
use fasttrack::outcomes::record::{Record, verify, verify_from};
use fasttrack::outcomes::seal::Seal;
use serde_json::{Value, json};

use crate::scenario::{Scenario, text};

/// A closed round and the file of its record.
fn closed() -> (Scenario, String) {
    let round = Scenario::scored();
    round.admin.get(&round.at("record")).refused(404, "not-found");
    round.close().ok();
    let file = round.admin.get(&round.at("record")).ok().text;
    (round, file)
}

/// The pointers of what differs in a file that was changed in one place.
#[track_caller]
fn found(file: &str, from: &str, to: &str) -> Vec<String> {
    assert!(file.contains(from), "{from} is not in the file");
    let verified = verify(&file.replacen(from, to, 1));
    assert!(!verified.agrees, "{from} became {to} and nobody saw it");
    verified.differences.into_iter().map(|difference| difference.pointer).collect()
}

#[test]
fn the_record_of_a_closed_round_verifies_without_the_database() {
    let (round, file) = closed();
    let answer = round.app.auditor(&round.admin).get(&round.at("record")).ok();
    assert_eq!(answer.text, file);
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"DF1-record.json\"");
    let verified = verify(&file);
    assert!(verified.agrees, "{verified:?}");
    assert_eq!(verified.bids, 4);
    let record = answer.json;
    assert_eq!(
        answer.headers.get("etag").and_then(|tag| tag.to_str().ok()),
        Some(&*format!("\"{}\"", text(&record["sha256"])))
    );
    assert_eq!(record["snapshot"], round.admin.get(&round.at("snapshot")).ok().json);
    assert_eq!(record["letters"].as_array().map(Vec::len), Some(9));
    assert!(verify(&format!("{file}\n")).agrees, "an editor's last line");
}

#[test]
fn a_changed_score_weight_outcome_letter_or_hash_is_found_and_named() {
    let (round, file) = closed();
    let record: Value = serde_json::from_str(&file).expect("a file");

    let score =
        found(&file, "\"scores\":{\"delivery\":5,\"need\":5}", "\"scores\":{\"delivery\":5,\"need\":4}");
    let bids = record["snapshot"]["bids"].as_array().expect("bids");
    let alder = bids.iter().position(|bid| bid["reference"] == *round.bids[0].reference).expect("Alder");
    assert_eq!(score[0], format!("/snapshot/bids/{alder}/assessments/0"));
    // The outcome no longer follows either.
    assert!(score.contains(&format!("/outcomes/{}/score", round.bids[0].reference)), "{score:?}");

    let weight = found(&file, "\"weight\":60,\"word_limit\":500}", "\"weight\":50,\"word_limit\":500}");
    assert_eq!(weight[0], "/snapshot/rules/criteria/0");

    let outcomes = record["outcomes"].as_array().expect("outcomes");
    let birch = outcomes.iter().position(|one| one["bid_id"] == *round.bids[1].id).expect("Birch");
    let outcome = found(&file, "\"amount_pence\":9000000,", "\"amount_pence\":9000001,");
    assert_eq!(outcome[0], format!("/outcomes/{birch}"));
    assert_eq!(outcome[1], format!("/outcomes/{}/amount_pence", round.bids[1].reference));

    let letters = record["letters"].as_array().expect("letters");
    let about = |letter: &Value| text(&letter["subject"]).starts_with("Unsuccessful");
    let damson = letters.iter().position(about).expect("a letter");
    assert_eq!(
        found(&file, "\"subject\":\"Unsuccessful", "\"subject\":\"unsuccessful"),
        [format!("/letters/{damson}")]
    );

    let hash = text(&record["sha256"]);
    assert_eq!(
        found(&file, &format!("\"sha256\":\"{hash}\""), &format!("\"sha256\":\"{}\"", "0".repeat(64))),
        ["/sha256"]
    );
    let hash = text(&record["snapshot_sha256"]);
    let changed = found(
        &file,
        &format!("\"snapshot_sha256\":\"{hash}\""),
        &format!("\"snapshot_sha256\":\"{}\"", "0".repeat(64)),
    );
    assert_eq!(changed, ["/snapshot_sha256", "/snapshot"]);
    let hash = text(&record["parts"]["/letters/0"]);
    let changed = found(
        &file,
        &format!("\"/letters/0\":\"{hash}\""),
        &format!("\"/letters/0\":\"{}\"", "0".repeat(64)),
    );
    assert_eq!(changed, ["/letters/0"]);
}

/// A record's text with the hashes that belong to it.
fn sealed(record: &Record) -> String {
    let record = serde_json::to_value(record).expect("JSON");
    let mut file = Seal::default();
    for (name, value) in record.as_object().expect("fields").iter().collect::<BTreeMap<_, _>>() {
        if !["parts", "sha256"].contains(&name.as_str()) {
            file.field(name, value).expect("JSON");
        }
    }
    file.close().expect("JSON").text()
}

#[test]
fn whoever_renews_the_hashes_too_is_found_by_what_follows_from_the_snapshot() {
    let (round, file) = closed();
    let changed =
        file.replacen("\"scores\":{\"delivery\":5,\"need\":5}", "\"scores\":{\"delivery\":5,\"need\":3}", 1);
    let record: Record = serde_json::from_str(&changed).expect("a record");
    let snapshot_sha256 = sha256(canonical(&record.snapshot));
    let forged = sealed(&Record { snapshot_sha256, ..record });
    assert_eq!(
        sealed(&serde_json::from_str(&file).expect("a record")),
        file,
        "it is sealed as the service does"
    );
    let verified = verify(&forged);
    assert!(!verified.agrees);
    let reference = &round.bids[0].reference;
    assert!(
        verified.differences.iter().all(|one| one.pointer.starts_with(&format!("/outcomes/{reference}/")))
    );
}

#[test]
fn any_one_byte_changed_is_found() {
    let (_, file) = closed();
    let bytes = file.as_bytes();
    // Every 97th byte, so that all kinds of places are met in little time.
    for at in (0..bytes.len()).step_by(97) {
        let mut changed = bytes.to_vec();
        changed[at] = if changed[at] == b'7' { b'8' } else { b'7' };
        let Ok(changed) = String::from_utf8(changed) else { continue };
        assert!(!verify(&changed).agrees, "byte {at}");
    }
    // Of a byte that leaves no JSON behind, the part is named in which it stands.
    let subject = file.find("\"subject\":\"").expect("a letter") + "\"subject\":".len();
    let mut broken = bytes.to_vec();
    broken[subject] = b'7';
    let told = verify(&String::from_utf8(broken).expect("text")).differences;
    assert!(told[0].pointer.starts_with("/letters/0"), "{told:?}");
    // However its bytes come, the file says the same.
    let dripping = || Ok(Dripping(file.as_bytes()));
    assert!(verify_from(dripping).agrees);
    let spaced = file.replacen("\"round_code\":", "\"round_code\": ", 1);
    let told = verify(&spaced).differences;
    assert!(told[0].recomputed.as_str().is_some_and(|told| told.starts_with("byte ")), "{told:?}");
}

/// Gives three bytes at a time.
struct Dripping<'a>(&'a [u8]);

impl std::io::Read for Dripping<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let few = into.len().min(3);
        self.0.read(&mut into[..few])
    }
}

#[test]
fn the_command_line_verifies_a_file_where_there_is_no_database() {
    let (round, file) = closed();
    let folder = tempfile::tempdir().expect("a folder");
    let run = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        let mut program = Command::new(env!("CARGO_BIN_EXE_fasttrack"));
        let program = program
            .current_dir(folder.path())
            .env("DATABASE_URL", "postgres://nobody@127.0.0.1:9/none?sslmode=disable");
        let output = program.arg("verify").arg(&path).output().expect("it runs");
        let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        (output.status.code(), told)
    };
    let (code, told) = run("whole.json", &file);
    assert_eq!((code, &told["agrees"], &told["round_id"]), (Some(0), &json!(true), &json!(round.round)));
    let (code, told) = run("changed.json", &file.replacen("Ranked 1st", "Ranked 2nd", 1));
    assert_eq!((code, &told["agrees"]), (Some(1), &json!(false)));
    let (code, told) = run("letter.txt", "Dear auditor");
    assert_eq!((code, &told["round_id"]), (Some(1), &Value::Null));
}

#[test]
fn a_round_is_verified_by_its_code_or_its_id() {
    let (round, _) = closed();
    for name in ["DF1", round.round.as_str()] {
        let verified =
            round.app.run(fasttrack::outcomes::ops::verify_named(&round.app.platform, name, |_, _| {}));
        assert!(verified.is_ok_and(|verified| verified.agrees), "{name}");
    }
    assert!(
        round.app.run(fasttrack::outcomes::ops::verify_named(&round.app.platform, "DF9", |_, _| {})).is_err()
    );
}

#[test]
fn the_record_of_a_round_closed_by_an_earlier_version_still_verifies() {
    // The sample fund's round, closed before criteria could have sub-criteria.
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/record/before_sub_criteria.json");
    let file = std::fs::read_to_string(path).expect("the record");
    let verified = verify(&file);
    // A sentence may be worded otherwise today; nothing that was decided may be.
    let decided = |pointer: &str| !pointer.ends_with("/sentence");
    let differences: Vec<_> = verified.differences.iter().filter(|one| decided(&one.pointer)).collect();
    assert!(differences.is_empty(), "{differences:?}");
    assert_eq!(verified.bids, 21);
    let changed = verify(&file.replacen("\"need\":4", "\"need\":3", 1));
    assert!(changed.differences.iter().any(|one| one.pointer.starts_with("/snapshot/bids/")), "{changed:?}");
}
