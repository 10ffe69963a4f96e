//! What changed between two versions of a bid. Pure.
//!
//! Must not know: storage, HTTP.

use std::collections::BTreeSet;

use super::model::{BidContent, Contact, Partner};
use crate::areas::model::AreaTree;
use crate::money::grouped;
use crate::rounds::rules::Rules;

/// One thing that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it is about, as the bid's page calls it.
    pub what: String,
    pub difference: Difference,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// A short value; empty where there was none.
    Value { before: String, after: String },
    /// A text, word by word.
    Text(Vec<Piece>),
}

/// Words that follow each other and were all kept, all taken out or all put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub kind: PieceKind,
    pub words: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PieceKind {
    Kept,
    Gone,
    New,
}

/// The differences, in the order in which the bid's page shows them.
#[must_use]
pub fn changes(before: &BidContent, after: &BidContent, rules: &Rules, tree: &AreaTree) -> Vec<Change> {
    // Every field is named, so that a new one cannot be forgotten here.
    let BidContent {
        title,
        summary,
        areas,
        themes,
        lead_contact,
        partners,
        amount_requested_pence,
        match_funding_pence,
        planned_learners,
        starts_on,
        ends_on,
        answers,
        gateway_answers,
        declarations,
    } = before;
    let mut found = Found::default();
    found.value("Title", title.clone(), after.title.clone());
    found.text("Summary", summary, &after.summary);
    found.value("Areas", names(tree, areas), names(tree, &after.areas));
    found.value("Themes", named(themes, rules), named(&after.themes, rules));
    found.value("Lead contact", contact(lead_contact.as_ref()), contact(after.lead_contact.as_ref()));
    found.value("Partners", organisations(partners), organisations(&after.partners));
    found.value("Asks for", shown(*amount_requested_pence), shown(after.amount_requested_pence));
    found.value("Match funding", shown(*match_funding_pence), shown(after.match_funding_pence));
    let learners = |number: Option<u32>| number.map(|number| grouped(number.into())).unwrap_or_default();
    found.value("Planned learners", learners(*planned_learners), learners(after.planned_learners));
    let day = |day: Option<chrono::NaiveDate>| {
        day.map(|day| day.format("%-d %B %Y").to_string()).unwrap_or_default()
    };
    found.value("Starts", day(*starts_on), day(after.starts_on));
    found.value("Ends", day(*ends_on), day(after.ends_on));
    let keys: BTreeSet<&String> = answers.keys().chain(after.answers.keys()).collect();
    let place = |key: &str| rules.criteria.iter().position(|one| one.key == key);
    let mut keys: Vec<&String> = keys.into_iter().collect();
    keys.sort_by_key(|key| place(key).unwrap_or(usize::MAX));
    for key in keys {
        let title = place(key).map_or(key.as_str(), |at| rules.criteria[at].title.as_str());
        let of = |content: &BidContent| content.answers.get(key).cloned().unwrap_or_default();
        found.text(title, &of(before), &of(after));
    }
    for gateway in &rules.gateways {
        let said = |answers: &std::collections::BTreeMap<String, bool>| match answers.get(&gateway.key) {
            Some(true) => "Yes".to_owned(),
            Some(false) => "No".to_owned(),
            None => String::new(),
        };
        found.value(&gateway.question, said(gateway_answers), said(&after.gateway_answers));
    }
    for declaration in &rules.declarations {
        let said = |confirmed: &[String]| {
            if confirmed.contains(&declaration.key) { "Confirmed".to_owned() } else { String::new() }
        };
        found.value(&declaration.statement, said(declarations), said(&after.declarations));
    }
    found.0
}

#[derive(Default)]
struct Found(Vec<Change>);

impl Found {
    fn value(&mut self, what: &str, before: String, after: String) {
        if before != after {
            self.0.push(Change { what: what.to_owned(), difference: Difference::Value { before, after } });
        }
    }

    fn text(&mut self, what: &str, before: &str, after: &str) {
        if before != after {
            self.0
                .push(Change { what: what.to_owned(), difference: Difference::Text(pieces(before, after)) });
        }
    }
}

fn names(tree: &AreaTree, codes: &[String]) -> String {
    codes.iter().map(|code| tree.name(code)).collect::<Vec<_>>().join(", ")
}

