{%- for table in var('sources') %}
SELECT
    '{{ table }}' AS source,
    region AS region_id,
    CAST(left(reference, 4) AS INTEGER) AS year,
    measure,
    value {{ '* 1000' if table == 'mikrozensus_states' }} AS value,
    coalesce(marker, '') AS marker,
    {{ "coalesce(breakdown, '')" if table == 'mikrozensus_states' else "''" }} AS breakdown
FROM {{ source('raw', table) }}
{{ 'UNION ALL' if not loop.last }}
{%- endfor %}
