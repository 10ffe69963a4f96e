//! Organisations, and the identifiers by which the world knows them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::accounts::model::normal_number;
use crate::config::Awards as Settings;

/// Who pays, or is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AwardOrganisation)]
pub struct Organisation {
    #[schema(example = "GB-COH-09000001")]
    pub id: String,
    #[schema(example = "Calder Skills Trust")]
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "09000001")]
    pub company_number: Option<String>,
}

impl Organisation {
    #[must_use]
    pub fn funder(settings: &Settings) -> Self {
        Self { id: settings.funder_id.clone(), name: settings.funder_name.clone(), company_number: None }
    }

    /// By its number at Companies House (the list `GB-COH` of org-id.guide), where it is surely one;
    /// else, as the standard has it, by the publisher's prefix and what the publisher calls it.
    #[must_use]
    pub fn recipient(settings: &Settings, name: &str, registered_number: &str) -> Self {
        let number = normal_number(registered_number);
        let is_company = is_company_number(&number);
        let id =
            if is_company { format!("GB-COH-{number}") } else { format!("{}-ORG:{number}", settings.prefix) };
        Self { id, name: name.to_owned(), company_number: is_company.then_some(number) }
    }
}

/// Whether a registered number can be nothing but a company's: eight digits outside the range of
/// provider numbers (UKPRN, 10000000 to 10099999), or the letters of a register and six digits.
/// `SC0…` is a Scottish company's or a Scottish charity's, so it is not sure.
fn is_company_number(number: &str) -> bool {
    const REGISTERS: [&str; 7] = ["SC", "NI", "OC", "SO", "NC", "FC", "SF"];
    let digits = |text: &str, many: usize| text.len() == many && text.bytes().all(|b| b.is_ascii_digit());
    let of_a_register =
        REGISTERS.iter().any(|letters| number.strip_prefix(letters).is_some_and(|rest| digits(rest, 6)));
    let is_plain = digits(number, 8) && !number.starts_with("100");
    is_plain || (of_a_register && !number.starts_with("SC0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_surely_a_company_number_is_called_one() {
        for number in ["09000001", "00000006", "12345678", "SC123456", "NI600001", "OC300001", "10100000"] {
            assert!(is_company_number(number), "{number}");
        }
        // Provider numbers, charities, a company number without its zero, and what is no number.
        for number in ["10012345", "10099999", "1123456", "210037", "SC012345", "9000001", "RC000123", "ABCD"]
        {
            assert!(!is_company_number(number), "{number}");
        }
    }
}
