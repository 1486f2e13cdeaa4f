-- severity: ERROR
-- reason: The pooled difference is the eastern share minus the western one.
SELECT d.result_id, d.estimate, e.estimate AS east, w.estimate AS west
FROM analysis.east_west AS d
JOIN analysis.east_west AS e USING (series_id, berlin, estimand)
JOIN analysis.east_west AS w USING (series_id, berlin, estimand)
WHERE d.quantity = 'difference' AND e.quantity = 'east' AND w.quantity = 'west'
    AND abs(d.estimate - (e.estimate - w.estimate)) > 1e-6
