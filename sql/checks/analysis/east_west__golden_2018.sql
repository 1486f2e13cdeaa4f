-- severity: ERROR
-- reason: The shares of 2018 in the wider sense are the published ones: 8.0 percent in the East, 28.6 in the West with Berlin, 25.5 in Germany.
SELECT e.result_id, e.estimate, g.published_percent
FROM analysis.east_west AS e
JOIN (
    VALUES ('east', 'excluded', 8.0), ('east', 'in_west', 8.0), ('west', 'in_west', 28.6), ('germany', 'excluded', 25.5)
) AS g(quantity, berlin, published_percent) USING (quantity, berlin)
WHERE e.series_id = 'mikrozensus_states.2018.migration_background_wider'
    AND e.estimand = 'pooled'
    AND e.method = 'share'
    AND coalesce(abs(e.estimate - g.published_percent) > 0.05, TRUE)
