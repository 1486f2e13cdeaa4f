-- The Königstein key: the share of each state of a year.
SELECT
    o.source_id,
    o.vintage_id,
    o.year,
    o.region_id,
    r.name AS region_name,
    r.part,
    CAST(o.value AS DOUBLE) AS key_percent,
    o.status,
    o.observation_id
FROM marts.current_observation AS o
JOIN core.region AS r USING (region_id)
WHERE o.concept = 'koenigstein_key' AND o.measure = 'key_percent' AND r.level = 'state' AND o.is_total;

COMMENT ON TABLE marts.koenigstein_key IS 'One row a state and year: its share in the Königstein key.';
COMMENT ON COLUMN marts.koenigstein_key.source_id IS 'source';
COMMENT ON COLUMN marts.koenigstein_key.vintage_id IS 'vintage';
COMMENT ON COLUMN marts.koenigstein_key.year IS 'year of the key';
COMMENT ON COLUMN marts.koenigstein_key.region_id IS 'state';
COMMENT ON COLUMN marts.koenigstein_key.region_name IS 'name of the state';
COMMENT ON COLUMN marts.koenigstein_key.part IS 'east, west or berlin';
COMMENT ON COLUMN marts.koenigstein_key.key_percent IS 'share of the state [percent]';
COMMENT ON COLUMN marts.koenigstein_key.status IS 'published, secondary, inferred or derived';
COMMENT ON COLUMN marts.koenigstein_key.observation_id IS 'figure, see core.observation';
