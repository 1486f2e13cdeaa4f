-- severity: ERROR
-- reason: A deviation is the share minus the key, and both are there.
SELECT d.result_id, d.estimate, s.estimate AS share, k.estimate AS key
FROM analysis.key_deviation AS d
LEFT JOIN analysis.key_deviation AS s
    ON (s.comparison_id, s.year, s.key_year, s.estimand) = (d.comparison_id, d.year, d.key_year, d.estimand)
    AND s.region_id IS NOT DISTINCT FROM d.region_id AND s.berlin IS NOT DISTINCT FROM d.berlin AND s.quantity = 'share'
LEFT JOIN analysis.key_deviation AS k
    ON (k.comparison_id, k.year, k.key_year, k.estimand) = (d.comparison_id, d.year, d.key_year, d.estimand)
    AND k.region_id IS NOT DISTINCT FROM d.region_id AND k.berlin IS NOT DISTINCT FROM d.berlin AND k.quantity = 'key'
WHERE d.quantity = 'deviation'
    AND coalesce(abs(d.estimate - (s.estimate - k.estimate)) > 1e-6, TRUE)
