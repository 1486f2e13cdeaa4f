CREATE OR REPLACE TABLE analysis.proportion_comparison (
    result_id VARCHAR NOT NULL,
    comparison_id VARCHAR NOT NULL,
    first_figure_id VARCHAR NOT NULL,
    second_figure_id VARCHAR NOT NULL,
    base_figure_ids VARCHAR NOT NULL,
    first_percent DOUBLE,
    second_percent DOUBLE,
    estimand VARCHAR NOT NULL,
    quantity VARCHAR NOT NULL,
    method VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    estimate DOUBLE,
    lower DOUBLE,
    upper DOUBLE,
    confidence_level DOUBLE,
    rounding_lower DOUBLE,
    rounding_upper DOUBLE,
    p_value DOUBLE,
    family VARCHAR NOT NULL,
    p_adjusted DOUBLE,
    n_first INTEGER,
    n_second INTEGER,
    incomparable VARCHAR NOT NULL,
    assumptions VARCHAR NOT NULL,
    PRIMARY KEY (result_id),
    CHECK (method IN ('newcombe', 'bounds')),
    CHECK ((method = 'newcombe') = (lower IS NOT NULL)),
    CHECK ((method = 'newcombe') = (p_value IS NOT NULL)),
    CHECK (lower <= upper),
    CHECK (rounding_lower <= lower AND upper <= rounding_upper),
    CHECK (p_adjusted BETWEEN p_value AND 1)
);

COMMENT ON TABLE analysis.proportion_comparison IS 'One row a declared pair of published percentages: the first minus the second, with an interval where both bases are known.';
COMMENT ON COLUMN analysis.proportion_comparison.result_id IS 'names the result everywhere';
COMMENT ON COLUMN analysis.proportion_comparison.comparison_id IS 'entry of the declaration it was computed under';
COMMENT ON COLUMN analysis.proportion_comparison.first_figure_id IS 'first figure, see core.study_figure';
COMMENT ON COLUMN analysis.proportion_comparison.second_figure_id IS 'second figure, see core.study_figure';
COMMENT ON COLUMN analysis.proportion_comparison.base_figure_ids IS 'figures that give a least number of respondents, separated by semicolons; empty when none';
COMMENT ON COLUMN analysis.proportion_comparison.first_percent IS 'first percentage as printed; null where no value is printed';
COMMENT ON COLUMN analysis.proportion_comparison.second_percent IS 'second percentage as printed; null where no value is printed';
COMMENT ON COLUMN analysis.proportion_comparison.estimand IS 'respondents: those who answered';
COMMENT ON COLUMN analysis.proportion_comparison.quantity IS 'difference, first minus second';
COMMENT ON COLUMN analysis.proportion_comparison.method IS 'newcombe, or bounds where a base is unknown';
COMMENT ON COLUMN analysis.proportion_comparison.unit IS 'unit of the estimate';
COMMENT ON COLUMN analysis.proportion_comparison.estimate IS 'estimate in the unit';
COMMENT ON COLUMN analysis.proportion_comparison.lower IS 'lower end of the interval; null when there is none';
COMMENT ON COLUMN analysis.proportion_comparison.upper IS 'upper end of the interval; null when there is none';
COMMENT ON COLUMN analysis.proportion_comparison.confidence_level IS 'level of the interval, 0 to 1; null for bounds or none';
COMMENT ON COLUMN analysis.proportion_comparison.rounding_lower IS 'lowest end that rounding of the printed percentages allows';
COMMENT ON COLUMN analysis.proportion_comparison.rounding_upper IS 'highest end that rounding of the printed percentages allows';
COMMENT ON COLUMN analysis.proportion_comparison.p_value IS 'two-sided p value; null when there is no test';
COMMENT ON COLUMN analysis.proportion_comparison.family IS 'comparisons whose p values are adjusted together';
COMMENT ON COLUMN analysis.proportion_comparison.p_adjusted IS 'p value after Holm within the family; null when there is no test';
COMMENT ON COLUMN analysis.proportion_comparison.n_first IS 'respondents of the first, at least; null where unknown';
COMMENT ON COLUMN analysis.proportion_comparison.n_second IS 'respondents of the second, at least; null where unknown';
COMMENT ON COLUMN analysis.proportion_comparison.incomparable IS 'what makes the two incomparable, from the declaration';
COMMENT ON COLUMN analysis.proportion_comparison.assumptions IS 'flags separated by semicolons';
