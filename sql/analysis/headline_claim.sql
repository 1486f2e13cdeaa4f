CREATE OR REPLACE TABLE analysis.headline_claim (
    result_id VARCHAR NOT NULL,
    comparison_id VARCHAR NOT NULL,
    series_id VARCHAR,
    year INTEGER,
    concept VARCHAR,
    berlin VARCHAR,
    part VARCHAR,
    claim_ids VARCHAR NOT NULL,
    claimed_percent DOUBLE,
    found_percent DOUBLE,
    lower DOUBLE,
    upper DOUBLE,
    distance_points DOUBLE,
    ratio_one_in DOUBLE,
    rank INTEGER,
    verdict VARCHAR,
    rule VARCHAR NOT NULL,
    rule_de VARCHAR NOT NULL,
    PRIMARY KEY (result_id),
    CHECK ((result_id = 'headline.verdict') = (verdict IS NOT NULL)),
    CHECK (verdict IN ('agrees', 'wrong year', 'depends on the definition', 'not supported'))
);

COMMENT ON TABLE analysis.headline_claim IS 'One row a reading of the article''s statement on East, West and Germany (year, concept, Berlin) and part; the row headline.verdict carries the verdict.';
COMMENT ON COLUMN analysis.headline_claim.result_id IS 'names the result everywhere';
COMMENT ON COLUMN analysis.headline_claim.comparison_id IS 'declared comparison it belongs to';
COMMENT ON COLUMN analysis.headline_claim.series_id IS 'series the share was found in';
COMMENT ON COLUMN analysis.headline_claim.year IS 'year of the series';
COMMENT ON COLUMN analysis.headline_claim.concept IS 'concept of the series';
COMMENT ON COLUMN analysis.headline_claim.berlin IS 'excluded, in_east or in_west';
COMMENT ON COLUMN analysis.headline_claim.part IS 'east, west or germany; null on the verdict';
COMMENT ON COLUMN analysis.headline_claim.claim_ids IS 'statements it is held against, see core.claim, separated by semicolons';
COMMENT ON COLUMN analysis.headline_claim.claimed_percent IS 'share the article states';
COMMENT ON COLUMN analysis.headline_claim.found_percent IS 'share found';
COMMENT ON COLUMN analysis.headline_claim.lower IS 'lowest share the statement admits';
COMMENT ON COLUMN analysis.headline_claim.upper IS 'highest share the statement admits';
COMMENT ON COLUMN analysis.headline_claim.distance_points IS 'percentage points by which the share lies outside; on the verdict the greatest of the three';
COMMENT ON COLUMN analysis.headline_claim.ratio_one_in IS 'the share found, as one in so many';
COMMENT ON COLUMN analysis.headline_claim.rank IS 'position among the readings by the greatest distance; null where a part is missing';
COMMENT ON COLUMN analysis.headline_claim.verdict IS 'agrees, wrong year, depends on the definition, not supported; only on the verdict';
COMMENT ON COLUMN analysis.headline_claim.rule IS 'the rule that decided, in words; otherwise where the share lies';
COMMENT ON COLUMN analysis.headline_claim.rule_de IS 'the same in German, with the same numbers';
