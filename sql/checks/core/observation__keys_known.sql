-- severity: ERROR
-- reason: Every figure belongs to a known region, concept, measure and vintage.
SELECT o.observation_id, o.raw_file, o.raw_line, o.region_id, o.concept, o.measure
FROM core.observation AS o
LEFT JOIN core.region AS r USING (region_id)
LEFT JOIN core.concept AS c USING (concept)
LEFT JOIN core.measure AS m USING (measure)
LEFT JOIN core.vintage AS v USING (source_id, vintage_id)
WHERE r.region_id IS NULL OR c.concept IS NULL OR m.measure IS NULL OR v.vintage_id IS NULL OR m.unit <> o.unit
