//! What joining, signing in, organisations and assessors promise.

use diesel::prelude::*;
use fasttrack::db::schema::emails;
use fasttrack::problem::Problem;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::support::{Answer, App, Client};

const PASSWORD: &str = "correct horse battery";

fn registration(email: &str, number: &str) -> Value {
    json!({
        "organisation": {"name": "Calder Skills Trust", "registered_number": number},
        "name": "Ada Example", "email": email, "password": PASSWORD,
    })
}

/// The emails to an address, oldest first: kind and text.
fn emails_to(app: &App, email: &str) -> Vec<(String, String)> {
    let email = email.to_owned();
    app.run(app.platform.db.read(move |conn| {
        let query = emails::table.filter(emails::recipient.eq(email)).order(emails::id);
        query.select((emails::kind, emails::text_body)).load(conn).map_err(Problem::from)
    }))
    .expect("the outbox")
}

/// The token of the newest link that was sent to an address.
pub fn token(app: &App, email: &str) -> String {
    let texts = emails_to(app, email).into_iter().map(|(_, text)| text);
    let text = texts.rev().find(|text| text.contains("?token=")).expect("an email with a link");
    let (_, rest) = text.split_once("?token=").expect("a link");
    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect()
}

fn sign_in(app: &App, email: &str, password: &str) -> Answer {
    app.anyone().form("/token", &[("grant_type", "password"), ("username", email), ("password", password)])
}

fn refresh(app: &App, token: &str) -> Answer {
    app.anyone().form("/token", &[("grant_type", "refresh_token"), ("refresh_token", token)])
}

fn refresh_token(answer: &Answer) -> String {
    answer.json["refresh_token"].as_str().expect("a refresh token").to_owned()
}

fn actions(admin: &Client, subject: &str) -> Vec<String> {
    let items = admin.get(&format!("/audit?subject_id={subject}")).ok().json["items"].clone();
    items
        .as_array()
        .expect("events")
        .iter()
        .map(|event| event["action"].as_str().expect("a word").to_owned())
        .collect()
}

// ---- joining ----------------------------------------------------------------------------------

#[test]
fn a_provider_registers_confirms_and_signs_in() {
    let app = App::start();
    app.anyone().post("/registrations", &registration(" Ada@Example.org ", "ce-09 000001")).is(202);
    sign_in(&app, "ada@example.org", PASSWORD).refused(400, "invalid-grant");

    let token = token(&app, "ada@example.org");
    let user = app.anyone().post("/registrations/confirm", &json!({"token": token})).ok().json;
    assert_eq!(user["role"], "member");
    app.anyone().post("/registrations/confirm", &json!({"token": token})).refused(409, "wrong-state");

    let answer = sign_in(&app, "ADA@example.org", PASSWORD).ok();
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!((&answer.json["token_type"], &answer.json["expires_in"]), (&json!("Bearer"), &json!(900)));
    let ada = app.bearer(answer.json["access_token"].as_str().expect("a token"));
    assert_eq!(ada.get("/users/me").ok().json["email"], "ada@example.org");
    let organisations = ada.get("/organisations").ok().json["items"].clone();
    assert_eq!(organisations[0]["registered_number"], "CE09000001");
    let actions = actions(&app.admin(), user["id"].as_str().expect("an id"));
    assert_eq!(actions, ["user.registered", "user.confirmed", "user.signed_in"]);
}

#[test]
fn every_fault_of_a_registration_is_told_at_once() {
    let app = App::start();
    let answer = app.anyone().post(
        "/registrations",
        &json!({
            "organisation": {"name": "", "registered_number": "x"},
            "name": "Two\nlines", "email": "ada@example.org\r\nBcc: x@example.org", "password": "short",
        }),
    );
    let expected = ["/organisation/name", "/organisation/registered_number", "/name", "/email", "/password"];
    assert_eq!(answer.pointers(), expected);
    answer.refused(422, "invalid");
}

#[test]
fn a_stranger_does_not_join_an_organisation_by_registering_it() {
    let app = App::start();
    let provider = app.provider("Calder Skills Trust");
    let number =
        provider.get(&format!("/organisations/{}", provider.organisation())).ok().json["registered_number"]
            .clone();
    let number = number.as_str().expect("a number");
    app.anyone()
        .post("/registrations", &registration("eve@example.org", number))
        .refused(409, "already-exists");
    assert!(emails_to(&app, "eve@example.org").is_empty());
}

