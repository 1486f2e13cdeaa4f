CREATE OR REPLACE TABLE core.region (
    region_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    state_id VARCHAR,
    part VARCHAR,
    valid_from DATE,
    valid_to DATE,
    successor VARCHAR,
    note VARCHAR,
    raw_file VARCHAR NOT NULL,
    raw_line INTEGER NOT NULL,
    PRIMARY KEY (region_id),
    CHECK (level IN ('country', 'state', 'government_region', 'district', 'borough', 'aggregate', 'group')),
    CHECK (part IN ('east', 'west', 'berlin')),
    CHECK (valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to)
);

COMMENT ON TABLE core.region IS 'One row a region with its level, its state, its part of the country and the time it existed.';
COMMENT ON COLUMN core.region.region_id IS 'official code; DE for Germany; east, west and their variants for aggregates';
COMMENT ON COLUMN core.region.name IS 'name';
COMMENT ON COLUMN core.region.level IS 'country, state, government_region, district, borough, aggregate or group';
COMMENT ON COLUMN core.region.state_id IS 'state it lies in; null for Germany and aggregates';
COMMENT ON COLUMN core.region.part IS 'east (the five states without Berlin), west or berlin; null for Germany and aggregates';
COMMENT ON COLUMN core.region.valid_from IS 'first day of existence; null where it is not known or before all data here';
COMMENT ON COLUMN core.region.valid_to IS 'last day of existence; null while it exists';
COMMENT ON COLUMN core.region.successor IS 'codes of the successors, separated by semicolons';
COMMENT ON COLUMN core.region.note IS 'remark';
COMMENT ON COLUMN core.region.raw_file IS 'data file the row was read from, relative to raw_data';
COMMENT ON COLUMN core.region.raw_line IS 'line in that file, the header being line 1';
