CREATE OR REPLACE TABLE analysis.refugee_ratio (
    result_id VARCHAR NOT NULL,
    comparison_id VARCHAR NOT NULL,
    numerator_source_id VARCHAR NOT NULL,
    numerator_concept VARCHAR NOT NULL,
    numerator_universe VARCHAR NOT NULL,
    numerator_date DATE NOT NULL,
    denominator_series_id VARCHAR,
    denominator_source_id VARCHAR NOT NULL,
    denominator_concept VARCHAR NOT NULL,
    denominator_universe VARCHAR,
    denominator_reference VARCHAR,
    year INTEGER NOT NULL,
    region_id VARCHAR,
    berlin VARCHAR,
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
    n_east INTEGER NOT NULL,
    n_west INTEGER NOT NULL,
    assumptions VARCHAR NOT NULL,
    PRIMARY KEY (result_id),
    CHECK (berlin IN ('excluded', 'in_east', 'in_west')),
    CHECK (estimand IN ('pooled', 'unweighted')),
    CHECK (quantity IN ('state', 'east', 'west', 'germany', 'difference', 'ratio', 'not_computed')),
    CHECK ((quantity = 'state') = (region_id IS NOT NULL)),
    CHECK ((quantity = 'not_computed') = (denominator_series_id IS NULL)),
    CHECK (p_value BETWEEN 0 AND 1),
    CHECK (p_adjusted BETWEEN 0 AND 1),
    CHECK (p_adjusted >= p_value),
    CHECK (lower <= estimate AND estimate <= upper)
);

COMMENT ON TABLE analysis.refugee_ratio IS 'One row an estimate of persons seeking protection per hundred persons of another concept: states, East, West and their difference.';
COMMENT ON COLUMN analysis.refugee_ratio.result_id IS 'names the result everywhere';
COMMENT ON COLUMN analysis.refugee_ratio.comparison_id IS 'declared comparison it belongs to';
COMMENT ON COLUMN analysis.refugee_ratio.numerator_source_id IS 'source of the persons seeking protection';
COMMENT ON COLUMN analysis.refugee_ratio.numerator_concept IS 'concept of the numerator';
COMMENT ON COLUMN analysis.refugee_ratio.numerator_universe IS 'persons among whom the numerator was counted';
COMMENT ON COLUMN analysis.refugee_ratio.numerator_date IS 'day of the numerator';
COMMENT ON COLUMN analysis.refugee_ratio.denominator_series_id IS 'series of marts.share the denominator is of; null where there is none';
COMMENT ON COLUMN analysis.refugee_ratio.denominator_source_id IS 'source of the denominator';
COMMENT ON COLUMN analysis.refugee_ratio.denominator_concept IS 'concept of the denominator';
COMMENT ON COLUMN analysis.refugee_ratio.denominator_universe IS 'persons among whom the denominator was counted';
COMMENT ON COLUMN analysis.refugee_ratio.denominator_reference IS 'day or year of the denominator, as printed';
COMMENT ON COLUMN analysis.refugee_ratio.year IS 'year of the numerator';
COMMENT ON COLUMN analysis.refugee_ratio.region_id IS 'state; null for East, West, Germany and their comparison';
COMMENT ON COLUMN analysis.refugee_ratio.berlin IS 'excluded, in_east or in_west; null for a state and for Germany';
COMMENT ON COLUMN analysis.refugee_ratio.estimand IS 'pooled: ratio of sums; unweighted: mean of the states';
COMMENT ON COLUMN analysis.refugee_ratio.quantity IS 'state, east, west, germany, difference (East minus West), ratio (East over West) or not_computed';
COMMENT ON COLUMN analysis.refugee_ratio.method IS 'method of estimation';
COMMENT ON COLUMN analysis.refugee_ratio.unit IS 'per 100 persons, difference per 100 persons, or ratio';
COMMENT ON COLUMN analysis.refugee_ratio.estimate IS 'estimate in the unit; null when it cannot be computed';
COMMENT ON COLUMN analysis.refugee_ratio.lower IS 'lower end of the interval; null when there is none';
COMMENT ON COLUMN analysis.refugee_ratio.upper IS 'upper end of the interval; null when there is none';
COMMENT ON COLUMN analysis.refugee_ratio.confidence_level IS 'level of the interval, 0 to 1; null without one';
COMMENT ON COLUMN analysis.refugee_ratio.p_value IS 'two-sided p value; null when there is no test';
COMMENT ON COLUMN analysis.refugee_ratio.family IS 'family of tests p_adjusted holds for';
COMMENT ON COLUMN analysis.refugee_ratio.p_adjusted IS 'p value adjusted within the family';
COMMENT ON COLUMN analysis.refugee_ratio.n_east IS 'states in the East';
COMMENT ON COLUMN analysis.refugee_ratio.n_west IS 'states in the West';
COMMENT ON COLUMN analysis.refugee_ratio.assumptions IS 'flags separated by semicolons';
