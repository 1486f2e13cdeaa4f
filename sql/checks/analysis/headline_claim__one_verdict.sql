-- severity: ERROR
-- reason: There is one verdict on the statement, and a best reading for each part.
SELECT 'verdicts' AS rule, count(*) AS found FROM analysis.headline_claim WHERE verdict IS NOT NULL HAVING count(*) <> 1
UNION ALL
SELECT 'parts of rank 1' AS rule, count(*) AS found FROM analysis.headline_claim WHERE "rank" = 1 AND verdict IS NULL HAVING count(*) <> 3
