-- severity: ERROR
-- reason: An id names one share, and its place lies between the first and the last of its series.
SELECT share_id, count(*) AS found, min(rank_first) AS rank_first, max(rank_last) AS rank_last
FROM marts.region_share
GROUP BY ALL
HAVING count(*) > 1 OR min(rank_first) < 1 OR bool_or(rank_first > rank_last) OR bool_or(rank_last > regions)
