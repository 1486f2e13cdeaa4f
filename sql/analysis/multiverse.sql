CREATE OR REPLACE TABLE analysis.multiverse (
    result_id VARCHAR NOT NULL,
    comparison_id VARCHAR NOT NULL,
    from_result_id VARCHAR NOT NULL,
    from_comparison_id VARCHAR NOT NULL,
    series_id VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    concept VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    berlin VARCHAR NOT NULL,
    weights VARCHAR NOT NULL,
    estimand VARCHAR NOT NULL,
    quantity VARCHAR NOT NULL,
    method VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    estimate DOUBLE NOT NULL,
    lower DOUBLE,
    upper DOUBLE,
    confidence_level DOUBLE,
    p_value DOUBLE,
    family VARCHAR NOT NULL,
    p_adjusted DOUBLE,
    "rank" INTEGER NOT NULL,
    cumulative_share DOUBLE NOT NULL,
    n_east INTEGER NOT NULL,
    n_west INTEGER NOT NULL,
    assumptions VARCHAR NOT NULL,
    PRIMARY KEY (result_id),
    CHECK (weights IN ('persons', 'none')),
    CHECK (cumulative_share > 0 AND cumulative_share <= 1),
    CHECK (lower <= upper)
);

COMMENT ON TABLE analysis.multiverse IS 'One row a way to state the gap between East and West in percentage points: a choice of source, year, concept, level, Berlin, weights and estimator.';
COMMENT ON COLUMN analysis.multiverse.result_id IS 'names the result everywhere';
COMMENT ON COLUMN analysis.multiverse.comparison_id IS 'entry of the declaration that names the choices';
COMMENT ON COLUMN analysis.multiverse.from_result_id IS 'result it is taken from, see analysis.east_west';
COMMENT ON COLUMN analysis.multiverse.from_comparison_id IS 'entry of the declaration that result was computed under';
COMMENT ON COLUMN analysis.multiverse.series_id IS 'series of marts.share it was computed from';
COMMENT ON COLUMN analysis.multiverse.source_id IS 'source';
COMMENT ON COLUMN analysis.multiverse.year IS 'year';
COMMENT ON COLUMN analysis.multiverse.concept IS 'concept';
COMMENT ON COLUMN analysis.multiverse.level IS 'state or district';
COMMENT ON COLUMN analysis.multiverse.berlin IS 'excluded, in_east or in_west';
COMMENT ON COLUMN analysis.multiverse.weights IS 'persons: a person counts; none: a region counts';
COMMENT ON COLUMN analysis.multiverse.estimand IS 'pooled: a person in the East; unweighted: an eastern state or district';
COMMENT ON COLUMN analysis.multiverse.quantity IS 'difference, East minus West';
COMMENT ON COLUMN analysis.multiverse.method IS 'estimator';
COMMENT ON COLUMN analysis.multiverse.unit IS 'percentage points';
COMMENT ON COLUMN analysis.multiverse.estimate IS 'estimate in the unit';
COMMENT ON COLUMN analysis.multiverse.lower IS 'lower end of the interval; null when there is none';
COMMENT ON COLUMN analysis.multiverse.upper IS 'upper end of the interval; null when there is none';
COMMENT ON COLUMN analysis.multiverse.confidence_level IS 'level of the interval, 0 to 1; null for bounds or none';
COMMENT ON COLUMN analysis.multiverse.p_value IS 'two-sided p value; null when there is no test';
COMMENT ON COLUMN analysis.multiverse.family IS 'comparisons whose p values are adjusted together';
COMMENT ON COLUMN analysis.multiverse.p_adjusted IS 'p value after Holm within the family; null when there is no test';
COMMENT ON COLUMN analysis.multiverse."rank" IS 'position by the estimate, 1 the lowest';
COMMENT ON COLUMN analysis.multiverse.cumulative_share IS 'share of all specifications up to this one, 0 to 1';
COMMENT ON COLUMN analysis.multiverse.n_east IS 'regions in the East';
COMMENT ON COLUMN analysis.multiverse.n_west IS 'regions in the West';
COMMENT ON COLUMN analysis.multiverse.assumptions IS 'flags separated by semicolons';
