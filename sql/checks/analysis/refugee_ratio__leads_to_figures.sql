-- severity: ERROR
-- reason: Both parts of every quotient lead to persons: those above of its source and year, those below of its series.
SELECT q.result_id, 'numerator' AS part
FROM analysis.refugee_ratio AS q
ANTI JOIN (SELECT source_id, year FROM marts.protection_seekers WHERE persons IS NOT NULL) AS s
    ON s.source_id = q.numerator_source_id AND s.year = q.year
UNION ALL
SELECT q.result_id, 'denominator' AS part
FROM analysis.refugee_ratio AS q
ANTI JOIN (SELECT series_id FROM marts.share WHERE persons_with IS NOT NULL) AS s ON s.series_id = q.denominator_series_id
WHERE q.denominator_series_id IS NOT NULL
