-- severity: WARN
-- reason: A city without a state, or with one in another part of the country, stands on no sheet of a state.
SELECT n.city, n.part, n.state_id, r.part AS part_of_state
FROM marts.network_state AS n
LEFT JOIN core.region AS r ON r.region_id = n.state_id
WHERE r.part IS DISTINCT FROM n.part
