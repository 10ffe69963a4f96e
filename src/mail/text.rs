//! Text made fit for an email: one line for headers, short lines for the plain body.
//!
//! Titles, names and feedback are written by people outside; nothing they write may start a header
//! of its own or change what the rest of a line appears to say.

/// The most columns of a line of plain text, where words allow.
pub const COLUMNS: usize = 76;

/// Text on one line: control characters and line breaks become spaces, runs of spaces one, and
/// invisible marks that turn the direction of what follows are dropped. At most `most` characters,
/// an ellipsis the last of them where some were cut.
#[must_use]
pub fn one_line(text: &str, most: usize) -> String {
    let plain: String = text
        .chars()
        .filter(|character| !turns_direction(*character))
        .map(|character| if breaks_line(character) { ' ' } else { character })
        .collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let line = words.join(" ");
    if line.chars().count() <= most {
        return line;
    }
    let mut cut: String = line.chars().take(most.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

fn breaks_line(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
}

/// Embeddings, overrides and isolates: a title could otherwise turn the words that follow it.
fn turns_direction(character: char) -> bool {
    matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// A plain body: lines of at most [`COLUMNS`] where words allow (an address on the web stays
/// whole), continued under their own indentation; never two empty lines in a row; one line break
/// at the end.
#[must_use]
pub fn wrapped(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let line: String =
            line.chars().filter(|character| *character == '\t' || !character.is_control()).collect();
        if line.trim().is_empty() {
            if lines.last().is_some_and(|last| !last.is_empty()) {
                lines.push(String::new());
            }
        } else {
            wrap_line(&line, &mut lines);
        }
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    let mut body = lines.join("\n");
    body.push('\n');
    body
}

fn wrap_line(line: &str, lines: &mut Vec<String>) {
    let content = line.trim_start();
    let indent = (line.chars().count() - content.chars().count()).min(COLUMNS / 2);
    let hanging = if content.starts_with("- ") { indent + 2 } else { indent };
    let mut current = " ".repeat(indent);
    let (mut columns, mut empty) = (indent, true);
    for word in content.split([' ', '\t']).filter(|word| !word.is_empty()) {
        let width = word.chars().count();
        if !empty && columns + 1 + width > COLUMNS {
            lines.push(std::mem::replace(&mut current, " ".repeat(hanging)));
            (columns, empty) = (hanging, true);
        }
        if !empty {
            current.push(' ');
            columns += 1;
        }
        current.push_str(word);
        columns += width;
        empty = false;
    }
    lines.push(current);
}

/// What may be shown of a body: the one-time tokens in its links are left out, so that nobody who
/// reads the outbox can use them.
#[must_use]
pub fn without_tokens(body: &str) -> String {
    const MARK: &str = "token=";
    let mut parts = body.split(MARK);
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shown.push_str(MARK);
        shown.push('…');
        let end = part.find(|character: char| !is_of_token(character)).unwrap_or(part.len());
        shown.push_str(part.get(end..).unwrap_or_default());
    }
    shown
}

fn is_of_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.' | '~' | '%' | '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_one_line_whatever_was_written() {
        assert_eq!(
            one_line("Skills\r\nBcc: all@example.org\0\u{85}\u{2028}now", 100),
            "Skills Bcc: all@example.org now"
        );
        assert_eq!(one_line("  a \t b  ", 100), "a b");
        assert_eq!(one_line("a\u{202E}desrever", 100), "adesrever");
        assert_eq!(one_line("👩‍💻 مهارات רקמה", 100), "👩‍💻 مهارات רקמה");
    }

    #[test]
    fn a_long_line_is_cut_at_a_character() {
        assert_eq!(one_line("żółć żółć", 6), "żółć…");
        assert_eq!(one_line("12345", 5), "12345");
    }

    #[test]
    fn lines_are_wrapped_under_their_indentation() {
        let body = wrapped(&format!("  - {}\n\n\n\nend\r\n\n", "word ".repeat(20)));
        let lines: Vec<&str> = body.lines().collect();
        assert!(lines.iter().all(|line| line.chars().count() <= COLUMNS), "{body}");
        assert!(lines[1].starts_with("    word"), "{body}");
        assert_eq!(lines[2..], ["", "end"]);
        assert!(body.ends_with("end\n"));
    }

    #[test]
    fn an_address_is_never_broken() {
        let address = format!("https://example.org/confirm?token={}", "x".repeat(200));
        assert_eq!(wrapped(&format!("Open {address} now")), format!("Open\n{address}\nnow\n"));
    }

    #[test]
    fn tokens_are_not_shown() {
        let body = "https://a.example.org/confirm?token=a-B_9%3D\n<a href=\"https://a/x?token=abc&amp;y=1\">";
        assert_eq!(
            without_tokens(body),
            "https://a.example.org/confirm?token=…\n<a href=\"https://a/x?token=…&amp;y=1\">"
        );
    }
}
