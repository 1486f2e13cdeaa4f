CREATE OR REPLACE TABLE core.correction (
    correction_id VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    told VARCHAR,
    told_on VARCHAR,
    status VARCHAR NOT NULL,
    action VARCHAR NOT NULL,
    vintages VARCHAR NOT NULL,
    figures INTEGER NOT NULL,
    until_vintage_id VARCHAR,
    PRIMARY KEY (correction_id),
    CHECK (status IN ('open', 'acknowledged', 'mended')),
    CHECK (action IN ('drop', 'override', 'flag')),
    CHECK ((told IS NULL) = (told_on IS NULL)),
    CHECK ((status = 'mended') = (until_vintage_id IS NOT NULL)),
    CHECK (figures > 0)
);

COMMENT ON TABLE core.correction IS 'One row a known error of a publisher, from raw_data/corrections.yml; its figures name it in core.observation.';
COMMENT ON COLUMN core.correction.correction_id IS 'names the error everywhere';
COMMENT ON COLUMN core.correction.source_id IS 'source whose figures are wrong';
COMMENT ON COLUMN core.correction.title IS 'the error in one sentence';
COMMENT ON COLUMN core.correction.reason IS 'how the error is known';
COMMENT ON COLUMN core.correction.told IS 'who was told of it; null as long as nobody was';
COMMENT ON COLUMN core.correction.told_on IS 'when, an ISO date or a year';
COMMENT ON COLUMN core.correction.status IS 'open, acknowledged (by the publisher) or mended (in a later vintage)';
COMMENT ON COLUMN core.correction.action IS 'drop: kept as printed, status contradicted; override: the right figure, status derived; flag: kept and marked';
COMMENT ON COLUMN core.correction.vintages IS 'vintages it applies to, oldest first, separated by blanks';
COMMENT ON COLUMN core.correction.figures IS 'how many figures of a vintage are wrong';
COMMENT ON COLUMN core.correction.until_vintage_id IS 'first vintage in which the figures are right; null unless mended';
