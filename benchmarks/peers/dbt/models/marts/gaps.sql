{{ config(location='out/gaps.parquet', post_hook="COPY (FROM {{ this }}) TO 'out/gaps.csv' (HEADER)") }}

SELECT
    source, level, year,
    count(*) FILTER (part = 'east') AS east_regions,
    count(*) FILTER (part = 'west') AS west_regions,
    avg(share_percent) FILTER (part = 'east') AS east_percent,
    avg(share_percent) FILTER (part = 'west') AS west_percent,
    avg(share_percent) FILTER (part = 'berlin') AS berlin_percent,
    east_percent - west_percent AS difference_points,
    sqrt(
        var_samp(share_percent) FILTER (part = 'east') / east_regions
        + var_samp(share_percent) FILTER (part = 'west') / west_regions
    ) AS standard_error_points
FROM {{ ref('shares') }} GROUP BY source, level, year ORDER BY source, level, year
