-- What the publishers themselves print for Germany and for East and West, one row a series and aggregate.
WITH figure AS (
    SELECT o.*, r.name AS region_name
    FROM marts.current_observation AS o
    JOIN core.region AS r USING (region_id)
    WHERE o.is_total
        AND r.level IN ('country', 'aggregate')
        AND o.measure IN ('persons_with', 'persons_total', 'share_percent')
        AND o.status <> 'contradicted'
        AND o.concept NOT IN ('regional_structure', 'protection_seekers', 'koenigstein_key')
)

SELECT
    source_id || '.' || year || '.' || concept || '.published' AS series_id,
    source_id,
    vintage_id,
    year,
    concept,
    universe,
    region_id,
    region_name,
    CAST(max(value) FILTER (WHERE measure = 'persons_with') AS DOUBLE) AS persons_with,
    CAST(max(value) FILTER (WHERE measure = 'persons_total') AS DOUBLE) AS persons_total,
    CAST(
        coalesce(
            max(value) FILTER (WHERE measure = 'share_percent'),
            100 * CAST(max(value) FILTER (WHERE measure = 'persons_with') AS DOUBLE)
            / nullif(CAST(max(value) FILTER (WHERE measure = 'persons_total') AS DOUBLE), 0)
        ) AS DOUBLE
    ) AS share_percent,
    arg_max(status, list_position(['published', 'secondary', 'derived', 'inferred', 'verbal'], status)) AS status,
    max(observation_id) FILTER (WHERE measure = 'persons_with') AS with_observation_id,
    max(observation_id) FILTER (WHERE measure = 'persons_total') AS total_observation_id,
    max(observation_id) FILTER (WHERE measure = 'share_percent') AS share_observation_id
FROM figure
GROUP BY ALL;

COMMENT ON TABLE marts.aggregate_share IS 'One row a series and aggregate as published: Germany, East, West with or without Berlin.';
COMMENT ON COLUMN marts.aggregate_share.series_id IS 'source.year.concept.published: as printed, not computed from regions';
COMMENT ON COLUMN marts.aggregate_share.source_id IS 'source';
COMMENT ON COLUMN marts.aggregate_share.vintage_id IS 'vintage';
COMMENT ON COLUMN marts.aggregate_share.year IS 'year of the reference date';
COMMENT ON COLUMN marts.aggregate_share.concept IS 'concept, see core.concept';
COMMENT ON COLUMN marts.aggregate_share.universe IS 'persons among whom was counted';
COMMENT ON COLUMN marts.aggregate_share.region_id IS 'DE, east, west, east_with_berlin or west_with_berlin';
COMMENT ON COLUMN marts.aggregate_share.region_name IS 'name of the aggregate';
COMMENT ON COLUMN marts.aggregate_share.persons_with IS 'persons of the concept [persons]; null where not published';
COMMENT ON COLUMN marts.aggregate_share.persons_total IS 'all persons [persons]; null where not published';
COMMENT ON COLUMN marts.aggregate_share.share_percent IS 'share [percent], as printed or from the two counts';
COMMENT ON COLUMN marts.aggregate_share.status IS 'least sure status of the figures used';
COMMENT ON COLUMN marts.aggregate_share.with_observation_id IS 'figure of persons_with';
COMMENT ON COLUMN marts.aggregate_share.total_observation_id IS 'figure of persons_total';
COMMENT ON COLUMN marts.aggregate_share.share_observation_id IS 'figure of the printed percentage';
