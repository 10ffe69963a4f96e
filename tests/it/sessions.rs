//! What signing in with a browser promises: cookies that nobody else can use, forms that nobody
//! else can send, nothing left behind, and nothing typed that is lost.

use serde_json::json;

use crate::browser::Browser;
use crate::support::App;

const PASSWORD: &str = "correct horse battery";

/// A service with one administrator.
fn start() -> (App, String) {
    let app = App::start();
    let email = app.admin().user["email"].as_str().expect("an address").to_owned();
    (app, email)
}

#[test]
fn the_cookie_is_for_this_host_and_no_script() {
    let (app, email) = start();
    let browser = Browser::new(&app);
    let form = browser.get("/sign-in").ok().form("/sign-in");
    let answer = browser.post(&form.set("email", &email).set("password", PASSWORD)).is(303);
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-fasttrack=fts_"), "{cookie}");
    for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Max-Age") && !cookie.contains("Domain"), "{cookie}");
    let secret = cookie.split(['=', ';']).nth(1).unwrap();
    assert!(!browser.get("/account").ok().html.contains(secret), "no page shows the secret");
}

#[test]
fn no_page_is_kept_or_framed_or_runs_anything_strange() {
    let (app, email) = start();
    let browser = Browser::new(&app);
    browser.sign_in(&email, PASSWORD).ok();
    let form = browser.get("/account/name").ok().form("/account/name").set("name", "Sam");
    let led_on = browser.post(&form);
    // With `no-referrer` the browser would not say of the next form where it comes from.
    assert_eq!((led_on.status, led_on.header("referrer-policy").as_str()), (303, "same-origin"));
    for path in ["/account", "/account/password", "/sign-in", "/accessibility", "/no-such-page"] {
        let page = browser.get(path);
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("referrer-policy"), "same-origin", "{path}");
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"));
        assert!(!page.html.contains(" style=") && !page.html.contains(" onclick="), "{path}");
    }
}

#[test]
fn assets_are_kept_for_ever_at_the_address_of_their_content() {
    let (app, _) = start();
    let browser = Browser::new(&app);
    let html = browser.get("/sign-in").ok().html;
    let addresses: Vec<&str> = html.split('"').filter(|part| part.starts_with("/assets/")).collect();
    assert_eq!(addresses.len(), 3);
    for address in addresses {
        let asset = browser.get(address).ok();
        assert_eq!(asset.header("cache-control"), "public, max-age=31536000, immutable");
    }
    browser.get("/assets/0000000000000000/site.css").is(404);
}

#[test]
fn a_form_without_the_right_token_does_nothing() {
    let (app, email) = start();
    let browser = Browser::new(&app);
    browser.sign_in(&email, PASSWORD).ok();
    let form = browser.get("/account/name").ok().form("/account/name").set("name", "Mallory");
    let other = Browser::new(&app);
    other.sign_in(&email, PASSWORD).ok();
    let anothers = other.get("/account/name").ok().form("/account/name").get("csrf").to_owned();
    for forged in [form.without("csrf"), form.set("csrf", &anothers), form.set("csrf", "x")] {
        browser.send(&forged).is(403);
    }
    browser.get("/account").ok().says_nothing_of("Mallory");
    browser.send(&form).ok().says("Mallory").says("Your name is changed.");
    browser.get("/account").ok().says_nothing_of("Your name is changed.");
}

#[test]
fn a_form_from_elsewhere_does_nothing_whatever_it_holds() {
    let (app, email) = start();
    let browser = Browser::new(&app);
    browser.sign_in(&email, PASSWORD).ok();
    let form = browser.get("/account/name").ok().form("/account/name").set("name", "Mallory");
    let body = serde_urlencoded::to_string(&form.fields).unwrap();
    let strange: [&[(&str, &str)]; 4] = [
        &[("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Origin", "https://evil.example")],
        &[("Origin", "null")],
    ];
    for headers in strange {
        let refused = browser.ask("POST", "/account/name", headers, Some(body.clone())).is(403);
        assert!(!refused.html.contains("Send it now"), "it offers nothing to a stranger's form");
    }
    browser.ask("POST", "/account/name", &[("Origin", "https://bids.example.org")], Some(body)).is(303);
}

#[test]
fn nobody_is_signed_in_by_a_strangers_form() {
    let (app, email) = start();
    let browser = Browser::new(&app);
    let form = browser.get("/sign-in").ok().form("/sign-in").set("email", &email).set("password", PASSWORD);
    let victim = Browser::new(&app);
    victim.get("/sign-in").ok();
    victim.post(&form).is(403);
    assert!(!victim.cookies().contains_key("__Host-fasttrack"));
    Browser::new(&app).post(&form.without("csrf")).is(403);
}

