-- What is done about an outcome after its round is closed: rows beside the record, never edits of it.
CREATE TABLE later_acts (
    id uuid PRIMARY KEY,
    round_id uuid NOT NULL REFERENCES rounds (id),
    number integer NOT NULL CHECK (number > 0),
    bid_id uuid NOT NULL REFERENCES bids (id),
    reference text NOT NULL,
    act jsonb NOT NULL,
    was jsonb NOT NULL,
    now jsonb NOT NULL,
    acted_by uuid NOT NULL REFERENCES users (id),
    acted_at timestamptz NOT NULL,
    CONSTRAINT later_acts_number_key UNIQUE (round_id, number)
);
CREATE TRIGGER later_acts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON later_acts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
