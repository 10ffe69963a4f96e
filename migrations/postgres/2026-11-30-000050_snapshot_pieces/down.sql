ALTER TABLE closings ADD COLUMN snapshot text NOT NULL DEFAULT '';
ALTER TABLE closings DISABLE TRIGGER closings_append_only;
UPDATE closings SET snapshot = (
    SELECT string_agg(text, '' ORDER BY number) FROM snapshot_pieces WHERE snapshot_pieces.round_id = closings.round_id
);
ALTER TABLE closings ENABLE TRIGGER closings_append_only;
ALTER TABLE closings ALTER COLUMN snapshot DROP DEFAULT;
DROP TABLE snapshot_pieces;