#[test]
fn an_unconfirmed_registration_does_not_keep_the_owner_out() {
    let app = App::start();
    app.anyone().post("/registrations", &registration("eve@example.org", "09000001")).is(202);
    let squatter = token(&app, "eve@example.org");
    app.anyone().post("/registrations", &registration("ada@example.org", "09000001")).is(202);
    app.anyone().post("/registrations/confirm", &json!({"token": squatter})).refused(409, "wrong-state");
    let owner = token(&app, "ada@example.org");
    app.anyone().post("/registrations/confirm", &json!({"token": owner})).ok();
}

#[test]
fn registering_a_known_address_answers_alike_and_sends_its_owner_a_reset() {
    let app = App::start();
    let provider = app.provider("Calder Skills Trust");
    let email = provider.user["email"].as_str().expect("an address").to_owned();
    let known = app.anyone().post("/registrations", &registration(&email, "07000001")).is(202);
    let unknown = app.anyone().post("/registrations", &registration("new@example.org", "07000002")).is(202);
    assert_eq!(known.text, unknown.text);
    let kinds: Vec<String> = emails_to(&app, &email).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["password_reset"]);
}

#[test]
fn registration_can_be_closed() {
    let app = App::start_with(|config| config.accounts.provider_registration = false);
    app.anyone()
        .post("/registrations", &registration("ada@example.org", "09000001"))
        .refused(403, "forbidden");
}

#[test]
fn an_expired_link_confirms_nothing() {
    let app = App::start();
    app.anyone().post("/registrations", &registration("ada@example.org", "09000001")).is(202);
    let token = token(&app, "ada@example.org");
    app.set_time("2026-09-02T08:00:00Z");
    app.anyone().post("/registrations/confirm", &json!({"token": token})).refused(409, "wrong-state");
}

#[test]
fn the_set_up_link_makes_one_administrator() {
    let app = App::start();
    let setup = || app.run(fasttrack::accounts::ops::setup_token(&app.platform)).expect("a token");
    let replaced = setup().expect("no administrator yet");
    let token = setup().expect("no administrator yet");
    let input = |token: &str| json!({"token": token, "email": "alex@example.org", "name": "Alex", "password": PASSWORD});
    app.anyone().post("/setup", &input(&replaced)).refused(409, "wrong-state");
    assert_eq!(app.anyone().post("/setup", &input(&token)).created()["role"], "admin");
    app.anyone().post("/setup", &input(&token)).refused(409, "wrong-state");
    assert!(setup().is_none());
}

#[test]
fn an_invitation_is_answered_once_by_choosing_a_password() {
    let app = App::start();
    let admin = app.admin();
    let input = json!({"email": "sam@example.org", "name": "Sam", "role": "assessor"});
    let user = admin.post("/users", &input).created();
    admin.post("/users", &input).refused(409, "already-exists");
    let first = token(&app, "sam@example.org");
    let id = user["id"].as_str().expect("an id");
    admin.send("POST", &format!("/users/{id}/invite"), &[], None).ok();
    let second = token(&app, "sam@example.org");

    let chosen =
        |token: &str, password: &str| json!({"token": token, "password": password, "name": "Sam Assessor"});
    app.anyone().post("/passwords", &chosen(&first, PASSWORD)).refused(409, "wrong-state");
    app.anyone().post("/passwords", &chosen(&second, "sam@example.org")).refused(422, "invalid");
    let user = app.anyone().post("/passwords", &chosen(&second, PASSWORD)).ok().json;
    assert_eq!(user["name"], "Sam Assessor");
    app.anyone().post("/passwords", &chosen(&second, PASSWORD)).refused(409, "wrong-state");
    sign_in(&app, "sam@example.org", PASSWORD).ok();
    admin.send("POST", &format!("/users/{id}/invite"), &[], None).refused(409, "wrong-state");
}

