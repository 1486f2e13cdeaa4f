-- severity: ERROR
-- reason: With every state in every year the methods give one difference of slopes; and the permutation of states always stands beside them.
SELECT comparison_id, first_year, last_year, berlin, estimand, unit, min(estimate) AS lowest, max(estimate) AS highest
FROM analysis.trend
WHERE quantity IN ('slope_difference', 'change_difference')
GROUP BY ALL
HAVING max(estimate) - min(estimate) > 1e-6 OR NOT bool_or(method = 'permutation')
