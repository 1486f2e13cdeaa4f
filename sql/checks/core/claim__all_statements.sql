-- severity: ERROR
-- reason: The article has 95 quantitative or dated statements, C001 to C095, each once.
SELECT expected.claim_id
FROM (SELECT 'C' || lpad(n::VARCHAR, 3, '0') AS claim_id FROM range(1, 96) AS t(n)) AS expected
FULL JOIN core.claim AS c USING (claim_id)
WHERE c.claim_id IS NULL OR expected.claim_id IS NULL
