-- severity: WARN
-- reason: A revision of more than a quarter is rather a slip in one of the two vintages than a correction.
SELECT revision_id, earlier, later, change_percent
FROM marts.revision
WHERE abs(change_percent) > 25
