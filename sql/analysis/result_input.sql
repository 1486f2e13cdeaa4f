CREATE OR REPLACE TABLE analysis.result_input (
    series_id VARCHAR NOT NULL,
    observation_id VARCHAR NOT NULL,
    PRIMARY KEY (series_id, observation_id)
);

COMMENT ON TABLE analysis.result_input IS 'One row an observation that the results of a series were computed from.';
COMMENT ON COLUMN analysis.result_input.series_id IS 'series of marts.share or marts.aggregate_share';
COMMENT ON COLUMN analysis.result_input.observation_id IS 'figure, see core.observation';
