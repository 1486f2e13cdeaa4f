-- severity: ERROR
-- reason: The states together are the persons of all rows, and no state has more districts with rows than districts.
SELECT s.source_id, s.year, s.persons AS by_state, d.persons AS by_district
FROM (
    SELECT source_id, year, sum(persons) AS persons, max(districts_with_row - districts) AS too_many
    FROM marts.state_protection_seekers
    GROUP BY ALL
) AS s
FULL JOIN (SELECT source_id, year, sum(persons) AS persons FROM marts.protection_seekers GROUP BY ALL) AS d
    USING (source_id, year)
WHERE s.persons IS DISTINCT FROM d.persons OR s.too_many > 0
