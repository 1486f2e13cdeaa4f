-- The state each city of the networks lies in, by the name of the district it is, or once was, or gives its name to:
-- "Dresden", "Stralsund" (a district until 2011), "Region Hannover". "Brandenburg (state)" names the state itself.
WITH place AS (
    SELECT name, split_part(name, ',', 1) AS stem, state_id, level
    FROM core.region
    WHERE level IN ('state', 'district')
),

found AS (
    SELECT c.city, count(DISTINCT p.state_id) AS states, max(p.state_id) AS state_id
    FROM core.network_city AS c
    LEFT JOIN place AS p
        ON if(
            ends_with(c.city, ' (state)'),
            p.level = 'state' AND p.name || ' (state)' = c.city,
            p.level = 'district' AND (p.stem = c.city OR ends_with(p.stem, ' ' || c.city))
        )
    GROUP BY ALL
)

SELECT
    c.city,
    c.part,
    if(f.states = 1, f.state_id, NULL) AS state_id,
    r.name AS state_name,
    c.samofa_partner,
    c.bv_nemo_member_may_2019,
    c.partner_named
FROM core.network_city AS c
JOIN found AS f USING (city)
LEFT JOIN core.region AS r ON f.states = 1 AND r.region_id = f.state_id;

COMMENT ON TABLE marts.network_state IS 'One row a city of the samo.fa network or of BV NeMO, with the state it lies in.';
COMMENT ON COLUMN marts.network_state.city IS 'city, see core.network_city';
COMMENT ON COLUMN marts.network_state.part IS 'east, west or berlin';
COMMENT ON COLUMN marts.network_state.state_id IS 'state by the name of a district; null where no district or districts of several states bear the name';
COMMENT ON COLUMN marts.network_state.state_name IS 'name of the state';
COMMENT ON COLUMN marts.network_state.samofa_partner IS 'true where the city is established as samo.fa city; null when not known';
COMMENT ON COLUMN marts.network_state.bv_nemo_member_may_2019 IS 'true where an alliance of the city was BV NeMO member in May 2019; null when not known';
COMMENT ON COLUMN marts.network_state.partner_named IS 'organisation named; null when none';
