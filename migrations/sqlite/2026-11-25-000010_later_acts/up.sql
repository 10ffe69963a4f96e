-- What is done about an outcome after its round is closed: rows beside the record, never edits of it.
CREATE TABLE later_acts (
    id TEXT PRIMARY KEY,
    round_id TEXT NOT NULL REFERENCES rounds (id),
    number INTEGER NOT NULL CHECK (number > 0),
    bid_id TEXT NOT NULL REFERENCES bids (id),
    reference TEXT NOT NULL,
    act TEXT NOT NULL,
    was TEXT NOT NULL,
    now TEXT NOT NULL,
    acted_by TEXT NOT NULL REFERENCES users (id),
    acted_at TEXT NOT NULL,
    CONSTRAINT later_acts_number_key UNIQUE (round_id, number)
) STRICT;
CREATE TRIGGER later_acts_refuse_update BEFORE UPDATE ON later_acts
BEGIN SELECT RAISE(ABORT, 'later_acts is append-only'); END;
CREATE TRIGGER later_acts_refuse_delete BEFORE DELETE ON later_acts
BEGIN SELECT RAISE(ABORT, 'later_acts is append-only'); END;
