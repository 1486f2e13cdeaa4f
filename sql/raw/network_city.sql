CREATE OR REPLACE TABLE raw.network_city (
    vintage VARCHAR NOT NULL,
    file VARCHAR NOT NULL,
    line INTEGER NOT NULL,
    city VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    samofa_partner VARCHAR NOT NULL,
    bv_nemo_member_may_2019 VARCHAR NOT NULL,
    partner_named VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    confidence VARCHAR NOT NULL,
    PRIMARY KEY (file, line),
    CHECK (line > 1)
);

COMMENT ON TABLE raw.network_city IS 'One row a city of the samo.fa network or of BV NeMO that could be established.';
COMMENT ON COLUMN raw.network_city.vintage IS 'vintage of the source, the name of its folder under raw_data';
COMMENT ON COLUMN raw.network_city.file IS 'data file, relative to raw_data';
COMMENT ON COLUMN raw.network_city.line IS 'line in the data file, the header being line 1';
COMMENT ON COLUMN raw.network_city.city IS 'city';
COMMENT ON COLUMN raw.network_city.part IS 'east, west or berlin';
COMMENT ON COLUMN raw.network_city.samofa_partner IS 'yes where the city is established as samo.fa city';
COMMENT ON COLUMN raw.network_city.bv_nemo_member_may_2019 IS 'yes where an alliance of the city was BV NeMO member in May 2019';
COMMENT ON COLUMN raw.network_city.partner_named IS 'organisation named';
COMMENT ON COLUMN raw.network_city.source IS 'where it was read';
COMMENT ON COLUMN raw.network_city.confidence IS 'quoted or inferred';
