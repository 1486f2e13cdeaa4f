-- severity: ERROR
-- reason: Figures invented for measuring are never published: no vintage says of itself that it is synthetic.
SELECT source_id, vintage_id, title, publisher, licence_id, obtained_how
FROM core.vintage
WHERE contains(
    lower(concat_ws(' ', title, publisher, licence_id, licence_title, attribution, obtained_how, obtained_note)),
    'synthetic'
)
