-- Several vintages of a source may hold the same figure; of those in use the one of the highest order counts. Only a
-- source that can hold one figure twice is looked at figure by figure: that order costs more than all the rest.
WITH in_use AS (
    SELECT o.*, v.vintage_order
    FROM core.observation AS o
    JOIN core.vintage AS v USING (source_id, vintage_id)
    WHERE v.in_use
),

several AS (
    SELECT source_id
    FROM in_use
    GROUP BY source_id
    HAVING count(DISTINCT vintage_id) > 1
        -- a year and its last day are one date
        OR count(DISTINCT reference) > count(DISTINCT reference_date)
),

chosen AS (
    SELECT * FROM in_use WHERE source_id NOT IN (SELECT source_id FROM several)
    UNION ALL
    SELECT *
    FROM in_use
    WHERE source_id IN (SELECT source_id FROM several)
    QUALIFY row_number() OVER (
        PARTITION BY source_id, region_id, reference_date, concept, universe, measure, breakdown
        ORDER BY vintage_order DESC
    ) = 1
)

SELECT
    observation_id,
    source_id,
    vintage_id,
    region_id,
    reference,
    reference_date,
    year,
    concept,
    universe,
    release_state,
    census_base,
    measure,
    breakdown,
    breakdown IN (
        '',
        -- Zensus 2022: of two overlapping groupings the one that names persons with immigration history as a whole
        'age=TOTAL;grouping=WDGAT2;status=WANDERUNG-BEID',
        'age=TOTAL;grouping=WDGAT2;status=TOTAL'
    ) AS is_total,
    value,
    marker,
    unit,
    status
FROM chosen;

COMMENT ON TABLE marts.current_observation IS 'One row a figure in its current vintage: older releases of the same figure and vintages that wait are left out.';
COMMENT ON COLUMN marts.current_observation.observation_id IS 'source:vintage:region:reference:concept:measure[:breakdown]; names this figure everywhere';
COMMENT ON COLUMN marts.current_observation.source_id IS 'source, the folder under raw_data';
COMMENT ON COLUMN marts.current_observation.vintage_id IS 'vintage, the folder under the source';
COMMENT ON COLUMN marts.current_observation.region_id IS 'region, see core.region';
COMMENT ON COLUMN marts.current_observation.reference IS 'reference date or year as printed';
COMMENT ON COLUMN marts.current_observation.reference_date IS 'reference date; of a year its 31 December';
COMMENT ON COLUMN marts.current_observation.year IS 'calendar year of the reference date';
COMMENT ON COLUMN marts.current_observation.concept IS 'concept, see core.concept; different concepts never share a series';
COMMENT ON COLUMN marts.current_observation.universe IS 'persons among whom was counted';
COMMENT ON COLUMN marts.current_observation.release_state IS 'final, first_results, revised or not_stated';
COMMENT ON COLUMN marts.current_observation.census_base IS 'census the population is based on';
COMMENT ON COLUMN marts.current_observation.measure IS 'measure, see core.measure';
COMMENT ON COLUMN marts.current_observation.breakdown IS 'part of the total as key=CODE separated by semicolons; empty for the total';
COMMENT ON COLUMN marts.current_observation.is_total IS 'true where the figure is of the whole and not of a part';
COMMENT ON COLUMN marts.current_observation.value IS 'the figure in the unit; null where the publisher gives a marker instead';
COMMENT ON COLUMN marts.current_observation.marker IS 'the publisher''s sign; empty when none. - nothing there, / not reliable, . unknown or secret, x makes no sense, ... to come, () limited, n published but not known here';
COMMENT ON COLUMN marts.current_observation.unit IS 'persons, percent, persons_per_km2 or eur';
COMMENT ON COLUMN marts.current_observation.status IS 'published, secondary, inferred, derived, verbal or contradicted';
