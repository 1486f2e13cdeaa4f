CREATE OR REPLACE TABLE core.concept (
    concept VARCHAR NOT NULL,
    label_en VARCHAR NOT NULL,
    label_de VARCHAR NOT NULL,
    definition_en VARCHAR NOT NULL,
    definition_de VARCHAR NOT NULL,
    PRIMARY KEY (concept)
);

COMMENT ON TABLE core.concept IS 'One row a concept: who counts as what. Different concepts never share a series.';
COMMENT ON COLUMN core.concept.concept IS 'names the concept';
COMMENT ON COLUMN core.concept.label_en IS 'English label';
COMMENT ON COLUMN core.concept.label_de IS 'the publishers'' German label';
COMMENT ON COLUMN core.concept.definition_en IS 'definition in English';
COMMENT ON COLUMN core.concept.definition_de IS 'definition in German';
