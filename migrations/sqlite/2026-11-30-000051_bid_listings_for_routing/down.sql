ALTER TABLE bid_listings DROP COLUMN partner_numbers;
ALTER TABLE bid_listings DROP COLUMN themes;
