-- severity: ERROR
-- reason: Every statement of the article has exactly one verdict, and no verdict is without a statement.
SELECT c.claim_id, v.result_id, count(*) AS verdicts
FROM core.claim AS c
FULL JOIN analysis.claim_verdict AS v USING (claim_id)
GROUP BY ALL
HAVING c.claim_id IS NULL OR v.result_id IS NULL OR count(*) <> 1
