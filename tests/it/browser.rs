//! A browser without JavaScript: it keeps cookies, follows redirects, fills in the forms that a page
//! shows and sends them as they are.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use fasttrack::id::UserId;
use serde_json::Value;

use crate::support::{App, Client};

pub struct Browser {
    agent: ureq::Agent,
    base: String,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// What the browser shows.
pub struct Page {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub html: String,
    /// Where it stands, after redirects.
    pub address: String,
}

/// A form of a page, to be filled in.
#[derive(Debug, Clone)]
pub struct Sheet {
    pub action: String,
    pub fields: Vec<(String, String)>,
    known: Vec<String>,
}

impl Browser {
    pub fn new(app: &App) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(std::time::Duration::from_secs(60)))
            .build();
        Self { agent: config.into(), base: app.url.clone(), cookies: Mutex::default() }
    }

    /// Signed in as this person, without a password.
    pub fn of(app: &App, person: &Client) -> Self {
        let browser = Self::new(app);
        browser.take_session(app, &person.user);
        browser
    }

    pub fn take_session(&self, app: &App, user: &Value) {
        let id: UserId = serde_json::from_value(user["id"].clone()).expect("an id");
        let accounts = app.platform.accounts.clone();
        let secret = app
            .run(app.platform.db.write(move |tx| fasttrack::auth::sessions::start(tx, &accounts, id)))
            .expect("a session");
        self.cookies().insert("__Host-fasttrack".to_owned(), secret);
    }

    pub fn cookies(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.cookies.lock().expect("no test has failed with it")
    }

    /// One request, as a browser makes it; redirects are not followed.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<String>) -> Page {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        if !headers.iter().any(|(name, _)| *name == "Accept") {
            request = request.header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        }
        let cookies: Vec<String> =
            self.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header("Cookie", cookies.join("; "));
        }
        if body.is_some() {
            request = request.header("Content-Type", "application/x-www-form-urlencoded");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.unwrap_or_default()).expect("a request");
        let mut response = self.agent.run(request).expect("an answer");
        let headers = response.headers().clone();
        for cookie in headers.get_all("set-cookie") {
            self.keep(cookie.to_str().expect("a cookie"));
        }
        let status = response.status().as_u16();
        // A file may be no text.
        let body = response.body_mut().read_to_vec().expect("a body");
        let html = String::from_utf8_lossy(&body).into_owned();
        Page { status, headers, html, address: path.to_owned() }
    }

    fn keep(&self, cookie: &str) {
        let (name, rest) = cookie.split_once('=').expect("a name");
        let value = rest.split(';').next().expect("a value");
        let mut cookies = self.cookies();
        if rest.contains("Max-Age=0") {
            cookies.remove(name);
        } else {
            cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    fn follow(&self, mut page: Page) -> Page {
        for _ in 0..5 {
            if page.status != 303 {
                return page;
            }
            let to = page.header("location");
            page = self.ask("GET", &to, &[], None);
        }
        panic!("it redirects without end");
    }

    /// A page, redirects followed.
    pub fn get(&self, path: &str) -> Page {
        self.follow(self.ask("GET", path, &[], None))
    }

    /// Sends a form as one of our own pages does; redirects are not followed.
    pub fn post(&self, sheet: &Sheet) -> Page {
        let body = serde_urlencoded::to_string(&sheet.fields).expect("a form");
        self.ask("POST", &sheet.action, &[("Sec-Fetch-Site", "same-origin")], Some(body))
    }

    /// Sends a form; redirects are followed.
    pub fn send(&self, sheet: &Sheet) -> Page {
        self.follow(self.post(sheet))
    }

    pub fn sign_in(&self, email: &str, password: &str) -> Page {
        let form = self.get("/sign-in").ok().form("/sign-in");
        self.send(&form.set("email", email).set("password", password))
    }
}

impl Page {
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.address, self.html);
        self
    }

    #[track_caller]
    pub fn ok(self) -> Self {
        self.is(200)
    }

    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }

    /// The words of the page, without its marks.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut rest = self.html.as_str();
        while let Some(start) = rest.find('<') {
            text.push_str(&rest[..start]);
            let end = rest[start..].find('>').map_or(rest.len(), |end| start + end + 1);
            rest = &rest[end..];
        }
        text.push_str(rest);
        unescaped(&text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        let text = self.text();
        assert!(text.contains(words), "{} does not say \"{words}\": {text}", self.address);
        self
    }

    #[track_caller]
    pub fn says_nothing_of(self, words: &str) -> Self {
        assert!(!self.html.contains(words), "{} says \"{words}\"", self.address);
        self
    }

    /// The addresses of all links.
    pub fn links(&self) -> Vec<String> {
        tags(&self.html).into_iter().filter(|tag| tag.name == "a").map(|tag| tag.attribute("href")).collect()
    }

    /// The form that goes to this address.
    #[track_caller]
    pub fn form(&self, action: &str) -> Sheet {
        let found = self.forms().into_iter().find(|sheet| sheet.action == action);
        found.unwrap_or_else(|| panic!("{} has no form to {action}: {}", self.address, self.html))
    }

    pub fn forms(&self) -> Vec<Sheet> {
        let mut sheets: Vec<Sheet> = Vec::new();
        let mut select = String::new();
        for tag in tags(&self.html) {
            if tag.name == "form" {
                let action = tag.attribute("action");
                sheets.push(Sheet { action, fields: Vec::new(), known: Vec::new() });
            }
            let Some(sheet) = sheets.last_mut() else { continue };
            let (name, value) = (tag.attribute("name"), tag.attribute("value"));
            match tag.name.as_str() {
                "input" => {
                    sheet.known.push(name.clone());
                    let is_box = ["radio", "checkbox"].contains(&tag.attribute("type").as_str());
                    if !is_box || tag.has("checked") {
                        sheet.fields.push((name, value));
                    }
                }
                "textarea" => {
                    sheet.known.push(name.clone());
                    let text = tag.after.strip_prefix('\n').unwrap_or(&tag.after);
                    sheet.fields.push((name, unescaped(text)));
                }
                "select" => {
                    sheet.known.push(name.clone());
                    select = name;
                }
                "option" if tag.has("selected") => sheet.fields.push((select.clone(), value)),
                "button" if !name.is_empty() => sheet.known.push(name),
                _ => {}
            }
        }
        sheets
    }
}

