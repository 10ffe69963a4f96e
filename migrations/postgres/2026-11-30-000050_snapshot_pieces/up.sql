-- A snapshot in pieces of about a megabyte: one text of tens of megabytes is copied whole, several times, by each
-- program that it passes through. The pieces one after the other are the text that the SHA-256 is of.
CREATE TABLE snapshot_pieces (
    round_id uuid NOT NULL REFERENCES rounds (id),
    number integer NOT NULL CHECK (number > 0),
    text text NOT NULL,
    PRIMARY KEY (round_id, number)
);
INSERT INTO snapshot_pieces SELECT round_id, 1, snapshot FROM closings;
ALTER TABLE closings DROP COLUMN snapshot;
CREATE TRIGGER snapshot_pieces_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON snapshot_pieces
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
