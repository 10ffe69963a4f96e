//! A mail server for tests: one thread for each conversation, on a port of its own, that answers as
//! it is told to.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the server does with an email for one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Accept,
    /// 451 at RCPT.
    NotNow,
    /// 550 at RCPT.
    Never,
    /// Takes the whole email and hangs up before it says so.
    AcceptAndHangUp,
    /// Takes the whole email and says nothing for a while.
    Hang,
}

/// An email as it arrived.
#[derive(Debug, Clone)]
pub struct Received {
    pub to: String,
    /// Exactly as it came, dots unstuffed, lines ended by CRLF.
    pub data: String,
}

impl Received {
    /// A header's value, unfolded.
    pub fn header(&self, name: &str) -> String {
        let head = self.data.split("\r\n\r\n").next().unwrap_or_default();
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let start = format!("{}:", name.to_lowercase());
        let line =
            unfolded.split("\r\n").find(|line| line.to_lowercase().starts_with(&start)).unwrap_or_default();
        line.get(start.len()..).unwrap_or_default().trim().to_owned()
    }

    /// The names of all headers.
    pub fn headers(&self) -> Vec<String> {
        let head = self.data.split("\r\n\r\n").next().unwrap_or_default();
        head.split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .filter_map(|line| line.split_once(':'))
            .map(|(name, _)| name.to_owned())
            .collect()
    }
}

#[derive(Default)]
struct State {
    answers: Mutex<HashMap<String, Answer>>,
    received: Mutex<Vec<Received>>,
    down: AtomicBool,
    stop: AtomicBool,
}

pub struct Server {
    address: SocketAddr,
    state: Arc<State>,
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.stop.load(Ordering::SeqCst) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                if shared.down.load(Ordering::SeqCst) {
                    continue;
                }
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || converse(&stream, &shared));
            }
        });
        Self { address, state }
    }

    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// What emails for this address meet from now on.
    pub fn answer(&self, address: &str, answer: Answer) {
        self.state.answers.lock().unwrap().insert(address.to_owned(), answer);
    }

    /// Drops every conversation, the present ones too, until told otherwise.
    pub fn set_down(&self, down: bool) {
        self.state.down.store(down, Ordering::SeqCst);
    }

    pub fn received(&self) -> Vec<Received> {
        self.state.received.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.state.stop.store(true, Ordering::SeqCst);
        // Wakes the listener, so that it sees that.
        drop(TcpStream::connect(self.address));
    }
}

fn converse(stream: &TcpStream, state: &State) -> Option<()> {
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut say = |text: &str| writer.write_all(format!("{text}\r\n").as_bytes()).ok();
    let (mut to, mut answer) = (String::new(), Answer::Accept);
    say("220 mail.example.org ready")?;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 || state.down.load(Ordering::SeqCst) {
            stream.shutdown(std::net::Shutdown::Both).ok()?;
            return None;
        }
        let command = line.trim_end().to_uppercase();
        if command.starts_with("EHLO") {
            say("250-mail.example.org\r\n250 8BITMIME")?;
        } else if command.starts_with("RCPT TO:") {
            to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
            answer = state.answers.lock().unwrap().get(&to).copied().unwrap_or(Answer::Accept);
            match answer {
                Answer::NotNow => say("451 4.2.1 mailbox busy, try later")?,
                Answer::Never => say("550 5.1.1 no such mailbox")?,
                Answer::Accept | Answer::AcceptAndHangUp | Answer::Hang => say("250 ok")?,
            }
        } else if command == "DATA" {
            say("354 go on")?;
            let data = body(&mut reader)?;
            state.received.lock().unwrap().push(Received { to: to.clone(), data });
            match answer {
                Answer::AcceptAndHangUp => {
                    stream.shutdown(std::net::Shutdown::Both).ok()?;
                    return None;
                }
                Answer::Hang => std::thread::sleep(Duration::from_secs(5)),
                Answer::Accept | Answer::NotNow | Answer::Never => {}
            }
            say("250 accepted")?;
        } else if command == "QUIT" {
            return say("221 bye");
        } else {
            say("250 ok")?;
        }
    }
}

/// Everything up to the line with a dot alone.
fn body(reader: &mut impl BufRead) -> Option<String> {
    let mut data = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == ".\r\n" {
            return Some(data);
        }
        data.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

/// Undoes quoted-printable.
pub fn unquoted(text: &str) -> String {
    let joined = text.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let [first, more @ ..] = rest {
        // Headers and boundaries have equals signs of their own.
        let code =
            |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
        let coded = if *first == b'=' {
            more.split_at_checked(2).and_then(|(pair, after)| Some((code(pair)?, after)))
        } else {
            None
        };
        let (byte, after) = coded.unwrap_or((*first, more));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8(bytes).expect("UTF-8")
}
