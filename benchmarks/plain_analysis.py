"""The statistics of the plain script: what each computation reads, and the calls that give its tables.

Belongs here: calling the functions of pipeline.analysis in order, as pipeline/assets/analysis.py does for Dagster. Not
here: any statistic. A computation that is added there and not here leaves a table out, which the comparison of the two
releases tells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from pipeline.analysis.claims.verdicts import READS as VERDICTS_READ
from pipeline.analysis.claims.verdicts import claim_verdicts
from pipeline.analysis.comparisons import EastWest, Headline, Multiverse, Organisations, Proportions, Survey
from pipeline.analysis.declared import RESULTS, comparisons
from pipeline.analysis.design import load_design
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

Frames = Mapping[str, pl.DataFrame]


def _east_west(frames: Frames) -> Frames:
    design, share = load_design(), frames["marts.share"]
    found = east_west(share, design.of(EastWest))
    return {
        "analysis.east_west": found.results,
        "analysis.permutation": found.permutation,
        "analysis.result_input": pl.concat([found.result_input, series_inputs(frames["marts.aggregate_share"])]),
        "analysis.left_out": found.left_out,
        "analysis.sampling_band": sampling_band(share, design.of(EastWest)),
        "analysis.multiverse": pl.concat([multiverse(found.results, entry) for entry in design.of(Multiverse)]),
    }


def _figures(frames: Frames) -> Frames:
    design, figures, share = load_design(), frames["core.study_figure"], frames["marts.share"]
    germany = frames["marts.aggregate_share"].filter(pl.col("region_id") == "DE")
    entries = design.of(Organisations)
    return {
        "analysis.survey_interval": survey_intervals(figures, design.of(Survey)),
        "analysis.proportion_comparison": proportion_comparisons(figures, design.of(Proportions)),
        "analysis.organisation_density": pl.concat([organisation_density(figures, germany, e) for e in entries]),
        "analysis.organisation_ratio": pl.concat([organisation_ratio(figures, share, e) for e in entries]),
        "analysis.organisation_definition": pl.concat([organisation_definitions(figures, e) for e in entries]),
    }


def _places(frames: Frames) -> Frames:
    design, share, seekers = load_design(), frames["marts.share"], frames["marts.protection_seekers"]
    districts = district_models(frames["marts.district_structure"], design.of(Districts))
    return {
        "analysis.district_model": districts.results,
        "analysis.district_left_out": districts.left_out,
        "analysis.trend": trends(share, [*design.of(Trend), *design.of(Change)]),
        "analysis.refugee_ratio": refugee_ratios(seekers, share, design.of(Refugees)),
        "analysis.key_deviation": key_deviations(seekers, frames["marts.koenigstein_key"], design.of(Key)),
    }


def _headline(frames: Frames) -> Frames:
    found = [
        headline_claim(frames["core.claim"], frames["analysis.east_west"], frames["marts.aggregate_share"], entry)
        for entry in load_design().of(Headline)
    ]
    return {"analysis.headline_claim": pl.concat(found)}


def _verdicts(frames: Frames) -> Frames:
    verdicts, evidence = claim_verdicts(frames)
    return {"analysis.claim_verdict": verdicts, "analysis.claim_evidence": evidence}


def _declaration(frames: Frames) -> Frames:
    return {"analysis.comparison": comparisons(load_design(), frames)}


STUDIES: tuple[tuple[tuple[str, ...], Callable[[Frames], Frames]], ...] = (
    (("marts.share", "marts.aggregate_share"), _east_west),
    (("core.study_figure", "marts.share", "marts.aggregate_share"), _figures),
    (
        ("marts.district_structure", "marts.protection_seekers", "marts.koenigstein_key", "marts.share"),
        _places,
    ),
    (("core.claim", "analysis.east_west", "marts.aggregate_share"), _headline),
    (VERDICTS_READ, _verdicts),
    (RESULTS, _declaration),
)
