CREATE OR REPLACE TABLE core.vintage (
    source_id VARCHAR NOT NULL,
    vintage_id VARCHAR NOT NULL,
    vintage_order INTEGER NOT NULL,
    in_use BOOLEAN NOT NULL,
    title VARCHAR NOT NULL,
    publisher VARCHAR NOT NULL,
    table_id VARCHAR,
    url VARCHAR,
    published VARCHAR,
    layout VARCHAR NOT NULL,
    sheet VARCHAR,
    licence_id VARCHAR NOT NULL,
    licence_title VARCHAR NOT NULL,
    licence_url VARCHAR,
    licence_evidence VARCHAR NOT NULL,
    licence_note VARCHAR,
    attribution VARCHAR NOT NULL,
    obtained_how VARCHAR NOT NULL,
    obtained_note VARCHAR,
    definition_note VARCHAR,
    data_rows INTEGER NOT NULL,
    content_sha256 VARCHAR NOT NULL,
    PRIMARY KEY (source_id, vintage_id),
    CHECK (data_rows > 0)
);

COMMENT ON TABLE core.vintage IS 'One row a vintage: one state of a source, with its provenance.';
COMMENT ON COLUMN core.vintage.source_id IS 'source';
COMMENT ON COLUMN core.vintage.vintage_id IS 'names the vintage within the source, its folder';
COMMENT ON COLUMN core.vintage.vintage_order IS 'position among the vintages of the source';
COMMENT ON COLUMN core.vintage.in_use IS 'true for the current vintage, which release.lock.yml names, and those before it; false for one that waits: no mart and no result is made from it';
COMMENT ON COLUMN core.vintage.title IS 'title';
COMMENT ON COLUMN core.vintage.publisher IS 'publisher';
COMMENT ON COLUMN core.vintage.table_id IS 'the publisher''s number of the table; null when not known';
COMMENT ON COLUMN core.vintage.url IS 'page of the publisher or of the secondary source; null when not known';
COMMENT ON COLUMN core.vintage.published IS 'date or year of publication; null when not known';
COMMENT ON COLUMN core.vintage.layout IS 'layout of the files';
COMMENT ON COLUMN core.vintage.sheet IS 'sheet of a workbook that is read; null where it has one only, and for all other layouts';
COMMENT ON COLUMN core.vintage.licence_id IS 'licence';
COMMENT ON COLUMN core.vintage.licence_title IS 'licence in words';
COMMENT ON COLUMN core.vintage.licence_url IS 'text of the licence';
COMMENT ON COLUMN core.vintage.licence_evidence IS 'what the licence rests on: stated, house rule, not evidenced, none printed';
COMMENT ON COLUMN core.vintage.licence_note IS 'remark on the licence';
COMMENT ON COLUMN core.vintage.attribution IS 'line to name the source with';
COMMENT ON COLUMN core.vintage.obtained_how IS 'how the figures came here';
COMMENT ON COLUMN core.vintage.obtained_note IS 'remark on that';
COMMENT ON COLUMN core.vintage.definition_note IS 'remark on definitions';
COMMENT ON COLUMN core.vintage.data_rows IS 'data rows in its files';
COMMENT ON COLUMN core.vintage.content_sha256 IS 'hashes of the canonical content of its files, separated by blanks';
