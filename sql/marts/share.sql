-- Shares of a population by region, from three kinds of origin that stay told apart:
--   counts   numerator and denominator of one table
--   mixed    numerator of one table, denominator the population register of the same day
--   printed  the publisher's percent; weights, where there are any, from the population register of the same day
WITH figure AS (
    SELECT o.*, r.name AS region_name, r.level, r.state_id, r.part
    FROM marts.current_observation AS o
    JOIN core.region AS r USING (region_id)
    WHERE o.is_total
        AND r.level IN ('state', 'district')
        AND o.status NOT IN ('verbal', 'contradicted')
        -- a dissolved or not yet founded district is no region of that day
        AND coalesce(r.valid_from <= o.reference_date, TRUE)
        AND coalesce(r.valid_to >= o.reference_date, TRUE)
),

register AS (
    SELECT region_id, reference_date, value AS persons, observation_id
    FROM figure
    WHERE concept = 'population' AND universe = 'population_register' AND measure = 'persons_total'
    QUALIFY row_number() OVER (PARTITION BY region_id, reference_date ORDER BY level, source_id) = 1
),

wide AS (
    SELECT
        source_id, vintage_id, year, reference, reference_date, concept, universe, release_state, census_base,
        level, region_id, region_name, state_id, part,
        max(value) FILTER (WHERE measure = 'persons_with') AS persons_with,
        max(observation_id) FILTER (WHERE measure = 'persons_with') AS with_observation_id,
        max(value) FILTER (WHERE measure = 'persons_total') AS persons_total,
        max(observation_id) FILTER (WHERE measure = 'persons_total') AS total_observation_id,
        max(value) FILTER (WHERE measure = 'share_percent') AS printed_percent,
        max(observation_id) FILTER (WHERE measure = 'share_percent') AS share_observation_id,
        -- the least sure of the figures used
        arg_max(status, list_position(['published', 'secondary', 'derived', 'inferred'], status)) AS status
    FROM figure
    WHERE measure IN ('persons_with', 'persons_total', 'share_percent')
        AND concept NOT IN ('population', 'regional_structure', 'protection_seekers', 'koenigstein_key')
    GROUP BY ALL
    HAVING with_observation_id IS NOT NULL OR share_observation_id IS NOT NULL
),

based AS (
    SELECT
        w.*,
        CASE
            WHEN w.with_observation_id IS NOT NULL AND w.total_observation_id IS NOT NULL THEN 'counts'
            WHEN w.with_observation_id IS NOT NULL AND w.share_observation_id IS NULL THEN 'mixed'
            ELSE 'printed'
        END AS share_origin,
        p.persons AS register_persons,
        p.observation_id AS register_observation_id
    FROM wide AS w
    LEFT JOIN register AS p USING (region_id, reference_date)
)

SELECT
    source_id || '.' || year || '.' || concept || if(level = 'district', '.district', '') AS series_id,
    source_id,
    vintage_id,
    year,
    reference,
    reference_date,
    concept,
    universe,
    release_state,
    census_base,
    level,
    region_id,
    region_name,
    state_id,
    part,
    CAST(if(share_origin = 'printed', NULL, persons_with) AS DOUBLE) AS persons_with,
    CAST(
        CASE share_origin WHEN 'counts' THEN persons_total WHEN 'mixed' THEN register_persons END AS DOUBLE
    ) AS persons_total,
    CAST(
        CASE share_origin
            WHEN 'counts' THEN 100 * CAST(persons_with AS DOUBLE) / nullif(CAST(persons_total AS DOUBLE), 0)
            WHEN 'mixed' THEN 100 * CAST(persons_with AS DOUBLE) / nullif(CAST(register_persons AS DOUBLE), 0)
            ELSE printed_percent
        END AS DOUBLE
    ) AS share_percent,
    share_origin,
    (
        SELECT CAST(count(*) AS INTEGER)
        FROM core.caveat AS c
        WHERE c.source_id = based.source_id
            AND c.vintage_id = based.vintage_id
            -- a year stands for its first day
            AND CAST(if(length(c.since) = 4, c.since || '-01-01', c.since) AS DATE) <= based.reference_date
    ) AS segment,
    CAST(if(share_origin = 'counts', persons_total, register_persons) AS DOUBLE) AS weight_persons,
    status,
    if(share_origin = 'printed', NULL, with_observation_id) AS with_observation_id,
    CASE share_origin WHEN 'counts' THEN total_observation_id ELSE register_observation_id END AS total_observation_id,
    if(share_origin = 'printed', share_observation_id, NULL) AS share_observation_id
FROM based;

COMMENT ON TABLE marts.share IS 'One row a region and series: the share of persons of a concept in the population. Only complete series are compared.';
COMMENT ON COLUMN marts.share.series_id IS 'source.year.concept, with .district for districts';
COMMENT ON COLUMN marts.share.source_id IS 'source';
COMMENT ON COLUMN marts.share.vintage_id IS 'vintage';
COMMENT ON COLUMN marts.share.year IS 'year of the reference date';
COMMENT ON COLUMN marts.share.reference IS 'reference date or year as printed';
COMMENT ON COLUMN marts.share.reference_date IS 'reference date; of a year its 31 December';
COMMENT ON COLUMN marts.share.concept IS 'concept, see core.concept';
COMMENT ON COLUMN marts.share.universe IS 'persons among whom was counted';
COMMENT ON COLUMN marts.share.release_state IS 'final, first_results, revised or not_stated';
COMMENT ON COLUMN marts.share.census_base IS 'census the population is based on';
COMMENT ON COLUMN marts.share.level IS 'state or district';
COMMENT ON COLUMN marts.share.region_id IS 'region, see core.region';
COMMENT ON COLUMN marts.share.region_name IS 'name of the region';
COMMENT ON COLUMN marts.share.state_id IS 'state the region is or lies in';
COMMENT ON COLUMN marts.share.part IS 'east, west or berlin';
COMMENT ON COLUMN marts.share.persons_with IS 'persons of the concept [persons]; null where only a percentage is printed';
COMMENT ON COLUMN marts.share.persons_total IS 'all persons [persons]; null where only a percentage is printed';
COMMENT ON COLUMN marts.share.share_percent IS 'share [percent]; null where the publisher gives none or the base is not known';
COMMENT ON COLUMN marts.share.share_origin IS 'counts, mixed or printed';
COMMENT ON COLUMN marts.share.segment IS 'number of breaks in the source up to this date; no line, trend or difference joins two segments';
COMMENT ON COLUMN marts.share.weight_persons IS 'persons the region stands for when regions are pooled [persons]; null where not known';
COMMENT ON COLUMN marts.share.status IS 'least sure status of the figures used';
COMMENT ON COLUMN marts.share.with_observation_id IS 'figure of persons_with';
COMMENT ON COLUMN marts.share.total_observation_id IS 'figure of persons_total or of the weight';
COMMENT ON COLUMN marts.share.share_observation_id IS 'figure of the printed percentage';
