"""From cells as printed to typed rows: markers, numbers, regions, concepts.

Belongs here: pure functions on Polars frames that decide what a printed cell means. Not here: reading files
(ingest), tables and keys (sql), statistics (analysis), Dagster or DuckDB.
"""

from pipeline.transform.concepts import Vocabulary, load_vocabulary
from pipeline.transform.corrections import corrected, refuse_unmatched
from pipeline.transform.expectations import expectation_failures
from pipeline.transform.located import refuse_duplicates
from pipeline.transform.observations import OBSERVATION, observations
from pipeline.transform.parts import own
from pipeline.transform.readings import observation_cells, observation_cells_of
from pipeline.transform.regions import REGION, existing, regions
from pipeline.transform.studies import (
    CLAIM,
    NETWORK_CITY,
    STUDY_FIGURE,
    claims,
    network_cities,
    study_figures,
)
from pipeline.transform.typed import typed, typed_parts

__all__ = [
    "CLAIM",
    "NETWORK_CITY",
    "OBSERVATION",
    "REGION",
    "STUDY_FIGURE",
    "Vocabulary",
    "claims",
    "corrected",
    "existing",
    "expectation_failures",
    "load_vocabulary",
    "network_cities",
    "observation_cells",
    "observation_cells_of",
    "observations",
    "own",
    "refuse_duplicates",
    "refuse_unmatched",
    "regions",
    "study_figures",
    "typed",
    "typed_parts",
]
