-- Reference areas of England as a fund needs them first, with their ONS GSS codes (Office for National
-- Statistics, Open Geography portal; Open Government Licence v3.0): parents stand before what is below them.
INSERT INTO areas (code, name, kind, parent_code) VALUES
    ('E92000001', 'England', 'country', NULL),
    ('E12000001', 'North East', 'region', 'E92000001'),
    ('E12000002', 'North West', 'region', 'E92000001'),
    ('E12000003', 'Yorkshire and The Humber', 'region', 'E92000001'),
    ('E12000004', 'East Midlands', 'region', 'E92000001'),
    ('E12000005', 'West Midlands', 'region', 'E92000001'),
    ('E12000006', 'East of England', 'region', 'E92000001'),
    ('E12000007', 'London', 'region', 'E92000001'),
    ('E12000008', 'South East', 'region', 'E92000001'),
    ('E12000009', 'South West', 'region', 'E92000001'),
    ('E10000017', 'Lancashire', 'county', 'E12000002'),
    ('E07000117', 'Burnley', 'non_metropolitan_district', 'E10000017'),
    ('E07000118', 'Chorley', 'non_metropolitan_district', 'E10000017'),
    ('E07000119', 'Fylde', 'non_metropolitan_district', 'E10000017'),
    ('E07000120', 'Hyndburn', 'non_metropolitan_district', 'E10000017'),
    ('E07000121', 'Lancaster', 'non_metropolitan_district', 'E10000017'),
    ('E07000122', 'Pendle', 'non_metropolitan_district', 'E10000017'),
    ('E07000123', 'Preston', 'non_metropolitan_district', 'E10000017'),
    ('E07000124', 'Ribble Valley', 'non_metropolitan_district', 'E10000017'),
    ('E07000125', 'Rossendale', 'non_metropolitan_district', 'E10000017'),
    ('E07000126', 'South Ribble', 'non_metropolitan_district', 'E10000017'),
    ('E07000127', 'West Lancashire', 'non_metropolitan_district', 'E10000017'),
    ('E07000128', 'Wyre', 'non_metropolitan_district', 'E10000017'),
    ('E06000008', 'Blackburn with Darwen', 'unitary_authority', 'E12000002'),
    ('E06000009', 'Blackpool', 'unitary_authority', 'E12000002'),
    ('E47000001', 'Greater Manchester', 'combined_authority', 'E12000002'),
    ('E08000001', 'Bolton', 'metropolitan_district', 'E47000001'),
    ('E08000002', 'Bury', 'metropolitan_district', 'E47000001'),
    ('E08000003', 'Manchester', 'metropolitan_district', 'E47000001'),
    ('E08000004', 'Oldham', 'metropolitan_district', 'E47000001'),
    ('E08000005', 'Rochdale', 'metropolitan_district', 'E47000001'),
    ('E08000006', 'Salford', 'metropolitan_district', 'E47000001'),
    ('E08000007', 'Stockport', 'metropolitan_district', 'E47000001'),
    ('E08000008', 'Tameside', 'metropolitan_district', 'E47000001'),
    ('E08000009', 'Trafford', 'metropolitan_district', 'E47000001'),
    ('E08000010', 'Wigan', 'metropolitan_district', 'E47000001');

-- Lancashire as its Local Enterprise Partnership meant it: the county and the two unitary authorities.
INSERT INTO area_groups (code, name) VALUES ('lancashire-lep', 'Lancashire');

INSERT INTO area_group_members (group_code, area_code) VALUES
    ('lancashire-lep', 'E10000017'),
    ('lancashire-lep', 'E06000008'),
    ('lancashire-lep', 'E06000009');
