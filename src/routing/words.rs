//! How routing's sentences are put together. Pure; must not know what they say.

/// How many names a sentence bears.
const MOST_NAMES: usize = 5;

/// "A", "A and B", "A, B and C"; the first few and how many more where there are many.
pub fn listed(names: &[&str]) -> String {
    match names {
        [] => "nothing".to_owned(),
        [one] => (*one).to_owned(),
        many if many.len() > MOST_NAMES + 1 => {
            format!("{} and {} others", many[..MOST_NAMES].join(", "), many.len() - MOST_NAMES)
        }
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// With a capital at its beginning.
pub fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// "one", "two"; digits past five.
pub fn in_words(count: u64) -> String {
    match usize::try_from(count)
        .ok()
        .and_then(|count| ["no", "one", "two", "three", "four", "five"].get(count))
    {
        Some(word) => (*word).to_owned(),
        None => count.to_string(),
    }
}

/// "1 place", "2 places": a noun whose plural ends in s.
pub fn counted(count: u64, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_end_in_a_number() {
        assert_eq!(listed(&["A", "B", "C"]), "A, B and C");
        assert_eq!(listed(&["A", "B", "C", "D", "E", "F"]), "A, B, C, D, E and F");
        assert_eq!(listed(&["A", "B", "C", "D", "E", "F", "G"]), "A, B, C, D, E and 2 others");
    }
}
