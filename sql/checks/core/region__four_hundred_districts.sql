-- severity: ERROR
-- reason: There have been 400 districts since 1 July 2021, each of one state and of its part of the country.
SELECT 'districts today' AS rule, count(*)::VARCHAR AS found
FROM core.region
WHERE level = 'district' AND valid_to IS NULL
HAVING count(*) <> 400
UNION ALL
SELECT 'district without its state or of another part' AS rule, d.region_id AS found
FROM core.region AS d
LEFT JOIN core.region AS s ON s.region_id = d.state_id AND s.level = 'state'
WHERE d.level = 'district' AND (s.region_id IS NULL OR s.part IS DISTINCT FROM d.part OR left(d.region_id, 2) <> d.state_id)
