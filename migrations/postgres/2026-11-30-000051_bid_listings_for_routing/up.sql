-- What of a bid says who may assess it, beside what a list shows: a routing then reads slim rows, without the answers. A
-- version never changes, so neither do these.
ALTER TABLE bid_listings ADD COLUMN themes jsonb NOT NULL DEFAULT '[]';
ALTER TABLE bid_listings ADD COLUMN partner_numbers jsonb NOT NULL DEFAULT '[]';
UPDATE bid_listings SET
    themes = coalesce(bid_versions.content -> 'themes', '[]'),
    partner_numbers = (
        SELECT coalesce(jsonb_agg(partner.value -> 'registered_number' ORDER BY partner.ordinality), '[]')
        FROM jsonb_array_elements(bid_versions.content -> 'partners') WITH ORDINALITY AS partner
    )
FROM bid_versions
WHERE bid_versions.bid_id = bid_listings.bid_id AND bid_versions.number = bid_listings.number;
