-- severity: ERROR
-- reason: Of two releases of the same figure only one may be current.
SELECT source_id, region_id, reference_date, concept, universe, measure, breakdown, count(*) AS vintages
FROM marts.current_observation
GROUP BY ALL
HAVING count(*) > 1
