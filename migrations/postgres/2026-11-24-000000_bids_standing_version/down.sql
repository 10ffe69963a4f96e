ALTER TABLE bids DROP COLUMN standing_sha256;
