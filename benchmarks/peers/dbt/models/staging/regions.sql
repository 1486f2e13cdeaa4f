SELECT region AS region_id, name AS region, level, part
FROM {{ source('raw', 'regions') }}
