-- severity: ERROR
-- reason: The difference is the eastern figure minus the western one, and both are there.
SELECT d.result_id, d.estimate, e.estimate AS east, w.estimate AS west
FROM analysis.refugee_ratio AS d
LEFT JOIN analysis.refugee_ratio AS e
    ON (e.comparison_id, e.denominator_series_id, e.year, e.berlin, e.estimand)
        = (d.comparison_id, d.denominator_series_id, d.year, d.berlin, d.estimand)
    AND e.quantity = 'east'
LEFT JOIN analysis.refugee_ratio AS w
    ON (w.comparison_id, w.denominator_series_id, w.year, w.berlin, w.estimand)
        = (d.comparison_id, d.denominator_series_id, d.year, d.berlin, d.estimand)
    AND w.quantity = 'west'
WHERE d.quantity = 'difference'
    AND coalesce(abs(d.estimate - (e.estimate - w.estimate)) > 1e-6, TRUE)
