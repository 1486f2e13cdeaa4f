CREATE OR REPLACE TABLE analysis.trend (
    result_id VARCHAR NOT NULL,
    comparison_id VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    concept VARCHAR NOT NULL,
    segment INTEGER NOT NULL,
    census_base VARCHAR NOT NULL,
    first_year INTEGER NOT NULL,
    last_year INTEGER NOT NULL,
    years INTEGER NOT NULL,
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
    family VARCHAR,
    p_adjusted DOUBLE,
    n_east INTEGER NOT NULL,
    n_west INTEGER NOT NULL,
    assumptions VARCHAR NOT NULL,
    PRIMARY KEY (result_id),
    CHECK (berlin IN ('excluded', 'in_east', 'in_west')),
    CHECK (estimand IN ('unweighted', 'weighted')),
    CHECK (quantity IN ('slope_east', 'slope_west', 'slope_difference', 'change_east', 'change_west', 'change_difference')),
    CHECK (first_year < last_year),
    CHECK (years <= last_year - first_year + 1),
    CHECK (p_value BETWEEN 0 AND 1),
    CHECK (p_adjusted BETWEEN 0 AND 1),
    CHECK (p_adjusted >= p_value),
    CHECK (lower <= estimate AND estimate <= upper)
);

COMMENT ON TABLE analysis.trend IS 'One row an estimate of how shares of states moved over years without a break: East, West, and how the gap moved.';
COMMENT ON COLUMN analysis.trend.result_id IS 'names the result everywhere';
COMMENT ON COLUMN analysis.trend.comparison_id IS 'declared comparison it belongs to';
COMMENT ON COLUMN analysis.trend.source_id IS 'source of the shares';
COMMENT ON COLUMN analysis.trend.concept IS 'concept of the shares';
COMMENT ON COLUMN analysis.trend.segment IS 'number of breaks in the source up to these years, see marts.share';
COMMENT ON COLUMN analysis.trend.census_base IS 'census the population is based on in all these years';
COMMENT ON COLUMN analysis.trend.first_year IS 'first year';
COMMENT ON COLUMN analysis.trend.last_year IS 'last year';
COMMENT ON COLUMN analysis.trend.years IS 'years used';
COMMENT ON COLUMN analysis.trend.berlin IS 'excluded, in_east or in_west';
COMMENT ON COLUMN analysis.trend.estimand IS 'unweighted: a state; weighted: a person';
COMMENT ON COLUMN analysis.trend.quantity IS 'slope_east, slope_west, slope_difference (East minus West) over all years; change_ from the first year to the last';
COMMENT ON COLUMN analysis.trend.method IS 'method of estimation';
COMMENT ON COLUMN analysis.trend.unit IS 'percentage points per year, log odds per year or percentage points';
COMMENT ON COLUMN analysis.trend.estimate IS 'estimate in the unit';
COMMENT ON COLUMN analysis.trend.lower IS 'lower end of the interval; null when there is none';
COMMENT ON COLUMN analysis.trend.upper IS 'upper end of the interval; null when there is none';
COMMENT ON COLUMN analysis.trend.confidence_level IS 'level of the interval, 0 to 1; null without one';
COMMENT ON COLUMN analysis.trend.p_value IS 'two-sided p value; null when there is no test';
COMMENT ON COLUMN analysis.trend.family IS 'family of tests p_adjusted holds for';
COMMENT ON COLUMN analysis.trend.p_adjusted IS 'p value adjusted within the family';
COMMENT ON COLUMN analysis.trend.n_east IS 'states in the East';
COMMENT ON COLUMN analysis.trend.n_west IS 'states in the West';
COMMENT ON COLUMN analysis.trend.assumptions IS 'flags separated by semicolons';
