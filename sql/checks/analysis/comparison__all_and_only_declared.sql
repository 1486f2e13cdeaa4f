-- severity: ERROR
-- reason: Everything declared is computed and shown, and nothing else is.
WITH computed AS (
    SELECT 'east_west' AS kind, comparison_id FROM analysis.east_west
    UNION ALL
    SELECT 'east_west', comparison_id FROM analysis.sampling_band
    UNION ALL
    SELECT 'multiverse', comparison_id FROM analysis.multiverse
    UNION ALL
    SELECT 'survey', comparison_id FROM analysis.survey_interval
    UNION ALL
    SELECT 'proportions', comparison_id FROM analysis.proportion_comparison
    UNION ALL
    SELECT 'organisations', comparison_id FROM analysis.organisation_density
    UNION ALL
    SELECT 'organisations', comparison_id FROM analysis.organisation_ratio
    UNION ALL
    SELECT 'organisations', comparison_id FROM analysis.organisation_definition
    UNION ALL
    SELECT 'headline', comparison_id FROM analysis.headline_claim
    UNION ALL
    SELECT 'districts', comparison_id FROM analysis.district_model
    UNION ALL
    SELECT if(starts_with(quantity, 'change_'), 'change', 'trend'), comparison_id FROM analysis.trend
    UNION ALL
    SELECT 'refugees', comparison_id FROM analysis.refugee_ratio
    UNION ALL
    SELECT 'key', comparison_id FROM analysis.key_deviation
),

counted AS (
    SELECT kind, comparison_id, count(*) AS found
    FROM computed
    GROUP BY ALL
)

SELECT coalesce(d.comparison_id, c.comparison_id) AS comparison_id, d.kind AS declared_as, c.kind AS computed_as, c.found
FROM analysis.comparison AS d
FULL JOIN counted AS c ON c.comparison_id = d.comparison_id AND c.kind = d.kind
WHERE d.comparison_id IS NULL OR c.comparison_id IS NULL
