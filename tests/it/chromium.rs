//! A real browser: Debian's Chromium, driven by its chromedriver. Without one, or in a plain
//! `cargo test` on a machine that has none, its tests say that they are left out.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use serde_json::{Value, json};
use thirtyfour::common::capabilities::chromium::ChromiumLikeCapabilities;
use thirtyfour::error::{WebDriverError, WebDriverErrorInner, WebDriverResult};
use thirtyfour::{By, DesiredCapabilities, WebDriver, WebElement};

/// How long the page may take to become as a test waits for it.
const PATIENCE: Duration = Duration::from_secs(15);

/// The most bytes that a page may have, with its style, its script and its pictures.
const MOST_BYTES: u64 = 100_000;

/// The Tab key, as WebDriver writes it.
pub const TAB: &str = "\u{e004}";

pub struct Chromium {
    runtime: tokio::runtime::Runtime,
    driver: WebDriver,
    process: Child,
    base: String,
    /// What judges accessibility, where `AXE` names its file.
    axe: Option<String>,
    /// Where pictures of all pages go, where `SCREENSHOTS` names a folder.
    pictures: Option<PathBuf>,
}

impl Chromium {
    /// A browser of the test's own, or `None` and a word where there is none.
    pub fn start(base: &str, with_scripts: bool) -> Option<Self> {
        let Some((process, port)) = chromedriver() else {
            say("left out: a real browser, which takes chromium and chromedriver (tests/run installs them)");
            return None;
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let capabilities = capabilities(with_scripts).expect("capabilities");
        let driver = runtime
            .block_on(WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities))
            .expect("Chromium starts");
        let axe = std::env::var("AXE").ok().map(|path| std::fs::read_to_string(path).expect("axe-core"));
        if axe.is_none() && with_scripts {
            say(
                "left out: axe-core's judgement of accessibility, whose file AXE names (tests/run fetches it by npm)",
            );
        }
        let pictures = std::env::var("SCREENSHOTS").ok().map(PathBuf::from);
        let browser = Self { runtime, driver, process, base: base.to_owned(), axe, pictures };
        browser.resize(1280);
        Some(browser)
    }

    #[track_caller]
    pub fn run<T>(&self, work: impl Future<Output = WebDriverResult<T>>) -> T {
        self.runtime.block_on(work).expect("the browser does it")
    }

    pub fn go(&self, path: &str) {
        self.run(self.driver.goto(format!("{}{path}", self.base)));
    }

    pub fn back(&self) {
        self.run(self.driver.back());
    }

    /// The path that it stands at.
    pub fn address(&self) -> String {
        let url = self.run(self.driver.current_url());
        url.path().to_owned()
    }

    /// Presses the button or follows the link with these words.
    #[track_caller]
    pub fn press(&self, words: &str) {
        let path = format!(
            "//main//button[normalize-space()='{words}'] | //main//a[normalize-space()='{words}'] | //header//button[normalize-space()='{words}']"
        );
        self.click(&By::XPath(path), words);
    }

    #[track_caller]
    pub fn choose(&self, css: &str) {
        self.click(&By::Css(css), css);
    }

    #[track_caller]
    fn click(&self, by: &By, what: &str) {
        self.with(by, what, &async |element| element.click().await);
    }

