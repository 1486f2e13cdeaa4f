CREATE OR REPLACE TABLE analysis.left_out (
    series_id VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    regions INTEGER NOT NULL,
    reason VARCHAR NOT NULL,
    PRIMARY KEY (series_id)
);

COMMENT ON TABLE analysis.left_out IS 'One row a series that was not compared, and why: unknown stays unknown.';
COMMENT ON COLUMN analysis.left_out.series_id IS 'series of marts.share';
COMMENT ON COLUMN analysis.left_out.level IS 'state or district';
COMMENT ON COLUMN analysis.left_out.year IS 'year';
COMMENT ON COLUMN analysis.left_out.regions IS 'regions the series holds';
COMMENT ON COLUMN analysis.left_out.reason IS 'what is missing';
