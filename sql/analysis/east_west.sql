CREATE OR REPLACE TABLE analysis.east_west (
    result_id VARCHAR NOT NULL,
    series_id VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    source_id VARCHAR NOT NULL,
    vintage_id VARCHAR NOT NULL,
    concept VARCHAR NOT NULL,
    berlin VARCHAR NOT NULL,
    estimand VARCHAR NOT NULL,
    quantity VARCHAR NOT NULL,
    method VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    estimate DOUBLE,
    lower DOUBLE,
    upper DOUBLE,
    confidence_level DOUBLE,
    p_value DOUBLE,
    n_east INTEGER NOT NULL,
    n_west INTEGER NOT NULL,
    assumptions VARCHAR NOT NULL,
    PRIMARY KEY (result_id),
    CHECK (berlin IN ('excluded', 'in_east', 'in_west')),
    CHECK (estimand IN ('pooled', 'unweighted')),
    CHECK (quantity IN ('east', 'west', 'germany', 'difference', 'ratio')),
    CHECK (p_value BETWEEN 0 AND 1),
    CHECK (lower <= upper)
);

COMMENT ON TABLE analysis.east_west IS 'One row an estimate of the comparison of East and West: one series, one treatment of Berlin, one quantity, one method.';
COMMENT ON COLUMN analysis.east_west.result_id IS 'names the result everywhere';
COMMENT ON COLUMN analysis.east_west.series_id IS 'series of marts.share it was computed from';
COMMENT ON COLUMN analysis.east_west.level IS 'state or district';
COMMENT ON COLUMN analysis.east_west.year IS 'year';
COMMENT ON COLUMN analysis.east_west.source_id IS 'source';
COMMENT ON COLUMN analysis.east_west.vintage_id IS 'vintage';
COMMENT ON COLUMN analysis.east_west.concept IS 'concept';
COMMENT ON COLUMN analysis.east_west.berlin IS 'excluded, in_east or in_west';
COMMENT ON COLUMN analysis.east_west.estimand IS 'pooled: a person in the East; unweighted: an eastern state or district';
COMMENT ON COLUMN analysis.east_west.quantity IS 'east, west, germany, difference (East minus West) or ratio (East over West)';
COMMENT ON COLUMN analysis.east_west.method IS 'method of estimation';
COMMENT ON COLUMN analysis.east_west.unit IS 'percent, percentage points or ratio';
COMMENT ON COLUMN analysis.east_west.estimate IS 'estimate in the unit';
COMMENT ON COLUMN analysis.east_west.lower IS 'lower end of the interval; null when there is none';
COMMENT ON COLUMN analysis.east_west.upper IS 'upper end of the interval; null when there is none';
COMMENT ON COLUMN analysis.east_west.confidence_level IS 'level of the interval, 0 to 1; null for an interval of rounding or none';
COMMENT ON COLUMN analysis.east_west.p_value IS 'two-sided p value; null when there is no test';
COMMENT ON COLUMN analysis.east_west.n_east IS 'regions in the East';
COMMENT ON COLUMN analysis.east_west.n_west IS 'regions in the West';
COMMENT ON COLUMN analysis.east_west.assumptions IS 'flags separated by semicolons';