#[test]
fn a_member_invites_colleagues_only() {
    let app = App::start();
    let (ours, theirs) = (app.provider("Calder Skills Trust"), app.provider("Ribble Digital"));
    let invited =
        ours.post("/users", &json!({"email": "bo@example.org", "name": "Bo", "role": "member"})).created();
    assert_eq!(invited["organisation_id"], ours.organisation());
    ours.post("/users", &json!({"email": "cy@example.org", "name": "Cy", "role": "admin"}))
        .refused(403, "forbidden");
    let other = json!({"email": "cy@example.org", "name": "Cy", "role": "member", "organisation_id": theirs.organisation()});
    ours.post("/users", &other).refused(404, "not-found");
    let id = invited["id"].as_str().expect("an id");
    theirs.send("POST", &format!("/users/{id}/invite"), &[], None).refused(404, "not-found");
    theirs.get(&format!("/users/{id}")).refused(404, "not-found");
    ours.get(&format!("/users/{id}")).ok();
}

// ---- signing in -------------------------------------------------------------------------------

#[test]
fn an_unknown_address_and_a_wrong_password_answer_alike() {
    let app = App::start();
    let admin = app.admin();
    let email = admin.user["email"].as_str().expect("an address");
    let wrong = sign_in(&app, email, "not the password").refused(400, "invalid-grant");
    let unknown = sign_in(&app, "nobody@example.org", PASSWORD).refused(400, "invalid-grant");
    assert_eq!(wrong, unknown);
    assert_eq!(wrong["error"], "invalid_grant");
}

#[test]
fn a_refresh_token_works_once_and_its_reuse_ends_the_sign_in() {
    let app = App::start();
    let admin = app.admin();
    let first =
        refresh_token(&sign_in(&app, admin.user["email"].as_str().expect("an address"), PASSWORD).ok());
    let second = refresh_token(&refresh(&app, &first).ok());
    let third = refresh_token(&refresh(&app, &second).ok());
    refresh(&app, &first).refused(400, "invalid-grant");
    refresh(&app, &third).refused(400, "invalid-grant");
}

#[test]
fn signing_out_ends_the_family_and_always_answers_200() {
    let app = App::start();
    let admin = app.admin();
    let token =
        refresh_token(&sign_in(&app, admin.user["email"].as_str().expect("an address"), PASSWORD).ok());
    app.anyone().form("/token/revoke", &[("token", &token)]).ok();
    app.anyone().form("/token/revoke", &[("token", "unknown")]).ok();
    refresh(&app, &token).refused(400, "invalid-grant");
}

#[test]
fn too_many_failures_make_the_address_wait_even_for_the_right_password() {
    let app = App::start_with(|config| config.accounts.sign_in_attempts = 2);
    let admin = app.admin();
    let email = admin.user["email"].as_str().expect("an address");
    for _ in 0..2 {
        sign_in(&app, email, "not the password").refused(400, "invalid-grant");
    }
    let answer = sign_in(&app, email, PASSWORD);
    assert_eq!(answer.header("retry-after"), "901");
    answer.refused(429, "too-many-requests");
    app.set_time("2026-09-01T08:15:01Z");
    sign_in(&app, email, PASSWORD).ok();
}

#[test]
fn disabling_a_person_ends_their_sign_in_and_nobody_disables_themself() {
    let app = App::start();
    let (admin, other) = (app.admin(), app.admin());
    let token =
        refresh_token(&sign_in(&app, other.user["email"].as_str().expect("an address"), PASSWORD).ok());
    let change = json!({"name": "Alex Admin", "disabled": true});
    let path = format!("/users/{}", other.id());
    admin.put(&path, "\"7\"", &change).refused(412, "stale");
    admin.put(&path, &admin.get(&path).ok().etag(), &change).ok();
    refresh(&app, &token).refused(400, "invalid-grant");
    let own = format!("/users/{}", admin.id());
    admin.put(&own, "\"1\"", &change).refused(409, "wrong-state");
}

