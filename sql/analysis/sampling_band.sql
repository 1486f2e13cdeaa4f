CREATE OR REPLACE TABLE analysis.sampling_band (
    result_id VARCHAR NOT NULL,
    comparison_id VARCHAR NOT NULL,
    series_id VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    source_id VARCHAR NOT NULL,
    concept VARCHAR NOT NULL,
    region_id VARCHAR,
    berlin VARCHAR,
    sampling_fraction DOUBLE,
    design_effect DOUBLE,
    seed BIGINT,
    draws INTEGER,
    regions_unknown INTEGER,
    estimand VARCHAR NOT NULL,
    quantity VARCHAR NOT NULL,
    method VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    estimate DOUBLE,
    standard_error DOUBLE,
    lower DOUBLE,
    upper DOUBLE,
    confidence_level DOUBLE,
    p_value DOUBLE,
    family VARCHAR NOT NULL,
    p_adjusted DOUBLE,
    n INTEGER NOT NULL,
    assumptions VARCHAR NOT NULL,
    PRIMARY KEY (result_id),
    CHECK (method IN ('formula', 'monte_carlo', 'bounds')),
    CHECK ((method = 'monte_carlo') = (seed IS NOT NULL AND draws IS NOT NULL)),
    CHECK ((method = 'bounds') = (design_effect IS NULL)),
    CHECK ((method = 'bounds') = (regions_unknown IS NOT NULL)),
    CHECK (lower <= upper),
    CHECK (estimate IS NULL OR estimate BETWEEN lower AND upper)
);

COMMENT ON TABLE analysis.sampling_band IS 'One row a share with the band its sampling leaves under an assumed design effect, or with the bounds that regions without a figure leave.';
COMMENT ON COLUMN analysis.sampling_band.result_id IS 'names the result everywhere';
COMMENT ON COLUMN analysis.sampling_band.comparison_id IS 'entry of the declaration it was computed under';
COMMENT ON COLUMN analysis.sampling_band.series_id IS 'series of marts.share it was computed from';
COMMENT ON COLUMN analysis.sampling_band.level IS 'state or district';
COMMENT ON COLUMN analysis.sampling_band.year IS 'year';
COMMENT ON COLUMN analysis.sampling_band.source_id IS 'source';
COMMENT ON COLUMN analysis.sampling_band.concept IS 'concept';
COMMENT ON COLUMN analysis.sampling_band.region_id IS 'state the share is of, see core.region; null for East, West and Germany';
COMMENT ON COLUMN analysis.sampling_band.berlin IS 'excluded, in_east or in_west; null for a state';
COMMENT ON COLUMN analysis.sampling_band.sampling_fraction IS 'share of the persons that was interviewed, declared';
COMMENT ON COLUMN analysis.sampling_band.design_effect IS 'assumed variance over that of a simple random sample';
COMMENT ON COLUMN analysis.sampling_band.seed IS 'beginning of the stream of random numbers, made from series_id; null without draws';
COMMENT ON COLUMN analysis.sampling_band.draws IS 'number of draws; null without';
COMMENT ON COLUMN analysis.sampling_band.regions_unknown IS 'regions without a figure that stand at 0 and at 100 percent; null without bounds';
COMMENT ON COLUMN analysis.sampling_band.estimand IS 'pooled: a person; unweighted: a region';
COMMENT ON COLUMN analysis.sampling_band.quantity IS 'share (of a state), east, west, germany, difference (East minus West) or ratio';
COMMENT ON COLUMN analysis.sampling_band.method IS 'formula, monte_carlo or bounds';
COMMENT ON COLUMN analysis.sampling_band.unit IS 'unit of the estimate';
COMMENT ON COLUMN analysis.sampling_band.estimate IS 'estimate in the unit; null for bounds';
COMMENT ON COLUMN analysis.sampling_band.standard_error IS 'standard error in the unit; null for bounds';
COMMENT ON COLUMN analysis.sampling_band.lower IS 'lower end of the interval; null when there is none';
COMMENT ON COLUMN analysis.sampling_band.upper IS 'upper end of the interval; null when there is none';
COMMENT ON COLUMN analysis.sampling_band.confidence_level IS 'level of the interval, 0 to 1; null for bounds or none';
COMMENT ON COLUMN analysis.sampling_band.p_value IS 'two-sided p value; null when there is no test';
COMMENT ON COLUMN analysis.sampling_band.family IS 'family of the comparison; nothing is tested here';
COMMENT ON COLUMN analysis.sampling_band.p_adjusted IS 'p value after Holm within the family; null when there is no test';
COMMENT ON COLUMN analysis.sampling_band.n IS 'persons interviewed, for bounds regions';
COMMENT ON COLUMN analysis.sampling_band.assumptions IS 'flags separated by semicolons';
