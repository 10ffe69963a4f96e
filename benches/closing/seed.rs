//! A round that can be closed: opened through the API, filled in bulk.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::service::Service;

/// The id of a round that is open for bids, and of one that stays a draft.
pub fn rounds(service: &Service, token: &str) -> Result<(String, String)> {
    let fund =
        json!({"name": "Closing", "description": "Closing", "currency": "GBP", "areas": ["E12000002"]});
    let fund = service.call("POST", "/funds", token, &fund)?;
    let made = |code: &str| -> Result<String> {
        let round = json!({
            "fund_id": fund["id"], "code": code, "name": format!("Closing {code}"), "rules": rules(),
            "deadline": "2199-01-01T12:00:00Z", "assessments_due_at": "2199-02-01T12:00:00Z",
        });
        let round = service.call("POST", "/rounds", token, &round)?;
        Ok(round["id"].as_str().context("a round")?.to_owned())
    };
    let (round, draft) = (made("CL1")?, made("CL2")?);
    service.call("POST", &format!("/rounds/{round}/open"), token, &json!({}))?;
    Ok((round, draft))
}

/// A fifth of what is asked for is there, some of it ring-fenced; a draw ends ties.
fn rules() -> Value {
    let scale: Vec<Value> =
        (0..=5).map(|score| json!({"score": score, "label": format!("Level {score}")})).collect();
    let criterion = |key: &str, weight: u32| json!({"key": key, "title": format!("About {key}"), "guidance": "", "word_limit": 500, "weight": weight, "scale": scale});
    json!({
        "criteria": [criterion("need", 40), criterion("delivery", 30), criterion("value", 30)],
        "overall_threshold": 40, "tie_break": ["need", "draw"],
        "budget_pence": 20_000_000_000_i64, "query_email": "fund@example.org", "when_next_does_not_fit": "skip",
        "pots": [{"key": "burnley", "name": "Burnley", "areas": ["E07000117"], "amount_pence": 1_000_000_000}],
    })
}

/// The statements that put bids of about 4 kB, each with a provider, a member, and three submitted
/// assessments of about 2 kB, into the round, and move it on to assessment. No router made the assignments: the
/// run that they name is of the draft, so that verifying the round looks for none.
pub fn bids(round: &str, draft: &str, bids: u32) -> String {
    let assessors = (bids / 10).max(4);
    format!(
        "
CREATE FUNCTION made(kind int, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
    $$ SELECT ('01990000-0000-7000-8' || lpad(to_hex(kind), 3, '0') || '-' || lpad(to_hex(n), 12, '0'))::uuid $$;
CREATE FUNCTION drawn(n bigint, below int) RETURNS int LANGUAGE sql IMMUTABLE AS
    $$ SELECT (abs(hashint8(n)::bigint) % below)::int $$;
INSERT INTO organisations SELECT made(1, n), 'Provider ' || n, 'B' || n, now(), 1 FROM generate_series(1, {bids}) n;
INSERT INTO users SELECT made(2, n), 'member' || n || '@example.org', 'Member ' || n, 'member', made(1, n), NULL, now(), NULL, now(), 1
    FROM generate_series(1, {bids}) n;
INSERT INTO users SELECT made(3, n), 'assessor' || n || '@example.org', 'Assessor ' || n, 'assessor', NULL, NULL, now(), NULL, now(), 1
    FROM generate_series(0, {assessors} - 1) n;
INSERT INTO assessors SELECT made(3, n), '[]', 1 FROM generate_series(0, {assessors} - 1) n;
CREATE TEMP TABLE contents AS SELECT n, jsonb_build_object(
    'title', 'Digital skills for place ' || n, 'summary', repeat('A bid of the usual size. ', 8),
    'areas', jsonb_build_array(CASE WHEN n % 9 = 0 THEN 'E07000117' ELSE 'E08000003' END),
    'lead_contact', jsonb_build_object('name', 'Lead ' || n, 'email', 'lead' || n || '@example.org'),
    'partners', '[]'::jsonb, 'amount_requested_pence', 5000000 + 1000 * drawn(n, 9000), 'match_funding_pence', 0,
    'planned_learners', 120, 'starts_on', '2199-03-01', 'ends_on', '2199-12-01',
    'answers', jsonb_build_object('need', repeat('Employers report vacancies that nobody has the skills to fill. ', 20),
        'delivery', repeat('Three cohorts of twenty people in six months, one after the other. ', 20),
        'value', repeat('A place costs less than it does elsewhere, because rooms are free. ', 20)),
    'gateway_answers', '{{}}'::jsonb, 'declarations', '[]'::jsonb) AS content FROM generate_series(1, {bids}) n;
INSERT INTO bids SELECT made(4, n), '{round}', made(1, n), 'CL1-' || lpad(n::text, 6, '0'), 'submitted', content ->> 'title', content, 1, now(),
    'user:' || made(2, n), NULL, 'eligible', NULL, 'user:' || made(2, n), now(), now(), 1, NULL FROM contents;
INSERT INTO bid_versions SELECT made(4, n), 1, content, md5(content::text), now(), 'user:' || made(2, n) FROM contents;
INSERT INTO routing_runs VALUES (made(5, 0), '{draft}', 'fresh', 'Seeded', 'none', '', '', '{{}}', now());
CREATE TEMP TABLE seats AS SELECT n, seat, made(6, n * 3 + seat) AS id, (n * 7 + seat * (1 + drawn(n, {assessors} / 4))) % {assessors} AS who
    FROM generate_series(1, {bids}) n, generate_series(0, 2) seat;
INSERT INTO assignments SELECT id, '{round}', made(4, n), made(3, who), made(5, 0), NULL, 'submitted',
    jsonb_build_object('sentence', 'Covers the area; load 30 of 40; next best is one step further from it.', 'covers', '[]'::jsonb, 'load', 30,
        'capacity', 40, 'next_best', NULL), now(), now(), NULL, NULL, NULL, NULL, 3 FROM seats;
CREATE FUNCTION given(n bigint, about text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$ SELECT jsonb_build_object('score', 1 + drawn(n, 5),
    'justification', repeat('The answer to ' || about || ' names employers and dates. ', 8),
    'feedback', 'On ' || about || ' (' || n || '): ' || repeat('say how places will be filled. ', 5)) $$;
INSERT INTO assessments SELECT id, id, '{round}', made(4, n), made(3, who), 'submitted', jsonb_build_object(
    'scores', jsonb_build_object('need', given(n * 31 + seat, 'need'), 'delivery', given(n * 37 + seat, 'delivery'), 'value', given(n * 41 + seat, 'value')),
    'feedback', 'Of assessment ' || n || ', ' || seat || ': ' || repeat('a bid that can be made better. ', 6), 'private_note', '', 'in_scope', true,
    'recommendation', 'fund'), now(), now(), now(), 1, 2 FROM seats;
UPDATE rounds SET status = 'assessing', assessing_at = now(), version = version + 1 WHERE id = '{round}';
ANALYZE;
"
    )
}
