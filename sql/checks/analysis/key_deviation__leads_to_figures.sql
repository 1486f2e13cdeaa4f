-- severity: ERROR
-- reason: Every deviation leads to the persons of its year and to the key it is held against.
SELECT d.result_id, 'persons' AS part
FROM analysis.key_deviation AS d
ANTI JOIN (SELECT source_id, year FROM marts.protection_seekers WHERE persons IS NOT NULL) AS s USING (source_id, year)
UNION ALL
SELECT d.result_id, 'key' AS part
FROM analysis.key_deviation AS d
ANTI JOIN marts.koenigstein_key AS k ON k.source_id = d.key_source_id AND k.year = d.key_year
