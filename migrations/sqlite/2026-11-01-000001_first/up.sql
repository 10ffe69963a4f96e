-- People, organisations, ways to sign in ---------------------------------------------------------

CREATE TABLE organisations (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    registered_number TEXT NOT NULL,
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT organisations_registered_number_key UNIQUE (registered_number)
) STRICT;

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('admin', 'assessor', 'member', 'auditor')),
    organisation_id TEXT REFERENCES organisations (id),
    password_hash TEXT,
    confirmed_at TEXT,
    disabled_at TEXT,
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT users_email_key UNIQUE (email),
    CONSTRAINT users_member_has_organisation CHECK (role <> 'member' OR organisation_id IS NOT NULL)
) STRICT;
CREATE INDEX users_by_organisation ON users (organisation_id, id);
CREATE INDEX users_by_role ON users (role, id);

CREATE TABLE api_clients (
    id TEXT PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    created_by TEXT NOT NULL REFERENCES users (id),
    created_at TEXT NOT NULL,
    revoked_at TEXT
) STRICT;
CREATE INDEX api_clients_by_organisation ON api_clients (organisation_id, id);

CREATE TABLE refresh_tokens (
    id TEXT PRIMARY KEY,
    family_id TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    token_hash TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT,
    revoked_at TEXT,
    CONSTRAINT refresh_tokens_token_hash_key UNIQUE (token_hash)
) STRICT;
CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id);

CREATE TABLE links (
    id TEXT PRIMARY KEY,
    user_id TEXT REFERENCES users (id),
    purpose TEXT NOT NULL CHECK (purpose IN ('setup', 'confirmation', 'invitation', 'password_reset')),
    token_hash TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT,
    CONSTRAINT links_token_hash_key UNIQUE (token_hash)
) STRICT;
CREATE INDEX links_by_user ON links (user_id);

CREATE TABLE signing_keys (
    id TEXT PRIMARY KEY,
    secret TEXT NOT NULL,
    created_at TEXT NOT NULL,
    retired_at TEXT
) STRICT;

CREATE TABLE sign_in_failures (
    id TEXT PRIMARY KEY,
    subject_hash TEXT NOT NULL,
    failed_at TEXT NOT NULL
) STRICT;
CREATE INDEX sign_in_failures_by_subject ON sign_in_failures (subject_hash, failed_at);

CREATE TABLE idempotency_keys (
    actor TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (actor, key)
) STRICT;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Areas ------------------------------------------------------------------------------------------

CREATE TABLE areas (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    parent_code TEXT REFERENCES areas (code)
) STRICT;

CREATE TABLE area_groups (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL
) STRICT;

CREATE TABLE area_group_members (
    group_code TEXT NOT NULL REFERENCES area_groups (code),
    area_code TEXT NOT NULL REFERENCES areas (code),
    PRIMARY KEY (group_code, area_code)
) STRICT;

-- Funds and rounds -------------------------------------------------------------------------------

CREATE TABLE funds (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    currency TEXT NOT NULL,
    areas TEXT NOT NULL,
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT funds_name_key UNIQUE (name)
) STRICT;

CREATE TABLE rounds (
    id TEXT PRIMARY KEY,
    fund_id TEXT NOT NULL REFERENCES funds (id),
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('draft', 'open', 'assessing', 'closed', 'cancelled')),
    rules TEXT NOT NULL,
    opens_at TEXT,
    deadline TEXT,
    assessments_due_at TEXT,
    opened_at TEXT,
    assessing_at TEXT,
    closed_at TEXT,
    cancelled_at TEXT,
    copied_from TEXT REFERENCES rounds (id),
    created_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT rounds_code_key UNIQUE (code)
) STRICT;
CREATE INDEX rounds_by_fund ON rounds (fund_id, id);
CREATE INDEX rounds_by_status ON rounds (status, id);

-- Bids -------------------------------------------------------------------------------------------

CREATE TABLE bids (
    id TEXT PRIMARY KEY,
    round_id TEXT NOT NULL REFERENCES rounds (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    reference TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('draft', 'submitted', 'withdrawn')),
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    submitted_number INTEGER,
    submitted_at TEXT,
    submitted_by TEXT,
    withdrawn_at TEXT,
    eligibility TEXT NOT NULL CHECK (eligibility IN ('unchecked', 'eligible', 'ineligible')),
    eligibility_reason TEXT,
    created_by TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT bids_reference_key UNIQUE (reference)
) STRICT;
CREATE INDEX bids_by_round ON bids (round_id, id);
CREATE INDEX bids_by_organisation ON bids (organisation_id, id);

CREATE TABLE bid_versions (
    bid_id TEXT NOT NULL REFERENCES bids (id),
    number INTEGER NOT NULL,
    content TEXT NOT NULL,
    content_sha256 TEXT NOT NULL,
    submitted_at TEXT NOT NULL,
    submitted_by TEXT NOT NULL,
    PRIMARY KEY (bid_id, number)
) STRICT;

