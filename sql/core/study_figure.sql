CREATE OR REPLACE TABLE core.study_figure (
    figure_id VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    vintage_id VARCHAR NOT NULL,
    study VARCHAR NOT NULL,
    indicator VARCHAR NOT NULL,
    category VARCHAR,
    geography VARCHAR,
    year VARCHAR,
    value DECIMAL(20, 6),
    value_printed VARCHAR NOT NULL,
    relation VARCHAR NOT NULL,
    lower DECIMAL(20, 6),
    upper DECIMAL(20, 6),
    unit VARCHAR NOT NULL,
    base_n INTEGER,
    base_note VARCHAR,
    status VARCHAR NOT NULL,
    source_url VARCHAR,
    note VARCHAR,
    raw_file VARCHAR NOT NULL,
    raw_line INTEGER NOT NULL,
    PRIMARY KEY (figure_id),
    CHECK (relation IN ('=', '>', '<', '~', 'range', 'list', 'text')),
    CHECK (lower IS NULL OR upper IS NULL OR lower <= upper),
    CHECK (base_n > 0),
    CHECK (value IS NULL OR unit <> 'percent' OR value BETWEEN 0 AND 100)
);

COMMENT ON TABLE core.study_figure IS 'One row a published figure of a study, survey or count, typed.';
COMMENT ON COLUMN core.study_figure.figure_id IS 'names this figure everywhere';
COMMENT ON COLUMN core.study_figure.source_id IS 'source, the folder under raw_data';
COMMENT ON COLUMN core.study_figure.vintage_id IS 'vintage, the folder under the source';
COMMENT ON COLUMN core.study_figure.study IS 'study or publication';
COMMENT ON COLUMN core.study_figure.indicator IS 'what was measured';
COMMENT ON COLUMN core.study_figure.category IS 'answer, group or part; null when none';
COMMENT ON COLUMN core.study_figure.geography IS 'area the figure speaks of';
COMMENT ON COLUMN core.study_figure.year IS 'year or period, as printed';
COMMENT ON COLUMN core.study_figure.value IS 'the figure in the unit; null where it is a range, a list or words';
COMMENT ON COLUMN core.study_figure.value_printed IS 'the figure as printed';
COMMENT ON COLUMN core.study_figure.relation IS '= equal, > more than, < less than, ~ about, range, list, text';
COMMENT ON COLUMN core.study_figure.lower IS 'lowest figure the printed one allows';
COMMENT ON COLUMN core.study_figure.upper IS 'highest figure the printed one allows; null when not bounded';
COMMENT ON COLUMN core.study_figure.unit IS 'unit as printed';
COMMENT ON COLUMN core.study_figure.base_n IS 'number the percentage is taken of; null where it is not stated, and then no test may use it';
COMMENT ON COLUMN core.study_figure.base_note IS 'what is known of the base in words';
COMMENT ON COLUMN core.study_figure.status IS 'how sure the figure is';
COMMENT ON COLUMN core.study_figure.source_url IS 'page the figure was read on';
COMMENT ON COLUMN core.study_figure.note IS 'remark';
COMMENT ON COLUMN core.study_figure.raw_file IS 'data file the row was read from, relative to raw_data';
COMMENT ON COLUMN core.study_figure.raw_line IS 'line in that file, the header being line 1';