#[test]
fn signing_in_leads_back_to_the_page_and_nowhere_else() {
    let (app, email) = start();
    let browser = Browser::new(&app);
    let asked = browser.ask("GET", "/account/name?x=1", &[], None).is(303);
    assert_eq!(asked.header("location"), "/sign-in?next=%2Faccount%2Fname%3Fx%3D1");
    let form = browser.get("/account/name?x=1").ok().form("/sign-in");
    let form = form.set("email", &email).set("password", PASSWORD);
    assert_eq!(browser.post(&form).is(303).header("location"), "/account/name?x=1");

    for elsewhere in ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"] {
        let browser = Browser::new(&app);
        let next: String = serde_urlencoded::to_string([("next", elsewhere)]).unwrap();
        let page = browser.get(&format!("/sign-in?{next}")).ok();
        assert_eq!(page.form("/sign-in").get("next"), "");
        let form = page.form("/sign-in").set("email", &email).set("password", PASSWORD);
        let led = browser.post(&form.set("next", elsewhere)).is(303).header("location");
        assert_eq!(led, "/rounds", "{elsewhere}");
        let led = browser.ask("GET", &format!("/sign-in?{next}"), &[], None).is(303).header("location");
        assert_eq!(led, "/rounds", "{elsewhere}");
    }
}

#[test]
fn wrong_passwords_count_as_they_do_for_tokens() {
    let app = App::start_with(|config| config.accounts.sign_in_attempts = 2);
    let email = app.admin().user["email"].as_str().expect("an address").to_owned();
    let browser = Browser::new(&app);
    let wrong =
        browser.sign_in(&email, "not the password").is(400).says("The address or the password is wrong");
    assert_eq!(wrong.form("/sign-in").get("email"), email);
    assert_eq!(wrong.form("/sign-in").get("password"), "");
    let body = [("grant_type", "password"), ("username", email.as_str()), ("password", "no")];
    app.anyone().form("/token", &body).is(400);
    browser.sign_in(&email, PASSWORD).is(429).says("Too many failed attempts");
    assert!(app.anyone().form("/token", &body).status == 429);
}

#[test]
fn signing_out_ends_the_session_and_leaves_nothing() {
    let (app, email) = start();
    let browser = Browser::new(&app);
    browser.sign_in(&email, PASSWORD).ok();
    let stolen = browser.cookies().clone();
    let form = browser.get("/account").ok().form("/sign-out");
    let out = browser.post(&form).is(303);
    assert_eq!(out.header("clear-site-data"), "\"storage\"");
    assert!(!browser.cookies().contains_key("__Host-fasttrack"));
    browser.get("/account").ok().says("Sign in");
    *browser.cookies() = stolen;
    browser.get("/account").ok().says("Sign in").says_nothing_of(&email);
}

#[test]
fn signing_out_everywhere_ends_browsers_and_tokens() {
    let (app, email) = start();
    let (here, there) = (Browser::new(&app), Browser::new(&app));
    here.sign_in(&email, PASSWORD).ok();
    there.sign_in(&email, PASSWORD).ok();
    let body = [("grant_type", "password"), ("username", email.as_str()), ("password", PASSWORD)];
    let refresh = app.anyone().form("/token", &body).ok().json["refresh_token"].as_str().unwrap().to_owned();
    let form = here.get("/account").ok().form("/account/sign-out-everywhere");
    here.send(&form).ok().says("You are signed out.");
    there.get("/account").ok().says("Sign in").says_nothing_of(&email);
    let body = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    app.anyone().form("/token", &body).is(400);
}

#[test]
fn another_password_ends_every_other_session() {
    let (app, email) = start();
    let (here, there) = (Browser::new(&app), Browser::new(&app));
    here.sign_in(&email, PASSWORD).ok();
    there.sign_in(&email, PASSWORD).ok();
    let form = here.get("/account/password").ok().form("/account/password");
    let wrong = form.set("present_password", "wrong").set("new_password", "another horse battery");
    here.send(&wrong).is(400).says("This is not your present password").says_nothing_of("another horse");
    let weak = form.set("present_password", PASSWORD).set("new_password", "short");
    here.send(&weak).is(422).says("Choose a password of 12 to 128 characters");
    let right = form.set("present_password", PASSWORD).set("new_password", "another horse battery");
    here.send(&right).ok().says("Your password is changed.");
    there.get("/account").ok().says("Sign in");
    Browser::new(&app).sign_in(&email, PASSWORD).is(400);
    Browser::new(&app).sign_in(&email, "another horse battery").ok().says("Your account");
}

#[test]
fn a_disabled_person_is_signed_out_at_once() {
    let (app, _) = start();
    let admin = app.admin();
    let assessor = app.assessor(&admin, "Sam Assessor", &[]);
    let browser = Browser::of(&app, &assessor);
    browser.get("/account").ok().says("Sam Assessor");
    let path = format!("/users/{}", assessor.id());
    let tag = admin.get(&path).ok().etag();
    admin.put(&path, &tag, &json!({"name": "Sam Assessor", "disabled": true})).ok();
    browser.get("/account").ok().says("Sign in").says_nothing_of("Sam Assessor");
}

