-- severity: ERROR
-- reason: Every result leads to figures that exist, and every series compared has some.
SELECT i.series_id, i.observation_id
FROM analysis.result_input AS i
LEFT JOIN core.observation AS o USING (observation_id)
WHERE o.observation_id IS NULL
UNION ALL
SELECT DISTINCT e.series_id, NULL AS observation_id
FROM analysis.east_west AS e
LEFT JOIN analysis.result_input AS i USING (series_id)
WHERE i.series_id IS NULL
