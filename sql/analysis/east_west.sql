CREATE OR REPLACE TABLE analysis.east_west (
    result_id VARCHAR NOT NULL,
    comparison_id VARCHAR NOT NULL,
    series_id VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    source_id VARCHAR NOT NULL,
    vintage_id VARCHAR NOT NULL,
    concept VARCHAR NOT NULL,
    berlin VARCHAR NOT NULL,
    state_left_out VARCHAR,
    estimand VARCHAR NOT NULL,
    quantity VARCHAR NOT NULL,
    method VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    estimate DOUBLE,
    lower DOUBLE,
    upper DOUBLE,
    confidence_level DOUBLE,
    p_value DOUBLE,
    family VARCHAR NOT NULL,
    p_adjusted DOUBLE,
    margin_points DOUBLE,
    minimum_detectable_points DOUBLE,
    n_east INTEGER NOT NULL,
    n_west INTEGER NOT NULL,
    assumptions VARCHAR NOT NULL,
    PRIMARY KEY (result_id),
    CHECK (berlin IN ('excluded', 'in_east', 'in_west')),
    CHECK (estimand IN ('pooled', 'unweighted')),
    CHECK (
        quantity IN (
            'east', 'west', 'germany', 'difference', 'ratio', 'odds_ratio', 'hedges_g', 'above',
            'difference_without_state'
        )
    ),
    CHECK (p_value BETWEEN 0 AND 1),
    CHECK (p_adjusted BETWEEN 0 AND 1),
    CHECK (p_adjusted >= p_value),
    CHECK ((method = 'equivalence') = (margin_points IS NOT NULL)),
    CHECK (state_left_out IS NULL OR method = 'leave_one_out'),
    CHECK (lower <= upper)
);

COMMENT ON TABLE analysis.east_west IS 'One row an estimate of the comparison of East and West: one series, one treatment of Berlin, one quantity, one method.';
COMMENT ON COLUMN analysis.east_west.result_id IS 'names the result everywhere';
COMMENT ON COLUMN analysis.east_west.comparison_id IS 'entry of the declaration it was computed under';
COMMENT ON COLUMN analysis.east_west.series_id IS 'series of marts.share it was computed from';
COMMENT ON COLUMN analysis.east_west.level IS 'state or district';
COMMENT ON COLUMN analysis.east_west.year IS 'year';
COMMENT ON COLUMN analysis.east_west.source_id IS 'source';
COMMENT ON COLUMN analysis.east_west.vintage_id IS 'vintage';
COMMENT ON COLUMN analysis.east_west.concept IS 'concept';
COMMENT ON COLUMN analysis.east_west.berlin IS 'excluded, in_east or in_west';
COMMENT ON COLUMN analysis.east_west.state_left_out IS 'state left out of both groups; null where none is';
COMMENT ON COLUMN analysis.east_west.estimand IS 'pooled: a person in the East; unweighted: an eastern state or district';
COMMENT ON COLUMN analysis.east_west.quantity IS 'east, west, germany, difference (East minus West), ratio and odds_ratio (East over West), hedges_g (difference in standard deviations), above (an eastern state lies above a western one), difference_without_state';
COMMENT ON COLUMN analysis.east_west.method IS 'method of estimation';
COMMENT ON COLUMN analysis.east_west.unit IS 'percent, percentage points, ratio, standard deviations or probability';
COMMENT ON COLUMN analysis.east_west.estimate IS 'estimate in the unit';
COMMENT ON COLUMN analysis.east_west.lower IS 'lower end of the interval; null when there is none';
COMMENT ON COLUMN analysis.east_west.upper IS 'upper end of the interval; null when there is none';
COMMENT ON COLUMN analysis.east_west.confidence_level IS 'level of the interval, 0 to 1; null for a range or none';
COMMENT ON COLUMN analysis.east_west.p_value IS 'two-sided p value; null when there is no test';
COMMENT ON COLUMN analysis.east_west.family IS 'comparisons whose p values are adjusted together';
COMMENT ON COLUMN analysis.east_west.p_adjusted IS 'p value after Holm within the family, a method and an estimand at a time; null when there is no test';
COMMENT ON COLUMN analysis.east_west.margin_points IS 'declared margin of equivalence [percentage points]; null for other methods';
COMMENT ON COLUMN analysis.east_west.minimum_detectable_points IS 'difference [percentage points] a test at 5 % would have found with 80 % power; only beside a p value of 5 % or more';
COMMENT ON COLUMN analysis.east_west.n_east IS 'regions in the East';
COMMENT ON COLUMN analysis.east_west.n_west IS 'regions in the West';
COMMENT ON COLUMN analysis.east_west.assumptions IS 'flags separated by semicolons';
