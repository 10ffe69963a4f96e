//! The command line.

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};
use fasttrack::app::lifecycle;
use fasttrack::clock::Clock;
use fasttrack::config::Config;
use fasttrack::outcomes::model::Verification;
use fasttrack::platform::Platform;
use fasttrack::{accounts, app, demo, outcomes, telemetry};
use indicatif::{ProgressBar, ProgressStyle};

/// Runs competitive funds: bids in, assessed, decided, everybody told.
///
/// Without a command it serves. Every setting is described in config/default.toml.
#[derive(Parser)]
#[command(name = "fasttrack", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Answer requests, send emails and keep deadlines, until told to stop
    Serve,
    /// Play the sample fund through the API, from its first bid to its outcome emails
    Demo {
        /// End when it is played instead of staying up for a look
        #[arg(long)]
        exit: bool,
    },
    /// Bring the database to this program's tables
    Migrate,
    /// Look after administrators
    Admin {
        #[command(subcommand)]
        act: AdminAct,
    },
    /// Print the API's OpenAPI 3.1 document
    Openapi,
    /// Recompute a closed round and say whether its outcomes agree
    Verify {
        /// The file of a round's record, which needs no database; or the round's code or id
        #[arg(value_name = "FILE|ROUND")]
        what: String,
    },
}

#[derive(Subcommand)]
enum AdminAct {
    /// Make an administrator who can sign in at once
    Create {
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
        /// Better left out: other users of the machine can read it here. It is then asked for, or
        /// read from standard input
        #[arg(long)]
        password: Option<String>,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let command = arguments.command.unwrap_or(Command::Serve);
    let ended = Config::load().and_then(|mut config| {
        // The sample's story would drown in a line for each request.
        if matches!(command, Command::Demo { .. }) && config.log.level == "info" {
            "warn".clone_into(&mut config.log.level);
        }
        telemetry::start(&config.log)?;
        actix_web::rt::System::new().block_on(run(command, config))
    });
    match ended {
        Ok(code) => code,
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command, config: Config) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve => serve(&config).await?,
        Command::Demo { exit } => demo::run(config, demo::Options { exit }).await?,
        Command::Migrate => {
            let run = lifecycle::open(&config, Clock::Real)?.migrate().await?;
            say(&format!("{run} migrations were run; the database is up to date."));
        }
        Command::Admin { act: AdminAct::Create { email, name, password } } => {
            let platform = lifecycle::platform(&config, Clock::Real).await?;
            let password = match password {
                Some(password) => password,
                None => ask_for_password()?,
            };
            let admin = accounts::ops::create_admin(&platform, &email, &name, &password).await?;
            say(&format!("{} can now sign in as an administrator.", admin.email));
        }
        Command::Openapi => say(&serde_json::to_string_pretty(&app::document::document())?),
        Command::Verify { what } => {
            let verification = verify(&config, &what).await?;
            say(&serde_json::to_string_pretty(&verification)?);
            if !verification.agrees {
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn verify(config: &Config, what: &str) -> anyhow::Result<Verification> {
    let file = std::path::Path::new(what);
    if file.is_file() {
        std::fs::File::open(file).with_context(|| format!("{what} cannot be read"))?;
        return Ok(outcomes::record::verify_from(|| std::fs::File::open(file)));
    }
    let platform = lifecycle::platform(config, Clock::Real).await?;
    let style =
        ProgressStyle::with_template("Routing runs solved again: {pos} of {len} {wide_bar} {elapsed}")?;
    let bar = ProgressBar::new(0).with_style(style);
    let told = move |done: usize, of: usize| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
        if done == of {
            bar.finish_and_clear();
        }
    };
    Ok(outcomes::ops::verify_named(&platform, what, told).await?)
}

async fn serve(config: &Config) -> anyhow::Result<()> {
    let told_to_stop = lifecycle::told_to_stop()?;
    let platform = lifecycle::platform(config, Clock::Real).await?;
    let set_up = set_up_link(&platform).await?;
    let listening = |address| {
        say(&format!(
            "Fasttrack listens on http://{address} and its API is described at {}/docs",
            platform.site.public_url
        ));
        if let Some(link) = set_up {
            say(&format!(
                "There is no administrator yet. To become the first, open this link once:\n\n  {link}\n"
            ));
        }
    };
    lifecycle::serve(config, &platform, listening, told_to_stop).await
}

async fn set_up_link(platform: &Platform) -> anyhow::Result<Option<String>> {
    let token = accounts::ops::setup_token(platform).await?;
    Ok(token.map(|token| format!("{}/setup?token={token}", platform.site.public_url)))
}

fn ask_for_password() -> anyhow::Result<String> {
    if std::io::stdin().is_terminal() {
        let terminal = console::Term::stderr();
        terminal.write_str("Password: ")?;
        let password = terminal.read_secure_line().context("the password cannot be read")?;
        terminal.write_str("Again: ")?;
        if terminal.read_secure_line().context("the password cannot be read")? != password {
            bail!("the two passwords differ");
        }
        return Ok(password);
    }
    let mut password = String::new();
    std::io::stdin().read_line(&mut password).context("the password cannot be read from standard input")?;
    Ok(password.trim_end_matches(['\r', '\n']).to_owned())
}

#[expect(clippy::print_stdout, reason = "the command line's own answers")]
fn say(line: &str) {
    println!("{line}");
}

#[expect(clippy::print_stderr, reason = "the command line's own complaints")]
fn complain(line: &str) {
    eprintln!("fasttrack: {line}");
}
