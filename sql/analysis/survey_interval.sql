CREATE OR REPLACE TABLE analysis.survey_interval (
    result_id VARCHAR NOT NULL,
    comparison_id VARCHAR NOT NULL,
    figure_id VARCHAR NOT NULL,
    study VARCHAR NOT NULL,
    indicator VARCHAR NOT NULL,
    category VARCHAR,
    year VARCHAR,
    estimate_percent DOUBLE,
    lower_percent DOUBLE,
    upper_percent DOUBLE,
    confidence_level DOUBLE,
    base_n INTEGER,
    method VARCHAR NOT NULL,
    rounding_lower_percent DOUBLE,
    rounding_upper_percent DOUBLE,
    assumptions VARCHAR NOT NULL,
    PRIMARY KEY (result_id),
    CHECK (method IN ('wilson', 'none')),
    CHECK (estimate_percent BETWEEN 0 AND 100),
    CHECK (lower_percent <= upper_percent),
    CHECK ((method = 'wilson') = (lower_percent IS NOT NULL))
);

COMMENT ON TABLE analysis.survey_interval IS 'One row a published percentage with the interval its base allows; none where the base is not known.';
COMMENT ON COLUMN analysis.survey_interval.result_id IS 'names the result everywhere';
COMMENT ON COLUMN analysis.survey_interval.comparison_id IS 'declared comparison it belongs to';
COMMENT ON COLUMN analysis.survey_interval.figure_id IS 'figure, see core.study_figure';
COMMENT ON COLUMN analysis.survey_interval.study IS 'study';
COMMENT ON COLUMN analysis.survey_interval.indicator IS 'what was measured';
COMMENT ON COLUMN analysis.survey_interval.category IS 'answer, group or part';
COMMENT ON COLUMN analysis.survey_interval.year IS 'year or period, as printed';
COMMENT ON COLUMN analysis.survey_interval.estimate_percent IS 'the percentage as printed; null where only a bound, a range or words are printed';
COMMENT ON COLUMN analysis.survey_interval.lower_percent IS 'lower end of the interval; null without a known base';
COMMENT ON COLUMN analysis.survey_interval.upper_percent IS 'upper end of the interval; null without a known base';
COMMENT ON COLUMN analysis.survey_interval.confidence_level IS 'level of the interval, 0 to 1';
COMMENT ON COLUMN analysis.survey_interval.base_n IS 'number the percentage is taken of';
COMMENT ON COLUMN analysis.survey_interval.method IS 'wilson or none';
COMMENT ON COLUMN analysis.survey_interval.rounding_lower_percent IS 'lower end at the lowest figure the printed one allows';
COMMENT ON COLUMN analysis.survey_interval.rounding_upper_percent IS 'upper end at the highest figure the printed one allows';
COMMENT ON COLUMN analysis.survey_interval.assumptions IS 'flags separated by semicolons';
