CREATE OR REPLACE TABLE raw.observation (
    vintage VARCHAR NOT NULL,
    file VARCHAR NOT NULL,
    line INTEGER NOT NULL,
    position INTEGER NOT NULL,
    region VARCHAR NOT NULL,
    region_label VARCHAR,
    reference VARCHAR NOT NULL,
    measure VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    marker VARCHAR NOT NULL,
    concept VARCHAR,
    universe VARCHAR,
    release_state VARCHAR,
    census_base VARCHAR,
    status VARCHAR,
    breakdown VARCHAR,
    source_url VARCHAR,
    note VARCHAR,
    reference_kind VARCHAR,
    PRIMARY KEY (file, line, position, region),
    CHECK (line > 1),
    CHECK (position > 0)
);

COMMENT ON TABLE raw.observation IS 'One row a figure, every cell as printed.';
COMMENT ON COLUMN raw.observation.vintage IS 'vintage of the source, the name of its folder under raw_data';
COMMENT ON COLUMN raw.observation.file IS 'data file, relative to raw_data';
COMMENT ON COLUMN raw.observation.line IS 'line in the data file, the header being line 1';
COMMENT ON COLUMN raw.observation.position IS 'column of the figure in that line, the first being 1';
COMMENT ON COLUMN raw.observation.region IS 'region; Hamburg and Berlin, printed once in a table of districts, stand twice';
COMMENT ON COLUMN raw.observation.region_label IS 'name of the region, as printed';
COMMENT ON COLUMN raw.observation.reference IS 'date or year the figure holds for, as printed';
COMMENT ON COLUMN raw.observation.measure IS 'what was measured';
COMMENT ON COLUMN raw.observation.value IS 'the figure as printed; empty where only a marker stands';
COMMENT ON COLUMN raw.observation.marker IS 'sign beside or instead of the figure, as printed; empty when none';
COMMENT ON COLUMN raw.observation.concept IS 'concept, where the file states it per row';
COMMENT ON COLUMN raw.observation.universe IS 'universe, where the file states it per row';
COMMENT ON COLUMN raw.observation.release_state IS 'first or final, where the file states it per row';
COMMENT ON COLUMN raw.observation.census_base IS 'census base, where the file states it per row';
COMMENT ON COLUMN raw.observation.status IS 'how sure the figure is, where the file states it per row';
COMMENT ON COLUMN raw.observation.breakdown IS 'parts of the total, key=CODE separated by semicolons';
COMMENT ON COLUMN raw.observation.source_url IS 'page the single figure was read on';
COMMENT ON COLUMN raw.observation.note IS 'remark on the single figure';
COMMENT ON COLUMN raw.observation.reference_kind IS 'date, year or year_end, where the file or its reading states it';
