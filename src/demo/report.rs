//! What is shown when the round is closed: a table, where the emails are, how to sign in.

use crate::money::Pence;

/// All that was played, to be shown and to be tested.
#[derive(Debug, Clone)]
pub struct Played {
    pub round_id: String,
    /// "21 bids in total were received, 5 covering the Lancashire area".
    pub received: String,
    /// The ranked first, best first.
    pub rows: Vec<Row>,
    /// Outcome emails that were sent.
    pub outcome_emails: usize,
    /// Whether recomputing the round from its snapshot gave the same outcomes.
    pub verified: bool,
    /// What the service said to the bid that came after the deadline.
    pub late_refusal: String,
    pub accounts: Vec<Account>,
    pub password: String,
}

/// One bid's line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub reference: String,
    pub provider: String,
    pub areas: String,
    pub asked: Pence,
    pub score: Option<String>,
    pub rank: Option<u64>,
    pub outcome: String,
}

/// Somebody to sign in as.
#[derive(Debug, Clone)]
pub struct Account {
    pub role: &'static str,
    pub name: String,
    pub email: String,
}

const HEADS: [&str; 7] = ["Reference", "Provider", "Areas", "Amount", "Score", "Rank", "Outcome"];
/// Amount, score and rank are numbers, whose ends are lined up.
const TO_THE_RIGHT: [bool; 7] = [false, false, false, true, true, true, false];

impl Row {
    fn cells(&self) -> [String; 7] {
        [
            self.reference.clone(),
            self.provider.clone(),
            self.areas.clone(),
            self.asked.to_string(),
            self.score.clone().unwrap_or_else(|| "–".to_owned()),
            self.rank.map_or_else(|| "–".to_owned(), |rank| rank.to_string()),
            self.outcome.clone(),
        ]
    }
}

/// The table, one line for each bid.
#[must_use]
pub fn table(rows: &[Row]) -> String {
    let cells: Vec<[String; 7]> = rows.iter().map(Row::cells).collect();
    let heads = HEADS.map(str::to_owned);
    let mut widths = heads.clone().map(|head| head.chars().count());
    for row in &cells {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let rule = widths.map(|width| "─".repeat(width));
    std::iter::once(&heads)
        .chain(std::iter::once(&rule))
        .chain(&cells)
        .map(|row| line(row, &widths))
        .collect()
}

fn line(cells: &[String; 7], widths: &[usize; 7]) -> String {
    let mut line = String::new();
    for ((cell, &width), right) in cells.iter().zip(widths).zip(TO_THE_RIGHT) {
        let padded = if right { format!("{cell:>width$}  ") } else { format!("{cell:<width$}  ") };
        line.push_str(&padded);
    }
    let mut line = line.trim_end().to_owned();
    line.push('\n');
    line
}

/// All that is said at the end.
pub(super) fn farewell(played: &Played, address: &str, folder: &str) -> String {
    let widest = |text: fn(&Account) -> &str| {
        played.accounts.iter().map(|account| text(account).chars().count()).max().unwrap_or_default()
    };
    let (roles, emails) = (widest(|account| account.role), widest(|account| &account.email));
    let accounts: String = played
        .accounts
        .iter()
        .map(|account| format!("  {:roles$}  {:emails$}  {}\n", account.role, account.email, account.name))
        .collect();
    let first = played.accounts.first().map_or("", |account| account.email.as_str());
    let verified = if played.verified {
        "Recomputed from its snapshot, the round gives the same outcomes."
    } else {
        "Recomputed from its snapshot, the round gives OTHER outcomes."
    };
    format!(
        "\n{table}\n{received}.\n{verified}\n\n\
         {sent} outcome emails were sent, beside invitations, receipts and offers; each is an .eml file in {folder}\n\n\
         Sign in with the password \"{password}\" as\n{accounts}\n\
         For instance:\n  \
         curl -d grant_type=password -d username={first} --data-urlencode 'password={password}' {address}/api/v1/token\n  \
         curl -H \"Authorization: Bearer $TOKEN\" {address}/api/v1/rounds/{round}/outcomes\n  \
         curl -H \"Authorization: Bearer $TOKEN\" -OJ {address}/api/v1/rounds/{round}/REPORT\n\
         where REPORT is panel-paper.html, score-sheet.xlsx, score-sheet.csv, awards.json or awards.csv\n\n\
         The interface is described at {address}/docs\n",
        table = table(&played.rows),
        received = played.received,
        sent = played.outcome_emails,
        password = played.password,
        round = played.round_id,
    )
}
