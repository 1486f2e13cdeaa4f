CREATE OR REPLACE TABLE core.caveat (
    source_id VARCHAR NOT NULL,
    vintage_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    since VARCHAR,
    text VARCHAR NOT NULL,
    PRIMARY KEY (source_id, vintage_id, kind, position),
    CHECK (kind IN ('break', 'doubt')),
    CHECK (kind = 'break' OR since IS NULL)
);

COMMENT ON TABLE core.caveat IS 'One row a known break or doubt of a vintage, for the reader.';
COMMENT ON COLUMN core.caveat.source_id IS 'source';
COMMENT ON COLUMN core.caveat.vintage_id IS 'vintage';
COMMENT ON COLUMN core.caveat.kind IS 'break or doubt';
COMMENT ON COLUMN core.caveat.position IS 'order within vintage and kind';
COMMENT ON COLUMN core.caveat.since IS 'first date or year after a break: no line, trend or difference crosses it; null where it is no matter of time';
COMMENT ON COLUMN core.caveat.text IS 'the caveat';
