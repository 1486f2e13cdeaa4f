-- severity: ERROR
-- reason: Persons with and persons without cannot be more than all persons, beyond what rounding and the few persons of census perturbation explain.
SELECT
    source_id, vintage_id, region_id, reference, concept, breakdown,
    sum(lower) FILTER (WHERE measure IN ('persons_with', 'persons_without')) AS parts_lower_persons,
    max(upper) FILTER (WHERE measure = 'persons_total') AS total_upper_persons
FROM core.observation
WHERE unit = 'persons' AND status <> 'contradicted'
GROUP BY ALL
HAVING count(*) FILTER (WHERE measure IN ('persons_with', 'persons_without')) = 2
    AND parts_lower_persons > total_upper_persons + 3