    /// Does something with an element as soon as there is one. The page that a press leads to may
    /// still be on its way, and an element just found may go with the page that it replaces.
    #[track_caller]
    fn with<T>(&self, by: &By, what: &str, work: &impl AsyncFn(&WebElement) -> WebDriverResult<T>) -> T {
        let began = Instant::now();
        loop {
            let done = self.runtime.block_on(async { work(&self.driver.find(by.clone()).await?).await });
            match done.map_err(WebDriverError::into_inner) {
                Ok(done) => return done,
                Err(fault) if has_gone(&fault) && began.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(50));
                }
                Err(fault) => panic!("{what} at {}: {fault}", self.address()),
            }
        }
    }

    /// Types into a field, in the place of what is there.
    #[track_caller]
    pub fn fill(&self, css: &str, text: &str) {
        self.with(&By::Css(css), css, &async |field| {
            field.clear().await?;
            field.send_keys(text).await
        });
    }

    /// What stands in a field.
    #[track_caller]
    pub fn value(&self, css: &str) -> String {
        self.with(&By::Css(css), css, &async |field| field.prop("value").await).unwrap_or_default()
    }

    /// The words of the page.
    pub fn text(&self) -> String {
        self.with(&By::Css("body"), "the page", &async |body| body.text().await)
    }

    /// Waits until the page says these words.
    #[track_caller]
    pub fn sees(&self, words: &str) {
        let began = Instant::now();
        let mut text = String::new();
        while began.elapsed() < PATIENCE {
            let read = self.runtime.block_on(async { self.driver.find(By::Css("body")).await?.text().await });
            // A page that is on its way has no body for a moment.
            text = read.unwrap_or_default();
            if text.contains(words) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("{} does not say \"{words}\": {text}", self.address());
    }

    pub fn keys(&self, keys: &str) {
        self.run(async { self.driver.active_element().await?.send_keys(keys).await });
    }

    /// Opens another tab and turns to it.
    pub fn new_tab(&self) -> Tab {
        let before = self.run(self.driver.window());
        let tab = self.run(self.driver.new_tab());
        self.run(self.driver.switch_to_window(tab.clone()));
        Tab { before, opened: tab }
    }

    pub fn turn_to(&self, tab: &thirtyfour::WindowHandle) {
        self.run(self.driver.switch_to_window(tab.clone()));
    }

    pub fn script(&self, script: &str) -> Value {
        self.run(async { self.driver.execute(script, Vec::new()).await?.convert() })
    }

    pub fn forget_cookies(&self) {
        self.run(self.driver.delete_all_cookies());
    }

    fn command(&self, name: &str, parameters: Value) -> Value {
        self.run(self.driver.cdp().send_raw(name, parameters))
    }

    fn resize(&self, width: u32) {
        self.resize_to((width, 900));
    }

    /// Makes the window so wide and so high.
    pub fn resize_to(&self, (width, height): (u32, u32)) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.command("Emulation.setDeviceMetricsOverride", size);
    }

    /// A picture, as PNG, of what these parameters of `Page.captureScreenshot` ask for.
    pub fn captured(&self, parameters: Value) -> Vec<u8> {
        self.command("Emulation.setScrollbarsHidden", json!({"hidden": true}));
        let picture = self.command("Page.captureScreenshot", parameters);
        base64::engine::general_purpose::STANDARD.decode(picture["data"].as_str().unwrap()).unwrap()
    }

    fn colours(&self, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.command("Emulation.setEmulatedMedia", json!({"features": features}));
    }

    /// Looks at the page as it stands, narrow and wide, light and dark: nothing sticks out, the
    /// keyboard reaches all that can be used, it is small, and axe-core finds no fault. Leaves it
    /// wide and light.
    #[track_caller]
    pub fn look(&self, name: &str) {
        self.weigh(name);
        for width in [320, 1280] {
            self.resize(width);
            let wider = "const room = window.innerWidth; \
                if (document.documentElement.scrollWidth <= room) return []; \
                return [...document.querySelectorAll('main *')].filter(one => one.getBoundingClientRect().right > room) \
                    .map(one => one.outerHTML.slice(0, 120))";
            assert_eq!(self.script(wider), json!([]), "{name} sticks out at {width} pixels");
            for scheme in ["light", "dark"] {
                self.colours(scheme);
                self.judge(&format!("{name} at {width} pixels, {scheme}"));
                self.picture(&format!("{name}-{width}-{scheme}"));
            }
        }
        self.colours("light");
        self.reach(name);
    }

    /// What the page and all that it needs have in bytes, as they travel.
    #[track_caller]
    fn weigh(&self, name: &str) {
        let sum = "return performance.getEntries().reduce((sum, one) => sum + (one.encodedBodySize || 0), 0)";
        let size = self.script(sum).as_u64().unwrap_or_default();
        assert!(size > 0 && size < MOST_BYTES, "{name} is of {size} bytes");
    }

    /// Goes through the page with the Tab key alone. Of radio buttons that belong together one is
    /// reached, and the arrow keys do the rest.
    #[track_caller]
    fn reach(&self, name: &str) {
        let before = "const used = 'a[href], button, input, select, textarea, summary, [tabindex]'; \
            window.unreached = new Set([...document.querySelectorAll(used)].filter(one => \
                one.checkVisibility() && !one.disabled && one.tabIndex >= 0 && one.type !== 'hidden')); \
            window.count = window.unreached.size; \
            document.addEventListener('focusin', event => { \
                const together = one => one === event.target || \
                    (one.type === 'radio' && one.form === event.target.form && one.name === event.target.name); \
                [...window.unreached].filter(together).forEach(one => window.unreached.delete(one)); \
            }); \
            const positive = [...document.querySelectorAll('[tabindex]')].filter(one => one.tabIndex > 0); \
            document.activeElement.blur(); getSelection().collapse(document.body, 0); \
            return [window.count, positive.length]";
        let (count, positive): (usize, usize) =
            serde_json::from_value(self.script(before)).expect("two counts");
        assert_eq!(positive, 0, "{name} has an order of its own");
        // What scrolls is reached too, though nothing on it can be used.
        self.keys(&TAB.repeat(2 * count));
        let after = "return [...window.unreached].map(one => one.outerHTML.slice(0, 160))";
        assert_eq!(self.script(after), json!([]), "{name}: not reached by the keyboard");
    }

    #[track_caller]
    fn judge(&self, name: &str) {
        let Some(axe) = &self.axe else { return };
        let script = "const done = arguments[arguments.length - 1]; \
            const rules = {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}; \
            axe.run(document, rules).then(found => done(found.violations.map(one => \
                one.id + ': ' + one.help + ' | ' + one.nodes.slice(0, 3).map(node => node.html + ' ' + node.failureSummary).join(' | '))));";
        let found: Vec<String> = self.run(async {
            self.driver.execute(axe.as_str(), Vec::new()).await?;
            self.driver.execute_async(script, Vec::new()).await?.convert()
        });
        assert!(found.is_empty(), "{name}:\n{}", found.join("\n"));
    }

    fn picture(&self, name: &str) {
        let Some(folder) = &self.pictures else { return };
        let size = "return [window.innerWidth, Math.min(document.documentElement.scrollHeight, 8000)]";
        let size = self.script(size);
        let clip = json!({"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1});
        let whole = json!({"format": "png", "captureBeyondViewport": true, "clip": clip});
        let bytes = self.captured(whole);
        std::fs::create_dir_all(folder).expect("a folder");
        std::fs::write(folder.join(format!("{name}.png")), bytes).expect("a picture");
    }
}

/// Two tabs of one browser.
pub struct Tab {
    pub before: thirtyfour::WindowHandle,
    pub opened: thirtyfour::WindowHandle,
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _quit = self.runtime.block_on(self.driver.clone().quit());
        let _killed = self.process.kill();
        let _ended = self.process.wait();
    }
}

