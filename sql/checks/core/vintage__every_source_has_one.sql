-- severity: ERROR
-- reason: Every source has its current vintage; in use are that one and those before it, and none after it.
SELECT s.source_id, s.current_vintage_id
FROM core.source AS s
LEFT JOIN core.vintage AS v ON v.source_id = s.source_id AND v.vintage_id = s.current_vintage_id
WHERE v.vintage_id IS NULL
UNION ALL
SELECT s.source_id, s.current_vintage_id
FROM core.source AS s
JOIN core.vintage AS c ON c.source_id = s.source_id AND c.vintage_id = s.current_vintage_id
JOIN core.vintage AS v ON v.source_id = s.source_id
WHERE v.in_use <> (v.vintage_order <= c.vintage_order)
