-- severity: ERROR
-- reason: A vintage that waits revises nothing yet.
SELECT r.revision_id, r.source_id, r.later_vintage_id
FROM marts.revision AS r
JOIN core.vintage AS v ON v.source_id = r.source_id AND v.vintage_id IN (r.earlier_vintage_id, r.later_vintage_id)
WHERE NOT v.in_use
