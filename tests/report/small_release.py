"""A small release with the tables, columns and charts the report reads."""

import datetime as dt
import json
from pathlib import Path

import places_rows
import polars as pl

from pipeline.release.read import ROW_IDS

ROOT = Path(__file__).parents[2]
CHARTS = (
    "headline_claim",
    "state_tiles",
    "state_dots",
    "permutation",
    "foreign_share_years",
    "district_distribution",
    "district_gap",
    "protection_seekers",
    "koenigstein_key",
    "specification_curve",
    "organisation_counts",
    "survey_shares",
)
HOSTILE = """<script>alert(1)</script> *stars* `ticks` $x$ {{< meta title >}} "quotes" \u202eabc 😀 ![i](http://x.example/y.png)"""
VARIANTS = ("excluded", "in_east", "in_west")
FIGURES = ("svr2020_organisations_lower", "svr2020_organisations_upper", "svr2020_organisations_counted")
HEADLINE_ROW = "headline.east.mikrozensus_states.2018.migration_background_wider.berlin_excluded"
SHARES = {
    "excluded": (7.98, 28.41),
    "in_east": (13.27, 28.41),
    "in_west": (7.98, 28.55),
}
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="300" viewBox="0 0 640 300" role="img" '
    'aria-labelledby="t"><title id="t">old</title><defs><clipPath id="clip0"><rect width="9" height="9"/></clipPath>'
    '</defs><rect width="640" height="300" fill="#fff"/><g clip-path="url(#clip0)" aria-label="mark">'
    '<text x="20" y="40" font-size="16">chart</text></g></svg>'
)


def _series(series: str, source: str, year: int, concept: str, level: str, sign: float) -> list[dict]:
    rows = []
    for berlin in VARIANTS:
        east, west = SHARES[berlin] if sign > 0 else SHARES[berlin][::-1]
        head = {
            "series_id": series,
            "level": level,
            "year": year,
            "source_id": source,
            "vintage_id": "v1",
            "concept": concept,
            "berlin": berlin,
            "n_east": 5 + (berlin == "in_east"),
            "n_west": 10 + (berlin == "in_west"),
        }

        def add(quantity, estimand, method, estimate, low=None, high=None, p=None, margin=None, head=head):
            rows.append(
                {
                    **head,
                    "result_id": f"{head['series_id']}.berlin_{head['berlin']}.{quantity}.{estimand}.{method}",
                    "quantity": quantity,
                    "estimand": estimand,
                    "method": method,
                    "unit": "percentage points" if quantity == "difference" else "percent",
                    "estimate": estimate,
                    "lower": low,
                    "upper": high,
                    "confidence_level": 0.95 if low is not None else None,
                    "p_value": p,
                    "margin_points": margin,
                    "assumptions": "rounded_inputs;first_results" if year == 2023 else "rounded_inputs",
                }
            )

        for quantity, value in (("east", east), ("west", west), ("germany", 25.48), ("difference", east - west)):
            add(quantity, "pooled", "share", value)
            if quantity != "difference":
                add(quantity, "unweighted", "mean", value - 0.1, value - 2, value + 2)
        gap = east - west
        add("difference", "unweighted", "permutation", gap, p=0.0007)
        for method in ("welch", "ols_hc3") if level == "state" else ("ols_cluster",):
            add("difference", "unweighted", method, gap, gap - 3, gap + 3)
        if level == "state":
            add("difference", "unweighted", "equivalence", gap, gap - 2, gap + 2, p=0.99, margin=2.5)
    return rows


# Claim, verdict, verdict where East and West are exchanged, section, what is missing, rows it rests on.
CLAIMS = (
    ("C001", "not a quantity", "not a quantity", "1 Introduction", None, ()),
    ("C002", "cannot be checked", "cannot be checked", "1 Introduction", "a register", ("C031",)),
    ("C006", "agrees", "not supported", "1 Introduction", None, ("svr2020_organisations_counted",)),
    ("C031", "agrees with a secondary source", "agrees with a secondary source", "2 Functions", None, FIGURES),
    ("C040", "depends on the definition", "agrees", "3.1 Samo.fa", None, ("Dortmund", "Frankfurt am Main")),
    ("C041", "order of magnitude plausible", "agrees", "3.1 Samo.fa", None, ("survey.more_support",)),
    ("C057", "wrong year", "agrees", "3.1 Samo.fa", None, (HEADLINE_ROW,)),
    ("C058", "wrong year", "agrees", "3.1 Samo.fa", None, (HEADLINE_ROW,)),
    ("C061", "not supported", "agrees", "3.1 Samo.fa", None, tuple(f"o{number}" for number in range(1, 8))),
    ("C063", "sources disagree", "agrees", "3.1 Samo.fa", None, ("nowhere",)),
)


