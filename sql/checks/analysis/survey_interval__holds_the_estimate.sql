-- severity: ERROR
-- reason: An interval contains its estimate.
SELECT result_id, estimate_percent, lower_percent, upper_percent
FROM analysis.survey_interval
WHERE estimate_percent NOT BETWEEN lower_percent AND upper_percent
    OR lower_percent < rounding_lower_percent
    OR upper_percent > rounding_upper_percent
