CREATE OR REPLACE TABLE core.observation (
    observation_id VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    vintage_id VARCHAR NOT NULL,
    region_id VARCHAR NOT NULL,
    reference VARCHAR NOT NULL,
    reference_date DATE NOT NULL,
    reference_kind VARCHAR NOT NULL,
    year INTEGER NOT NULL,
    concept VARCHAR NOT NULL,
    universe VARCHAR NOT NULL,
    release_state VARCHAR NOT NULL,
    census_base VARCHAR NOT NULL,
    measure VARCHAR NOT NULL,
    breakdown VARCHAR NOT NULL,
    value DECIMAL(20, 6),
    lower DECIMAL(20, 6),
    upper DECIMAL(20, 6),
    marker VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    raw_file VARCHAR NOT NULL,
    raw_line INTEGER NOT NULL,
    raw_position INTEGER NOT NULL,
    source_url VARCHAR,
    note VARCHAR,
    correction_id VARCHAR,
    PRIMARY KEY (observation_id),
    CHECK (value IS NOT NULL OR marker <> ''),
    CHECK (value IS NULL OR (lower <= value AND (upper IS NULL OR upper >= value))),
    CHECK (unit IN ('persons', 'percent', 'persons_per_km2', 'eur')),
    CHECK (unit <> 'percent' OR value BETWEEN 0 AND 100),
    CHECK (value >= 0),
    CHECK (marker IN ('', '-', '0', '/', '.', 'x', '...', '()', 'e', 'p', 'r', 's', 'n')),
    CHECK (status IN ('published', 'secondary', 'inferred', 'derived', 'verbal', 'contradicted')),
    CHECK (release_state IN ('final', 'first_results', 'revised', 'not_stated')),
    CHECK (census_base IN ('volkszaehlung_1987', 'zensus_2011', 'zensus_2022', 'none')),
    CHECK (reference_kind IN ('date', 'year', 'year_end')),
    CHECK (year = date_part('year', reference_date))
);

COMMENT ON TABLE core.observation IS 'One row a statistical figure: value and marker, typed, with the line it was read from.';
COMMENT ON COLUMN core.observation.observation_id IS 'source:vintage:region:reference:concept:measure[:breakdown]; names this figure everywhere';
COMMENT ON COLUMN core.observation.source_id IS 'source, the folder under raw_data';
COMMENT ON COLUMN core.observation.vintage_id IS 'vintage, the folder under the source';
COMMENT ON COLUMN core.observation.region_id IS 'region, see core.region';
COMMENT ON COLUMN core.observation.reference IS 'reference date or year as printed';
COMMENT ON COLUMN core.observation.reference_date IS 'reference date; of a year its 31 December';
COMMENT ON COLUMN core.observation.reference_kind IS 'date: a day; year: an average or survey year; year_end: a year printed for its 31 December';
COMMENT ON COLUMN core.observation.year IS 'calendar year of the reference date';
COMMENT ON COLUMN core.observation.concept IS 'concept, see core.concept; different concepts never share a series';
COMMENT ON COLUMN core.observation.universe IS 'persons among whom was counted';
COMMENT ON COLUMN core.observation.release_state IS 'final, first_results, revised or not_stated';
COMMENT ON COLUMN core.observation.census_base IS 'census the population is based on';
COMMENT ON COLUMN core.observation.measure IS 'measure, see core.measure';
COMMENT ON COLUMN core.observation.breakdown IS 'part of the total as key=CODE separated by semicolons; empty for the total';
COMMENT ON COLUMN core.observation.value IS 'the figure in the unit; null where the publisher gives a marker instead';
COMMENT ON COLUMN core.observation.lower IS 'lowest true figure the printed one allows';
COMMENT ON COLUMN core.observation.upper IS 'highest true figure the printed one allows; null when not bounded';
COMMENT ON COLUMN core.observation.marker IS 'the publisher''s sign; empty when none. - nothing there, / not reliable, . unknown or secret, x makes no sense, ... to come, () limited, n published but not known here';
COMMENT ON COLUMN core.observation.unit IS 'persons, percent, persons_per_km2 or eur';
COMMENT ON COLUMN core.observation.status IS 'published, secondary, inferred, derived, verbal or contradicted';
COMMENT ON COLUMN core.observation.raw_file IS 'data file the row was read from, relative to raw_data';
COMMENT ON COLUMN core.observation.raw_line IS 'line in that file, the header being line 1';
COMMENT ON COLUMN core.observation.raw_position IS 'column of the figure in that line, the first being 1';
COMMENT ON COLUMN core.observation.source_url IS 'page the single figure was read on';
COMMENT ON COLUMN core.observation.note IS 'remark on the single figure';
COMMENT ON COLUMN core.observation.correction_id IS 'known error of the publisher in this figure, see core.correction; null when none is known';
