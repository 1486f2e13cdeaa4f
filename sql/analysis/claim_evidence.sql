CREATE OR REPLACE TABLE analysis.claim_evidence (
    result_id VARCHAR NOT NULL,
    evidence_id VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    figure VARCHAR NOT NULL,
    figure_de VARCHAR NOT NULL,
    PRIMARY KEY (result_id, evidence_id),
    CHECK (role IN ('compared', 'secondary', 'definition', 'alternative'))
);

COMMENT ON TABLE analysis.claim_evidence IS 'One row a row that a verdict on a statement rests on, or that stands beside it.';
COMMENT ON COLUMN analysis.claim_evidence.result_id IS 'verdict, see analysis.claim_verdict';
COMMENT ON COLUMN analysis.claim_evidence.evidence_id IS 'id of a figure, observation, result, statement or city; mo trace leads on from it';
COMMENT ON COLUMN analysis.claim_evidence.role IS 'compared: it decided, from the publisher; secondary: it decided, through other hands; definition: counted by another definition; alternative: stands beside and decides nothing';
COMMENT ON COLUMN analysis.claim_evidence.figure IS 'what the row says, in words';
COMMENT ON COLUMN analysis.claim_evidence.figure_de IS 'the same in German, with the same numbers';