/// The names of a bid's themes in a line.
#[must_use]
pub fn named(keys: &[String], rules: &Rules) -> String {
    let name = |key: &String| {
        let theme = rules.themes.iter().find(|theme| theme.key == *key);
        theme.map_or_else(|| key.clone(), |theme| theme.title.clone())
    };
    keys.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn shown(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn contact(contact: Option<&Contact>) -> String {
    let Some(contact) = contact else { return String::new() };
    let phone = contact.phone.as_deref().map(|phone| format!(", {phone}")).unwrap_or_default();
    format!("{}, {}{phone}", contact.name, contact.email)
}

fn organisations(partners: &[Partner]) -> String {
    let each = partners.iter().map(|partner| format!("{} ({})", partner.name, partner.registered_number));
    each.collect::<Vec<_>>().join(", ")
}

/// Pairs of words up to which the middle of two texts is compared exactly; beyond, it is shown as taken out and put in.
const MOST_PAIRS: usize = 4_000_000;

/// Both texts as one: what was kept, taken out and put in. Longest common run of words between the ends that are equal.
#[must_use]
pub fn pieces(before: &str, after: &str) -> Vec<Piece> {
    let (old, new) = (words(before), words(after));
    let start = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let most = old.len().min(new.len()) - start;
    let end = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(old, new)| old == new).count();
    let (gone, put) = (&old[start..old.len() - end], &new[start..new.len() - end]);

    let mut joined = Joined::default();
    joined.all(PieceKind::Kept, &old[..start]);
    if gone.len().saturating_mul(put.len()) > MOST_PAIRS {
        joined.all(PieceKind::Gone, gone);
        joined.all(PieceKind::New, put);
    } else {
        joined.common(gone, put);
    }
    joined.all(PieceKind::Kept, &old[old.len() - end..]);
    joined.0
}

/// Words, each with the space behind it.
fn words(text: &str) -> Vec<&str> {
    text.split_inclusive(char::is_whitespace).collect()
}

#[derive(Default)]
struct Joined(Vec<Piece>);

impl Joined {
    fn add(&mut self, kind: PieceKind, word: &str) {
        match self.0.last_mut().filter(|last| last.kind == kind) {
            Some(last) => last.words.push_str(word),
            None => self.0.push(Piece { kind, words: word.to_owned() }),
        }
    }

    fn all(&mut self, kind: PieceKind, words: &[&str]) {
        for word in words {
            self.add(kind, word);
        }
    }

    /// By the table of longest common runs, from their ends to their beginnings.
    fn common(&mut self, old: &[&str], new: &[&str]) {
        let width = new.len() + 1;
        let mut longest = vec![0_u32; (old.len() + 1) * width];
        for (i, word) in old.iter().enumerate().rev() {
            for (j, other) in new.iter().enumerate().rev() {
                longest[i * width + j] = if word == other {
                    longest[(i + 1) * width + j + 1] + 1
                } else {
                    longest[(i + 1) * width + j].max(longest[i * width + j + 1])
                };
            }
        }
        let (mut i, mut j) = (0, 0);
        while i < old.len() && j < new.len() {
            if old[i] == new[j] {
                self.add(PieceKind::Kept, old[i]);
                (i, j) = (i + 1, j + 1);
            } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
                self.add(PieceKind::Gone, old[i]);
                i += 1;
            } else {
                self.add(PieceKind::New, new[j]);
                j += 1;
            }
        }
        self.all(PieceKind::Gone, &old[i..]);
        self.all(PieceKind::New, &new[j..]);
    }
}

impl Piece {
    /// Its words; of many that were kept only those beside a change.
    #[must_use]
    pub fn shown(&self) -> String {
        const BESIDE: usize = 15;
        let words = words(&self.words);
        if self.kind != PieceKind::Kept || words.len() <= 3 * BESIDE {
            return self.words.clone();
        }
        let (first, last) = (&words[..BESIDE], &words[words.len() - BESIDE..]);
        format!("{}… {}", first.concat(), last.concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(before: &str, after: &str) -> String {
        let mark = |piece: Piece| match piece.kind {
            PieceKind::Kept => piece.words,
            PieceKind::Gone => format!("[-{}-]", piece.words.trim_end()),
            PieceKind::New => format!("[+{}+]", piece.words.trim_end()),
        };
        pieces(before, after).into_iter().map(mark).collect()
    }

    #[test]
    fn a_text_shows_the_words_that_changed() {
        assert_eq!(
            marked("Forty vacancies stand open.", "Sixty vacancies stand open."),
            "[-Forty-][+Sixty+]vacancies stand open."
        );
        assert_eq!(marked("a b c d e", "a c d x e"), "a [-b-]c d [+x+]e");
        assert_eq!(marked("", "new"), "[+new+]");
        assert_eq!(marked("old", ""), "[-old-]");
    }

    #[test]
    fn both_texts_can_be_read_from_the_pieces() {
        let (before, after) = ("one two three two one", "two one three four one");
        let read = |without: PieceKind| -> String {
            pieces(before, after)
                .iter()
                .filter(|piece| piece.kind != without)
                .map(|piece| piece.words.clone())
                .collect()
        };
        assert_eq!(read(PieceKind::Gone).trim(), after);
        assert_eq!(read(PieceKind::New).trim(), before);
    }

    #[test]
    fn only_what_changed_is_listed() {
        let before =
            BidContent { title: "A".to_owned(), planned_learners: Some(1_200), ..BidContent::default() };
        let after = BidContent { planned_learners: Some(900), ..before.clone() };
        let found = changes(&before, &after, &Rules::default(), &AreaTree::default());
        let value = Difference::Value { before: "1,200".to_owned(), after: "900".to_owned() };
        assert_eq!(found, [Change { what: "Planned learners".to_owned(), difference: value }]);
    }
}
