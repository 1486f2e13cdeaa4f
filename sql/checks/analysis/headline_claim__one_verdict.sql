-- severity: ERROR
-- reason: There is one verdict on the statement, and a best reading with each of its three parts.
SELECT 'verdicts' AS rule, count(*) AS found
FROM analysis.headline_claim
WHERE verdict IS NOT NULL
HAVING count(*) <> 1
UNION ALL
SELECT 'parts of rank 1' AS rule, count(DISTINCT part) AS found
FROM analysis.headline_claim
WHERE "rank" = 1 AND verdict IS NULL
HAVING count(DISTINCT part) <> 3 OR count(*) <> 3
