-- severity: ERROR
-- reason: The districts of a state cannot hold more persons than the state, beyond what rounding and the few persons of census perturbation explain.
SELECT
    o.source_id, o.vintage_id, o.reference, o.concept, o.measure, o.breakdown, coalesce(r.state_id, r.region_id) AS state_id,
    sum(o.lower) FILTER (WHERE r.level = 'district') AS districts_lower_persons,
    max(o.upper) FILTER (WHERE r.level = 'state') AS state_upper_persons,
    count(*) FILTER (WHERE r.level = 'district') AS districts
FROM core.observation AS o
JOIN core.region AS r USING (region_id)
WHERE o.unit = 'persons' AND o.status <> 'contradicted' AND r.level IN ('state', 'district')
GROUP BY ALL
HAVING count(*) FILTER (WHERE r.level = 'state') = 1
    AND districts_lower_persons > state_upper_persons + 3 * districts
