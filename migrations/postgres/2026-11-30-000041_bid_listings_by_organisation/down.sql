DROP TRIGGER bid_listings_follow_names ON organisations;
DROP FUNCTION bid_listings_follow_names();
DROP INDEX bid_listings_by_organisation;
ALTER TABLE bid_listings DROP COLUMN organisation_name;
