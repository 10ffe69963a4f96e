//! Awards as a table, under the standard's own titles, so that its tools read them.

use super::{Grant, Package};
use crate::reports::sheet::{Cell, Sheet};

/// One row for each grant; places stand in columns by turns.
#[must_use]
pub fn sheet(package: &Package) -> Sheet {
    let places = package.grants.iter().map(|grant| grant.beneficiary_location.len()).max().unwrap_or(0);
    Sheet {
        name: "grants".to_owned(),
        heads: heads(places),
        rows: package.grants.iter().map(|grant| row(grant, places)).collect(),
    }
}

fn heads(places: usize) -> Vec<String> {
    const FIRST: [&str; 14] = [
        "Identifier",
        "Title",
        "Description",
        "Currency",
        "Amount Applied For",
        "Amount Awarded",
        "Award Date",
        "Planned Dates:Start Date",
        "Planned Dates:End Date",
        "Recipient Org:Identifier",
        "Recipient Org:Name",
        "Recipient Org:Company Number",
        "Funding Org:Identifier",
        "Funding Org:Name",
    ];
    const OF_A_PLACE: [&str; 4] = ["Name", "Country Code", "Geographic Code", "Geographic Code Type"];
    const LAST: [&str; 3] = ["Grant Programme:Code", "Grant Programme:Title", "Last modified"];
    let mut heads: Vec<String> = FIRST.map(str::to_owned).into();
    for place in 0..places {
        heads.extend(OF_A_PLACE.map(|head| format!("Beneficiary Location:{place}:{head}")));
    }
    heads.extend(LAST.map(str::to_owned));
    heads
}

fn row(grant: &Grant, places: usize) -> Vec<Cell> {
    let planned = grant.planned_dates.first();
    let mut cells = vec![
        Cell::text(&grant.id),
        Cell::text(&grant.title),
        Cell::text(&grant.description),
        Cell::text(&grant.currency),
        Cell::text(grant.amount_applied_for.to_string()),
        Cell::text(grant.amount_awarded.to_string()),
        Cell::text(grant.award_date.to_string()),
        Cell::optional(planned, |dates| Cell::text(dates.start_date.to_string())),
        Cell::optional(planned, |dates| Cell::text(dates.end_date.to_string())),
    ];
    let recipient = grant.recipient_organization.first();
    cells.extend([
        Cell::optional(recipient, |organisation| Cell::text(&organisation.id)),
        Cell::optional(recipient, |organisation| Cell::text(&organisation.name)),
        Cell::optional(recipient.and_then(|one| one.company_number.as_ref()), Cell::text),
    ]);
    let funder = grant.funding_organization.first();
    cells.extend([
        Cell::optional(funder, |organisation| Cell::text(&organisation.id)),
        Cell::optional(funder, |organisation| Cell::text(&organisation.name)),
    ]);
    for place in (0..places).map(|index| grant.beneficiary_location.get(index)) {
        cells.extend([
            Cell::optional(place, |place| Cell::text(&place.name)),
            Cell::optional(place, |place| Cell::text(place.country_code)),
            Cell::optional(place, |place| Cell::text(&place.geo_code)),
            Cell::optional(place.and_then(|place| place.geo_code_type), Cell::text),
        ]);
    }
    let programme = grant.grant_programme.first();
    cells.extend([
        Cell::optional(programme, |programme| Cell::text(&programme.code)),
        Cell::optional(programme, |programme| Cell::text(&programme.title)),
        Cell::text(grant.date_modified.to_string()),
    ]);
    cells
}
