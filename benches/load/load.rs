//! The load: clients that each send one request after another on a connection of their own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// What one turn achieved.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    pub per_second: f64,
    pub p50_ms: f64,
    pub p95_ms: f64,
}

/// The turn with the middle rate.
pub fn middle(mut rates: Vec<Rate>) -> Rate {
    rates.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    rates[rates.len() / 2]
}

/// One keep-alive connection. Written by hand, because a general client would cost this machine's
/// two cores more than the service does.
pub struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Sends a request and reads its answer; gives the status.
    pub fn send(&mut self, head: &str, body: &str) -> Result<u16> {
        let request = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
        self.stream.get_mut().write_all(request.as_bytes())?;
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).context("no status")?;
        let mut length = 0;
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            if line == "\r\n" {
                break;
            }
            let lower = line.to_ascii_lowercase();
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            } else if lower.starts_with("transfer-encoding:") {
                bail!("this client reads plain bodies only");
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(status)
    }
}

/// Lets `clients` send the requests that `request` numbers from `next` on, for `turn`. Every
/// answer must have the `wanted` status.
pub fn run(
    address: &str,
    clients: usize,
    turn: Duration,
    next: &AtomicU64,
    wanted: u16,
    request: impl Fn(u64) -> (String, String) + Sync,
) -> Result<Rate> {
    let started = Instant::now();
    let mut latencies = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..clients)
            .map(|_| scope.spawn(|| one_client(address, started, turn, next, wanted, &request)))
            .collect();
        let mut all = Vec::new();
        for thread in threads {
            match thread.join() {
                Ok(latencies) => all.extend(latencies?),
                Err(_) => bail!("a client stopped"),
            }
        }
        Ok(all)
    })?;
    let seconds = started.elapsed().as_secs_f64();
    latencies.sort_unstable();
    let at =
        |share: usize| latencies.get(latencies.len() * share / 100).map_or(0.0, |d| d.as_secs_f64() * 1000.0);
    Ok(Rate { per_second: latencies.len() as f64 / seconds, p50_ms: at(50), p95_ms: at(95) })
}

fn one_client(
    address: &str,
    started: Instant,
    turn: Duration,
    next: &AtomicU64,
    wanted: u16,
    request: &(impl Fn(u64) -> (String, String) + Sync),
) -> Result<Vec<Duration>> {
    let mut connection = Connection::open(address)?;
    let mut latencies = Vec::new();
    while started.elapsed() < turn {
        let (head, body) = request(next.fetch_add(1, Ordering::Relaxed));
        let sent = Instant::now();
        let status = connection.send(&head, &body)?;
        if status != wanted {
            bail!("an answer was {status} rather than {wanted}");
        }
        latencies.push(sent.elapsed());
    }
    Ok(latencies)
}
