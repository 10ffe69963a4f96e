-- The bidder's name beside what else a list shows, so that a list in the order of names is read from an index as well. It
-- follows when an organisation is renamed.
ALTER TABLE bid_listings ADD COLUMN organisation_name TEXT NOT NULL DEFAULT '';
UPDATE bid_listings SET organisation_name =
    (SELECT name FROM organisations WHERE organisations.id = bid_listings.organisation_id);
CREATE INDEX bid_listings_by_organisation ON bid_listings (round_id, lower(organisation_name), bid_id);
CREATE TRIGGER bid_listings_follow_names AFTER UPDATE OF name ON organisations
BEGIN
    UPDATE bid_listings SET organisation_name = NEW.name
    WHERE bid_id IN (SELECT id FROM bids WHERE organisation_id = NEW.id);
END;
