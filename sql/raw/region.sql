CREATE OR REPLACE TABLE raw.region (
    vintage VARCHAR NOT NULL,
    file VARCHAR NOT NULL,
    line INTEGER NOT NULL,
    region VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    valid_from VARCHAR NOT NULL,
    valid_to VARCHAR NOT NULL,
    successor VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    PRIMARY KEY (file, line),
    CHECK (line > 1)
);

COMMENT ON TABLE raw.region IS 'One row a region, every cell as printed.';
COMMENT ON COLUMN raw.region.vintage IS 'vintage of the source, the name of its folder under raw_data';
COMMENT ON COLUMN raw.region.file IS 'data file, relative to raw_data';
COMMENT ON COLUMN raw.region.line IS 'line in the data file, the header being line 1';
COMMENT ON COLUMN raw.region.region IS 'code of the region';
COMMENT ON COLUMN raw.region.name IS 'name';
COMMENT ON COLUMN raw.region.level IS 'country, state, government_region, district, borough, aggregate or group';
COMMENT ON COLUMN raw.region.state IS 'code of the state it lies in';
COMMENT ON COLUMN raw.region.part IS 'east, west or berlin';
COMMENT ON COLUMN raw.region.valid_from IS 'first day of existence where known';
COMMENT ON COLUMN raw.region.valid_to IS 'last day of existence';
COMMENT ON COLUMN raw.region.successor IS 'codes of the successors, separated by semicolons';
COMMENT ON COLUMN raw.region.note IS 'remark';
