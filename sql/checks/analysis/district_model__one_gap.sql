-- severity: ERROR
-- reason: The methods of a model differ in interval and p, not in the gap; and the permutation of states always stands beside them.
SELECT comparison_id, series_id, berlin, covariates, estimand, min(estimate) AS lowest, max(estimate) AS highest
FROM analysis.district_model
WHERE quantity = 'difference'
GROUP BY ALL
HAVING max(estimate) - min(estimate) > 1e-6 OR NOT bool_or(method IN ('permutation', 'permutation_residualised'))
