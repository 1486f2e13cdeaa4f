-- severity: ERROR
-- reason: A corrected figure names a known error of its own source that applies to its vintage.
SELECT o.observation_id, o.correction_id
FROM core.observation AS o
LEFT JOIN core.correction AS c
    ON c.correction_id = o.correction_id
    AND c.source_id = o.source_id
    AND list_contains(string_split(c.vintages, ' '), o.vintage_id)
WHERE o.correction_id IS NOT NULL AND c.correction_id IS NULL
