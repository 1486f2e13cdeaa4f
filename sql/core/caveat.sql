CREATE OR REPLACE TABLE core.caveat (
    source_id VARCHAR NOT NULL,
    vintage_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    text VARCHAR NOT NULL,
    PRIMARY KEY (source_id, vintage_id, kind, position),
    CHECK (kind IN ('break', 'doubt'))
);

COMMENT ON TABLE core.caveat IS 'One row a known break or doubt of a vintage, for the reader.';
COMMENT ON COLUMN core.caveat.source_id IS 'source';
COMMENT ON COLUMN core.caveat.vintage_id IS 'vintage';
COMMENT ON COLUMN core.caveat.kind IS 'break or doubt';
COMMENT ON COLUMN core.caveat.position IS 'order within vintage and kind';
COMMENT ON COLUMN core.caveat.text IS 'the caveat';
