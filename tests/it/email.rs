//! Emails: what they say, that they arrive once, and what happens when they do not.

use fasttrack::auth::{Role, Who};
use fasttrack::id::UserId;
use fasttrack::mail::messages::{
    AssessmentReminder, AssessmentReopened, AssignmentOffered, AssignmentReleased, BidReceived, BidWithdrawn,
    Confirmation, CriterionResult, DeadlineExtended, Invitation, OfferedBid, OutcomeLetter, PasswordReset,
    RoundCancelled, RoundSummary, SubCriterionResult, Verdict,
};
use fasttrack::mail::transport::Transport;
use fasttrack::mail::worker::{self, Delivered};
use fasttrack::mail::{EmailKind, Message, Promise, Recipient, Site, outbox};
use fasttrack::money::Pence;
use serde_json::{Value, json};

use crate::smtp::{Answer, Server, unquoted};
use crate::support::{App, Client, at};

fn site() -> Site {
    Site {
        public_url: "https://bids.example.org".to_owned(),
        service_name: "Fasttrack".to_owned(),
        contact_email: "help@example.org".to_owned(),
        mail_domain: "bids.example.org".to_owned(),
    }
}

fn by_smtp(server: &Server) -> App {
    let url = server.url();
    App::start_with(move |config| {
        config.mail.transport = fasttrack::config::Transport::Smtp;
        config.mail.smtp_url = url;
        config.mail.attempts = 4;
        config.mail.timeout_seconds = 2;
    })
}

fn caller(app: &App, role: Role) -> Client {
    app.bearer(&app.keys.sign(Who::User(UserId::fresh()), role, None).expect("a token"))
}

fn message(subject: &str, text: &str) -> Message {
    let html = format!("<p>{text}</p>");
    Message { kind: EmailKind::Outcome, subject: subject.to_owned(), text: text.to_owned(), html }
}

fn promise(app: &App, to: &str, message: &Message) {
    let promise = Promise {
        to: Recipient { email: to.to_owned(), name: "Priya Example".to_owned() },
        message: message.clone(),
        round: None,
        bid: None,
        name: format!("test:{to}:{}", message.subject),
    };
    keep(app, promise);
}

fn keep(app: &App, promise: Promise) {
    let promises = vec![promise];
    app.run(app.platform.db.write(move |tx| outbox::promise(tx, &site(), &promises))).expect("promised");
}

fn deliver(app: &App) -> Delivered {
    app.run(async {
        let transport = Transport::open(&app.config.mail).expect("a transport");
        worker::deliver_due(&app.platform, &transport, &app.config.mail).await.expect("a pass")
    })
}

fn emails(app: &App, query: &str) -> Vec<Value> {
    let answer = caller(app, Role::Auditor).get(&format!("/emails{query}")).ok();
    answer.json["items"].as_array().cloned().expect("a list")
}

const fn done(sent: usize, retried: usize, failed: usize) -> Delivered {
    Delivered { sent, retried, failed }
}

#[test]
fn a_promised_email_arrives_once() {
    let server = Server::start();
    let app = by_smtp(&server);
    let letter = message("Awarded £150,000", "Your bid has been awarded £150,000.");
    promise(&app, "priya@example.org", &letter);
    promise(&app, "priya@example.org", &letter);
    assert_eq!(deliver(&app), done(1, 0, 0));
    assert_eq!(deliver(&app), done(0, 0, 0));

    let received = server.received();
    assert_eq!(received.len(), 1);
    let email = &received[0];
    let row = &emails(&app, "?status=sent")[0];
    assert_eq!(email.to, "priya@example.org");
    assert_eq!(email.header("Message-ID"), row["message_id"].as_str().unwrap());
    assert_eq!(email.header("Date"), "Tue, 01 Sep 2026 08:00:00 +0000");
    assert_eq!(email.header("From"), "Fasttrack <no-reply@example.org>");
    assert_eq!(email.header("Reply-To"), "help@example.org");
    assert_eq!(email.header("Auto-Submitted"), "auto-generated");
    assert!(email.header("Content-Type").starts_with("multipart/alternative"), "{}", email.data);
    assert!(email.data.contains("Content-Type: text/plain; charset=utf-8"));
    assert!(email.data.contains("Content-Type: text/html; charset=utf-8"));
    assert!(unquoted(&email.data).contains("Your bid has been awarded £150,000."));
    assert_eq!(row["attempts"], 1);
    assert_eq!(row["sent_at"], "2026-09-01T08:00:00Z");
    assert_eq!(row["next_attempt_at"], Value::Null);
}

