CREATE OR REPLACE TABLE analysis.organisation_definition (
    result_id VARCHAR NOT NULL,
    comparison_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    figure_id VARCHAR NOT NULL,
    counts VARCHAR NOT NULL,
    study VARCHAR NOT NULL,
    geography VARCHAR,
    year VARCHAR,
    relation VARCHAR NOT NULL,
    estimand VARCHAR NOT NULL,
    quantity VARCHAR NOT NULL,
    method VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    estimate DOUBLE,
    lower DOUBLE,
    upper DOUBLE,
    confidence_level DOUBLE,
    p_value DOUBLE,
    family VARCHAR,
    p_adjusted DOUBLE,
    n INTEGER,
    assumptions VARCHAR NOT NULL,
    PRIMARY KEY (result_id),
    CHECK (estimate IS NOT NULL OR lower IS NOT NULL OR upper IS NOT NULL)
);

COMMENT ON TABLE analysis.organisation_definition IS 'One row a published count of organisations with what it counts: definitions side by side, never a series in time.';
COMMENT ON COLUMN analysis.organisation_definition.result_id IS 'names the result everywhere';
COMMENT ON COLUMN analysis.organisation_definition.comparison_id IS 'entry of the declaration it was computed under';
COMMENT ON COLUMN analysis.organisation_definition.position IS 'order of the declaration';
COMMENT ON COLUMN analysis.organisation_definition.figure_id IS 'figure, see core.study_figure';
COMMENT ON COLUMN analysis.organisation_definition.counts IS 'what is counted, in words, from the declaration';
COMMENT ON COLUMN analysis.organisation_definition.study IS 'study or publication';
COMMENT ON COLUMN analysis.organisation_definition.geography IS 'area the figure speaks of';
COMMENT ON COLUMN analysis.organisation_definition.year IS 'year or period, as printed';
COMMENT ON COLUMN analysis.organisation_definition.relation IS '= equal, > more than, < less than, ~ about';
COMMENT ON COLUMN analysis.organisation_definition.estimand IS 'organisations';
COMMENT ON COLUMN analysis.organisation_definition.quantity IS 'count';
COMMENT ON COLUMN analysis.organisation_definition.method IS 'as_published';
COMMENT ON COLUMN analysis.organisation_definition.unit IS 'unit as printed';
COMMENT ON COLUMN analysis.organisation_definition.estimate IS 'the figure; null where a bound is printed';
COMMENT ON COLUMN analysis.organisation_definition.lower IS 'printed lower bound; null when none';
COMMENT ON COLUMN analysis.organisation_definition.upper IS 'printed upper bound; null when none';
COMMENT ON COLUMN analysis.organisation_definition.confidence_level IS 'level of the interval, 0 to 1; null for bounds or none';
COMMENT ON COLUMN analysis.organisation_definition.p_value IS 'two-sided p value; null when there is no test';
COMMENT ON COLUMN analysis.organisation_definition.family IS 'comparisons whose p values are adjusted together; null when there is no test';
COMMENT ON COLUMN analysis.organisation_definition.p_adjusted IS 'p value after Holm within the family; null when there is no test';
COMMENT ON COLUMN analysis.organisation_definition.n IS 'null: a count rests on no sample';
COMMENT ON COLUMN analysis.organisation_definition.assumptions IS 'flags separated by semicolons';
