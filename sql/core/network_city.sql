CREATE OR REPLACE TABLE core.network_city (
    city VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    samofa_partner BOOLEAN,
    bv_nemo_member_may_2019 BOOLEAN,
    partner_named VARCHAR,
    source VARCHAR NOT NULL,
    confidence VARCHAR NOT NULL,
    raw_file VARCHAR NOT NULL,
    raw_line INTEGER NOT NULL,
    PRIMARY KEY (city),
    CHECK (part IN ('east', 'west', 'berlin'))
);

COMMENT ON TABLE core.network_city IS 'One row a city of the samo.fa network or of BV NeMO.';
COMMENT ON COLUMN core.network_city.city IS 'city';
COMMENT ON COLUMN core.network_city.part IS 'east, west or berlin';
COMMENT ON COLUMN core.network_city.samofa_partner IS 'true where the city is established as samo.fa city; null when not known';
COMMENT ON COLUMN core.network_city.bv_nemo_member_may_2019 IS 'true where an alliance of the city was BV NeMO member in May 2019; null when not known';
COMMENT ON COLUMN core.network_city.partner_named IS 'organisation named; null when none';
COMMENT ON COLUMN core.network_city.source IS 'where it was read';
COMMENT ON COLUMN core.network_city.confidence IS 'quoted or inferred';
COMMENT ON COLUMN core.network_city.raw_file IS 'data file the row was read from, relative to raw_data';
COMMENT ON COLUMN core.network_city.raw_line IS 'line in that file, the header being line 1';
