CREATE OR REPLACE TABLE analysis.claim_verdict (
    result_id VARCHAR NOT NULL,
    claim_id VARCHAR NOT NULL,
    rule_kind VARCHAR NOT NULL,
    verdict VARCHAR NOT NULL,
    sentence VARCHAR NOT NULL,
    sentence_de VARCHAR NOT NULL,
    claimed VARCHAR NOT NULL,
    claimed_de VARCHAR NOT NULL,
    found VARCHAR,
    found_de VARCHAR,
    found_lower DOUBLE,
    found_upper DOUBLE,
    distance DOUBLE,
    distance_unit VARCHAR,
    tolerance VARCHAR NOT NULL,
    tolerance_de VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    reason_de VARCHAR NOT NULL,
    missing VARCHAR,
    missing_de VARCHAR,
    evidence_ids VARCHAR NOT NULL,
    PRIMARY KEY (result_id),
    CHECK (result_id = 'claim.' || claim_id),
    CHECK (
        verdict IN (
            'agrees', 'agrees with a secondary source', 'wrong year', 'depends on the definition', 'sources disagree',
            'not supported', 'order of magnitude plausible', 'cannot be checked', 'not a quantity'
        )
    ),
    CHECK ((verdict = 'cannot be checked') = (missing IS NOT NULL)),
    CHECK ((missing_de IS NULL) = (missing IS NULL)),
    CHECK ((found_de IS NULL) = (found IS NULL)),
    CHECK (found_lower <= found_upper),
    CHECK (distance >= 0)
);

COMMENT ON TABLE analysis.claim_verdict IS 'One row a statement of the article with its computed verdict; what it rests on is in analysis.claim_evidence.';
COMMENT ON COLUMN analysis.claim_verdict.result_id IS 'names the result everywhere: claim. and the id of the statement';
COMMENT ON COLUMN analysis.claim_verdict.claim_id IS 'statement, see core.claim';
COMMENT ON COLUMN analysis.claim_verdict.rule_kind IS 'kind of the rule that gave the verdict, see docs/claims.md';
COMMENT ON COLUMN analysis.claim_verdict.verdict IS 'agrees, agrees with a secondary source, wrong year, depends on the definition, sources disagree, not supported, order of magnitude plausible, cannot be checked, not a quantity';
COMMENT ON COLUMN analysis.claim_verdict.sentence IS 'the verdict for a reader, made from the rows compared';
COMMENT ON COLUMN analysis.claim_verdict.sentence_de IS 'the same in German, computed with the same numbers';
COMMENT ON COLUMN analysis.claim_verdict.claimed IS 'what the article says, as printed, with its unit';
COMMENT ON COLUMN analysis.claim_verdict.claimed_de IS 'the same in German, computed with the same numbers';
COMMENT ON COLUMN analysis.claim_verdict.found IS 'what was found, made from the rows; null where nothing was';
COMMENT ON COLUMN analysis.claim_verdict.found_de IS 'the same in German, computed with the same numbers';
COMMENT ON COLUMN analysis.claim_verdict.found_lower IS 'lowest figure found, in the unit of the statement or of the distance';
COMMENT ON COLUMN analysis.claim_verdict.found_upper IS 'highest figure found, in the same unit';
COMMENT ON COLUMN analysis.claim_verdict.distance IS 'how far what was found lies outside what the statement admits, tolerance left aside; null where nothing is measured';
COMMENT ON COLUMN analysis.claim_verdict.distance_unit IS 'unit of the distance';
COMMENT ON COLUMN analysis.claim_verdict.tolerance IS 'what was granted, in words';
COMMENT ON COLUMN analysis.claim_verdict.tolerance_de IS 'the same in German, computed with the same numbers';
COMMENT ON COLUMN analysis.claim_verdict.reason IS 'why these rows and this tolerance, from the rule';
COMMENT ON COLUMN analysis.claim_verdict.reason_de IS 'the same in German, computed with the same numbers';
COMMENT ON COLUMN analysis.claim_verdict.missing IS 'what is not there; only where the statement cannot be checked';
COMMENT ON COLUMN analysis.claim_verdict.missing_de IS 'the same in German, computed with the same numbers';
COMMENT ON COLUMN analysis.claim_verdict.evidence_ids IS 'rows of analysis.claim_evidence, separated by semicolons; empty when none';
