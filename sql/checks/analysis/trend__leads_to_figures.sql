-- severity: ERROR
-- reason: Every slope and change leads to shares of states, all on one side of every break.
SELECT t.result_id, t.source_id, t.concept, t.segment
FROM analysis.trend AS t
WHERE NOT EXISTS (
    SELECT 1
    FROM marts.share AS s
    WHERE s.level = 'state'
        AND (s.source_id, s.concept, s.segment, s.census_base) = (t.source_id, t.concept, t.segment, t.census_base)
        AND s.year BETWEEN t.first_year AND t.last_year
        AND s.share_percent IS NOT NULL
)
