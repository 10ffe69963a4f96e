-- People, organisations, ways to sign in ---------------------------------------------------------

CREATE TABLE organisations (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    registered_number text NOT NULL,
    created_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT organisations_registered_number_key UNIQUE (registered_number)
);

CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    name text NOT NULL,
    role text NOT NULL CHECK (role IN ('admin', 'assessor', 'member', 'auditor')),
    organisation_id uuid REFERENCES organisations (id),
    password_hash text,
    confirmed_at timestamptz,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT users_email_key UNIQUE (email),
    CONSTRAINT users_member_has_organisation CHECK (role <> 'member' OR organisation_id IS NOT NULL)
);
CREATE INDEX users_by_organisation ON users (organisation_id, id);
CREATE INDEX users_by_role ON users (role, id);

CREATE TABLE api_clients (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    name text NOT NULL,
    secret_hash text NOT NULL,
    created_by uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX api_clients_by_organisation ON api_clients (organisation_id, id);

CREATE TABLE refresh_tokens (
    id uuid PRIMARY KEY,
    family_id uuid NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id),
    token_hash text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT refresh_tokens_token_hash_key UNIQUE (token_hash)
);
CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_by_user ON refresh_tokens (user_id);

CREATE TABLE links (
    id uuid PRIMARY KEY,
    user_id uuid REFERENCES users (id),
    purpose text NOT NULL CHECK (purpose IN ('setup', 'confirmation', 'invitation', 'password_reset')),
    token_hash text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT links_token_hash_key UNIQUE (token_hash)
);
CREATE INDEX links_by_user ON links (user_id);

CREATE TABLE signing_keys (
    id uuid PRIMARY KEY,
    secret text NOT NULL,
    created_at timestamptz NOT NULL,
    retired_at timestamptz
);

CREATE TABLE sign_in_failures (
    id uuid PRIMARY KEY,
    subject_hash text NOT NULL,
    failed_at timestamptz NOT NULL
);
CREATE INDEX sign_in_failures_by_subject ON sign_in_failures (subject_hash, failed_at);

