DROP TABLE bid_listings;
