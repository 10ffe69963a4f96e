//! Reports: the score sheet, the awards for publication, the panel's paper.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use serde_json::{Value, json};

use crate::scenario::{FOUR, Scenario, text};
use crate::support::Answer;

const HOSTILE: [&str; 4] = [
    "=HYPERLINK(\"https://evil.example.org\",\"Click\")",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-2+3",
    "\u{202e}مهارات \"رقمية\", 🚀 & <b>Söhne</b>",
];

/// [`Scenario::scored`], whose providers have given themselves hostile names.
fn hostile() -> Scenario {
    let round = Scenario::scored();
    for (bid, name) in round.bids.iter().zip(HOSTILE) {
        let path = format!("/organisations/{}", bid.provider.organisation());
        let tag = bid.provider.get(&path).ok().etag();
        bid.provider.put(&path, &tag, &json!({"name": name})).ok();
    }
    round
}

/// The rows of a CSV answer, by head.
fn table(answer: &Answer) -> Vec<BTreeMap<String, String>> {
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let mut reader = csv::Reader::from_reader(answer.bytes.as_slice());
    reader.deserialize().map(|row| row.expect("a row as long as the heads")).collect()
}

fn part(answer: &Answer, name: &str) -> String {
    let mut book = zip::ZipArchive::new(Cursor::new(&answer.bytes)).expect("a workbook");
    let mut text = String::new();
    book.by_name(name).expect("a part").read_to_string(&mut text).expect("XML");
    text
}

/// References and the snapshot's hash differ from run to run.
fn without_chance(round: &Scenario, text: &str) -> String {
    let mut text = text.to_owned();
    for (bid, number) in round.bids.iter().zip(1..) {
        text = text.replace(&bid.reference, &format!("DF1-BID-{number}"));
    }
    text
}

#[test]
fn the_score_sheet_has_a_row_for_each_bid_and_every_score_behind_it() {
    let round = Scenario::assessing(&FOUR, |_| {});
    for (bid, score) in [5, 4, 3].into_iter().enumerate() {
        round.all_score(bid, score);
    }
    round.score(0, 3, 1, 2);
    let path = format!("/bids/{}/moderation", round.bids[1].id);
    round.admin.post(&path, &json!({"criterion": "need", "score": 3, "reason": "Read together."})).created();
    let answer = round.admin.get(&round.at("score-sheet.csv")).ok();
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"DF1-score-sheet.csv\"");
    insta::assert_snapshot!("score_sheet_before_closing", without_chance(&round, &answer.text));
    let rows = table(&answer);
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[3]["Assessments"], "incomplete, 1 of 3");
    assert_eq!(rows[3]["Combined score"], "");
    assert_eq!(rows[1]["Moderated"], "Need and demand");
    assert_eq!(
        (&*rows[1]["Need and demand (0 to 5; weight 60)"], &*rows[1]["Assessor 1: Need and demand"]),
        ("3.00", "4")
    );
}

#[test]
fn a_closed_rounds_score_sheet_says_the_outcomes_and_never_changes() {
    let round = Scenario::scored();
    round.close().ok();
    let csv = round.admin.get(&round.at("score-sheet.csv")).ok();
    let xlsx = round.admin.get(&round.at("score-sheet.xlsx")).ok();
    let outcomes: Vec<String> = table(&csv).iter().map(|row| row["Outcome"].clone()).collect();
    assert_eq!(outcomes, ["Awarded", "Awarded", "Reserve", "Unsuccessful"]);
    round.app.set_time("2027-02-01T09:00:00Z");
    assert_eq!(round.admin.get(&round.at("score-sheet.csv")).ok().bytes, csv.bytes);
    assert_eq!(round.admin.get(&round.at("score-sheet.xlsx")).ok().bytes, xlsx.bytes);
}

#[test]
fn no_name_in_a_csv_is_a_formula() {
    let round = hostile();
    let rows = table(&round.admin.get(&round.at("score-sheet.csv")).ok());
    for ((bid, name), is_formula) in round.bids.iter().zip(HOSTILE).zip([true, true, true, false]) {
        let row = rows.iter().find(|row| row["Reference"] == bid.reference).expect("its row");
        let shown = if is_formula { format!("'{name}") } else { name.to_owned() };
        assert_eq!(row["Provider"], shown);
    }
    round.close().ok();
    for path in ["score-sheet.csv", "awards.csv"] {
        for row in table(&round.admin.get(&round.at(path)).ok()) {
            for (head, cell) in row {
                assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "{path} {head}: {cell}");
            }
        }
    }
}

