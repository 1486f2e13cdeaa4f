{{ config(location='out/shares.parquet', post_hook="COPY (FROM {{ this }}) TO 'out/shares.csv' (HEADER)") }}

WITH total AS (
    SELECT * FROM {{ ref('figures') }} WHERE breakdown = ''
),

register AS (
    SELECT region_id, year, value AS register FROM total WHERE source = 'population_states'
),

wide AS (
    SELECT
        source, region_id, year,
        max(value) FILTER (measure = 'persons_with') AS persons_with,
        max(value) FILTER (measure = 'persons_total') AS persons_total,
        max(value) FILTER (measure = 'share_percent') AS printed
    FROM total WHERE source <> 'population_states' GROUP BY ALL
)

SELECT
    source, level, region_id, region, part, year,
    coalesce(printed, 100 * persons_with / coalesce(persons_total, register)) AS share_percent
FROM wide JOIN {{ ref('regions') }} USING (region_id) LEFT JOIN register USING (region_id, year)
WHERE level IN ('state', 'district') AND share_percent IS NOT NULL
ORDER BY source, level, region_id, year