#[test]
fn a_reset_password_ends_every_sign_in() {
    let app = App::start();
    let admin = app.admin();
    let email = admin.user["email"].as_str().expect("an address");
    let refresh_token = refresh_token(&sign_in(&app, email, PASSWORD).ok());
    let known = app.anyone().post("/password-resets", &json!({"email": email})).is(202);
    let unknown = app.anyone().post("/password-resets", &json!({"email": "nobody@example.org"})).is(202);
    assert_eq!(known.text, unknown.text);
    let chosen = json!({"token": token(&app, email), "password": "another long password"});
    app.anyone().post("/passwords", &chosen).ok();
    refresh(&app, &refresh_token).refused(400, "invalid-grant");
    sign_in(&app, email, PASSWORD).refused(400, "invalid-grant");
    sign_in(&app, email, "another long password").ok();
}

#[test]
fn token_requests_are_refused_in_oauths_words() {
    let app = App::start();
    let error = |fields: &[(&str, &str)], status, kind| {
        app.anyone().form("/token", fields).refused(status, kind)["error"].clone()
    };
    assert_eq!(error(&[], 400, "malformed"), "invalid_request");
    assert_eq!(error(&[("grant_type", "magic")], 400, "malformed"), "unsupported_grant_type");
    let client = [("grant_type", "client_credentials"), ("client_id", "nobody"), ("client_secret", "x")];
    assert_eq!(error(&client, 401, "unauthenticated"), "invalid_client");
}

// ---- organisations and clients ----------------------------------------------------------------

#[test]
fn a_client_secret_is_shown_once_and_signs_in_until_it_is_revoked() {
    let app = App::start();
    let (ours, theirs) = (app.provider("Calder Skills Trust"), app.provider("Ribble Digital"));
    let path = format!("/organisations/{}/clients", ours.organisation());
    theirs.post(&path, &json!({"name": "Robot"})).refused(404, "not-found");
    let made = ours.post_once(&path, "key", &json!({"name": "Robot"})).created();
    let again = ours.post_once(&path, "key", &json!({"name": "Robot"})).created();
    assert_eq!(made["client"], again["client"]);
    assert!(again.get("client_secret").is_none());

    let (id, secret) =
        (made["client"]["id"].as_str().expect("an id"), made["client_secret"].as_str().expect("a secret"));
    let fields = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
    let answer = app.anyone().form("/token", &fields).ok();
    assert!(answer.json.get("refresh_token").is_none());
    let robot = app.bearer(answer.json["access_token"].as_str().expect("a token"));
    robot.get(&path).ok();
    robot.post(&path, &json!({"name": "Another"})).refused(403, "forbidden");

    theirs.send("POST", &format!("{path}/{id}/revoke"), &[], None).refused(404, "not-found");
    ours.send("POST", &format!("{path}/{id}/revoke"), &[], None).ok();
    app.anyone().form("/token", &fields).refused(401, "unauthenticated");
}

#[test]
fn a_member_sees_and_renames_the_own_organisation_only() {
    let app = App::start();
    let (ours, theirs) = (app.provider("Calder Skills Trust"), app.provider("Ribble Digital"));
    let path = format!("/organisations/{}", ours.organisation());
    theirs.get(&path).refused(404, "not-found");
    theirs.put(&path, "*", &json!({"name": "Mine"})).refused(404, "not-found");
    assert_eq!(ours.get("/organisations").ok().json["items"].as_array().map(Vec::len), Some(1));
    let tag = ours.get(&path).ok().etag();
    ours.put(&path, &tag, &json!({"name": "Calder Skills"})).ok();
    ours.put(&path, &tag, &json!({"name": "Calder"})).refused(412, "stale");
    app.auditor(&app.admin()).put(&path, "*", &json!({"name": "Mine"})).refused(403, "forbidden");
}

// ---- assessors --------------------------------------------------------------------------------