impl Sheet {
    /// With a field filled in, a radio button chosen, a button pressed.
    #[track_caller]
    pub fn set(&self, name: &str, value: &str) -> Self {
        assert!(self.known.iter().any(|known| known == name), "{} has no field {name}", self.action);
        let mut sheet = self.clone();
        sheet.fields.retain(|(known, _)| known != name);
        sheet.fields.push((name.to_owned(), value.to_owned()));
        sheet
    }

    /// The same fields, to be sent to another address.
    pub fn to(&self, action: &str) -> Self {
        Self { action: action.to_owned(), ..self.clone() }
    }

    /// With these boxes of a name ticked, and no others.
    #[track_caller]
    pub fn with(&self, name: &str, values: &[&str]) -> Self {
        assert!(self.known.iter().any(|known| known == name), "{} has no field {name}", self.action);
        let mut sheet = self.without(name);
        sheet.fields.extend(values.iter().map(|value| (name.to_owned(), (*value).to_owned())));
        sheet
    }

    /// What stands in a field.
    pub fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The names of all fields that begin so.
    pub fn names(&self, prefix: &str) -> Vec<String> {
        self.known.iter().filter(|name| name.starts_with(prefix)).cloned().collect()
    }

    pub fn without(&self, name: &str) -> Self {
        let mut sheet = self.clone();
        sheet.fields.retain(|(known, _)| known != name);
        sheet
    }
}

struct Tag {
    name: String,
    inner: String,
    /// The text up to the next tag.
    after: String,
}

impl Tag {
    fn attribute(&self, name: &str) -> String {
        let start = format!(" {name}=\"");
        let value = self.inner.find(&start).map(|at| &self.inner[at + start.len()..]);
        value.and_then(|rest| rest.split('"').next()).map(unescaped).unwrap_or_default()
    }

    fn has(&self, name: &str) -> bool {
        self.inner.split(' ').any(|word| word == name)
    }
}

fn tags(html: &str) -> Vec<Tag> {
    let opening = html.split('<').skip(1).filter(|tag| !tag.starts_with(['/', '!']));
    opening
        .filter_map(|tag| {
            let (inner, after) = tag.split_once('>')?;
            let name = inner.split([' ', '\n']).next()?.to_owned();
            Some(Tag { name, inner: inner.to_owned(), after: after.to_owned() })
        })
        .collect()
}

fn unescaped(text: &str) -> String {
    let marks = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    marks.iter().fold(text.to_owned(), |text, (mark, plain)| text.replace(mark, plain))
}
