-- A snapshot in pieces of about a megabyte: one text of tens of megabytes is copied whole, several times, by each
-- program that it passes through. The pieces one after the other are the text that the SHA-256 is of.
CREATE TABLE snapshot_pieces (
    round_id TEXT NOT NULL REFERENCES rounds (id),
    number INTEGER NOT NULL CHECK (number > 0),
    text TEXT NOT NULL,
    PRIMARY KEY (round_id, number)
) STRICT;
INSERT INTO snapshot_pieces SELECT round_id, 1, snapshot FROM closings;
ALTER TABLE closings DROP COLUMN snapshot;
CREATE TRIGGER snapshot_pieces_refuse_update BEFORE UPDATE ON snapshot_pieces
BEGIN SELECT RAISE(ABORT, 'snapshot_pieces is append-only'); END;
CREATE TRIGGER snapshot_pieces_refuse_delete BEFORE DELETE ON snapshot_pieces
BEGIN SELECT RAISE(ABORT, 'snapshot_pieces is append-only'); END;
