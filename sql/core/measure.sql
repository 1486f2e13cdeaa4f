CREATE OR REPLACE TABLE core.measure (
    measure VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    label_en VARCHAR NOT NULL,
    label_de VARCHAR NOT NULL,
    PRIMARY KEY (measure)
);

COMMENT ON TABLE core.measure IS 'One row a measure with its unit.';
COMMENT ON COLUMN core.measure.measure IS 'names the measure';
COMMENT ON COLUMN core.measure.unit IS 'unit of its values in core.observation';
COMMENT ON COLUMN core.measure.label_en IS 'English label';
COMMENT ON COLUMN core.measure.label_de IS 'German label';
