-- severity: ERROR
-- reason: Sixteen states are Germany: their persons add up to the printed total, beyond what rounding explains and one in a thousand, by which census tables differ from themselves.
SELECT
    o.source_id, o.vintage_id, o.reference, o.concept, o.measure, o.breakdown,
    sum(o.lower) FILTER (WHERE r.level = 'state') AS states_lower_persons,
    sum(o.upper) FILTER (WHERE r.level = 'state') AS states_upper_persons,
    min(o.lower) FILTER (WHERE r.level = 'country') AS germany_lower_persons,
    max(o.upper) FILTER (WHERE r.level = 'country') AS germany_upper_persons
FROM core.observation AS o
JOIN core.region AS r USING (region_id)
WHERE o.unit = 'persons' AND o.status <> 'contradicted' AND r.level IN ('state', 'country')
GROUP BY ALL
HAVING count(*) FILTER (WHERE r.level = 'country') = 1
    AND count(o.upper) FILTER (WHERE r.level = 'state') = 16
    AND (states_lower_persons > germany_upper_persons * 1.001 OR states_upper_persons < germany_lower_persons * 0.999)
