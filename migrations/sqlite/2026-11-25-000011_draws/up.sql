-- A draw between equals that is committed to when the round opens. The seed stays apart from the round,
-- which many may read, until the round is closed.
ALTER TABLE rounds ADD COLUMN draw_sha256 TEXT;
ALTER TABLE rounds ADD COLUMN draw_seed TEXT;
CREATE TABLE draws (
    round_id TEXT PRIMARY KEY REFERENCES rounds (id),
    seed TEXT NOT NULL,
    committed_at TEXT NOT NULL
) STRICT;
CREATE TRIGGER draws_refuse_update BEFORE UPDATE ON draws
BEGIN SELECT RAISE(ABORT, 'draws is append-only'); END;
CREATE TRIGGER draws_refuse_delete BEFORE DELETE ON draws
BEGIN SELECT RAISE(ABORT, 'draws is append-only'); END;
