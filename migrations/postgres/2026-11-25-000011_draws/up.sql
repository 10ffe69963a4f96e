-- A draw between equals that is committed to when the round opens. The seed stays apart from the round,
-- which many may read, until the round is closed.
ALTER TABLE rounds ADD COLUMN draw_sha256 text;
ALTER TABLE rounds ADD COLUMN draw_seed text;
CREATE TABLE draws (
    round_id uuid PRIMARY KEY REFERENCES rounds (id),
    seed text NOT NULL,
    committed_at timestamptz NOT NULL
);
CREATE TRIGGER draws_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON draws
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
