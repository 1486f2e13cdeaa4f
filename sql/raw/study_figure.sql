CREATE OR REPLACE TABLE raw.study_figure (
    vintage VARCHAR NOT NULL,
    file VARCHAR NOT NULL,
    line INTEGER NOT NULL,
    figure VARCHAR NOT NULL,
    study VARCHAR NOT NULL,
    indicator VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    geography VARCHAR NOT NULL,
    year VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    base_n VARCHAR NOT NULL,
    base_note VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    source_url VARCHAR NOT NULL,
    note VARCHAR NOT NULL,
    PRIMARY KEY (file, line),
    CHECK (line > 1)
);

COMMENT ON TABLE raw.study_figure IS 'One row a published figure of a study, survey or count, every cell as printed.';
COMMENT ON COLUMN raw.study_figure.vintage IS 'vintage of the source, the name of its folder under raw_data';
COMMENT ON COLUMN raw.study_figure.file IS 'data file, relative to raw_data';
COMMENT ON COLUMN raw.study_figure.line IS 'line in the data file, the header being line 1';
COMMENT ON COLUMN raw.study_figure.figure IS 'short stable name of the figure';
COMMENT ON COLUMN raw.study_figure.study IS 'study or publication';
COMMENT ON COLUMN raw.study_figure.indicator IS 'what was measured';
COMMENT ON COLUMN raw.study_figure.category IS 'answer, group or part';
COMMENT ON COLUMN raw.study_figure.geography IS 'area the figure speaks of';
COMMENT ON COLUMN raw.study_figure.year IS 'year or period, as printed';
COMMENT ON COLUMN raw.study_figure.value IS 'the figure as printed';
COMMENT ON COLUMN raw.study_figure.unit IS 'unit as printed';
COMMENT ON COLUMN raw.study_figure.base_n IS 'number the percentage is taken of; empty where it is not stated';
COMMENT ON COLUMN raw.study_figure.base_note IS 'what is known of the base in words';
COMMENT ON COLUMN raw.study_figure.status IS 'how sure the figure is';
COMMENT ON COLUMN raw.study_figure.source_url IS 'page the figure was read on';
COMMENT ON COLUMN raw.study_figure.note IS 'remark';