#[test]
fn one_blocked_address_does_not_hold_up_the_others() {
    let server = Server::start();
    let app = by_smtp(&server);
    server.answer("blocked@example.org", Answer::Never);
    server.answer("busy@example.org", Answer::NotNow);
    promise(&app, "blocked@example.org", &message("Outcome", "a"));
    promise(&app, "busy@example.org", &message("Outcome", "b"));
    promise(&app, "not an address", &message("Outcome", "c"));
    for number in 0..30 {
        promise(&app, &format!("bidder{number}@example.org"), &message("Outcome", "d"));
    }
    assert_eq!(deliver(&app), done(30, 1, 2));

    let failed = emails(&app, "?status=failed");
    assert_eq!(failed.len(), 2);
    let told = failed[0]["last_error"].as_str().unwrap();
    assert!(told.contains("550") && told.contains("no such mailbox"), "{told}");
    assert!(failed[1]["last_error"].as_str().unwrap().contains("address"));
    let waiting = &emails(&app, "?status=waiting")[0];
    assert!(waiting["last_error"].as_str().unwrap().contains("mailbox busy"));
    assert!(waiting["next_attempt_at"].as_str().unwrap() > "2026-09-01T08:00:20Z");
}

#[test]
fn a_temporary_refusal_is_tried_again_until_it_is_accepted() {
    let server = Server::start();
    let app = by_smtp(&server);
    server.answer("busy@example.org", Answer::NotNow);
    promise(&app, "busy@example.org", &message("Outcome", "a"));
    assert_eq!(deliver(&app), done(0, 1, 0));
    assert_eq!(deliver(&app), done(0, 0, 0), "it is not due yet");
    app.set_time("2026-09-01T08:01:00Z");
    assert_eq!(deliver(&app), done(0, 1, 0));
    server.answer("busy@example.org", Answer::Accept);
    app.set_time("2026-09-01T08:30:00Z");
    assert_eq!(deliver(&app), done(1, 0, 0));
    let email = &emails(&app, "")[0];
    assert_eq!(
        (&email["status"], &email["attempts"], &email["last_error"]),
        (&json!("sent"), &json!(3), &Value::Null)
    );
}

#[test]
fn an_email_fails_visibly_when_its_attempts_are_used_up_and_can_be_sent_again() {
    let server = Server::start();
    let app = by_smtp(&server);
    server.answer("busy@example.org", Answer::NotNow);
    promise(&app, "busy@example.org", &message("Outcome", "a"));
    for (hour, expected) in
        [(9, done(0, 1, 0)), (10, done(0, 1, 0)), (11, done(0, 1, 0)), (12, done(0, 0, 1))]
    {
        app.set_time(&format!("2026-09-01T{hour:02}:00:00Z"));
        assert_eq!(deliver(&app), expected);
    }
    let failed = &emails(&app, "?status=failed")[0];
    let path = format!("/emails/{}/resend", failed["id"].as_str().unwrap());

    caller(&app, Role::Auditor).post(&path, &json!({})).refused(403, "forbidden");
    let admin = caller(&app, Role::Admin);
    let again = admin.post(&path, &json!({"reason": "The mailbox has room now."})).ok().json;
    assert_eq!((&again["status"], &again["attempts"]), (&json!("waiting"), &json!(0)));
    assert_eq!(again["message_id"], failed["message_id"]);
    admin.post(&path, &json!({})).refused(409, "wrong-state");
    let audited = admin.get("/audit?action=email.resent").ok().json;
    assert_eq!(audited["items"][0]["detail"]["reason"], "The mailbox has room now.");
    assert_eq!(audited["items"][0]["detail"]["was"], "failed");

    server.answer("busy@example.org", Answer::Accept);
    assert_eq!(deliver(&app), done(1, 0, 0));
    admin.post(&path, &json!({"reason": "x".repeat(1001)})).refused(422, "invalid");
    admin.post(&path, &json!({})).ok();
    assert_eq!(deliver(&app), done(1, 0, 0));
    let received = server.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].data, received[1].data, "the same email, byte for byte");
    admin.post(&format!("/emails/{}/resend", fasttrack::id::fresh()), &json!({})).refused(404, "not-found");
}

