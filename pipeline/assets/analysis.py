"""The layer analysis: results computed from marts by pure functions.

Belongs here: loading what a function needs, calling it, storing its tables. Not here: any statistic.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import dagster as dg
import polars as pl

from pipeline import analysis, language
from pipeline.analysis.carried import (
    refuse_what_claims_cannot_carry,
    refuse_what_figures_cannot_carry,
    refuse_what_shares_cannot_carry,
)
from pipeline.analysis.carried_places import (
    refuse_what_districts_cannot_carry,
    refuse_what_seekers_cannot_carry,
    refuse_what_years_cannot_carry,
)
from pipeline.analysis.claims.verdicts import READS as VERDICTS_READ
from pipeline.analysis.claims.verdicts import claim_verdicts
from pipeline.analysis.comparisons import EastWest, Headline, Multiverse, Organisations, Proportions, Survey
from pipeline.analysis.declared import RESULTS, comparisons
from pipeline.analysis.design import Design, load_design
from pipeline.analysis.districts import district_models
from pipeline.analysis.east_west import east_west
from pipeline.analysis.headline import headline_claim
from pipeline.analysis.key import key_deviations
from pipeline.analysis.multiverse import multiverse
from pipeline.analysis.organisations import organisation_definitions, organisation_density, organisation_ratio
from pipeline.analysis.places import Change, Districts, Key, Refugees, Trend
from pipeline.analysis.proportions import proportion_comparisons
from pipeline.analysis.refugees import refugee_ratios
from pipeline.analysis.sampling import sampling_band
from pipeline.analysis.series import series_inputs
from pipeline.analysis.surveys import survey_intervals
from pipeline.analysis.trends import trends
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
    """One computation: the tables it reads, the tables it gives, and the function between them.

    `speaks`: some of its results are sentences, so it is computed anew when a catalogue of words changes.
    """

    name: str
    reads: tuple[str, ...]
    gives: tuple[str, ...]
    compute: Callable[[Frames], Frames]
    speaks: bool = False


def _east_west(frames: Frames) -> Frames:
    design = load_design()
    refuse_what_shares_cannot_carry(design, frames["marts.share"])
    found = east_west(frames["marts.share"], design.of(EastWest))
    return {
        "analysis.east_west": found.results,
        "analysis.permutation": found.permutation,
        # The published aggregates are candidates of the headline statement: their figures are inputs, too.
        "analysis.result_input": pl.concat([found.result_input, series_inputs(frames["marts.aggregate_share"])]),
        "analysis.left_out": found.left_out,
        "analysis.sampling_band": sampling_band(frames["marts.share"], design.of(EastWest)),
        "analysis.multiverse": pl.concat([multiverse(found.results, entry) for entry in design.of(Multiverse)]),
    }


def _surveys(frames: Frames) -> Frames:
    figures = frames["core.study_figure"]
    design = _figures_held(figures)
    return {
        "analysis.survey_interval": survey_intervals(figures, design.of(Survey)),
        "analysis.proportion_comparison": proportion_comparisons(figures, design.of(Proportions)),
    }


def _organisations(frames: Frames) -> Frames:
    figures, share = frames["core.study_figure"], frames["marts.share"]
    entries = _figures_held(figures).of(Organisations)
    germany = frames["marts.aggregate_share"].filter(pl.col("region_id") == "DE")
    return {
        "analysis.organisation_density": pl.concat([organisation_density(figures, germany, e) for e in entries]),
        "analysis.organisation_ratio": pl.concat([organisation_ratio(figures, share, e) for e in entries]),
        "analysis.organisation_definition": pl.concat([organisation_definitions(figures, e) for e in entries]),
    }


def _figures_held(figures: pl.DataFrame) -> Design:
    design = load_design()
    refuse_what_figures_cannot_carry(design, figures)
    return design


def _headline_claim(frames: Frames) -> Frames:
    design, statements = load_design(), frames["core.claim"]
    refuse_what_claims_cannot_carry(design, statements)
    results, aggregates = frames["analysis.east_west"], frames["marts.aggregate_share"]
    found = [headline_claim(statements, results, aggregates, entry) for entry in design.of(Headline)]
    return {"analysis.headline_claim": pl.concat(found)}


def _claim_verdict(frames: Frames) -> Frames:
    verdicts, evidence = claim_verdicts(frames)
    return {"analysis.claim_verdict": verdicts, "analysis.claim_evidence": evidence}


def _districts(frames: Frames) -> Frames:
    design, structure = load_design(), frames["marts.district_structure"]
    refuse_what_districts_cannot_carry(design, structure)
    found = district_models(structure, design.of(Districts))
    return {"analysis.district_model": found.results, "analysis.district_left_out": found.left_out}


def _trends(frames: Frames) -> Frames:
    design, share = load_design(), frames["marts.share"]
    refuse_what_years_cannot_carry(design, share)
    return {"analysis.trend": trends(share, [*design.of(Trend), *design.of(Change)])}


def _refugees(frames: Frames) -> Frames:
    design, seekers, share = load_design(), frames["marts.protection_seekers"], frames["marts.share"]
    keys = frames["marts.koenigstein_key"]
    refuse_what_seekers_cannot_carry(design, seekers, share, keys)
    return {
        "analysis.refugee_ratio": refugee_ratios(seekers, share, design.of(Refugees)),
        "analysis.key_deviation": key_deviations(seekers, keys, design.of(Key)),
    }


def _declaration(frames: Frames) -> Frames:
    return {"analysis.comparison": comparisons(load_design(), frames)}


STUDIES = (
    Study(
        "east_against_west",
        ("marts.share", "marts.aggregate_share"),
        (
            "analysis.east_west",
            "analysis.permutation",
            "analysis.result_input",
            "analysis.left_out",
            "analysis.sampling_band",
            "analysis.multiverse",
        ),
        _east_west,
    ),
    Study(
        "published_percentages",
        ("core.study_figure",),
        ("analysis.survey_interval", "analysis.proportion_comparison"),
        _surveys,
    ),
    Study(
        "organisations",
        ("core.study_figure", "marts.aggregate_share", "marts.share"),
        ("analysis.organisation_density", "analysis.organisation_ratio", "analysis.organisation_definition"),
        _organisations,
    ),
    Study(
        "headline_statement",
        ("core.claim", "analysis.east_west", "marts.aggregate_share"),
        ("analysis.headline_claim",),
        _headline_claim,
        speaks=True,
    ),
    Study(
        "verdicts_on_claims",
        VERDICTS_READ,
        ("analysis.claim_verdict", "analysis.claim_evidence"),
        _claim_verdict,
        speaks=True,
    ),
    Study(
        "districts_within_states",
        ("marts.district_structure",),
        ("analysis.district_model", "analysis.district_left_out"),
        _districts,
    ),
    Study("shares_over_time", ("marts.share",), ("analysis.trend",), _trends),
    Study(
        "persons_seeking_protection",
        ("marts.protection_seekers", "marts.koenigstein_key", "marts.share"),
        ("analysis.refugee_ratio", "analysis.key_deviation"),
        _refugees,
    ),
    # Last, since it counts the results of every comparison.
    Study("declaration", RESULTS, ("analysis.comparison",), _declaration),
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
                contract_text(table),
                analysis,
                sys.modules[__name__],
                *((language,) if study.speaks else ()),
                packages=("scipy", "statsmodels"),
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
