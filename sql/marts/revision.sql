-- The same figure in two vintages in use that follow each other, where anything about it changed.
-- A source with one vintage in use has no other to differ from.
WITH several AS (
    SELECT *
    FROM core.vintage
    WHERE in_use
    QUALIFY count(*) OVER (PARTITION BY source_id) > 1
),

stated AS (
    SELECT
        o.*,
        v.vintage_order,
        lag(o.observation_id) OVER same_figure AS earlier_observation_id,
        lag(o.vintage_id) OVER same_figure AS earlier_vintage_id,
        lag(o.value) OVER same_figure AS earlier_value,
        lag(o.marker) OVER same_figure AS earlier_marker,
        lag(o.release_state) OVER same_figure AS earlier_release_state,
        lag(o.census_base) OVER same_figure AS earlier_census_base
    FROM core.observation AS o
    JOIN several AS v USING (source_id, vintage_id)
    WINDOW same_figure AS (
        PARTITION BY o.source_id, o.region_id, o.reference_date, o.concept, o.universe, o.measure, o.breakdown
        ORDER BY v.vintage_order
    )
)

SELECT
    'revision:' || s.observation_id AS revision_id,
    s.source_id,
    s.earlier_vintage_id,
    s.vintage_id AS later_vintage_id,
    s.region_id,
    r.name AS region_name,
    r.level,
    r.part,
    s.reference_date,
    s.year,
    s.concept,
    s.measure,
    s.breakdown,
    s.unit,
    CAST(s.earlier_value AS DOUBLE) AS earlier,
    CAST(s.value AS DOUBLE) AS later,
    CAST(s.value - s.earlier_value AS DOUBLE) AS change,
    CAST(round(100 * CAST(s.value - s.earlier_value AS DOUBLE) / nullif(CAST(s.earlier_value AS DOUBLE), 0), 6) AS DOUBLE)
        AS change_percent,
    CASE
        WHEN s.census_base <> s.earlier_census_base THEN 'new census base'
        WHEN s.release_state <> s.earlier_release_state THEN 'first results to final'
        WHEN s.value IS DISTINCT FROM s.earlier_value THEN 'other figure'
        ELSE 'other sign'
    END AS reason,
    s.earlier_observation_id,
    s.observation_id AS later_observation_id
FROM stated AS s
JOIN core.region AS r USING (region_id)
WHERE s.earlier_observation_id IS NOT NULL
    AND (
        s.value IS DISTINCT FROM s.earlier_value
        OR s.marker <> s.earlier_marker
        OR s.release_state <> s.earlier_release_state
        OR s.census_base <> s.earlier_census_base
    );

COMMENT ON TABLE marts.revision IS 'One row a figure that two vintages of a source following each other give differently; vintages that wait are left out.';
COMMENT ON COLUMN marts.revision.revision_id IS 'names the revision everywhere';
COMMENT ON COLUMN marts.revision.source_id IS 'source';
COMMENT ON COLUMN marts.revision.earlier_vintage_id IS 'vintage before';
COMMENT ON COLUMN marts.revision.later_vintage_id IS 'vintage after';
COMMENT ON COLUMN marts.revision.region_id IS 'region, see core.region';
COMMENT ON COLUMN marts.revision.region_name IS 'name of the region';
COMMENT ON COLUMN marts.revision.level IS 'level of the region';
COMMENT ON COLUMN marts.revision.part IS 'east, west or berlin';
COMMENT ON COLUMN marts.revision.reference_date IS 'date both figures hold for';
COMMENT ON COLUMN marts.revision.year IS 'year of the reference date';
COMMENT ON COLUMN marts.revision.concept IS 'concept, see core.concept';
COMMENT ON COLUMN marts.revision.measure IS 'measure, see core.measure';
COMMENT ON COLUMN marts.revision.breakdown IS 'part of the total; empty for the total';
COMMENT ON COLUMN marts.revision.unit IS 'unit of both figures';
COMMENT ON COLUMN marts.revision.earlier IS 'figure before, in the unit; null where a sign stood';
COMMENT ON COLUMN marts.revision.later IS 'figure after, in the unit; null where a sign stands';
COMMENT ON COLUMN marts.revision.change IS 'later minus earlier, in the unit';
COMMENT ON COLUMN marts.revision.change_percent IS 'change in percent of the earlier figure';
COMMENT ON COLUMN marts.revision.reason IS 'new census base, first results to final, other figure, or other sign';
COMMENT ON COLUMN marts.revision.earlier_observation_id IS 'figure before, see core.observation';
COMMENT ON COLUMN marts.revision.later_observation_id IS 'figure after, see core.observation';
