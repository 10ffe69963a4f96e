-- What a list shows of each submitted version, without its answers: a list then reads slim rows, in the order that it
-- shows them. Rows are only ever added, and no act reads them, so that neighbours who submit do not meet here. For the
-- same reason only the bid is referenced: a check of more would read what others write.
CREATE TABLE bid_listings (
    bid_id uuid NOT NULL REFERENCES bids (id),
    number integer NOT NULL,
    round_id uuid NOT NULL,
    organisation_id uuid NOT NULL,
    reference text COLLATE "C" NOT NULL,
    title text NOT NULL,
    areas jsonb NOT NULL,
    amount_requested_pence bigint NOT NULL,
    submitted_at timestamptz NOT NULL,
    PRIMARY KEY (bid_id, number)
);
INSERT INTO bid_listings
SELECT bids.id, bid_versions.number, bids.round_id, bids.organisation_id, bids.reference,
       bid_versions.content ->> 'title', bid_versions.content -> 'areas',
       coalesce(CAST(bid_versions.content ->> 'amount_requested_pence' AS BIGINT), 0), bid_versions.submitted_at
FROM bid_versions JOIN bids ON bids.id = bid_versions.bid_id;
CREATE INDEX bid_listings_by_reference ON bid_listings (round_id, reference, number);
CREATE INDEX bid_listings_by_amount ON bid_listings (round_id, amount_requested_pence, bid_id);
CREATE INDEX bid_listings_by_time ON bid_listings (round_id, submitted_at, bid_id);
