-- severity: ERROR
-- reason: A figure known to be wrong is contradicted where it is dropped, and derived where the right one stands in its place.
SELECT o.observation_id, o.correction_id, c.action, o.status
FROM core.observation AS o
JOIN core.correction AS c USING (correction_id)
WHERE (c.action = 'drop' AND o.status <> 'contradicted')
    OR (c.action = 'override' AND o.status <> 'derived')
