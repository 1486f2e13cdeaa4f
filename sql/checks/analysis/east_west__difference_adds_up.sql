-- severity: ERROR
-- reason: The pooled difference, like that of the means, is the eastern figure minus the western one, and both are there.
SELECT d.result_id, d.estimate, e.estimate AS east, w.estimate AS west
FROM analysis.east_west AS d
LEFT JOIN analysis.east_west AS e
    ON e.series_id = d.series_id AND e.berlin = d.berlin AND e.estimand = d.estimand AND e.quantity = 'east'
LEFT JOIN analysis.east_west AS w
    ON w.series_id = d.series_id AND w.berlin = d.berlin AND w.estimand = d.estimand AND w.quantity = 'west'
WHERE d.quantity = 'difference'
    AND coalesce(abs(d.estimate - (e.estimate - w.estimate)) > 1e-6, TRUE)
