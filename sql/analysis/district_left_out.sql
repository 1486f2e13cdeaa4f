CREATE OR REPLACE TABLE analysis.district_left_out (
    comparison_id VARCHAR NOT NULL,
    series_id VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    covariates VARCHAR NOT NULL,
    region_id VARCHAR NOT NULL,
    region_name VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    PRIMARY KEY (comparison_id, series_id, covariates, region_id)
);

COMMENT ON TABLE analysis.district_left_out IS 'One row a district that a model of districts could not use, and why: nothing is filled in.';
COMMENT ON COLUMN analysis.district_left_out.comparison_id IS 'declared comparison';
COMMENT ON COLUMN analysis.district_left_out.series_id IS 'series of marts.district_structure';
COMMENT ON COLUMN analysis.district_left_out.year IS 'year of the share';
COMMENT ON COLUMN analysis.district_left_out.covariates IS 'covariates of the model separated by semicolons; none without';
COMMENT ON COLUMN analysis.district_left_out.region_id IS 'district';
COMMENT ON COLUMN analysis.district_left_out.region_name IS 'name of the district';
COMMENT ON COLUMN analysis.district_left_out.reason IS 'what is not known of it';