/// Whether the element is not there: not yet, or no longer, in the several words that chromedriver has for it.
fn has_gone(fault: &WebDriverErrorInner) -> bool {
    match fault {
        WebDriverErrorInner::NoSuchElement(_) | WebDriverErrorInner::StaleElementReference(_) => true,
        other => other.to_string().contains("does not belong to the document"),
    }
}

#[expect(clippy::print_stderr, reason = "what is left out is said")]
fn say(words: &str) {
    eprintln!("{words}");
}

/// A chromedriver on a port of the system's choice.
fn chromedriver() -> Option<(Child, u16)> {
    let mut command = Command::new("chromedriver");
    let mut process = command.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let lines = BufReader::new(process.stdout.take()?).lines();
    let port = lines.map_while(Result::ok).find_map(|line| {
        let (_, port) = line.split_once("started successfully on port ")?;
        port.trim_end_matches('.').parse().ok()
    });
    match port {
        Some(port) => Some((process, port)),
        None => {
            let _killed = process.kill();
            None
        }
    }
}

fn capabilities(with_scripts: bool) -> WebDriverResult<thirtyfour::ChromeCapabilities> {
    let mut chrome = DesiredCapabilities::chrome();
    for argument in
        ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--lang=en-GB"]
    {
        chrome.add_arg(argument)?;
    }
    if !with_scripts {
        let preferences = json!({"profile.managed_default_content_settings.javascript": 2});
        chrome.add_experimental_option("prefs", preferences)?;
    }
    Ok(chrome)
}
