"""The layer analysis: results computed from marts by pure functions.

Belongs here: loading what a function needs, calling it, storing its tables. Not here: any statistic.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import dagster as dg
import polars as pl

from pipeline import analysis
from pipeline.analysis.east_west import east_west, series_inputs
from pipeline.analysis.headline import headline_claim
from pipeline.analysis.organisations import organisation_density
from pipeline.analysis.surveys import survey_intervals
from pipeline.assets.common import (
    POOL,
    Memory,
    code_version,
    contract_text,
    explained,
    key,
    stored,
    table_spec,
)
from pipeline.project import Project

Frames = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Study:
    """One computation: the tables it reads, the tables it gives, and the function between them."""

    name: str
    reads: tuple[str, ...]
    gives: tuple[str, ...]
    compute: Callable[[Frames], Frames]


def _east_west(frames: Frames) -> Frames:
    found = east_west(frames["marts.share"])
    return {
        "analysis.east_west": found.results,
        "analysis.permutation": found.permutation,
        # The published aggregates are candidates of the headline statement: their figures are inputs, too.
        "analysis.result_input": pl.concat([found.result_input, series_inputs(frames["marts.aggregate_share"])]),
        "analysis.left_out": found.left_out,
    }


def _survey_interval(frames: Frames) -> Frames:
    return {"analysis.survey_interval": survey_intervals(frames["core.study_figure"])}


def _organisation_density(frames: Frames) -> Frames:
    germany = frames["marts.aggregate_share"].filter(pl.col("region_id") == "DE")
    return {"analysis.organisation_density": organisation_density(frames["core.study_figure"], germany)}


def _headline_claim(frames: Frames) -> Frames:
    found = headline_claim(frames["core.claim"], frames["analysis.east_west"], frames["marts.aggregate_share"])
    return {"analysis.headline_claim": found}


STUDIES = (
    Study(
        "east_against_west",
        ("marts.share", "marts.aggregate_share"),
        ("analysis.east_west", "analysis.permutation", "analysis.result_input", "analysis.left_out"),
        _east_west,
    ),
    Study("survey_intervals", ("core.study_figure",), ("analysis.survey_interval",), _survey_interval),
    Study(
        "density_of_organisations",
        ("core.study_figure", "marts.aggregate_share"),
        ("analysis.organisation_density",),
        _organisation_density,
    ),
    Study(
        "headline_statement",
        ("core.claim", "analysis.east_west", "marts.aggregate_share"),
        ("analysis.headline_claim",),
        _headline_claim,
    ),
)


def analysis_assets(project: Project) -> list[dg.AssetsDefinition]:
    """One step a study; each of its tables is an asset."""
    return [_study_assets(project, study) for study in STUDIES]


def _study_assets(project: Project, study: Study) -> dg.AssetsDefinition:
    tables = [project.contracts.tables[name] for name in study.gives]

    specs = [
        table_spec(
            table,
            root=project.settings.root,
            module=__file__,
            deps=[key(name) for name in study.reads],
            version=code_version(
                contract_text(table), analysis, sys.modules[__name__], packages=("scipy", "statsmodels")
            ),
            kinds={"python", "statsmodels"},
        )
        for table in tables
    ]

    @dg.multi_asset(name=f"analysis__{study.name}", specs=specs, pool=POOL)
    def computed(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        with explained():
            memory, lying = Memory(context, specs), project.warehouse.digests(study.gives)
            asked = [memory.kept(spec, lying.get(table.id)) for spec, table in zip(specs, tables, strict=True)]
            kept = [result for result in asked if result is not None]
            if len(kept) == len(tables):
                yield from kept
                return
            # No session is open while a model is fitted: the file is free for others meanwhile.
            results = study.compute(project.warehouse.read_all(study.reads))
            for table in tables:
                frame = results[table.id]
                result = project.warehouse.replace(table.id, ddl=table.ddl, comments=table.comments, frame=frame)
                yield stored(table, result)

    return computed
