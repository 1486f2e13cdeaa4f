-- Districts with their foreign share and what is known of their structure. Density, income, product and unemployment
-- are printed for different days; a figure stands beside a share at most one year away from it, the nearest first.
WITH structure AS (
    SELECT region_id, year, measure, value, observation_id
    FROM marts.current_observation
    WHERE concept = 'regional_structure' AND is_total
),

near AS (
    SELECT
        s.series_id,
        s.region_id,
        c.measure,
        arg_min(c.value, abs(c.year - s.year) * 10 + (c.year > s.year)::INTEGER) AS value,
        arg_min(c.year, abs(c.year - s.year) * 10 + (c.year > s.year)::INTEGER) AS year,
        arg_min(c.observation_id, abs(c.year - s.year) * 10 + (c.year > s.year)::INTEGER) AS observation_id
    FROM marts.share AS s
    JOIN structure AS c ON c.region_id = s.region_id AND abs(c.year - s.year) <= 1
    WHERE s.level = 'district'
    GROUP BY ALL
),

wide AS (
    SELECT
        series_id,
        region_id,
        CAST(max(value) FILTER (WHERE measure = 'persons_per_km2') AS DOUBLE) AS persons_per_km2,
        CAST(max(value) FILTER (WHERE measure = 'disposable_income_eur_per_capita') AS DOUBLE)
            AS disposable_income_eur_per_capita,
        CAST(max(value) FILTER (WHERE measure = 'gdp_eur_per_capita') AS DOUBLE) AS gdp_eur_per_capita,
        CAST(max(value) FILTER (WHERE measure = 'unemployment_rate_percent') AS DOUBLE) AS unemployment_rate_percent,
        max(year) FILTER (WHERE measure = 'persons_per_km2') AS density_year,
        max(year) FILTER (WHERE measure = 'disposable_income_eur_per_capita') AS income_year,
        max(year) FILTER (WHERE measure = 'gdp_eur_per_capita') AS gdp_year,
        max(year) FILTER (WHERE measure = 'unemployment_rate_percent') AS unemployment_year,
        max(observation_id) FILTER (WHERE measure = 'persons_per_km2') AS density_observation_id,
        max(observation_id) FILTER (WHERE measure = 'disposable_income_eur_per_capita') AS income_observation_id,
        max(observation_id) FILTER (WHERE measure = 'gdp_eur_per_capita') AS gdp_observation_id,
        max(observation_id) FILTER (WHERE measure = 'unemployment_rate_percent') AS unemployment_observation_id
    FROM near
    GROUP BY ALL
)

SELECT
    s.series_id,
    s.source_id,
    s.vintage_id,
    s.year,
    s.reference_date,
    s.concept,
    s.universe,
    s.census_base,
    s.region_id,
    s.region_name,
    s.state_id,
    s.part,
    s.share_percent,
    s.share_origin,
    s.weight_persons,
    s.status,
    w.persons_per_km2,
    w.disposable_income_eur_per_capita,
    w.gdp_eur_per_capita,
    w.unemployment_rate_percent,
    w.density_year,
    w.income_year,
    w.gdp_year,
    w.unemployment_year,
    s.with_observation_id,
    s.total_observation_id,
    s.share_observation_id,
    w.density_observation_id,
    w.income_observation_id,
    w.gdp_observation_id,
    w.unemployment_observation_id
FROM marts.share AS s
LEFT JOIN wide AS w USING (series_id, region_id)
WHERE s.level = 'district' AND s.concept = 'foreign_nationality' AND s.universe = 'population_register';

COMMENT ON TABLE marts.district_structure IS 'One row a series and district: the foreign share of a year and what is known of the district at most one year before or after.';
COMMENT ON COLUMN marts.district_structure.series_id IS 'series of marts.share';
COMMENT ON COLUMN marts.district_structure.source_id IS 'source of the share';
COMMENT ON COLUMN marts.district_structure.vintage_id IS 'vintage of the share';
COMMENT ON COLUMN marts.district_structure.year IS 'year of the share';
COMMENT ON COLUMN marts.district_structure.reference_date IS 'day the share holds for';
COMMENT ON COLUMN marts.district_structure.concept IS 'concept of the share';
COMMENT ON COLUMN marts.district_structure.universe IS 'persons among whom was counted';
COMMENT ON COLUMN marts.district_structure.census_base IS 'census the population is based on';
COMMENT ON COLUMN marts.district_structure.region_id IS 'district';
COMMENT ON COLUMN marts.district_structure.region_name IS 'name of the district';
COMMENT ON COLUMN marts.district_structure.state_id IS 'state';
COMMENT ON COLUMN marts.district_structure.part IS 'east, west or berlin';
COMMENT ON COLUMN marts.district_structure.share_percent IS 'foreign share [percent]; null where it is not known';
COMMENT ON COLUMN marts.district_structure.share_origin IS 'counts, mixed or printed, see marts.share';
COMMENT ON COLUMN marts.district_structure.weight_persons IS 'inhabitants [persons] of the same day; null where not known';
COMMENT ON COLUMN marts.district_structure.status IS 'least sure status of the figures of the share';
COMMENT ON COLUMN marts.district_structure.persons_per_km2 IS 'density [persons per km2]';
COMMENT ON COLUMN marts.district_structure.disposable_income_eur_per_capita IS 'disposable income [euro per inhabitant]';
COMMENT ON COLUMN marts.district_structure.gdp_eur_per_capita IS 'gross domestic product [euro per inhabitant]';
COMMENT ON COLUMN marts.district_structure.unemployment_rate_percent IS 'unemployment rate [percent]';
COMMENT ON COLUMN marts.district_structure.density_year IS 'year of the density';
COMMENT ON COLUMN marts.district_structure.income_year IS 'year of the disposable income';
COMMENT ON COLUMN marts.district_structure.gdp_year IS 'year of the gross domestic product';
COMMENT ON COLUMN marts.district_structure.unemployment_year IS 'year of the unemployment rate';
COMMENT ON COLUMN marts.district_structure.with_observation_id IS 'figure of the foreign persons';
COMMENT ON COLUMN marts.district_structure.total_observation_id IS 'figure of the inhabitants';
COMMENT ON COLUMN marts.district_structure.share_observation_id IS 'figure of the printed share';
COMMENT ON COLUMN marts.district_structure.density_observation_id IS 'figure of the density';
COMMENT ON COLUMN marts.district_structure.income_observation_id IS 'figure of the disposable income';
COMMENT ON COLUMN marts.district_structure.gdp_observation_id IS 'figure of the gross domestic product';
COMMENT ON COLUMN marts.district_structure.unemployment_observation_id IS 'figure of the unemployment rate';
