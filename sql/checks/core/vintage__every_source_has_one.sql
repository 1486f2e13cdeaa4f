-- severity: ERROR
-- reason: Every source has its current vintage.
SELECT s.source_id, s.current_vintage_id
FROM core.source AS s
LEFT JOIN core.vintage AS v ON v.source_id = s.source_id AND v.vintage_id = s.current_vintage_id
WHERE v.vintage_id IS NULL