#[test]
fn an_assessors_areas_exist_and_a_left_out_employer_stays() {
    let app = App::start();
    let (admin, provider) = (app.admin(), app.provider("Calder Skills Trust"));
    let sam = app.assessor(&admin, "Sam Assessor", &["E10000017", "lancashire-lep"]);
    let path = format!("/assessors/{}", sam.id());
    let answer =
        admin.put(&path, "*", &json!({"areas": ["E10000017", "nowhere"], "employer_number": "99999999"}));
    assert_eq!(answer.pointers(), ["/areas/1", "/employer_number"]);
    answer.refused(422, "invalid");

    let number =
        provider.get(&format!("/organisations/{}", provider.organisation())).ok().json["registered_number"]
            .clone();
    admin.put(&path, "*", &json!({"areas": ["E10000017"], "employer_number": number})).ok();
    let after = admin.put(&path, "*", &json!({"areas": ["E06000009"]})).ok().json;
    assert_eq!((&after["employer_number"], &after["areas"]), (&number, &json!(["E06000009"])));
    assert_eq!(
        admin.put(&path, "*", &json!({"areas": [], "employer_number": ""})).ok().json["employer_number"],
        Value::Null
    );
    sam.get(&path).ok();
    app.assessor(&admin, "Jo Assessor", &[]).get(&path).refused(404, "not-found");
    provider.get(&path).refused(404, "not-found");
}

#[test]
fn a_soft_interest_is_overridden_once_with_a_reason_and_a_hard_one_never() {
    let app = App::start();
    let admin = app.admin();
    let sam = app.assessor(&admin, "Sam Assessor", &[]);
    let path = format!("/assessors/{}/interests", sam.id());
    let input = |severity: &str| json!({"severity": severity, "registered_number": "0900 0001", "description": "I advised them."});
    let (soft, hard) = (sam.post(&path, &input("soft")).created(), sam.post(&path, &input("hard")).created());
    assert_eq!(soft["registered_number"], "09000001");

    let act = |interest: &Value, reason: &str| {
        let id = interest["id"].as_str().expect("an id");
        admin.post(&format!("/interests/{id}/override"), &json!({"reason": reason}))
    };
    act(&soft, " ").refused(422, "invalid");
    act(&soft, "Long ago.").ok();
    act(&soft, "Long ago.").refused(409, "wrong-state");
    act(&hard, "Long ago.").refused(409, "wrong-state");
}

#[test]
fn an_interest_is_in_an_organisation_or_in_a_bid_that_exists() {
    let app = App::start();
    let admin = app.admin();
    let sam = app.assessor(&admin, "Sam Assessor", &[]);
    let path = format!("/assessors/{}/interests", sam.id());
    let neither = json!({"severity": "hard", "description": "I advised them."});
    sam.post(&path, &neither).refused(422, "invalid");
    let unknown = json!({"severity": "hard", "description": "I wrote it.", "bid_id": sam.id()});
    assert_eq!(sam.post(&path, &unknown).is(422).pointers(), ["/bid_id"]);
    let jo = app.assessor(&admin, "Jo Assessor", &[]);
    jo.post(&path, &neither).refused(404, "not-found");
}

// ---- pages ------------------------------------------------------------------------------------

#[test]
fn opening_an_invitations_page_uses_nothing_up() {
    let app = App::start();
    app.admin()
        .post("/users", &json!({"email": "sam@example.org", "name": "Sam", "role": "assessor"}))
        .created();
    let token = token(&app, "sam@example.org");
    let browser = Browser::new(&app);
    let address = format!("/invitation?token={token}");
    browser.get(&address).ok();
    let form = browser.get(&address).ok().form("/invitation");
    assert_eq!(form.get("token"), token);
    browser.send(&form.set("password", PASSWORD)).ok().says("Welcome");
    browser.send(&form.set("password", PASSWORD)).is(409).says("The link is not valid");
    sign_in(&app, "sam@example.org", PASSWORD).ok();
}

#[test]
fn a_page_keeps_what_was_typed_but_never_the_password() {
    let app = App::start();
    let token = app
        .run(fasttrack::accounts::ops::setup_token(&app.platform))
        .expect("a token")
        .expect("no administrator");
    let browser = Browser::new(&app);
    let form = browser.get(&format!("/setup?token={token}")).ok().form("/setup");
    let typed = form.set("name", "<b>Alex").set("email", "wrong").set("password", "tooshort");
    let page = browser.send(&typed).is(422).says("Give one email address");
    assert!(!page.html.contains("tooshort") && !page.html.contains("<b>Alex"));
    let again = page.form("/setup");
    assert_eq!((again.get("email"), again.get("name")), ("wrong", "<b>Alex"));
    browser.send(&again.set("email", "alex@example.org").set("password", PASSWORD)).ok();
    browser.sign_in("alex@example.org", PASSWORD).ok().says("Your account");
}
