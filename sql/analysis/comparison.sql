CREATE OR REPLACE TABLE analysis.comparison (
    comparison_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    question VARCHAR NOT NULL,
    headline VARCHAR,
    family VARCHAR,
    declared VARCHAR NOT NULL,
    results INTEGER NOT NULL,
    PRIMARY KEY (comparison_id),
    CHECK (kind IN ('east_west', 'proportions', 'organisations', 'multiverse', 'survey', 'headline', 'districts', 'trend', 'change', 'refugees', 'key')),
    CHECK (headline IS NULL OR family IS NOT NULL)
);

COMMENT ON TABLE analysis.comparison IS 'One row a declared comparison: everything declared is computed and shown, and nothing else is.';
COMMENT ON COLUMN analysis.comparison.comparison_id IS 'names the comparison in every result';
COMMENT ON COLUMN analysis.comparison.position IS 'order in the declaration';
COMMENT ON COLUMN analysis.comparison.kind IS 'kind of comparison';
COMMENT ON COLUMN analysis.comparison.question IS 'the question in words';
COMMENT ON COLUMN analysis.comparison.headline IS 'method that leads; null for a sensitivity and where nothing is tested';
COMMENT ON COLUMN analysis.comparison.family IS 'comparisons whose p values are adjusted together; null where nothing is tested';
COMMENT ON COLUMN analysis.comparison.declared IS 'the rest of what is declared, as JSON';
COMMENT ON COLUMN analysis.comparison.results IS 'rows of all result tables that bear its id';