CREATE TABLE idempotency_keys (
    actor text NOT NULL,
    key text NOT NULL,
    request_hash text NOT NULL,
    answer jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (actor, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Areas ------------------------------------------------------------------------------------------

CREATE TABLE areas (
    code text PRIMARY KEY,
    name text NOT NULL,
    kind text NOT NULL,
    parent_code text REFERENCES areas (code)
);

CREATE TABLE area_groups (
    code text PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE area_group_members (
    group_code text NOT NULL REFERENCES area_groups (code),
    area_code text NOT NULL REFERENCES areas (code),
    PRIMARY KEY (group_code, area_code)
);

-- Funds and rounds -------------------------------------------------------------------------------

CREATE TABLE funds (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    description text NOT NULL,
    currency text NOT NULL,
    areas jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT funds_name_key UNIQUE (name)
);

CREATE TABLE rounds (
    id uuid PRIMARY KEY,
    fund_id uuid NOT NULL REFERENCES funds (id),
    code text NOT NULL,
    name text NOT NULL,
    status text NOT NULL CHECK (status IN ('draft', 'open', 'assessing', 'closed', 'cancelled')),
    rules jsonb NOT NULL,
    opens_at timestamptz,
    deadline timestamptz,
    assessments_due_at timestamptz,
    opened_at timestamptz,
    assessing_at timestamptz,
    closed_at timestamptz,
    cancelled_at timestamptz,
    copied_from uuid REFERENCES rounds (id),
    created_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT rounds_code_key UNIQUE (code)
);
CREATE INDEX rounds_by_fund ON rounds (fund_id, id);
CREATE INDEX rounds_by_status ON rounds (status, id);

-- Bids -------------------------------------------------------------------------------------------

CREATE TABLE bids (
    id uuid PRIMARY KEY,
    round_id uuid NOT NULL REFERENCES rounds (id),
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    reference text NOT NULL,
    status text NOT NULL CHECK (status IN ('draft', 'submitted', 'withdrawn')),
    title text NOT NULL,
    content jsonb NOT NULL,
    submitted_number integer,
    submitted_at timestamptz,
    submitted_by text,
    withdrawn_at timestamptz,
    eligibility text NOT NULL CHECK (eligibility IN ('unchecked', 'eligible', 'ineligible')),
    eligibility_reason text,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL,
    CONSTRAINT bids_reference_key UNIQUE (reference)
-- Room beside each row, and no index on what submitting changes: an update then stays on its page and
-- writes to no index, so that neighbours who submit at once do not have to start again.
) WITH (fillfactor = 50);
CREATE INDEX bids_by_round ON bids (round_id, id);
CREATE INDEX bids_by_organisation ON bids (organisation_id, id);

CREATE TABLE bid_versions (
    bid_id uuid NOT NULL REFERENCES bids (id),
    number integer NOT NULL,
    content jsonb NOT NULL,
    content_sha256 text NOT NULL,
    submitted_at timestamptz NOT NULL,
    submitted_by text NOT NULL,
    PRIMARY KEY (bid_id, number)
);

-- Assessors and routing --------------------------------------------------------------------------

CREATE TABLE assessors (
    user_id uuid PRIMARY KEY REFERENCES users (id),
    areas jsonb NOT NULL,
    version integer NOT NULL
);

CREATE TABLE round_assessors (
    round_id uuid NOT NULL REFERENCES rounds (id),
    assessor_id uuid NOT NULL REFERENCES users (id),
    capacity integer NOT NULL CHECK (capacity >= 0),
    minimum integer NOT NULL CHECK (minimum >= 0 AND minimum <= capacity),
    PRIMARY KEY (round_id, assessor_id)
);
CREATE INDEX round_assessors_by_assessor ON round_assessors (assessor_id, round_id);

CREATE TABLE interests (
    id uuid PRIMARY KEY,
    assessor_id uuid NOT NULL REFERENCES users (id),
    severity text NOT NULL CHECK (severity IN ('hard', 'soft')),
    registered_number text,
    bid_id uuid REFERENCES bids (id),
    description text NOT NULL,
    declared_by text NOT NULL,
    declared_at timestamptz NOT NULL,
    overridden_at timestamptz,
    overridden_reason text
);
CREATE INDEX interests_by_assessor ON interests (assessor_id, id);

CREATE TABLE routing_runs (
    id uuid PRIMARY KEY,
    round_id uuid NOT NULL REFERENCES rounds (id),
    purpose text NOT NULL CHECK (purpose IN ('fresh', 'repair')),
    cause text NOT NULL,
    solver text NOT NULL,
    input text NOT NULL,
    input_sha256 text NOT NULL,
    result jsonb NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX routing_runs_by_round ON routing_runs (round_id, id);

CREATE TABLE assignments (
    id uuid PRIMARY KEY,
    round_id uuid NOT NULL REFERENCES rounds (id),
    bid_id uuid NOT NULL REFERENCES bids (id),
    assessor_id uuid NOT NULL REFERENCES users (id),
    run_id uuid NOT NULL REFERENCES routing_runs (id),
    area_code text REFERENCES areas (code),
    status text NOT NULL CHECK (status IN ('offered', 'accepted', 'submitted', 'declined', 'released')),
    explanation jsonb NOT NULL,
    offered_at timestamptz NOT NULL,
    accepted_at timestamptz,
    declined_at timestamptz,
    decline_reason text,
    released_at timestamptz,
    reminded_at timestamptz,
    version integer NOT NULL
);
CREATE INDEX assignments_by_round ON assignments (round_id, id);
CREATE INDEX assignments_by_bid ON assignments (bid_id, id);
CREATE INDEX assignments_by_assessor ON assignments (assessor_id, id);
CREATE UNIQUE INDEX assignments_once ON assignments (bid_id, assessor_id)
    WHERE status IN ('offered', 'accepted', 'submitted');

-- Assessments ------------------------------------------------------------------------------------

CREATE TABLE assessments (
    id uuid PRIMARY KEY,
    assignment_id uuid NOT NULL REFERENCES assignments (id),
    round_id uuid NOT NULL REFERENCES rounds (id),
    bid_id uuid NOT NULL REFERENCES bids (id),
    assessor_id uuid NOT NULL REFERENCES users (id),
    status text NOT NULL CHECK (status IN ('draft', 'submitted')),
    content jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    submitted_at timestamptz,
    submitted_number integer,
    version integer NOT NULL,
    CONSTRAINT assessments_assignment_id_key UNIQUE (assignment_id)
);
CREATE INDEX assessments_by_round ON assessments (round_id, id);
CREATE INDEX assessments_by_bid ON assessments (bid_id, id);

CREATE TABLE assessment_versions (
    assessment_id uuid NOT NULL REFERENCES assessments (id),
    number integer NOT NULL,
    content jsonb NOT NULL,
    submitted_at timestamptz NOT NULL,
    PRIMARY KEY (assessment_id, number)
);

-- Outcomes ---------------------------------------------------------------------------------------

CREATE TABLE moderations (
    id uuid PRIMARY KEY,
    round_id uuid NOT NULL REFERENCES rounds (id),
    bid_id uuid NOT NULL REFERENCES bids (id),
    criterion text NOT NULL,
    score integer NOT NULL,
    reason text NOT NULL,
    moderated_by uuid NOT NULL REFERENCES users (id),
    moderated_at timestamptz NOT NULL
);
CREATE INDEX moderations_by_round ON moderations (round_id, id);
CREATE INDEX moderations_by_bid ON moderations (bid_id, id);

CREATE TABLE rulings (
    id uuid PRIMARY KEY,
    round_id uuid NOT NULL REFERENCES rounds (id),
    bid_id uuid REFERENCES bids (id),
    kind text NOT NULL CHECK (kind IN ('exclude', 'accept_short', 'accept_disagreement', 'override', 'tie_order')),
    detail jsonb NOT NULL,
    reason text NOT NULL,
    ruled_by uuid NOT NULL REFERENCES users (id),
    ruled_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX rulings_by_round ON rulings (round_id, id);

CREATE TABLE outcomes (
    bid_id uuid PRIMARY KEY REFERENCES bids (id),
    round_id uuid NOT NULL REFERENCES rounds (id),
    outcome text NOT NULL
        CHECK (outcome IN ('awarded', 'awarded_with_conditions', 'reserve', 'unsuccessful', 'ineligible', 'withdrawn')),
    rank integer,
    score_hundredths bigint,
    amount_pence bigint NOT NULL,
    pot text,
    reserve_position integer,
    sentence text NOT NULL,
    conditions text,
    detail jsonb NOT NULL,
    decided_at timestamptz NOT NULL
);
CREATE INDEX outcomes_by_round ON outcomes (round_id, bid_id);

CREATE TABLE closings (
    round_id uuid PRIMARY KEY REFERENCES rounds (id),
    snapshot text NOT NULL,
    snapshot_sha256 text NOT NULL,
    closed_by uuid NOT NULL REFERENCES users (id),
    closed_at timestamptz NOT NULL
);

-- Email and audit --------------------------------------------------------------------------------

CREATE TABLE emails (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    recipient text NOT NULL,
    recipient_name text NOT NULL,
    subject text NOT NULL,
    text_body text NOT NULL,
    html_body text NOT NULL,
    message_id text NOT NULL,
    promise text NOT NULL,
    round_id uuid REFERENCES rounds (id),
    bid_id uuid REFERENCES bids (id),
    status text NOT NULL CHECK (status IN ('waiting', 'sending', 'sent', 'failed')),
    attempts integer NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    leased_until timestamptz,
    last_error text,
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    CONSTRAINT emails_message_id_key UNIQUE (message_id),
    CONSTRAINT emails_promise_key UNIQUE (promise)
);
CREATE INDEX emails_due ON emails (next_attempt_at) WHERE status IN ('waiting', 'sending');
CREATE INDEX emails_by_status ON emails (status, id);
CREATE INDEX emails_by_round ON emails (round_id, id);

CREATE TABLE audit_events (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    role text NOT NULL,
    action text NOT NULL,
    subject_kind text NOT NULL,
    subject_id text NOT NULL,
    round_id uuid,
    detail jsonb NOT NULL,
    request_id text
);
CREATE INDEX audit_events_by_round ON audit_events (round_id, id);
CREATE INDEX audit_events_by_subject ON audit_events (subject_id, id);
CREATE INDEX audit_events_by_actor ON audit_events (actor, id);
CREATE INDEX audit_events_by_action ON audit_events (action, id);

-- What is written once and never changed ----------------------------------------------------------

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;

CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bid_versions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON bid_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER assessment_versions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON assessment_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER outcomes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON outcomes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER closings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON closings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
