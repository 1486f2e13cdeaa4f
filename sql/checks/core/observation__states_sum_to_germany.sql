-- severity: WARN
-- reason: The sum of the states should meet the row for Germany; more than rounding explains is a known perturbation or a slip.
SELECT
    source_id, vintage_id, reference, concept, measure, breakdown,
    sum(value) FILTER (WHERE level = 'state') AS states_persons,
    max(value) FILTER (WHERE level = 'country') AS germany_persons
FROM core.observation
JOIN core.region USING (region_id)
WHERE unit = 'persons'
GROUP BY ALL
HAVING count(value) FILTER (WHERE level = 'state') = 16
    AND germany_persons IS NOT NULL
    AND (
        germany_persons < sum(lower) FILTER (WHERE level = 'state')
        OR germany_persons > sum(upper) FILTER (WHERE level = 'state')
    )
