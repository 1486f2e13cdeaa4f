-- severity: ERROR
-- reason: Where the census base or the universe changes, a break must be declared, or a line would join what does not continue.
SELECT
    source_id,
    concept,
    level,
    segment,
    string_agg(DISTINCT universe, ', ') AS universes,
    string_agg(DISTINCT census_base, ', ') AS census_bases
FROM marts.share
GROUP BY source_id, concept, level, segment
HAVING count(DISTINCT (universe, census_base)) > 1
