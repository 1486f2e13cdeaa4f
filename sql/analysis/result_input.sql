CREATE OR REPLACE TABLE analysis.result_input (
    series_id VARCHAR NOT NULL,
    observation_id VARCHAR NOT NULL,
    PRIMARY KEY (series_id, observation_id)
);

COMMENT ON TABLE analysis.result_input IS 'One row an observation that the results of a series were computed from: all of them use every region of the series.';
COMMENT ON COLUMN analysis.result_input.series_id IS 'series, see analysis.east_west';
COMMENT ON COLUMN analysis.result_input.observation_id IS 'figure, see core.observation';
