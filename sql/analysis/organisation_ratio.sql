CREATE OR REPLACE TABLE analysis.organisation_ratio (
    result_id VARCHAR NOT NULL,
    comparison_id VARCHAR NOT NULL,
    auxiliary VARCHAR NOT NULL,
    series_id VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    counted_states VARCHAR NOT NULL,
    counted_organisations DOUBLE NOT NULL,
    counted_persons DOUBLE NOT NULL,
    all_persons DOUBLE NOT NULL,
    counted_share_percent DOUBLE NOT NULL,
    within_published_range BOOLEAN NOT NULL,
    estimand VARCHAR NOT NULL,
    quantity VARCHAR NOT NULL,
    method VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    estimate DOUBLE NOT NULL,
    lower DOUBLE,
    upper DOUBLE,
    confidence_level DOUBLE,
    p_value DOUBLE,
    family VARCHAR,
    p_adjusted DOUBLE,
    n INTEGER NOT NULL,
    figure_ids VARCHAR NOT NULL,
    observation_ids VARCHAR NOT NULL,
    assumptions VARCHAR NOT NULL,
    PRIMARY KEY (result_id),
    CHECK (0 < counted_persons AND counted_persons <= all_persons),
    CHECK (estimate >= counted_organisations)
);

COMMENT ON TABLE analysis.organisation_ratio IS 'One row an auxiliary population: the number of migrant organisations in Germany that the count in four states would give by it.';
COMMENT ON COLUMN analysis.organisation_ratio.result_id IS 'names the result everywhere';
COMMENT ON COLUMN analysis.organisation_ratio.comparison_id IS 'entry of the declaration it was computed under';
COMMENT ON COLUMN analysis.organisation_ratio.auxiliary IS 'population the organisations are taken to go with';
COMMENT ON COLUMN analysis.organisation_ratio.series_id IS 'series of marts.share it was computed from';
COMMENT ON COLUMN analysis.organisation_ratio.year IS 'year';
COMMENT ON COLUMN analysis.organisation_ratio.counted_states IS 'states counted, region ids separated by semicolons';
COMMENT ON COLUMN analysis.organisation_ratio.counted_organisations IS 'organisations counted in them';
COMMENT ON COLUMN analysis.organisation_ratio.counted_persons IS 'persons of the auxiliary population in them [persons]';
COMMENT ON COLUMN analysis.organisation_ratio.all_persons IS 'persons of the auxiliary population in Germany, sum of the states [persons]';
COMMENT ON COLUMN analysis.organisation_ratio.counted_share_percent IS 'share of the auxiliary population that lives in the states counted [percent]';
COMMENT ON COLUMN analysis.organisation_ratio.within_published_range IS 'true where the range of the study holds the estimate';
COMMENT ON COLUMN analysis.organisation_ratio.estimand IS 'organisations in Germany';
COMMENT ON COLUMN analysis.organisation_ratio.quantity IS 'germany';
COMMENT ON COLUMN analysis.organisation_ratio.method IS 'ratio_estimate';
COMMENT ON COLUMN analysis.organisation_ratio.unit IS 'organisations';
COMMENT ON COLUMN analysis.organisation_ratio.estimate IS 'estimate in the unit';
COMMENT ON COLUMN analysis.organisation_ratio.lower IS 'null: the states were chosen, not drawn';
COMMENT ON COLUMN analysis.organisation_ratio.upper IS 'null: the states were chosen, not drawn';
COMMENT ON COLUMN analysis.organisation_ratio.confidence_level IS 'level of the interval, 0 to 1; null for bounds or none';
COMMENT ON COLUMN analysis.organisation_ratio.p_value IS 'two-sided p value; null when there is no test';
COMMENT ON COLUMN analysis.organisation_ratio.family IS 'comparisons whose p values are adjusted together; null when there is no test';
COMMENT ON COLUMN analysis.organisation_ratio.p_adjusted IS 'p value after Holm within the family; null when there is no test';
COMMENT ON COLUMN analysis.organisation_ratio.n IS 'states counted';
COMMENT ON COLUMN analysis.organisation_ratio.figure_ids IS 'figures used, see core.study_figure';
COMMENT ON COLUMN analysis.organisation_ratio.observation_ids IS 'figures used, see core.observation';
COMMENT ON COLUMN analysis.organisation_ratio.assumptions IS 'flags separated by semicolons';