#[test]
fn a_session_ends_when_it_is_not_used_and_at_the_latest_after_its_hours() {
    let (app, email) = start();
    let browser = Browser::new(&app);
    browser.sign_in(&email, PASSWORD).ok();
    // Two hours unused are too long; an hour and a half at a time is not, until twelve hours are over.
    for time in ["09:30", "11:00", "12:30", "14:00", "15:30", "17:00", "18:30", "19:30"] {
        app.set_time(&format!("2026-09-01T{time}:00Z"));
        browser.get("/account").ok().says("Your account");
    }
    app.set_time("2026-09-01T20:00:00Z");
    browser.get("/account").ok().says("Sign in").says_nothing_of(&email);
    browser.sign_in(&email, PASSWORD).ok();
    app.set_time("2026-09-01T22:00:00Z");
    browser.get("/account").ok().says("Sign in");
}

#[test]
fn a_form_that_comes_too_late_is_given_back_to_its_person_alone() {
    let (app, email) = start();
    let browser = Browser::new(&app);
    browser.sign_in(&email, PASSWORD).ok();
    let form = browser.get("/account/name").ok().form("/account/name").set("name", "Alexandra <b>");
    app.set_time("2026-09-02T09:00:00Z");
    let late = browser.send(&form).is(401).says("Sign in again").says("What you typed is safe on this page");
    let again = late.form("/sign-in").set("email", &email);
    // A wrong password does not lose it either.
    let late = browser.send(&again.set("password", "wrong")).is(400);
    let again = late.form("/sign-in").set("email", &email).set("password", PASSWORD);
    let back = browser.send(&again).ok().says("Your text is still here").says("Alexandra <b>");
    browser.send(&back.form("/account/name")).ok().says("Your name is changed.").says("Alexandra <b>");

    let admin = app.admin();
    let others = Browser::of(&app, &admin);
    let form = others.get("/account/name").ok().form("/account/name").set("name", "A secret name");
    app.set_time("2026-09-03T09:00:00Z");
    let late = others.send(&form).is(401).form("/sign-in").set("email", &email).set("password", PASSWORD);
    others.send(&late).ok().says("Your account").says_nothing_of("A secret name");
}

#[test]
fn a_form_of_an_earlier_session_is_given_back_to_be_sent_again() {
    let (app, email) = start();
    let browser = Browser::new(&app);
    browser.sign_in(&email, PASSWORD).ok();
    let form = browser.get("/account/name").ok().form("/account/name").set("name", "Alexandra");
    browser.send(&browser.get("/account").ok().form("/sign-out")).ok();
    browser.sign_in(&email, PASSWORD).ok();
    let back = browser.send(&form).is(403).says("Your text is still here").says("Alexandra");
    browser.send(&back.form("/account/name")).ok().says("Your name is changed.");
}

#[test]
fn scripts_are_told_in_json() {
    let (app, email) = start();
    let browser = Browser::new(&app);
    let json = [("Accept", "application/json"), ("Sec-Fetch-Site", "same-origin")];
    let refused = browser.ask("POST", "/account/name", &json, Some("name=A".to_owned())).is(401);
    assert_eq!(refused.header("content-type"), "application/problem+json");
    browser.sign_in(&email, PASSWORD).ok();
    browser.ask("POST", "/account/name", &json, Some("name=A".to_owned())).is(403);
    app.anyone().get("/api/v1/nothing").refused(404, "not-found");
    browser.get("/nothing").is(404).says("Page not found");
    browser.get("/api/v1/nothing").is(404).says("There is no such address");
}

#[test]
fn a_forgotten_password_is_chosen_again() {
    let (app, email) = start();
    let browser = Browser::new(&app);
    let form = browser.get("/forgotten-password").ok().form("/forgotten-password");
    browser.send(&form.set("email", "nothing")).is(422).says("Give one email address");
    let unknown = browser.send(&form.set("email", "nobody@example.org")).ok().text();
    let known = browser.send(&form.set("email", &email)).ok().text();
    assert_eq!(unknown, known);
}

#[test]
fn a_fault_of_ours_is_told_in_a_page() {
    use diesel::RunQueryDsl;
    let (app, email) = start();
    let browser = Browser::new(&app);
    browser.sign_in(&email, PASSWORD).ok();
    let drop_table = |tx: &mut fasttrack::db::Tx<'_>| {
        Ok(diesel::sql_query("ALTER TABLE sessions RENAME TO lost").execute(tx.conn)?)
    };
    app.run(app.platform.db.write(drop_table)).expect("a table is lost");
    let page = browser.get("/account").is(500).says("Something went wrong on our side");
    let id = page.header("x-request-id");
    page.says("help@example.org").says(&id).says_nothing_of("sessions");
}
