//! A section as the fields of its form, and a form as the section that was typed.

use chrono::{Datelike, NaiveDate};

use crate::bids::model::{BidContent, Partner};
use crate::bids::sections::Section;
use crate::money::Pence;
use crate::problem::Result;
use crate::rounds::rules::Rules;
use crate::web::form::Form;
use crate::web::typed::pounds;

/// The fields of a section as it stands; `seen` is its mark.
pub(super) fn fields(section: &Section, content: &BidContent) -> Result<Form> {
    let form = Form::blank().with("seen", section.mark(content)?);
    Ok(match section {
        Section::Gateways => content
            .gateway_answers
            .iter()
            .fold(form, |form, (key, yes)| form.with(&format!("gateway_answers.{key}"), yes.to_string())),
        Section::About => form.with("title", &content.title).with("summary", &content.summary),
        Section::Contact => match &content.lead_contact {
            None => form,
            Some(contact) => form
                .with("lead_contact.name", &contact.name)
                .with("lead_contact.email", &contact.email)
                .with("lead_contact.phone", contact.phone.clone().unwrap_or_default()),
        },
        Section::Partners => with_partners(form, &content.partners),
        Section::Areas => content.areas.iter().fold(form, |form, code| form.with("areas", code)),
        Section::Themes => content.themes.iter().fold(form, |form, key| form.with("themes", key)),
        Section::Money => form
            .with("amount_requested_pence", typed_pounds(content.amount_requested_pence))
            .with("match_funding_pence", typed_pounds(content.match_funding_pence)),
        Section::Learners => {
            let learners = content.planned_learners.map(|learners| learners.to_string());
            let form = form.with("planned_learners", learners.unwrap_or_default());
            with_day(with_day(form, "starts_on", content.starts_on), "ends_on", content.ends_on)
        }
        Section::Answer(key) => {
            let answer = content.answers.get(key).cloned().unwrap_or_default();
            form.with(&format!("answers.{key}"), answer)
        }
        Section::Declarations => {
            content.declarations.iter().fold(form, |form, key| form.with("declarations", key))
        }
    })
}

fn typed_pounds(pence: Option<Pence>) -> String {
    pence.map(|pence| pounds(pence.0)).unwrap_or_default()
}

fn with_day(form: Form, name: &str, day: Option<NaiveDate>) -> Form {
    let Some(day) = day else { return form };
    form.with(&format!("{name}.day"), day.day().to_string())
        .with(&format!("{name}.month"), day.month().to_string())
        .with(&format!("{name}.year"), day.year().to_string())
}

fn with_partners(form: Form, partners: &[Partner]) -> Form {
    partners.iter().enumerate().fold(form, |form, (row, partner)| {
        form.with(&format!("partners.{row}.name"), &partner.name)
            .with(&format!("partners.{row}.registered_number"), &partner.registered_number)
    })
}

/// A form whose rows of partners are counted anew: those without a word, and the one to be removed, are
/// left out.
pub(super) fn without_blank_rows(form: &Form, removed: Option<usize>) -> Form {
    let others = form.pairs().filter(|(name, _)| !name.starts_with("partners."));
    let others = others.map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<Vec<_>>();
    let typed = |row: usize, field: &str| form.get(&format!("partners.{row}.{field}")).to_owned();
    let rows = (0..form.rows("partners")).filter(|row| Some(*row) != removed);
    let partners = rows
        .map(|row| Partner { name: typed(row, "name"), registered_number: typed(row, "registered_number") })
        .filter(|row| !row.name.trim().is_empty() || !row.registered_number.trim().is_empty());
    with_partners(Form::from(others), &partners.collect::<Vec<_>>())
}

/// What was typed, read as the API reads it; only this section of it means anything.
///
/// # Errors
/// `invalid`, with a pointer to each fault: what is no amount, day or number.
pub(super) fn typed(section: &Section, form: &Form, rules: &Rules) -> Result<BidContent> {
    let mut reading = form.reading();
    match section {
        Section::Gateways => {
            for gateway in &rules.gateways {
                reading.yes_no(&format!("/gateway_answers/{}", gateway.key));
            }
        }
        Section::About => {
            reading.text("/title").text("/summary");
        }
        Section::Contact => {
            let parts = ["name", "email", "phone"];
            let is_typed = |part: &&str| !form.get(&format!("lead_contact.{part}")).trim().is_empty();
            if parts.iter().any(is_typed) {
                reading.text("/lead_contact/name").text("/lead_contact/email").words("/lead_contact/phone");
            }
        }
        Section::Partners => {
            for row in 0..form.rows("partners") {
                reading.text(&format!("/partners/{row}/name"));
                reading.text(&format!("/partners/{row}/registered_number"));
            }
        }
        Section::Areas => {
            reading.list("/areas");
        }
        Section::Themes => {
            reading.list("/themes");
        }
        Section::Money => {
            reading.money("/amount_requested_pence").money("/match_funding_pence");
        }
        Section::Learners => {
            reading.count("/planned_learners").date("/starts_on").date("/ends_on");
        }
        Section::Answer(key) => {
            reading.text(&format!("/answers/{key}"));
        }
        Section::Declarations => {
            reading.list("/declarations");
        }
    }
    reading.done()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content() -> BidContent {
        let partner =
            |name: &str| Partner { name: name.to_owned(), registered_number: "09000001".to_owned() };
        BidContent {
            title: "Digital skills".to_owned(),
            areas: vec!["E07000117".to_owned(), "E07000122".to_owned()],
            themes: vec!["cyber".to_owned()],
            partners: vec![partner("Alder"), partner("Birch")],
            amount_requested_pence: Some(Pence(15_000_050)),
            match_funding_pence: Some(Pence::ZERO),
            planned_learners: Some(120),
            starts_on: NaiveDate::from_ymd_opt(2027, 1, 11),
            answers: [("need".to_owned(), "Forty.\n\nVacancies.".to_owned())].into(),
            declarations: vec!["accurate".to_owned()],
            ..BidContent::default()
        }
    }

    #[test]
    fn what_a_form_shows_is_read_back_as_it_was() -> Result<()> {
        let (content, rules) = (content(), Rules::default());
        let mut sections = Section::all(&rules);
        sections.extend([Section::Themes, Section::Declarations, Section::Answer("need".to_owned())]);
        for section in sections {
            let read = typed(&section, &fields(&section, &content)?, &rules)?;
            assert_eq!(section.alone(&read), section.alone(&content), "{section:?}");
        }
        Ok(())
    }

    #[test]
    fn blank_rows_are_left_out_and_one_can_be_removed() -> Result<()> {
        let form = fields(&Section::Partners, &content())?.with("partners.2.name", "  ");
        let names = |removed: Option<usize>| {
            let form = without_blank_rows(&form, removed);
            (form.rows("partners"), form.get("partners.0.name").to_owned())
        };
        assert_eq!(names(None), (2, "Alder".to_owned()));
        assert_eq!(names(Some(0)), (1, "Birch".to_owned()));
        Ok(())
    }

    #[test]
    fn half_a_contact_is_kept_and_none_is_none() -> Result<()> {
        let rules = Rules::default();
        let half = typed(&Section::Contact, &Form::blank().with("lead_contact.name", "Priya"), &rules)?;
        assert_eq!(half.lead_contact.map(|contact| contact.email).as_deref(), Some(""));
        assert_eq!(typed(&Section::Contact, &Form::blank(), &rules)?.lead_contact, None);
        Ok(())
    }
}
