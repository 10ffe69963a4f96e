-- The standing version's hash beside the bid: whether a draft differs from what was submitted is then
-- known from the bid's own row, and submitting reads no page that others who submit write to.
ALTER TABLE bids ADD COLUMN standing_sha256 TEXT;
UPDATE bids SET standing_sha256 =
    (SELECT content_sha256 FROM bid_versions WHERE bid_id = bids.id AND number = bids.submitted_number);
