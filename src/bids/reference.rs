//! References that people read out: `FT1-7K3M-9Q`.
//!
//! After the round's code come five symbols drawn at random and a check symbol, in Crockford's
//! base 32, which leaves out I, L, O and U. The check symbol is the sum of the symbols before it,
//! each times another power of 2 in the field of 32 elements (x⁵ + x² + 1): any one symbol
//! misread, or two neighbours swapped, gives another check symbol.

use rand::Rng;

const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A reference at random. Whether another bid has it already is the store's to say.
pub(super) fn draw(code: &str) -> String {
    let mut random = rand::rng();
    let drawn: String = (0..5).map(|_| symbol(random.random_range(0..32))).collect();
    let check = symbol(check_value(code, &drawn));
    let (first, second) = drawn.split_at(4);
    format!("{code}-{first}-{second}{check}")
}

fn symbol(value: u8) -> char {
    char::from(SYMBOLS[usize::from(value & 31)])
}

/// A symbol's value, 0 to 31. A round's code may hold the letters that Crockford leaves out: three
/// count as the digits that they look like, U as V.
fn value(symbol: char) -> u8 {
    let plain = match symbol {
        'I' | 'L' => '1',
        'O' => '0',
        'U' => 'V',
        other => other,
    };
    let place = SYMBOLS.iter().position(|known| char::from(*known) == plain);
    place.and_then(|place| u8::try_from(place).ok()).unwrap_or(0)
}

fn check_value(code: &str, drawn: &str) -> u8 {
    code.chars().chain(drawn.chars()).fold(0, |sum, symbol| doubled(sum ^ value(symbol)))
}

/// Times 2 in the field of 32 elements.
fn doubled(value: u8) -> u8 {
    let shifted = value << 1;
    if shifted & 32 == 0 { shifted } else { (shifted ^ 0b10_0101) & 31 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(code: &str, symbols: &str) -> bool {
        let (drawn, check) = symbols.split_at(5);
        check.chars().next().is_some_and(|given| value(given) == check_value(code, drawn))
    }

    fn symbols(reference: &str) -> String {
        reference.split('-').skip(1).collect()
    }

    #[test]
    fn a_reference_is_the_code_five_symbols_and_a_check() {
        let reference = draw("FT1");
        assert_eq!(reference.len(), "FT1-7K3M-9Q".len());
        assert!(reference.starts_with("FT1-"));
        assert!(checks("FT1", &symbols(&reference)));
    }

    #[test]
    fn one_wrong_symbol_or_two_swapped_are_noticed() {
        for _ in 0..50 {
            let right = symbols(&draw("FT1"));
            for place in 0..6 {
                for other in SYMBOLS.iter().map(|symbol| char::from(*symbol)) {
                    let mut wrong: Vec<char> = right.chars().collect();
                    if wrong[place] != other {
                        wrong[place] = other;
                        assert!(!checks("FT1", &wrong.iter().collect::<String>()), "{right} as {wrong:?}");
                    }
                }
                let mut swapped: Vec<char> = right.chars().collect();
                if place < 5 && swapped[place] != swapped[place + 1] {
                    swapped.swap(place, place + 1);
                    assert!(!checks("FT1", &swapped.iter().collect::<String>()), "{right} as {swapped:?}");
                }
            }
        }
    }
}
