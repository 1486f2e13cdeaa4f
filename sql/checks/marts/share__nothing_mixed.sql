-- severity: ERROR
-- reason: A series is of one concept, one universe, one census base and one vintage: what differs is never compared.
SELECT
    series_id,
    string_agg(DISTINCT concept, ', ') AS concepts,
    string_agg(DISTINCT universe, ', ') AS universes,
    string_agg(DISTINCT census_base, ', ') AS census_bases,
    string_agg(DISTINCT vintage_id, ', ') AS vintages
FROM marts.share
GROUP BY series_id
HAVING count(DISTINCT (concept, universe, census_base, vintage_id)) > 1
