-- What a list shows of each submitted version, without its answers: a list then reads slim rows, in the order that it
-- shows them. Rows are only ever added, and no act reads them, so that neighbours who submit do not meet here. For the
-- same reason only the bid is referenced: a check of more would read what others write.
CREATE TABLE bid_listings (
    bid_id TEXT NOT NULL REFERENCES bids (id),
    number INTEGER NOT NULL,
    round_id TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    reference TEXT NOT NULL,
    title TEXT NOT NULL,
    areas TEXT NOT NULL,
    amount_requested_pence INTEGER NOT NULL,
    submitted_at TEXT NOT NULL,
    PRIMARY KEY (bid_id, number)
) STRICT;
INSERT INTO bid_listings
SELECT bids.id, bid_versions.number, bids.round_id, bids.organisation_id, bids.reference,
       json_extract(bid_versions.content, '$.title'), json_extract(bid_versions.content, '$.areas'),
       coalesce(json_extract(bid_versions.content, '$.amount_requested_pence'), 0), bid_versions.submitted_at
FROM bid_versions JOIN bids ON bids.id = bid_versions.bid_id;
CREATE INDEX bid_listings_by_reference ON bid_listings (round_id, reference, number);
CREATE INDEX bid_listings_by_amount ON bid_listings (round_id, amount_requested_pence, bid_id);
CREATE INDEX bid_listings_by_time ON bid_listings (round_id, submitted_at, bid_id);
