-- severity: ERROR
-- reason: Every model leads to the shares of districts it was fitted to, and no district is left out that is not there.
SELECT m.result_id AS id, m.series_id
FROM analysis.district_model AS m
ANTI JOIN (SELECT series_id FROM marts.district_structure WHERE share_percent IS NOT NULL) AS s USING (series_id)
UNION ALL
SELECT l.region_id AS id, l.series_id
FROM analysis.district_left_out AS l
ANTI JOIN core.region AS r ON r.region_id = l.region_id AND r.level = 'district'
