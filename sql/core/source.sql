CREATE OR REPLACE TABLE core.source (
    source_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    publisher VARCHAR NOT NULL,
    current_vintage_id VARCHAR NOT NULL,
    vintages INTEGER NOT NULL,
    PRIMARY KEY (source_id),
    CHECK (vintages > 0)
);

COMMENT ON TABLE core.source IS 'One row a source: a publisher''s table or a compiled list.';
COMMENT ON COLUMN core.source.source_id IS 'names the source, its folder under raw_data';
COMMENT ON COLUMN core.source.kind IS 'observation, study_figure, claim, network_city or region';
COMMENT ON COLUMN core.source.title IS 'title of its current vintage';
COMMENT ON COLUMN core.source.publisher IS 'publisher';
COMMENT ON COLUMN core.source.current_vintage_id IS 'current vintage, as release.lock.yml names it: it counts where several hold the same figure';
COMMENT ON COLUMN core.source.vintages IS 'number of vintages, waiting ones included';
