-- What of a bid says who may assess it, beside what a list shows: a routing then reads slim rows, without the answers. A
-- version never changes, so neither do these.
ALTER TABLE bid_listings ADD COLUMN themes TEXT NOT NULL DEFAULT '[]';
ALTER TABLE bid_listings ADD COLUMN partner_numbers TEXT NOT NULL DEFAULT '[]';
UPDATE bid_listings SET
    themes = (
        SELECT coalesce(json_extract(bid_versions.content, '$.themes'), '[]') FROM bid_versions
        WHERE bid_versions.bid_id = bid_listings.bid_id AND bid_versions.number = bid_listings.number
    ),
    partner_numbers = (
        SELECT json_group_array(json_extract(partner.value, '$.registered_number'))
        FROM bid_versions, json_each(bid_versions.content, '$.partners') AS partner
        WHERE bid_versions.bid_id = bid_listings.bid_id AND bid_versions.number = bid_listings.number
    );
