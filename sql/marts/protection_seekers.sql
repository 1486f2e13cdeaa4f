-- Persons seeking protection by district and status group. The source holds no totals: a state is the sum of its rows.
SELECT
    o.source_id,
    o.vintage_id,
    o.year,
    o.reference_date,
    o.concept,
    o.universe,
    o.region_id,
    r.state_id,
    r.part,
    o.breakdown,
    CAST(o.value AS DOUBLE) AS persons,
    o.status,
    o.observation_id
FROM marts.current_observation AS o
JOIN core.region AS r USING (region_id)
WHERE o.concept = 'protection_seekers'
    AND o.measure = 'persons_with'
    AND r.level = 'district'
    AND o.breakdown <> '';

COMMENT ON TABLE marts.protection_seekers IS 'One row a district, day and protection status: persons seeking protection. Some authorities count for several districts, so states are compared.';
COMMENT ON COLUMN marts.protection_seekers.source_id IS 'source';
COMMENT ON COLUMN marts.protection_seekers.vintage_id IS 'vintage';
COMMENT ON COLUMN marts.protection_seekers.year IS 'year of the day';
COMMENT ON COLUMN marts.protection_seekers.reference_date IS 'day the figure holds for';
COMMENT ON COLUMN marts.protection_seekers.concept IS 'concept, see core.concept';
COMMENT ON COLUMN marts.protection_seekers.universe IS 'persons among whom was counted';
COMMENT ON COLUMN marts.protection_seekers.region_id IS 'district of the authority';
COMMENT ON COLUMN marts.protection_seekers.state_id IS 'state';
COMMENT ON COLUMN marts.protection_seekers.part IS 'east, west or berlin';
COMMENT ON COLUMN marts.protection_seekers.breakdown IS 'protection status as key=CODE';
COMMENT ON COLUMN marts.protection_seekers.persons IS 'persons [persons]; null where the publisher gives a sign instead';
COMMENT ON COLUMN marts.protection_seekers.status IS 'published, secondary, inferred or derived';
COMMENT ON COLUMN marts.protection_seekers.observation_id IS 'figure, see core.observation';
