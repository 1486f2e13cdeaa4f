-- Every known share of a state or district under an id of its own, and its place among the regions of its series.
-- A place is given only where an order can be told: for foreign nationality, counted by a register or a census in every
-- region. A survey's order is a matter of the sample, and the census misses immigrants' children more where migration is
-- older. A place is a range: two printed figures that rounding cannot tell apart share theirs.
WITH bounded AS (
    SELECT
        s.*,
        count(s.share_percent) OVER (PARTITION BY s.series_id) AS known,
        count(*) OVER (PARTITION BY s.series_id) AS regions,
        count(s.share_percent) OVER (PARTITION BY s.series_id, s.state_id) AS regions_in_state,
        CAST(
            if(s.share_origin = 'printed', p.lower, 100 * CAST(w.lower AS DOUBLE) / nullif(CAST(t.upper AS DOUBLE), 0))
            AS DOUBLE
        ) AS lower_percent,
        CAST(
            if(s.share_origin = 'printed', p.upper, 100 * CAST(w.upper AS DOUBLE) / nullif(CAST(t.lower AS DOUBLE), 0))
            AS DOUBLE
        ) AS upper_percent
    FROM marts.share AS s
    LEFT JOIN core.observation AS p ON p.observation_id = s.share_observation_id
    LEFT JOIN core.observation AS w ON w.observation_id = s.with_observation_id
    LEFT JOIN core.observation AS t ON t.observation_id = s.total_observation_id
),

placed AS (
    SELECT
        a.series_id,
        a.region_id,
        CAST(
            1 + count(*) FILTER (WHERE b.share_percent > a.share_percent AND b.lower_percent >= a.upper_percent)
            AS INTEGER
        ) AS rank_first,
        CAST(
            count(*) - count(*) FILTER (WHERE b.share_percent < a.share_percent AND b.upper_percent <= a.lower_percent)
            AS INTEGER
        ) AS rank_last
    FROM bounded AS a
    JOIN bounded AS b USING (series_id)
    WHERE a.concept = 'foreign_nationality' AND a.known = a.regions
    GROUP BY ALL
)

SELECT
    b.series_id || '.' || b.region_id AS share_id,
    b.series_id,
    b.source_id,
    b.vintage_id,
    b.year,
    b.reference,
    b.reference_date,
    b.concept,
    b.universe,
    b.release_state,
    b.census_base,
    b.segment,
    b.level,
    b.region_id,
    b.region_name,
    b.state_id,
    b.part,
    b.share_percent,
    b.lower_percent,
    b.upper_percent,
    b.persons_with,
    p.rank_first,
    p.rank_last,
    CAST(b.known AS INTEGER) AS regions,
    CAST(b.regions_in_state AS INTEGER) AS regions_in_state,
    b.status,
    b.with_observation_id,
    b.total_observation_id,
    b.share_observation_id
FROM bounded AS b
LEFT JOIN placed AS p USING (series_id, region_id)
WHERE b.share_percent IS NOT NULL;

COMMENT ON TABLE marts.region_share IS 'One row a region and series with a known share: under an id of its own, with its place among the regions of the series.';
COMMENT ON COLUMN marts.region_share.share_id IS 'series_id.region_id; names the share everywhere';
COMMENT ON COLUMN marts.region_share.series_id IS 'series of marts.share';
COMMENT ON COLUMN marts.region_share.source_id IS 'source';
COMMENT ON COLUMN marts.region_share.vintage_id IS 'vintage';
COMMENT ON COLUMN marts.region_share.year IS 'year of the reference date';
COMMENT ON COLUMN marts.region_share.reference IS 'reference date or year as printed';
COMMENT ON COLUMN marts.region_share.reference_date IS 'reference date; of a year its 31 December';
COMMENT ON COLUMN marts.region_share.concept IS 'concept, see core.concept';
COMMENT ON COLUMN marts.region_share.universe IS 'persons among whom was counted';
COMMENT ON COLUMN marts.region_share.release_state IS 'final, first_results, revised or not_stated';
COMMENT ON COLUMN marts.region_share.census_base IS 'census the population is based on';
COMMENT ON COLUMN marts.region_share.segment IS 'number of breaks in the source up to this date, see marts.share';
COMMENT ON COLUMN marts.region_share.level IS 'state or district';
COMMENT ON COLUMN marts.region_share.region_id IS 'region, see core.region';
COMMENT ON COLUMN marts.region_share.region_name IS 'name of the region';
COMMENT ON COLUMN marts.region_share.state_id IS 'state the region is or lies in';
COMMENT ON COLUMN marts.region_share.part IS 'east, west or berlin';
COMMENT ON COLUMN marts.region_share.share_percent IS 'share [percent]';
COMMENT ON COLUMN marts.region_share.lower_percent IS 'lowest share [percent] the rounding of the printed figures allows; null where not bounded';
COMMENT ON COLUMN marts.region_share.upper_percent IS 'highest share [percent] the rounding of the printed figures allows; null where not bounded';
COMMENT ON COLUMN marts.region_share.persons_with IS 'persons of the concept [persons]; null where only a percentage is printed';
COMMENT ON COLUMN marts.region_share.rank_first IS 'best place the share can have, 1 being the largest; null where no order can be told';
COMMENT ON COLUMN marts.region_share.rank_last IS 'last place the share can have; null where no order can be told';
COMMENT ON COLUMN marts.region_share.regions IS 'regions of the series with a known share';
COMMENT ON COLUMN marts.region_share.regions_in_state IS 'of these, regions in the same state';
COMMENT ON COLUMN marts.region_share.status IS 'least sure status of the figures used';
COMMENT ON COLUMN marts.region_share.with_observation_id IS 'figure of persons_with';
COMMENT ON COLUMN marts.region_share.total_observation_id IS 'figure of persons_total or of the weight';
COMMENT ON COLUMN marts.region_share.share_observation_id IS 'figure of the printed percentage';
