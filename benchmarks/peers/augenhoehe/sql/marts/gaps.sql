-- East against West: unweighted means of the regions, and the standard error of their difference.
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
FROM marts.shares GROUP BY source, level, year;

COMMENT ON TABLE marts.gaps IS 'One row a source, level and year: East against West.';
COMMENT ON COLUMN marts.gaps.source IS 'source, the folder under raw_data';
COMMENT ON COLUMN marts.gaps.level IS 'state or district';
COMMENT ON COLUMN marts.gaps.year IS 'year of the reference date';
COMMENT ON COLUMN marts.gaps.east_regions IS 'regions in the East without Berlin';
COMMENT ON COLUMN marts.gaps.west_regions IS 'regions in the West without Berlin';
COMMENT ON COLUMN marts.gaps.east_percent IS 'mean of the eastern regions [percent]';
COMMENT ON COLUMN marts.gaps.west_percent IS 'mean of the western regions [percent]';
COMMENT ON COLUMN marts.gaps.berlin_percent IS 'Berlin [percent]';
COMMENT ON COLUMN marts.gaps.difference_points IS 'East minus West [points]';
COMMENT ON COLUMN marts.gaps.standard_error_points IS 'standard error of the difference [points]';
