-- severity: ERROR
-- reason: Every figure that a known error names is there and marked, or the error would be told and not acted upon.
SELECT
    c.correction_id,
    c.figures,
    count(DISTINCT (o.region_id, o.reference, o.concept, o.measure, o.breakdown))
        FILTER (WHERE o.observation_id IS NOT NULL) AS marked
FROM core.correction AS c
LEFT JOIN core.observation AS o USING (correction_id)
GROUP BY c.correction_id, c.figures
HAVING marked <> c.figures