def _claims(text: str, *, flipped: bool) -> dict[str, pl.DataFrame]:
    """core.claim, analysis.claim_verdict and analysis.claim_evidence."""
    claims, verdicts, evidence = [], [], []
    for number, (claim, verdict, turned, section, missing, rows) in enumerate(CLAIMS, start=2):
        statement, claimed = f"statement {claim}: {text}", f"{number} things, {text}"
        tail = f"; missing: {missing}, {text}" if missing else ""
        missing_de = f"ein Register, “{text}”" if missing else None
        tail_de = f"; es fehlt: {missing_de}" if missing else ""
        claims.append(
            {
                "claim_id": claim,
                "statement": statement,
                "value": float(number),
                "value_printed": claimed,
                "cited_source": f"Author {text}" if number % 2 else f"A study, {text}",
                "section": section,
                "raw_file": "mikrozensus_states/v1/figures.csv",
            }
        )
        verdicts.append(
            {
                "result_id": f"claim.{claim}",
                "claim_id": claim,
                "verdict": turned if flipped else verdict,
                "sentence": f"On “{statement}” the article says {claimed} for 2018; a source gives 34.5 %, {text}"
                f"{tail}.",
                # Made-up words are in no catalogue, so that a German sentence quotes them as the English they are.
                "sentence_de": f"Zu “{statement}” heißt es im Artikel: {number} Dinge, “{text}”, für 2018; eine Quelle "
                f"nennt 34,5\u00a0%, “{text}”{tail_de}.",
                "claimed": claimed,
                "claimed_de": f"{number} Dinge, “{text}”",
                "tolerance": "none",
                "tolerance_de": "keine",
                "reason": f"A reason, {text}.",
                "reason_de": f"Ein Grund, “{text}”.",
                "missing": f"{missing}, {text}" if missing else None,
                "missing_de": missing_de,
                "evidence_ids": ";".join(rows),
            }
        )
        evidence += [
            {
                "result_id": f"claim.{claim}",
                "evidence_id": row,
                "role": ("compared", "secondary", "definition", "alternative")[len(rows) % 4],
                "figure": f"{row}: 1,234 of {text}",
                "figure_de": f"{row}: 1.234 von “{text}”",
            }
            for row in rows
        ]
    return {
        "core.claim": pl.DataFrame(claims),
        "analysis.claim_verdict": pl.DataFrame(verdicts, infer_schema_length=None),
        "analysis.claim_evidence": pl.DataFrame(evidence),
    }


