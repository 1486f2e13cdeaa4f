-- severity: ERROR
-- reason: Five eastern states, ten western ones and Berlin make Germany.
SELECT part, count(*) AS states
FROM core.region
WHERE level = 'state'
GROUP BY part
HAVING (part, states) NOT IN (('east', 5), ('west', 10), ('berlin', 1))
UNION ALL
SELECT 'all' AS part, count(*) AS states FROM core.region WHERE level = 'state' HAVING states <> 16
