-- severity: ERROR
-- reason: Germany is the same whatever is done with Berlin.
SELECT series_id, estimand, min(estimate) AS lowest, max(estimate) AS highest
FROM analysis.east_west
WHERE quantity = 'germany'
GROUP BY ALL
HAVING highest - lowest > 1e-6