#[test]
fn an_acceptance_that_was_not_heard_leads_to_the_same_message_id_again() {
    let server = Server::start();
    let app = by_smtp(&server);
    server.answer("priya@example.org", Answer::AcceptAndHangUp);
    promise(&app, "priya@example.org", &message("Outcome", "a"));
    assert_eq!(deliver(&app), done(0, 1, 0));
    server.answer("priya@example.org", Answer::Accept);
    app.set_time("2026-09-01T08:10:00Z");
    assert_eq!(deliver(&app), done(1, 0, 0));
    let received = server.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].header("Message-ID"), received[1].header("Message-ID"));
}

#[test]
fn a_worker_that_dies_leaves_its_email_to_another_when_the_lease_ends() {
    let server = Server::start();
    let app = by_smtp(&server);
    server.answer("priya@example.org", Answer::Hang);
    promise(&app, "priya@example.org", &message("Outcome", "a"));
    // The server has the email; the worker is gone before it hears so.
    app.run(async {
        let transport = Transport::open(&app.config.mail).expect("a transport");
        let pass = worker::deliver_due(&app.platform, &transport, &app.config.mail);
        tokio::time::timeout(std::time::Duration::from_secs(1), pass).await.expect_err("it hangs");
    });
    assert_eq!(emails(&app, "?status=sending").len(), 1);
    assert_eq!(deliver(&app), done(0, 0, 0), "the lease still stands");
    server.answer("priya@example.org", Answer::Accept);
    app.set_time("2026-09-01T08:10:00Z");
    assert_eq!(deliver(&app), done(1, 0, 0));
    let received = server.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].header("Message-ID"), received[1].header("Message-ID"));
}

#[test]
fn emails_go_out_when_the_server_comes_back() {
    let server = Server::start();
    let app = by_smtp(&server);
    server.set_down(true);
    for number in 0..25 {
        promise(&app, &format!("bidder{number}@example.org"), &message("Outcome", "a"));
    }
    assert_eq!(deliver(&app), done(0, 25, 0));
    server.set_down(false);
    app.set_time("2026-09-01T08:10:00Z");
    assert_eq!(deliver(&app), done(25, 0, 0));
}

#[test]
fn two_workers_at_once_send_each_email_once() {
    let server = Server::start();
    let app = by_smtp(&server);
    for number in 0..60 {
        promise(&app, &format!("bidder{number}@example.org"), &message("Outcome", "a"));
    }
    let sent = app.run(async {
        let transport = Transport::open(&app.config.mail).expect("a transport");
        let pass = || worker::deliver_due(&app.platform, &transport, &app.config.mail);
        let (one, two, three) = tokio::join!(pass(), pass(), pass());
        one.expect("a pass").sent + two.expect("a pass").sent + three.expect("a pass").sent
    });
    assert_eq!((sent, server.received().len()), (60, 60));
}

