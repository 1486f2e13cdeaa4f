CREATE OR REPLACE TABLE analysis.organisation_density (
    result_id VARCHAR NOT NULL,
    comparison_id VARCHAR NOT NULL,
    population VARCHAR NOT NULL,
    series_id VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    per_persons INTEGER NOT NULL,
    lower DOUBLE NOT NULL,
    upper DOUBLE NOT NULL,
    counted_organisations DOUBLE NOT NULL,
    extrapolated_share_lower_percent DOUBLE NOT NULL,
    extrapolated_share_upper_percent DOUBLE NOT NULL,
    figure_ids VARCHAR NOT NULL,
    observation_ids VARCHAR NOT NULL,
    assumptions VARCHAR NOT NULL,
    PRIMARY KEY (result_id),
    CHECK (0 < lower AND lower <= upper)
);

COMMENT ON TABLE analysis.organisation_density IS 'One row a population and series: the published range of migrant organisations per so many persons.';
COMMENT ON COLUMN analysis.organisation_density.result_id IS 'names the result everywhere';
COMMENT ON COLUMN analysis.organisation_density.comparison_id IS 'entry of the declaration it was computed under';
COMMENT ON COLUMN analysis.organisation_density.population IS 'persons_with_migration_background or inhabitants';
COMMENT ON COLUMN analysis.organisation_density.series_id IS 'series of the persons';
COMMENT ON COLUMN analysis.organisation_density.year IS 'year of the persons';
COMMENT ON COLUMN analysis.organisation_density.per_persons IS 'organisations per this many persons';
COMMENT ON COLUMN analysis.organisation_density.lower IS 'lower end of the range';
COMMENT ON COLUMN analysis.organisation_density.upper IS 'upper end of the range';
COMMENT ON COLUMN analysis.organisation_density.counted_organisations IS 'organisations counted, of which the rest of the range is extrapolated';
COMMENT ON COLUMN analysis.organisation_density.extrapolated_share_lower_percent IS 'extrapolated share of the lower end';
COMMENT ON COLUMN analysis.organisation_density.extrapolated_share_upper_percent IS 'extrapolated share of the upper end';
COMMENT ON COLUMN analysis.organisation_density.figure_ids IS 'figures used, see core.study_figure';
COMMENT ON COLUMN analysis.organisation_density.observation_ids IS 'figures used, see core.observation';
COMMENT ON COLUMN analysis.organisation_density.assumptions IS 'flags separated by semicolons';
