CREATE OR REPLACE TABLE analysis.district_model (
    result_id VARCHAR NOT NULL,
    comparison_id VARCHAR NOT NULL,
    series_id VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    census_base VARCHAR NOT NULL,
    berlin VARCHAR NOT NULL,
    covariates VARCHAR NOT NULL,
    term VARCHAR NOT NULL,
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
    states_east INTEGER NOT NULL,
    states_west INTEGER NOT NULL,
    assumptions VARCHAR NOT NULL,
    PRIMARY KEY (result_id),
    CHECK (berlin IN ('excluded', 'in_east', 'in_west')),
    CHECK (estimand IN ('unweighted', 'weighted')),
    CHECK (quantity IN ('difference', 'odds_ratio', 'icc', 'icc_within_parts', 'variance_between', 'variance_within', 'morans_i')),
    CHECK (p_value BETWEEN 0 AND 1),
    CHECK (p_adjusted BETWEEN 0 AND 1),
    CHECK (p_adjusted >= p_value),
    CHECK (lower <= estimate AND estimate <= upper),
    CHECK ((quantity = 'morans_i') = (method = 'not_computed'))
);

COMMENT ON TABLE analysis.district_model IS 'One row an estimate from the districts of a year: the gap between East and West without or within covariates, and how much of the variance lies between states.';
COMMENT ON COLUMN analysis.district_model.result_id IS 'names the result everywhere';
COMMENT ON COLUMN analysis.district_model.comparison_id IS 'declared comparison it belongs to';
COMMENT ON COLUMN analysis.district_model.series_id IS 'series of marts.district_structure';
COMMENT ON COLUMN analysis.district_model.source_id IS 'source of the share';
COMMENT ON COLUMN analysis.district_model.year IS 'year of the share';
COMMENT ON COLUMN analysis.district_model.census_base IS 'census the population is based on';
COMMENT ON COLUMN analysis.district_model.berlin IS 'excluded, in_east or in_west';
COMMENT ON COLUMN analysis.district_model.covariates IS 'covariates of the model separated by semicolons; none without';
COMMENT ON COLUMN analysis.district_model.term IS 'east, the covariate the estimate is of, or residuals, or state';
COMMENT ON COLUMN analysis.district_model.estimand IS 'unweighted: a district; weighted: a person';
COMMENT ON COLUMN analysis.district_model.quantity IS 'difference (East minus West, at equal covariates), odds_ratio, icc, icc_within_parts, variance_between, variance_within or morans_i';
COMMENT ON COLUMN analysis.district_model.method IS 'method of estimation; not_computed where the data lack what it needs';
COMMENT ON COLUMN analysis.district_model.unit IS 'percentage points, ratio, ratio per standard deviation, share of variance or percentage points squared';
COMMENT ON COLUMN analysis.district_model.estimate IS 'estimate in the unit; null when it cannot be computed';
COMMENT ON COLUMN analysis.district_model.lower IS 'lower end of the interval; null when there is none';
COMMENT ON COLUMN analysis.district_model.upper IS 'upper end of the interval; null when there is none';
COMMENT ON COLUMN analysis.district_model.confidence_level IS 'level of the interval, 0 to 1; null without one';
COMMENT ON COLUMN analysis.district_model.p_value IS 'two-sided p value; null when there is no test';
COMMENT ON COLUMN analysis.district_model.family IS 'family of tests p_adjusted holds for';
COMMENT ON COLUMN analysis.district_model.p_adjusted IS 'p value adjusted within the family';
COMMENT ON COLUMN analysis.district_model.n_east IS 'districts in the East';
COMMENT ON COLUMN analysis.district_model.n_west IS 'districts in the West';
COMMENT ON COLUMN analysis.district_model.states_east IS 'states in the East: the independent observations';
COMMENT ON COLUMN analysis.district_model.states_west IS 'states in the West: the independent observations';
COMMENT ON COLUMN analysis.district_model.assumptions IS 'flags separated by semicolons';
