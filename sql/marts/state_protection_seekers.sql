-- Persons seeking protection by state: the sum of the rows of its districts, and how many of its districts have a row.
WITH state AS (
    SELECT
        source_id,
        vintage_id,
        year,
        reference_date,
        concept,
        universe,
        state_id,
        part,
        sum(persons) AS persons,
        count(DISTINCT region_id) AS districts_with_row,
        arg_max(status, list_position(['published', 'secondary', 'derived', 'inferred'], status)) AS status
    FROM marts.protection_seekers
    GROUP BY ALL
)

SELECT
    s.source_id || '.' || s.year || '.' || s.state_id AS count_id,
    s.source_id,
    s.vintage_id,
    s.year,
    s.reference_date,
    s.concept,
    s.universe,
    s.state_id AS region_id,
    r.name AS region_name,
    s.part,
    CAST(s.persons AS DOUBLE) AS persons,
    CAST(s.districts_with_row AS INTEGER) AS districts_with_row,
    (
        SELECT CAST(count(*) AS INTEGER)
        FROM core.region AS d
        WHERE d.level = 'district'
            AND d.state_id = s.state_id
            AND coalesce(d.valid_from <= s.reference_date, TRUE)
            AND coalesce(d.valid_to >= s.reference_date, TRUE)
    ) AS districts,
    s.status
FROM state AS s
JOIN core.region AS r ON r.region_id = s.state_id;

COMMENT ON TABLE marts.state_protection_seekers IS 'One row a state and day: persons seeking protection, summed over the rows of its districts.';
COMMENT ON COLUMN marts.state_protection_seekers.count_id IS 'source.year.state; names the count everywhere';
COMMENT ON COLUMN marts.state_protection_seekers.source_id IS 'source';
COMMENT ON COLUMN marts.state_protection_seekers.vintage_id IS 'vintage';
COMMENT ON COLUMN marts.state_protection_seekers.year IS 'year of the day';
COMMENT ON COLUMN marts.state_protection_seekers.reference_date IS 'day the count holds for';
COMMENT ON COLUMN marts.state_protection_seekers.concept IS 'concept, see core.concept';
COMMENT ON COLUMN marts.state_protection_seekers.universe IS 'persons among whom was counted';
COMMENT ON COLUMN marts.state_protection_seekers.region_id IS 'state';
COMMENT ON COLUMN marts.state_protection_seekers.region_name IS 'name of the state';
COMMENT ON COLUMN marts.state_protection_seekers.part IS 'east, west or berlin';
COMMENT ON COLUMN marts.state_protection_seekers.persons IS 'persons of all protection statuses [persons], below the published total: small cells are missing';
COMMENT ON COLUMN marts.state_protection_seekers.districts_with_row IS 'districts of the state the source has rows for';
COMMENT ON COLUMN marts.state_protection_seekers.districts IS 'districts the state had on that day';
COMMENT ON COLUMN marts.state_protection_seekers.status IS 'least sure status of the figures summed';
