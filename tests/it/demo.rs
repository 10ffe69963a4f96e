//! The sample fund, played from end to end: what a newcomer sees first must be right and must not
//! change from run to run.

use fasttrack::config::Config;
use fasttrack::demo::{self, Played};
use serde_json::Value;

use crate::support::{Client, Token, database_url};

/// A played sample, and its outcome emails as the API and the outbox hold them.
struct Looked {
    played: Played,
    letters: Vec<Value>,
    files: Vec<String>,
}

fn play() -> Looked {
    let folder = tempfile::tempdir().expect("a folder");
    let outbox = folder.path().join("outbox");
    let mut config = Config::defaults().expect("the defaults");
    config.server.listen = "127.0.0.1:0".to_owned();
    config.server.workers = 2;
    config.server.shutdown_seconds = 1;
    config.mail.folder = outbox.display().to_string();
    config.database.url = database_url(&folder);
    config.database.connections = 8;
    let mut letters = Vec::new();
    let looking = async |played: &Played, address: &str| {
        let (played, address) = (played.clone(), address.to_owned());
        letters =
            tokio::task::spawn_blocking(move || outcome_letters(&played, &address)).await.expect("letters");
    };
    let played =
        actix_web::rt::System::new().block_on(demo::rehearse(config, looking)).expect("the sample plays");
    let files = std::fs::read_dir(&outbox)
        .expect("an outbox")
        .map(|entry| std::fs::read_to_string(entry.expect("an entry").path()).expect("an email"))
        .collect();
    Looked { played, letters, files }
}

fn outcome_letters(played: &Played, address: &str) -> Vec<Value> {
    let anyone = Client::new(address, Token::None);
    let admin = &played.accounts[0];
    let form = [("grant_type", "password"), ("username", &admin.email), ("password", &played.password)];
    let token = anyone.form("/token", &form).ok().json["access_token"].as_str().expect("a token").to_owned();
    let admin = Client::new(address, Token::This(token));
    for status in ["assessing", "open"] {
        let rounds = admin.get(&format!("/rounds?status={status}")).ok().json;
        assert_eq!(rounds["items"].as_array().map(Vec::len), Some(1), "a round that is {status}");
    }
    let listed = admin.get(&format!("/emails?kind=outcome&limit=100&round_id={}", played.round_id)).ok();
    let listed = listed.json["items"].as_array().expect("emails").clone();
    listed
        .iter()
        .map(|email| admin.get(&format!("/emails/{}", email["id"].as_str().expect("an id"))).ok().json)
        .collect()
}

/// The table without the references, which are drawn at random.
fn table(played: &Played) -> String {
    let rows: Vec<demo::Row> = played
        .rows
        .iter()
        .map(|row| demo::Row { reference: "FT1-****-**".to_owned(), ..row.clone() })
        .collect();
    demo::table(&rows)
}

#[test]
fn the_sample_fund_tells_every_bidder_the_outcome_and_plays_the_same_every_time() {
    let first = play();
    assert_eq!(first.played.received, "21 bids in total were received, 5 covering the Lancashire area");
    assert_eq!(first.played.rows.len(), 21);
    assert!(first.played.verified);
    assert_eq!(first.played.outcome_emails, 21);
    every_letter_is_about_its_own_bid_alone(&first);
    insta::assert_snapshot!(table(&first.played));

    let second = play();
    assert_eq!(table(&second.played), table(&first.played));
}

fn every_letter_is_about_its_own_bid_alone(looked: &Looked) {
    assert_eq!(looked.letters.len(), 21);
    for row in &looked.played.rows {
        let of_bid = |letter: &&Value| {
            letter["subject"].as_str().is_some_and(|subject| subject.contains(&row.reference))
        };
        let letter = looked.letters.iter().find(of_bid).expect("a letter for each bid");
        assert_eq!(letter["status"], "sent");
        let (text, html) = (letter["text"].as_str().expect("text"), letter["html"].as_str().expect("HTML"));
        if let Some(score) = &row.score {
            assert!(
                text.contains(score.as_str()) && html.contains(score.as_str()),
                "{} lacks its score",
                row.reference
            );
            for criterion in [
                "Need and demand",
                "Skills and content",
                "Deliverability",
                "Value for money",
                "Lasting benefit",
            ] {
                assert!(
                    text.contains(criterion) && html.contains(criterion),
                    "{} lacks {criterion}",
                    row.reference
                );
            }
        }
        for other in looked.played.rows.iter().filter(|other| other.reference != row.reference) {
            for of_other in [&other.reference, &other.provider] {
                assert!(!text.contains(of_other.as_str()), "{} names {of_other}", row.reference);
                assert!(!html.contains(of_other.as_str()), "{} names {of_other}", row.reference);
            }
        }
        let message_id = letter["message_id"].as_str().expect("a Message-ID");
        let files =
            looked.files.iter().filter(|file| file.contains(&format!("Message-ID: {message_id}"))).count();
        assert_eq!(files, 1, "{} has {files} files", row.reference);
    }
}