#[test]
fn the_worker_sends_until_it_is_told_to_stop() {
    let server = Server::start();
    let app = by_smtp(&server);
    let (stop, stopped) = tokio::sync::watch::channel(false);
    promise(&app, "priya@example.org", &message("Outcome", "a"));
    app.run(async {
        let mut mail = app.config.mail.clone();
        mail.poll_milliseconds = 20;
        let transport = Transport::open(&mail).expect("a transport");
        let working = tokio::spawn(worker::run(app.platform.clone(), transport, mail, stopped));
        for _ in 0..250 {
            if !server.received().is_empty() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        stop.send(true).expect("the worker listens");
        tokio::time::timeout(std::time::Duration::from_secs(5), working)
            .await
            .expect("it stops")
            .expect("it ends");
    });
    assert_eq!(emails(&app, "?status=sent").len(), 1);
}

#[test]
fn no_line_is_too_long_whatever_was_written() {
    let server = Server::start();
    let app = by_smtp(&server);
    let long = "x".repeat(100_000);
    let text = format!("{long}\n.\n..\nمهارات رقمية 👩‍💻\nFrom here\n");
    promise(&app, "priya@example.org", &message(&"Żółć 👩‍💻 ".repeat(60), &text));
    assert_eq!(deliver(&app), done(1, 0, 0));
    let data = &server.received()[0].data;
    let longest = data.split("\r\n").map(str::len).max().unwrap();
    assert!(longest <= 998, "{longest}");
    assert!(data.is_ascii());
    let plain = unquoted(data);
    assert!(plain.contains(&long));
    assert!(plain.contains("\r\n.\r\n..\r\nمهارات رقمية 👩‍💻\r\n"), "text survives");
}

#[test]
fn nobody_can_add_a_header() {
    let server = Server::start();
    let app = by_smtp(&server);
    let attack = "Skills\r\nBcc: everybody@example.org\r\n\r\n<h1>Won</h1>\0\u{85}X-Two: 2\u{2028}X-Three: 3\nX-Four: 4";
    keep(
        &app,
        Promise {
            to: Recipient { email: "priya@example.org".to_owned(), name: attack.to_owned() },
            message: message(attack, "a"),
            round: None,
            bid: None,
            name: "attack".to_owned(),
        },
    );
    let mut letter = letter(Verdict::Unsuccessful);
    letter.title = attack;
    let rendered = letter.render(&site()).unwrap();
    assert!(!rendered.subject.contains(|character: char| character.is_control()), "{:?}", rendered.subject);
    assert!(!rendered.html.contains("<h1>"), "{}", rendered.html);
    promise(&app, "priya@example.org", &rendered);
    assert_eq!(deliver(&app), done(2, 0, 0));
    for email in server.received() {
        let mut headers = email.headers();
        headers.sort();
        assert_eq!(
            headers,
            [
                "Auto-Submitted",
                "Content-Type",
                "Date",
                "From",
                "MIME-Version",
                "Message-ID",
                "Reply-To",
                "Subject",
                "To"
            ]
        );
    }
    // An address that smuggles a second recipient is no address.
    promise(&app, "a@example.org>\r\nRCPT TO:<b@example.org", &message("Outcome", "a"));
    assert_eq!(deliver(&app), done(0, 0, 1));
}

#[test]
fn without_a_mail_server_each_email_is_a_file() {
    let app = App::start();
    promise(&app, "priya@example.org", &message("Outcome", "Grüße"));
    assert_eq!(deliver(&app), done(1, 0, 0));
    let names: Vec<String> = std::fs::read_dir(&app.config.mail.folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let id = emails(&app, "")[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(names, [format!("{id}.eml")]);
    let text =
        std::fs::read_to_string(std::path::Path::new(&app.config.mail.folder).join(&names[0])).unwrap();
    assert!(text.contains(&format!("Message-ID: <{id}@bids.example.org>")), "{text}");
    assert!(unquoted(&text).contains("Grüße"));
}

#[test]
fn a_wrong_setting_is_named() {
    let app = App::start();
    let opened = |change: fn(&mut fasttrack::config::Mail)| {
        let mut mail = app.config.mail.clone();
        change(&mut mail);
        Transport::open(&mail).err().map(|error| format!("{error:#}")).unwrap_or_default()
    };
    assert!(opened(|mail| mail.from = "nobody".to_owned()).contains("mail.from"));
    assert!(opened(|mail| mail.reply_to = "nobody".to_owned()).contains("mail.reply_to"));
    assert!(opened(|mail| mail.transport = fasttrack::config::Transport::Smtp).contains("mail.smtp_url"));
    let told = opened(|mail| {
        mail.transport = fasttrack::config::Transport::Smtp;
        mail.smtp_url = "http://user:secret@host".to_owned();
    });
    assert!(told.contains("mail.smtp_url") && !told.contains("secret"), "{told}");
}

#[test]
fn the_outbox_is_for_administrators_and_auditors_and_shows_no_token() {
    let app = App::start();
    let reset =
        PasswordReset { name: "Priya", token: "s3cret-Token_1", expires_at: at("2026-09-02T08:00:00Z") };
    let rendered = reset.render(&site()).unwrap();
    assert!(rendered.text.contains("https://bids.example.org/password-reset?token=s3cret-Token_1"));
    promise(&app, "priya@example.org", &rendered);
    promise(&app, "other@example.org", &message("Outcome", "a"));

    let found = emails(&app, "?kind=password_reset&status=waiting");
    assert_eq!(found.len(), 1);
    assert!(found[0].get("text").is_none() && found[0].get("html").is_none(), "a list has no bodies");
    let path = format!("/emails/{}", found[0]["id"].as_str().unwrap());
    let whole = caller(&app, Role::Admin).get(&path).ok();
    assert!(whole.json["text"].as_str().unwrap().contains("password-reset?token=…"), "{}", whole.text);
    assert!(!whole.text.contains("s3cret"), "{}", whole.text);

    let first = caller(&app, Role::Admin).get("/emails?limit=1").ok();
    let cursor = first.json["next_cursor"].as_str().unwrap().to_owned();
    assert_eq!(emails(&app, &format!("?limit=1&cursor={cursor}"))[0]["recipient"], "other@example.org");
    assert_eq!(emails(&app, &format!("?round_id={}", fasttrack::id::fresh())).len(), 0);

    caller(&app, Role::Assessor).get("/emails").refused(404, "not-found");
    caller(&app, Role::Assessor).get(&path).refused(404, "not-found");
    app.anyone().get("/emails").refused(401, "unauthenticated");
    caller(&app, Role::Admin).get("/emails?state=sent").refused(422, "invalid");
}

fn letter(verdict: Verdict<'_>) -> OutcomeLetter<'_> {
    OutcomeLetter {
        name: "Priya Example",
        fund: "Fast Track Digital Workforce Fund",
        round: "Round 1",
        reference: "FT1-7K3M-9Q",
        title: "Digital skills for advanced manufacturing",
        organisation: "Calder Skills Trust",
        feedback: Vec::new(),
        verdict,
        sentence: "Ranked 7th of 18; the budget funded the first 9.",
        combined_score: Some("72.35".to_owned()),
        before_adjustment: None,
        overall_threshold: Some(60),
        criteria: vec![
            CriterionResult {
                title: "Need and demand",
                weight: 30,
                score: "3.67".to_owned(),
                lowest: 0,
                highest: 5,
                label: "Satisfactory",
                threshold: Some(2),
                met_threshold: true,
                points: "22.02".to_owned(),
                feedback: vec![
                    "Evidence of demand is strong; say how places will be filled in rural areas, where fewer employers answered the survey than in towns.",
                    "Two points:\n- name the employers\n- <say> who & when",
                ],
                sub_criteria: Vec::new(),
            },
            CriterionResult {
                title: "Value for money",
                weight: 70,
                score: "1.00".to_owned(),
                lowest: 0,
                highest: 5,
                label: "Unsatisfactory",
                threshold: None,
                met_threshold: true,
                points: "14.00".to_owned(),
                feedback: vec![],
                sub_criteria: vec![
                    SubCriterionResult {
                        title: "Cost of a place",
                        effective_weight: "35",
                        score: "1.33".to_owned(),
                        label: "Unsatisfactory",
                        points: "9.33".to_owned(),
                        feedback: vec!["Say what a place costs.\nCompare it with others."],
                    },
                    SubCriterionResult {
                        title: "Reach",
                        effective_weight: "35",
                        score: "0.67".to_owned(),
                        label: "No response",
                        points: "4.67".to_owned(),
                        feedback: vec![],
                    },
                ],
            },
        ],
        query_email: "queries@example.org",
        query_by: at("2026-12-11T17:00:00Z"),
    }
}

fn unscored(verdict: Verdict<'_>) -> OutcomeLetter<'_> {
    OutcomeLetter { combined_score: None, criteria: Vec::new(), ..letter(verdict) }
}

#[test]
fn messages_read_as_agreed() {
    let site = site();
    let name = "Priya Example";
    let (round, reference, title) = ("Round 1", "FT1-7K3M-9Q", "Digital skills for advanced manufacturing");
    let (organisation, token) = ("Calder Skills Trust", "dG9rZW4");
    let reason = "The survey of employers is late.";
    let (now, deadline) = (at("2026-09-01T08:00:00Z"), at("2026-11-30T12:00:00Z"));
    let amount = Pence::pounds(150_000);
    let offered = |reference, because| OfferedBid { reference, title, organisation, because };
    let conditions =
        "Agree the number of learners in Burnley.\nName the person who answers for safeguarding.";
    let rendered = [
        ("confirmation", Confirmation { name, organisation, token, expires_at: now }.render(&site)),
        (
            "invitation",
            Invitation { name, as_what: "an assessor", invited_by: "Alex Admin", token, expires_at: now }
                .render(&site),
        ),
        ("password_reset", PasswordReset { name, token, expires_at: now }.render(&site)),
        (
            "bid_received",
            BidReceived {
                name,
                reference,
                title,
                organisation,
                round,
                number: 2,
                submitted_at: now,
                deadline,
                amount,
                content_sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            }
            .render(&site),
        ),
        (
            "bid_withdrawn",
            BidWithdrawn { name, reference, title, round, withdrawn_at: now, deadline }.render(&site),
        ),
        (
            "deadline_extended",
            DeadlineExtended { name, round, reference, was: now, deadline, reason }.render(&site),
        ),
        ("round_cancelled", RoundCancelled { name, round, reference, reason }.render(&site)),
        (
            "assignment_offered",
            AssignmentOffered {
                name,
                round,
                bids: vec![offered(reference, "covers Burnley"), offered("FT1-2222-2A", "covers Pendle")],
                due_at: Some(deadline),
            }
            .render(&site),
        ),
        (
            "assignment_offered_one",
            AssignmentOffered { name, round, bids: vec![offered(reference, "covers Burnley")], due_at: None }
                .render(&site),
        ),
        ("assignment_released", AssignmentReleased { name, round, reference, reason }.render(&site)),
        (
            "assessment_reminder",
            AssessmentReminder { name, round, references: vec![reference, "FT1-2222-2A"], due_at: deadline }
                .render(&site),
        ),
        ("assessment_reopened", AssessmentReopened { name, round, reference, reason }.render(&site)),
        ("outcome_awarded", letter(Verdict::Awarded { amount }).render(&site)),
        (
            "outcome_awarded_with_conditions",
            letter(Verdict::AwardedWithConditions { amount, conditions }).render(&site),
        ),
        ("outcome_reserve", letter(Verdict::Reserve { position: 3 }).render(&site)),
        ("outcome_unsuccessful", letter(Verdict::Unsuccessful).render(&site)),
        ("outcome_ineligible", unscored(Verdict::Ineligible { reason }).render(&site)),
        ("outcome_withdrawn", unscored(Verdict::Withdrawn).render(&site)),
        (
            "round_summary",
            RoundSummary {
                name,
                fund: "Fast Track Digital Workforce Fund",
                round,
                closed_at: deadline,
                received: "21 bids in total were received, 5 covering the Lancashire area",
                outcomes: vec![("Awarded", 9), ("Reserve", 3), ("Unsuccessful", 9)],
                budget: Pence::pounds(3_000_000),
                awarded: Pence::pounds(2_950_000),
                snapshot_sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            }
            .render(&site),
        ),
    ];
    for (kind, message) in rendered {
        let Message { subject, text, html, .. } = message.expect("it renders");
        assert!(subject.chars().count() <= 120, "{subject}");
        for line in text.lines() {
            assert!(line.chars().count() <= 76 || line.starts_with("https://"), "{kind}: {line}");
        }
        for remote in ["<img", "<script", "<link", "@import", "url("] {
            assert!(!html.contains(remote), "{kind} loads nothing");
        }
        insta::assert_snapshot!(format!("email_{kind}_text"), format!("Subject: {subject}\n\n{text}"));
        insta::assert_snapshot!(format!("email_{kind}_html"), html);
    }
}
