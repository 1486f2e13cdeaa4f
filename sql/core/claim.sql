CREATE OR REPLACE TABLE core.claim (
    claim_id VARCHAR NOT NULL,
    statement VARCHAR NOT NULL,
    value DECIMAL(20, 6),
    value_printed VARCHAR NOT NULL,
    relation VARCHAR NOT NULL,
    lower DECIMAL(20, 6),
    upper DECIMAL(20, 6),
    unit VARCHAR,
    reference_year VARCHAR,
    geography VARCHAR,
    cited_source VARCHAR,
    section VARCHAR NOT NULL,
    type VARCHAR NOT NULL,
    checkable VARCHAR NOT NULL,
    note VARCHAR,
    raw_file VARCHAR NOT NULL,
    raw_line INTEGER NOT NULL,
    PRIMARY KEY (claim_id),
    CHECK (relation IN ('=', '>', '<', '~', 'range', 'list', 'text')),
    CHECK (checkable IN ('yes', 'partly', 'no', 'n/a'))
);

COMMENT ON TABLE core.claim IS 'One row a quantitative or dated statement of the article, typed.';
COMMENT ON COLUMN core.claim.claim_id IS 'names the statement, C001 to C095';
COMMENT ON COLUMN core.claim.statement IS 'what is stated, in our own words';
COMMENT ON COLUMN core.claim.value IS 'the figure as stated; null where it is a range, a list or words';
COMMENT ON COLUMN core.claim.value_printed IS 'the figure as stated, in words';
COMMENT ON COLUMN core.claim.relation IS '= equal, > more than, < less than, ~ about, range, list, text';
COMMENT ON COLUMN core.claim.lower IS 'lowest figure the statement allows';
COMMENT ON COLUMN core.claim.upper IS 'highest figure the statement allows; null when not bounded';
COMMENT ON COLUMN core.claim.unit IS 'unit as stated';
COMMENT ON COLUMN core.claim.reference_year IS 'year the statement speaks of';
COMMENT ON COLUMN core.claim.geography IS 'area the statement speaks of';
COMMENT ON COLUMN core.claim.cited_source IS 'source the article names';
COMMENT ON COLUMN core.claim.section IS 'section of the article';
COMMENT ON COLUMN core.claim.type IS 'kind of statement';
COMMENT ON COLUMN core.claim.checkable IS 'whether figures could bear on it: yes, partly, no, n/a';
COMMENT ON COLUMN core.claim.note IS 'first observation, not a verdict';
COMMENT ON COLUMN core.claim.raw_file IS 'data file the row was read from, relative to raw_data';
COMMENT ON COLUMN core.claim.raw_line IS 'line in that file, the header being line 1';
