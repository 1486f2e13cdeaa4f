CREATE OR REPLACE TABLE analysis.key_deviation (
    result_id VARCHAR NOT NULL,
    comparison_id VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    key_source_id VARCHAR NOT NULL,
    key_year INTEGER NOT NULL,
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
    rank INTEGER,
    n_states INTEGER NOT NULL,
    assumptions VARCHAR NOT NULL,
    PRIMARY KEY (result_id),
    CHECK (berlin IN ('excluded', 'in_east', 'in_west')),
    CHECK (estimand IN ('state', 'east', 'west', 'germany')),
    CHECK (quantity IN ('share', 'key', 'deviation', 'relative_deviation', 'distance', 'persons_to_move')),
    CHECK ((estimand = 'state') = (region_id IS NOT NULL)),
    CHECK ((estimand IN ('east', 'west')) = (berlin IS NOT NULL)),
    CHECK (lower <= estimate AND estimate <= upper),
    CHECK (rank >= 1)
);

COMMENT ON TABLE analysis.key_deviation IS 'One row a figure of how the persons seeking protection are spread over states, against the Königstein key.';
COMMENT ON COLUMN analysis.key_deviation.result_id IS 'names the result everywhere';
COMMENT ON COLUMN analysis.key_deviation.comparison_id IS 'declared comparison it belongs to';
COMMENT ON COLUMN analysis.key_deviation.source_id IS 'source of the persons seeking protection';
COMMENT ON COLUMN analysis.key_deviation.year IS 'year of the persons';
COMMENT ON COLUMN analysis.key_deviation.key_source_id IS 'source of the key';
COMMENT ON COLUMN analysis.key_deviation.key_year IS 'year of the key';
COMMENT ON COLUMN analysis.key_deviation.region_id IS 'state; null for sums';
COMMENT ON COLUMN analysis.key_deviation.berlin IS 'excluded, in_east or in_west; null for a state and for Germany';
COMMENT ON COLUMN analysis.key_deviation.estimand IS 'state, east, west or germany';
COMMENT ON COLUMN analysis.key_deviation.quantity IS 'share, key, deviation (share minus key), relative_deviation (deviation in percent of the key), distance (half the sum of absolute deviations) or persons_to_move';
COMMENT ON COLUMN analysis.key_deviation.method IS 'arithmetic';
COMMENT ON COLUMN analysis.key_deviation.unit IS 'percent, percentage points or persons';
COMMENT ON COLUMN analysis.key_deviation.estimate IS 'figure in the unit';
COMMENT ON COLUMN analysis.key_deviation.lower IS 'least figure over the keys of the five years up to the one used; null where the key plays no part';
COMMENT ON COLUMN analysis.key_deviation.upper IS 'greatest figure over these keys';
COMMENT ON COLUMN analysis.key_deviation.confidence_level IS 'null: lower and upper are no confidence interval';
COMMENT ON COLUMN analysis.key_deviation.p_value IS 'null: all persons of the register are counted, nothing is tested';
COMMENT ON COLUMN analysis.key_deviation.family IS 'family of tests; null';
COMMENT ON COLUMN analysis.key_deviation.p_adjusted IS 'null';
COMMENT ON COLUMN analysis.key_deviation.rank IS 'of a state''s deviation: 1 is the largest, whatever its sign';
COMMENT ON COLUMN analysis.key_deviation.n_states IS 'states summed up';
COMMENT ON COLUMN analysis.key_deviation.assumptions IS 'flags separated by semicolons';
