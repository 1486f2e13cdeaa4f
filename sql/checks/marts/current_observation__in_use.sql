-- severity: ERROR
-- reason: A vintage that waits is not used before release.lock.yml names it or a later one.
SELECT o.observation_id, o.source_id, o.vintage_id
FROM marts.current_observation AS o
JOIN core.vintage AS v USING (source_id, vintage_id)
WHERE NOT v.in_use
