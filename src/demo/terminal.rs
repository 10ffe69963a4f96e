//! Talks to whoever started the sample: a bar on a terminal, plain lines elsewhere.
#![expect(clippy::print_stdout, reason = "what is played is told on standard output")]

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

/// Where the story is told.
pub(super) enum Telling {
    /// Nowhere: for tests.
    Silent,
    Lines,
    Bar(ProgressBar),
}

impl Telling {
    /// A bar of so many steps where both outputs are a terminal.
    ///
    /// # Errors
    /// None in a program whose tests pass.
    pub fn to_terminal(steps: u64) -> anyhow::Result<Self> {
        if !(std::io::stderr().is_terminal() && std::io::stdout().is_terminal()) {
            return Ok(Self::Lines);
        }
        let style = ProgressStyle::with_template("{bar:30} {percent:>3}%  {msg}")?;
        Ok(Self::Bar(ProgressBar::new(steps).with_style(style)))
    }

    /// Tells a line of the story.
    pub fn say(&self, line: &str) {
        match self {
            Self::Silent => {}
            Self::Lines => println!("{line}"),
            Self::Bar(bar) => bar.suspend(|| println!("{line}")),
        }
    }

    /// Names what is under way.
    pub fn now(&self, what: &str) {
        match self {
            Self::Silent | Self::Lines => {}
            Self::Bar(bar) => bar.set_message(what.to_owned()),
        }
    }

    /// One step further.
    pub fn step(&self) {
        match self {
            Self::Silent | Self::Lines => {}
            Self::Bar(bar) => bar.inc(1),
        }
    }

    /// The bar has done its work.
    pub fn done(&self) {
        match self {
            Self::Silent | Self::Lines => {}
            Self::Bar(bar) => bar.finish_and_clear(),
        }
    }
}