-- Assessors and routing --------------------------------------------------------------------------

CREATE TABLE assessors (
    user_id TEXT PRIMARY KEY REFERENCES users (id),
    areas TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE round_assessors (
    round_id TEXT NOT NULL REFERENCES rounds (id),
    assessor_id TEXT NOT NULL REFERENCES users (id),
    capacity INTEGER NOT NULL CHECK (capacity >= 0),
    minimum INTEGER NOT NULL CHECK (minimum >= 0 AND minimum <= capacity),
    PRIMARY KEY (round_id, assessor_id)
) STRICT;
CREATE INDEX round_assessors_by_assessor ON round_assessors (assessor_id, round_id);

CREATE TABLE interests (
    id TEXT PRIMARY KEY,
    assessor_id TEXT NOT NULL REFERENCES users (id),
    severity TEXT NOT NULL CHECK (severity IN ('hard', 'soft')),
    registered_number TEXT,
    bid_id TEXT REFERENCES bids (id),
    description TEXT NOT NULL,
    declared_by TEXT NOT NULL,
    declared_at TEXT NOT NULL,
    overridden_at TEXT,
    overridden_reason TEXT
) STRICT;
CREATE INDEX interests_by_assessor ON interests (assessor_id, id);

CREATE TABLE routing_runs (
    id TEXT PRIMARY KEY,
    round_id TEXT NOT NULL REFERENCES rounds (id),
    purpose TEXT NOT NULL CHECK (purpose IN ('fresh', 'repair')),
    cause TEXT NOT NULL,
    solver TEXT NOT NULL,
    input TEXT NOT NULL,
    input_sha256 TEXT NOT NULL,
    result TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX routing_runs_by_round ON routing_runs (round_id, id);

CREATE TABLE assignments (
    id TEXT PRIMARY KEY,
    round_id TEXT NOT NULL REFERENCES rounds (id),
    bid_id TEXT NOT NULL REFERENCES bids (id),
    assessor_id TEXT NOT NULL REFERENCES users (id),
    run_id TEXT NOT NULL REFERENCES routing_runs (id),
    area_code TEXT REFERENCES areas (code),
    status TEXT NOT NULL CHECK (status IN ('offered', 'accepted', 'submitted', 'declined', 'released')),
    explanation TEXT NOT NULL,
    offered_at TEXT NOT NULL,
    accepted_at TEXT,
    declined_at TEXT,
    decline_reason TEXT,
    released_at TEXT,
    reminded_at TEXT,
    version INTEGER NOT NULL
) STRICT;
CREATE INDEX assignments_by_round ON assignments (round_id, id);
CREATE INDEX assignments_by_bid ON assignments (bid_id, id);
CREATE INDEX assignments_by_assessor ON assignments (assessor_id, id);
CREATE UNIQUE INDEX assignments_once ON assignments (bid_id, assessor_id)
    WHERE status IN ('offered', 'accepted', 'submitted');

-- Assessments ------------------------------------------------------------------------------------

CREATE TABLE assessments (
    id TEXT PRIMARY KEY,
    assignment_id TEXT NOT NULL REFERENCES assignments (id),
    round_id TEXT NOT NULL REFERENCES rounds (id),
    bid_id TEXT NOT NULL REFERENCES bids (id),
    assessor_id TEXT NOT NULL REFERENCES users (id),
    status TEXT NOT NULL CHECK (status IN ('draft', 'submitted')),
    content TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    submitted_at TEXT,
    submitted_number INTEGER,
    version INTEGER NOT NULL,
    CONSTRAINT assessments_assignment_id_key UNIQUE (assignment_id)
) STRICT;
CREATE INDEX assessments_by_round ON assessments (round_id, id);
CREATE INDEX assessments_by_bid ON assessments (bid_id, id);

CREATE TABLE assessment_versions (
    assessment_id TEXT NOT NULL REFERENCES assessments (id),
    number INTEGER NOT NULL,
    content TEXT NOT NULL,
    submitted_at TEXT NOT NULL,
    PRIMARY KEY (assessment_id, number)
) STRICT;

-- Outcomes ---------------------------------------------------------------------------------------

CREATE TABLE moderations (
    id TEXT PRIMARY KEY,
    round_id TEXT NOT NULL REFERENCES rounds (id),
    bid_id TEXT NOT NULL REFERENCES bids (id),
    criterion TEXT NOT NULL,
    score INTEGER NOT NULL,
    reason TEXT NOT NULL,
    moderated_by TEXT NOT NULL REFERENCES users (id),
    moderated_at TEXT NOT NULL
) STRICT;
CREATE INDEX moderations_by_round ON moderations (round_id, id);
CREATE INDEX moderations_by_bid ON moderations (bid_id, id);

CREATE TABLE rulings (
    id TEXT PRIMARY KEY,
    round_id TEXT NOT NULL REFERENCES rounds (id),
    bid_id TEXT REFERENCES bids (id),
    kind TEXT NOT NULL CHECK (kind IN ('exclude', 'accept_short', 'accept_disagreement', 'override', 'tie_order')),
    detail TEXT NOT NULL,
    reason TEXT NOT NULL,
    ruled_by TEXT NOT NULL REFERENCES users (id),
    ruled_at TEXT NOT NULL,
    revoked_at TEXT
) STRICT;
CREATE INDEX rulings_by_round ON rulings (round_id, id);

CREATE TABLE outcomes (
    bid_id TEXT PRIMARY KEY REFERENCES bids (id),
    round_id TEXT NOT NULL REFERENCES rounds (id),
    outcome TEXT NOT NULL
        CHECK (outcome IN ('awarded', 'awarded_with_conditions', 'reserve', 'unsuccessful', 'ineligible', 'withdrawn')),
    rank INTEGER,
    score_hundredths INTEGER,
    amount_pence INTEGER NOT NULL,
    pot TEXT,
    reserve_position INTEGER,
    sentence TEXT NOT NULL,
    conditions TEXT,
    detail TEXT NOT NULL,
    decided_at TEXT NOT NULL
) STRICT;
CREATE INDEX outcomes_by_round ON outcomes (round_id, bid_id);

CREATE TABLE closings (
    round_id TEXT PRIMARY KEY REFERENCES rounds (id),
    snapshot TEXT NOT NULL,
    snapshot_sha256 TEXT NOT NULL,
    closed_by TEXT NOT NULL REFERENCES users (id),
    closed_at TEXT NOT NULL
) STRICT;

-- Email and audit --------------------------------------------------------------------------------

CREATE TABLE emails (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    recipient_name TEXT NOT NULL,
    subject TEXT NOT NULL,
    text_body TEXT NOT NULL,
    html_body TEXT NOT NULL,
    message_id TEXT NOT NULL,
    promise TEXT NOT NULL,
    round_id TEXT REFERENCES rounds (id),
    bid_id TEXT REFERENCES bids (id),
    status TEXT NOT NULL CHECK (status IN ('waiting', 'sending', 'sent', 'failed')),
    attempts INTEGER NOT NULL,
    next_attempt_at TEXT NOT NULL,
    leased_until TEXT,
    last_error TEXT,
    created_at TEXT NOT NULL,
    sent_at TEXT,
    CONSTRAINT emails_message_id_key UNIQUE (message_id),
    CONSTRAINT emails_promise_key UNIQUE (promise)
) STRICT;
CREATE INDEX emails_due ON emails (next_attempt_at) WHERE status IN ('waiting', 'sending');
CREATE INDEX emails_by_status ON emails (status, id);
CREATE INDEX emails_by_round ON emails (round_id, id);

CREATE TABLE audit_events (
    id TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    role TEXT NOT NULL,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    round_id TEXT,
    detail TEXT NOT NULL,
    request_id TEXT
) STRICT;
CREATE INDEX audit_events_by_round ON audit_events (round_id, id);
CREATE INDEX audit_events_by_subject ON audit_events (subject_id, id);
CREATE INDEX audit_events_by_actor ON audit_events (actor, id);
CREATE INDEX audit_events_by_action ON audit_events (action, id);

-- What is written once and never changed ----------------------------------------------------------

CREATE TRIGGER audit_events_refuse_update BEFORE UPDATE ON audit_events
BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END;
CREATE TRIGGER audit_events_refuse_delete BEFORE DELETE ON audit_events
BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END;
CREATE TRIGGER bid_versions_refuse_update BEFORE UPDATE ON bid_versions
BEGIN SELECT RAISE(ABORT, 'bid_versions is append-only'); END;
CREATE TRIGGER bid_versions_refuse_delete BEFORE DELETE ON bid_versions
BEGIN SELECT RAISE(ABORT, 'bid_versions is append-only'); END;
CREATE TRIGGER assessment_versions_refuse_update BEFORE UPDATE ON assessment_versions
BEGIN SELECT RAISE(ABORT, 'assessment_versions is append-only'); END;
CREATE TRIGGER assessment_versions_refuse_delete BEFORE DELETE ON assessment_versions
BEGIN SELECT RAISE(ABORT, 'assessment_versions is append-only'); END;
CREATE TRIGGER outcomes_refuse_update BEFORE UPDATE ON outcomes
BEGIN SELECT RAISE(ABORT, 'outcomes is append-only'); END;
CREATE TRIGGER outcomes_refuse_delete BEFORE DELETE ON outcomes
BEGIN SELECT RAISE(ABORT, 'outcomes is append-only'); END;
CREATE TRIGGER closings_refuse_update BEFORE UPDATE ON closings
BEGIN SELECT RAISE(ABORT, 'closings is append-only'); END;
CREATE TRIGGER closings_refuse_delete BEFORE DELETE ON closings
BEGIN SELECT RAISE(ABORT, 'closings is append-only'); END;
