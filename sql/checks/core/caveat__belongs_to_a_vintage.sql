-- severity: ERROR
-- reason: A caveat without its vintage would not reach the reader.
SELECT c.source_id, c.vintage_id, c.text
FROM core.caveat AS c
LEFT JOIN core.vintage AS v USING (source_id, vintage_id)
WHERE v.vintage_id IS NULL