#[test]
fn every_text_in_a_workbook_is_a_string() {
    let round = hostile();
    let answer = round.admin.get(&round.at("score-sheet.xlsx")).ok();
    assert_eq!(
        answer.header("content-type"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    );
    let page = part(&answer, "xl/worksheets/sheet1.xml");
    assert!(!page.contains("<f>") && !page.contains("<f "), "a formula");
    assert!(!page.contains("<hyperlink"));
    // The amount asked and the score are numbers, with the digits that they have.
    assert!(page.contains("<v>150000</v>") && page.contains("<v>100</v>"), "{page}");
    let strings = part(&answer, "xl/sharedStrings.xml");
    for name in HOSTILE {
        let written = name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        assert!(strings.contains(&written), "{written} is not in {strings}");
    }
}

#[test]
fn there_is_nothing_to_report_before_assessment_starts() {
    let round = Scenario::open(&FOUR[..1], |_| {});
    for path in [
        "panel-paper",
        "panel-paper.html",
        "score-sheet.csv",
        "score-sheet.xlsx",
        "awards.json",
        "awards.csv",
    ] {
        round.admin.get(&round.at(path)).refused(409, "wrong-state");
    }
}

#[test]
fn awards_are_the_awarded_bids_and_nobody_else() {
    let round = Scenario::scored();
    round.admin.get(&round.at("awards.json")).refused(409, "wrong-state");
    round.close().ok();
    let package = round.admin.get(&round.at("awards.json")).ok();
    for bid in &round.bids[2..] {
        assert!(!package.text.contains(&bid.reference));
    }
    for person in ["Lead", "Member", "Assessor", "@", "Alex"] {
        assert!(!package.text.contains(person), "{person}");
    }
    let awards: Value = serde_json::from_str(&without_chance(&round, &package.text)).unwrap();
    insta::with_settings!({sort_maps => true}, { insta::assert_json_snapshot!("awards", awards) });
    let csv = round.admin.get(&round.at("awards.csv")).ok();
    insta::assert_snapshot!("awards_table", without_chance(&round, &csv.text));
}

/// The fields that the 360Giving Data Standard asks for, and the forms that it gives them.
#[test]
fn awards_have_what_the_360giving_standard_asks_for() {
    let round = Scenario::scored();
    let cut = json!({
        "kind": "override", "bid_id": round.bids[0].id, "outcome": "awarded_with_conditions",
        "amount_pence": 10_000_005, "conditions": "Start in March.", "reason": "Two cohorts of three.",
    });
    round.rule(&cut).created();
    round.close().ok();
    let package = round.auditor_reads("awards.json");
    let grants = package["grants"].as_array().expect("grants");
    // What the first bid was cut by pays for a third.
    assert_eq!(grants.len(), 3);
    let mut ids = std::collections::BTreeSet::new();
    for grant in grants {
        assert!(ids.insert(text(&grant["id"])), "an identifier is unique");
        assert!(text(&grant["id"]).starts_with("360G-fasttrack-DF1-"));
        for field in ["title", "description"] {
            assert!(!text(&grant[field]).is_empty(), "{field}");
        }
        assert_eq!(grant["currency"], "GBP");
        assert!(grant["amountAwarded"].is_number() && grant["amountAppliedFor"].is_number());
        for organisation in ["recipientOrganization", "fundingOrganization"] {
            let parties = grant[organisation].as_array().expect("a list");
            assert_eq!(parties.len(), 1);
            assert!(!text(&parties[0]["name"]).is_empty() && text(&parties[0]["id"]).contains('-'));
        }
        assert!(text(&grant["recipientOrganization"][0]["id"]).starts_with("GB-COH-09"));
        for when in [&grant["awardDate"], &grant["dateModified"], &grant["plannedDates"][0]["startDate"]] {
            chrono::DateTime::parse_from_rfc3339(&text(when)).expect("a date-time");
        }
        let place = &grant["beneficiaryLocation"][0];
        assert_eq!(place["countryCode"], "GB");
        assert!(["E08000003", "E07000117"].contains(&text(&place["geoCode"]).as_str()));
    }
    // To the penny.
    let cut = grants.iter().find(|grant| grant["amountAwarded"] == json!(100_000.05));
    assert!(cut.is_some(), "{package}");
}

impl Scenario {
    fn auditor_reads(&self, path: &str) -> Value {
        self.app.auditor(&self.admin).get(&self.at(path)).ok().json
    }
}

/// A round with something of everything that a panel's paper tells.
fn eventful() -> Scenario {
    let round = Scenario::open(&FOUR, |_| {});
    let ann = &round.assessors[0];
    let number = |bid: usize| {
        let path = format!("/organisations/{}", round.bids[bid].provider.organisation());
        text(&round.admin.get(&path).ok().json["registered_number"])
    };
    let declare = |severity: &str, number: &str, words: &str| {
        let interest = json!({"severity": severity, "registered_number": number, "description": words});
        ann.post(&format!("/assessors/{}/interests", ann.id()), &interest).created()
    };
    declare("hard", &number(3), "My sister works there.");
    let soft = declare("soft", &number(1), "I advised them once.");
    declare("soft", "77000001", "I am on its board.");
    let reason = json!({"reason": "It was in 2019, without pay."});
    round.admin.post(&format!("/interests/{}/override", text(&soft["id"])), &reason).ok();
    round.start();
    for (bid, score) in [5, 4, 3].into_iter().enumerate() {
        round.all_score(bid, score);
    }
    for assessor in [1, 2] {
        round.score(assessor, 3, if assessor == 1 { 1 } else { 4 }, 3);
    }
    round
}

fn settle(round: &Scenario) {
    let bids: Vec<&str> = round.bids.iter().map(|bid| bid.id.as_str()).collect();
    let short = json!({"kind": "accept_short", "bid_id": bids[3], "reason": "Nobody else covers it."});
    round.rule(&short).created();
    let moderated =
        json!({"criterion": "need", "score": 1, "reason": "Read together:\n- no <evidence>\n- no plan"});
    round.admin.post(&format!("/bids/{}/moderation", bids[3]), &moderated).created();
    let award = json!({
        "kind": "override", "bid_id": bids[2], "outcome": "awarded_with_conditions", "amount_pence": 5_000_000,
        "conditions": "One cohort.", "reason": "The only bid for fintech.",
    });
    round.rule(&award).created();
}

#[test]
fn the_panels_paper_tells_a_closed_round_from_the_bids_to_the_money() {
    let round = eventful();
    let draft = round.admin.get(&round.at("panel-paper")).ok();
    assert!(draft.text.contains("<p class=\"mark\">Draft</p>"));
    assert!(draft.text.contains("What keeps the round from being closed"));
    settle(&round);
    round.close().ok();
    let page = round.admin.get(&round.at("panel-paper")).ok();
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    for told in [
        "4 bids in total were received, 1 covering the Lancashire area.",
        "Kept from assessing",
        "It was in 2019, without pay.",
        "Concerns no bid of this round.",
        "Read together:",
        "The only bid for fintech.",
        "Funding line. In all, £290,000 of £300,000 awarded, £10,000 left",
    ] {
        assert!(page.text.contains(told), "{told} is not in {}", page.text);
    }
    assert!(!page.text.contains("Draft") && !page.text.contains("<evidence>"));
    let verified = text(&round.admin.get(&round.at("verify")).ok().json["snapshot_sha256"]);
    assert!(page.text.contains(&verified), "the paper names its snapshot");
    let page = without_chance(&round, &page.text).replace(&verified, "SHA-256");
    let page = page.replace(fasttrack::web::assets::address("report.css"), "[style]");
    insta::assert_snapshot!("panel_paper", rows_in_order(&page));
}

#[test]
fn a_closed_rounds_paper_does_not_change_with_what_is_declared_later() {
    let round = eventful();
    settle(&round);
    round.close().ok();
    let before = round.admin.get(&round.at("panel-paper")).ok().text;
    round.app.set_time("2027-02-01T09:00:00Z");
    let ben = &round.assessors[1];
    let late = json!({"severity": "hard", "bid_id": round.bids[0].id, "description": "I have joined them."});
    ben.post(&format!("/assessors/{}/interests", ben.id()), &late).created();
    assert_eq!(round.admin.get(&round.at("panel-paper")).ok().text, before);
}

/// Rows stand in the order of references, which are chance: here they stand in that of their words.
fn rows_in_order(page: &str) -> String {
    let lines: Vec<&str> = page.lines().collect();
    let is_row = |line: &&str| line.starts_with("<tr><th scope=\"row\">");
    let runs = lines.chunk_by(|one, two| is_row(one) == is_row(two)).flat_map(|run| {
        let mut run = run.to_vec();
        if run.first().is_some_and(is_row) {
            run.sort_unstable();
        }
        run
    });
    runs.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_papers_file_needs_nothing_else_and_the_page_no_style_of_its_own() {
    let round = hostile();
    let file = round.admin.get(&round.at("panel-paper.html")).ok();
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"DF1-panel-paper.html\"");
    assert!(file.text.contains("<style>") && file.text.contains("@page"));
    for outside in ["href=", "src=", "url(", "<script", "http"] {
        let found = file.text.replace("https://evil.example.org", "").replace("http-equiv", "");
        assert!(!found.contains(outside), "{outside}");
    }
    // What a provider calls itself stays words.
    assert!(!file.text.contains("<b>Söhne</b>") && file.text.contains("Söhne"));

    let page = round.admin.get(&round.at("panel-paper")).ok();
    assert!(!page.text.contains("<style") && !page.text.contains("style=\""));
    assert!(page.header("content-security-policy").contains("style-src 'self'"));
    let style = round.app.anyone().get(fasttrack::web::assets::address("report.css")).ok();
    assert!(style.header("content-type").starts_with("text/css"));
}

#[test]
fn no_private_note_is_in_any_report() {
    let round = Scenario::scored();
    round.close().ok();
    for path in ["panel-paper", "panel-paper.html", "score-sheet.csv", "awards.json", "awards.csv"] {
        let report = round.admin.get(&round.at(path)).ok().text;
        for private in ["PRIVATE", "JUSTIFIED", "example.org"] {
            assert!(!report.contains(private), "{path} has {private}");
        }
    }
}
