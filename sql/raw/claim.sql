CREATE OR REPLACE TABLE raw.claim (
    vintage VARCHAR NOT NULL,
    file VARCHAR NOT NULL,
    line INTEGER NOT NULL,
    claim VARCHAR NOT NULL,
    statement VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    reference_year VARCHAR NOT NULL,
    geography VARCHAR NOT NULL,
    cited_source VARCHAR NOT NULL,
    section VARCHAR NOT NULL,
    type VARCHAR NOT NULL,
    checkable VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    PRIMARY KEY (file, line),
    CHECK (line > 1)
);

COMMENT ON TABLE raw.claim IS 'One row a quantitative or dated statement of the article, in our own words.';
COMMENT ON COLUMN raw.claim.vintage IS 'vintage of the source, the name of its folder under raw_data';
COMMENT ON COLUMN raw.claim.file IS 'data file, relative to raw_data';
COMMENT ON COLUMN raw.claim.line IS 'line in the data file, the header being line 1';
COMMENT ON COLUMN raw.claim.claim IS 'number of the statement';
COMMENT ON COLUMN raw.claim.statement IS 'what is stated';
COMMENT ON COLUMN raw.claim.value IS 'the figure as stated';
COMMENT ON COLUMN raw.claim.unit IS 'unit as stated';
COMMENT ON COLUMN raw.claim.reference_year IS 'year the statement speaks of';
COMMENT ON COLUMN raw.claim.geography IS 'area the statement speaks of';
COMMENT ON COLUMN raw.claim.cited_source IS 'source the article names';
COMMENT ON COLUMN raw.claim.section IS 'section of the article';
COMMENT ON COLUMN raw.claim.type IS 'kind of statement';
COMMENT ON COLUMN raw.claim.checkable IS 'whether figures could bear on it: yes, partly, no, n/a';
COMMENT ON COLUMN raw.claim.note IS 'first observation, not a verdict';
