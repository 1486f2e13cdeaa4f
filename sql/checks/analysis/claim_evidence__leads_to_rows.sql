-- severity: ERROR
-- reason: Every row a verdict rests on exists, and a verdict that compared something names what.
WITH known AS (
    SELECT figure_id AS id FROM core.study_figure
    UNION ALL
    SELECT claim_id AS id FROM core.claim
    UNION ALL
    SELECT city AS id FROM core.network_city
    UNION ALL
    SELECT observation_id AS id FROM core.observation
    UNION ALL
    SELECT result_id AS id FROM analysis.east_west
    UNION ALL
    SELECT result_id AS id FROM analysis.headline_claim
    UNION ALL
    SELECT result_id AS id FROM analysis.survey_interval
)

SELECT e.result_id, e.evidence_id
FROM analysis.claim_evidence AS e
LEFT JOIN known AS k ON k.id = e.evidence_id
LEFT JOIN analysis.claim_verdict AS v USING (result_id)
WHERE k.id IS NULL OR v.result_id IS NULL
UNION ALL
SELECT v.result_id, NULL AS evidence_id
FROM analysis.claim_verdict AS v
LEFT JOIN analysis.claim_evidence AS e ON e.result_id = v.result_id AND e.role IN ('compared', 'secondary', 'definition')
WHERE e.evidence_id IS NULL AND v.verdict NOT IN ('cannot be checked', 'not a quantity')
