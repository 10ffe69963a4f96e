ALTER TABLE closings ADD COLUMN snapshot TEXT NOT NULL DEFAULT '';
DROP TRIGGER closings_refuse_update;
UPDATE closings SET snapshot = (
    SELECT group_concat(text, '') FROM (
        SELECT text FROM snapshot_pieces WHERE snapshot_pieces.round_id = closings.round_id ORDER BY number
    )
);
CREATE TRIGGER closings_refuse_update BEFORE UPDATE ON closings
BEGIN SELECT RAISE(ABORT, 'closings is append-only'); END;
DROP TABLE snapshot_pieces;
