-- The share of each region, source and year, from counts of one table, counts over the register, or as printed.
WITH total AS (
    SELECT * FROM core.observation WHERE breakdown = ''
),

register AS (
    SELECT region_id, year, value AS register FROM total WHERE source_id = 'population_states'
),

wide AS (
    SELECT
        source_id, region_id, year,
        max(value) FILTER (measure = 'persons_with') AS persons_with,
        max(value) FILTER (measure = 'persons_total') AS persons_total,
        max(value) FILTER (measure = 'share_percent') AS printed,
        max(observation_id) FILTER (measure <> 'persons_total') AS observation_id
    FROM total WHERE source_id <> 'population_states' GROUP BY ALL
)

SELECT
    source_id AS source, level, region_id, name AS region, part, year,
    CAST(
        coalesce(
            CAST(printed AS DOUBLE),
            100 * CAST(persons_with AS DOUBLE) / CAST(coalesce(persons_total, register) AS DOUBLE)
        ) AS DOUBLE
    ) AS share_percent,
    observation_id
FROM wide JOIN core.region USING (region_id) LEFT JOIN register USING (region_id, year)
WHERE level IN ('state', 'district') AND share_percent IS NOT NULL;

COMMENT ON TABLE marts.shares IS 'One row a source, region and year: the share of persons of the concept in the population.';
COMMENT ON COLUMN marts.shares.source IS 'source, the folder under raw_data';
COMMENT ON COLUMN marts.shares.level IS 'state or district';
COMMENT ON COLUMN marts.shares.region_id IS 'region, see core.region';
COMMENT ON COLUMN marts.shares.region IS 'name of the region';
COMMENT ON COLUMN marts.shares.part IS 'east, west or berlin';
COMMENT ON COLUMN marts.shares.year IS 'year of the reference date';
COMMENT ON COLUMN marts.shares.share_percent IS 'share [percent]';
COMMENT ON COLUMN marts.shares.observation_id IS 'figure of the share or of its numerator';