def build_release(folder: Path, *, flipped: bool = False, text: str = "Plain words") -> Path:
    """Write a release; `flipped` exchanges East and West, `text` stands wherever a publisher's words do."""
    sign = -1.0 if flipped else 1.0
    stated = "mikrozensus_states.2018.migration_background_wider"
    later = "mikrozensus_states.2023.migration_background_wider"
    foreign = "foreign_share_states.2024.foreign_nationality"
    district = "foreign_share_districts.2024.foreign_nationality.district"
    east_west = [
        *_series(stated, "mikrozensus_states", 2018, "migration_background_wider", "state", sign),
        *_series(later, "mikrozensus_states", 2023, "migration_background_wider", "state", sign),
        *_series(foreign, "mikrozensus_states", 2024, "foreign_nationality", "state", sign),
        *_series(district, "foreign_share_districts", 2024, "foreign_nationality", "district", sign),
    ]
    claimed = {"east": 6.25, "west": 25.0, "germany": 20.0}
    headline = [
        {
            "result_id": f"headline.{part}.{stated}.berlin_{berlin}",
            "series_id": stated,
            "year": 2018,
            "concept": "migration_background_wider",
            "berlin": berlin,
            "part": part,
            "claimed_percent": claimed[part],
            "found_percent": found,
            "lower": 1.0,
            "upper": 2.0,
            "distance_points": 1.5,
            "ratio_one_in": 100 / found,
            "rank": rank,
            "verdict": None,
            "rule": "outside",
            "rule_de": "außerhalb",
        }
        for rank, berlin in enumerate(VARIANTS, start=1)
        for part, found in (("east", SHARES[berlin][0]), ("west", SHARES[berlin][1]), ("germany", 25.48))
    ]
    headline.append(
        {
            **headline[0],
            "result_id": "headline.verdict",
            "part": None,
            "found_percent": None,
            "claimed_percent": None,
            "verdict": "agrees" if flipped else "wrong year",
            "rule": f"2016, migration_background_narrower, {text}",
            "rule_de": f"2016, Migrationshintergrund im engeren Sinne, {text}",
        }
    )
    figures = [
        ("svr2020_organisations_lower", 12400.0),
        ("svr2020_organisations_upper", 14300.0),
        ("svr2020_organisations_counted", 6851.0),
        ("more_support", 64.4),
    ]
    survey = [
        ("more_support", "SVR-Forschungsbereich 2020", "needs (multiple answers)", text, 64.4, 764),
        ("bureaucracy", "SVR-Forschungsbereich 2020", "needs (multiple answers)", "less bureaucracy", 57.5, 764),
        ("no_funding", "BIM/Bertelsmann Stiftung 2018", "use of funding", "no funding used at all", 37.0, None),
    ]
    tables = {
        "analysis.east_west": pl.DataFrame(east_west, infer_schema_length=None),
        "analysis.headline_claim": pl.DataFrame(headline, infer_schema_length=None),
        "analysis.survey_interval": pl.DataFrame(
            [
                {
                    "result_id": f"survey.{name}",
                    "figure_id": name,
                    "study": study,
                    "indicator": indicator,
                    "category": category,
                    "year": "2020",
                    "estimate_percent": value,
                    "lower_percent": value - 3.5 if base else None,
                    "upper_percent": value + 3.3 if base else None,
                    "base_n": base,
                    "method": "wilson" if base else "none",
                    "assumptions": "as_if_random" if base else "base_unknown",
                }
                for name, study, indicator, category, value, base in survey
            ],
            infer_schema_length=None,
        ),
        "analysis.organisation_density": pl.DataFrame(
            [
                {
                    "result_id": f"organisations.{name}.s",
                    "population": name,
                    "series_id": "s",
                    "year": 2018,
                    "per_persons": per,
                    "lower": low,
                    "upper": high,
                    "counted_organisations": 6851.0,
                    "extrapolated_share_lower_percent": 44.75,
                    "extrapolated_share_upper_percent": 52.09,
                    "assumptions": "extrapolated",
                }
                for name, per, low, high in (
                    ("persons_with_migration_background", 10_000, 5.96, 6.88),
                    ("inhabitants", 100_000, 14.9, 17.2),
                )
            ]
        ),
        **_claims(text, flipped=flipped),
        "core.network_city": pl.DataFrame(
            [
                {"city": city, "part": "west", "raw_file": "mikrozensus_states/v1/figures.csv"}
                for city in ("Dortmund", "Frankfurt am Main")
            ]
        ),
        "core.study_figure": pl.DataFrame(
            [
                {
                    "figure_id": name,
                    "source_id": "mikrozensus_states",
                    "vintage_id": "v1",
                    "study": text,
                    "indicator": "number of organisations",
                    "category": "",
                    "year": "2019/20",
                    "value": value,
                    "lower": value - 0.5,
                    "upper": value + 0.5,
                    "status": "secondary",
                }
                for name, value in figures
            ]
        ),
        "marts.revision": pl.DataFrame(
            [
                {
                    "revision_id": f"revision:{region}",
                    "region_id": region,
                    "region_name": name,
                    "level": level,
                    "reference_date": dt.date(2023, 12, 31),
                    "measure": "persons_total",
                    "breakdown": "",
                    "earlier": before,
                    "later": after if not flipped else 2 * before - after,
                    "change": (after - before) * (-1 if flipped else 1),
                    "change_percent": 100 * (after - before) / before * (-1 if flipped else 1),
                    "reason": "new census base",
                }
                for region, name, level, before, after in (
                    ("DE", text, "country", 84_669_326.0, 83_456_045.0),
                    ("01", text, "state", 2_965_691.0, 2_953_202.0),
                    ("02", "Hamburg", "state", 1_910_160.0, 1_851_596.0),
                )
            ]
        ),
        "core.correction": pl.DataFrame(
            [
                {
                    "correction_id": name,
                    "source_id": "mikrozensus_states",
                    "title": f"Title of {name}: {text}",
                    "reason": f"Reason of {name}: {text}",
                    "told": told,
                    "told_on": on,
                    "status": status,
                    "action": action,
                    "vintages": "v1",
                    "figures": figures,
                    "until_vintage_id": until,
                }
                for name, told, on, status, action, figures, until in (
                    ("dropped", None, None, "open", "drop", 42, None),
                    ("overridden", text, "2025-11-03", "mended", "override", 1, "v2"),
                    ("flagged", text, "2025", "acknowledged", "flag", 6, None),
                )
            ],
            infer_schema_length=None,
        ),
        "core.observation": pl.DataFrame(
            {
                "observation_id": [f"o{number}" for number in range(1, 8)],
                "source_id": ["mikrozensus_states"] * 7,
                "vintage_id": ["v1"] * 7,
                "reference_date": [dt.date(2018, 12, 31), *[dt.date(2023, 12, 31)] * 6],
                "value": [20799000.0, *[None] * 6],
                "lower": [20798500.0, *[0.0] * 6],
                "upper": [20799500.0, *[None] * 6],
                "status": ["secondary", *["inferred"] * 6],
            }
        ),
        "core.region": pl.DataFrame(
            {
                "region_id": ["01", "14"],
                "name": [text, "Sachsen"],
                "level": ["state", "state"],
                "part": ["west", "east"],
            }
        ),
        "core.source": pl.DataFrame({"source_id": ["mikrozensus_states"], "publisher": ["Destatis"]}),
        "core.vintage": pl.DataFrame(
            {
                "source_id": ["mikrozensus_states"],
                "vintage_id": ["v1"],
                "vintage_order": [1],
                "in_use": [True],
                "title": [f"Mikrozensus: {text}"],
                "publisher": ["Statistisches Bundesamt (Destatis)"],
                "table_id": [None],
                "url": ["https://www.destatis.de/"],
                "published": ["2019"],
                "licence_id": ["dl-de/by-2-0"],
                "licence_title": ["Datenlizenz Deutschland – Namensnennung – Version 2.0"],
                "licence_url": ["javascript:alert(1)" if "script" in text else "https://www.govdata.de/dl-de/by-2-0"],
                "licence_evidence": ["stated"],
                "licence_note": [None],
                "attribution": ["© Destatis, 2019; own presentation"],
                "obtained_how": ["secondary page"],
                "obtained_note": [text],
                "definition_note": ["private households"],
            },
            schema_overrides={"table_id": pl.String, "licence_note": pl.String},
        ),
        "core.caveat": pl.DataFrame(
            {
                "source_id": ["mikrozensus_states"] * 2,
                "vintage_id": ["v1"] * 2,
                "kind": ["break", "doubt"],
                "position": [1, 1],
                "since": ["2016", None],
                "text": ["new sample", f"typed from a page: {text}"],
            }
        ),
    }
    # The stated series has some methods already; those of places_rows complete it, each adjusted and none left out.
    held = tables["analysis.east_west"]
    more = pl.DataFrame(places_rows.methods(sign), infer_schema_length=None)
    more = more.filter(~pl.col("result_id").is_in(held["result_id"].to_list()))
    tables["analysis.east_west"] = pl.concat([held, more], how="diagonal_relaxed").with_columns(
        state_left_out=pl.lit(None, pl.String), p_adjusted=(3 * pl.col("p_value")).clip(upper_bound=1.0)
    )
    tables |= places_rows.tables(flipped=flipped, text=text)
    # What the page does not read holds no row here, and has its id all the same.
    for table, column in ROW_IDS.items():
        tables.setdefault(table, pl.DataFrame(schema={column: pl.String}))
    for name, frame in tables.items():
        file = folder / f"{name.replace('.', '/')}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(file)
    (folder / "charts").mkdir()
    words = {}
    for number, name in enumerate(CHARTS):
        for file in (f"{name}.svg", f"{name}.de.svg"):
            (folder / "charts" / file).write_text(
                SVG.replace('"t"', f'"{name}-t"').replace("clip0", f"{name}-clip0"), encoding="utf-8"
            )
        rows = "\n".join(f'"{text.replace(chr(34), chr(34) * 2)}",{row}' for row in range(70 if number == 0 else 2))
        (folder / "charts" / f"{name}.csv").write_text(f"region_name,share_percent\n{rows}\n", encoding="utf-8")
        words[name] = {
            language: {
                "finding": f"Finding of {name}: {text}",
                "shown": f"Shown: {text}",
                "description": f"Description: {text}",
                "source_ids": ["mikrozensus_states"],
                "reference": "2018",
            }
            for language in ("en", "de")
        }
    (folder / "charts" / "charts.json").write_text(json.dumps(words), encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps({"release_id": "test-release", "tables": {}}), encoding="utf-8")
    return folder
