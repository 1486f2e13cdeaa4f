-- severity: ERROR
-- reason: A region stands once in a series, and a share lies between 0 and 100.
SELECT series_id, region_id, count(*) AS found, max(share_percent) AS share_percent
FROM marts.share
GROUP BY ALL
HAVING count(*) > 1 OR min(share_percent) < 0 OR max(share_percent) > 100
