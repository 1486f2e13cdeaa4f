"""Small frames of what studies publish and of the article's sentence.

Belongs here: analysis.survey_interval, core.study_figure, analysis.headline_claim. Not here: assertions.
"""

from __future__ import annotations

import polars as pl

# year, sense, Berlin, share of the East and of the West, distance of each from what the claim admits, rank.
CANDIDATES = (
    (2016, "narrower", "excluded", 6.374, 25.58, 0.0, 0.0, 2),
    (2016, "narrower", "in_east", 11.098, 25.58, 4.65, 0.0, 5),
    (2016, "narrower", "in_west", 6.374, 25.689, 0.0, 0.0, 1),
    (2018, "wider", "excluded", 7.971, 28.436, 1.52, 0.0, 4),
    (2018, "wider", "in_east", 13.308, 28.436, 6.86, 0.0, 14),
    (2018, "wider", "in_west", 7.971, 28.601, 1.52, 0.03, 3),
)
SVR, FUNDING = (
    "SVR-Forschungsbereich 2020 (Vielfältig engagiert …)",
    "BIM/Bertelsmann Stiftung 2018 (Fördermittel)",
)
# figure, study, indicator, category, percent, Wilson bounds, n.
SURVEY = (
    ("svr_support", SVR, "needs (multiple answers)", "more support wanted", 64.4, 60.94, 67.71, 764),
    ("svr_bureaucracy", SVR, "needs (multiple answers)", "less bureaucracy", 57.5, 53.97, 60.96, 764),
    ("svr_voluntary", SVR, "staffing", "purely voluntary", 41.0, 37.57, 44.52, 764),
    ("bst_none", FUNDING, "use of funding", "no funding used at all", 37.0, 33.09, 41.09, 556),
    ("bst_conditions", FUNDING, "reasons for not applying", "conditions not met", 58.0, None, None, None),
    ("bst_donations", FUNDING, "income", "private donations", 57.0, None, None, None),
)  # fmt: skip
# figure, study, indicator, category, geography, year, value, relation, unit.
COUNTS = (
    (
        "svr_low",
        SVR,
        "number of migrant organisations",
        "national estimate, lower",
        "Germany",
        "2019/20",
        12400,
        "=",
        "organisations",
    ),
    (
        "svr_high",
        SVR,
        "number of migrant organisations",
        "national estimate, upper",
        "Germany",
        "2019/20",
        14300,
        "=",
        "organisations",
    ),
    (
        "svr_counted",
        SVR,
        "number of migrant organisations",
        "identified",
        "BY+BE+NW+SN",
        "2019/20",
        6851,
        "=",
        "organisations",
    ),
    ("svr_n", SVR, "responding organisations", None, "BY+BE+NW+SN", "2020", 764, "=", "organisations"),
    (
        "ziviz",
        "ZiviZ-Survey 2017",
        "number of registered associations with migration reference, more than",
        None,
        "Germany",
        "2016",
        17500,
        ">",
        "associations",
    ),
    (
        "bva_2012",
        "Pries 2013",
        "foreigners' associations in register",
        "Bundesverwaltungsamt",
        "Germany",
        "2012",
        10360,
        "=",
        "associations",
    ),
    (
        "bva_2001",
        "Pries 2013",
        "foreigners' associations in register",
        "old register",
        "Germany",
        "2001",
        16000,
        "=",
        "associations",
    ),
    ("damost", "DaMOst", "member associations", None, "East", "2018", 260, "=", "associations"),
)


def survey() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "result_id": f"survey.{figure}",
                "figure_id": figure,
                "study": study,
                "indicator": indicator,
                "category": category,
                "year": "2020" if study == SVR else "2017",
                "estimate_percent": share,
                "lower_percent": lower,
                "upper_percent": upper,
                "confidence_level": 0.95 if n else None,
                "base_n": n,
                "method": "wilson" if n else "none",
            }
            for figure, study, indicator, category, share, lower, upper, n in SURVEY
        ],
        schema_overrides={"base_n": pl.Int32},
    )


def study_figure() -> pl.DataFrame:
    rows = [
        {
            "figure_id": figure,
            "source_id": "svr_2020" if study == SVR else "other_studies",
            "study": study,
            "indicator": indicator,
            "category": category,
            "geography": geography,
            "year": year,
            "value": float(value),
            "relation": relation,
            "lower": value - 0.5,
            "upper": None if relation == ">" else value + 0.5,
            "unit": unit,
        }
        for figure, study, indicator, category, geography, year, value, relation, unit in COUNTS
    ]
    rows += [
        {
            "figure_id": figure,
            "source_id": "svr_2020" if study == SVR else "bertelsmann_2018",
            "study": study,
            "indicator": indicator,
            "category": category,
            "geography": "Germany",
            "year": "2020",
            "value": share,
            "relation": "=",
            "lower": share,
            "upper": share,
            "unit": "percent",
        }
        for figure, study, indicator, category, share, *_ in SURVEY
    ]
    return pl.DataFrame(rows).cast({name: pl.Decimal(20, 6) for name in ("value", "lower", "upper")})


def headline() -> pl.DataFrame:
    rows = []
    for year, sense, berlin, east, west, off_east, off_west, rank in CANDIDATES:
        series = f"mikrozensus_{year}.{year}.migration_background_{sense}"
        for part, found, off, claimed, low, high in (
            ("east", east, off_east, 6.25, 100 / 16.5, 100 / 15.5),
            ("west", west, off_west, 25.0, 100 / 4.5, 100 / 3.5),
            ("germany", 22.7, 0.0, 20.0, 20.0, 25.0),
        ):
            rows.append(
                {
                    "result_id": f"headline.{part}.{series}.berlin_{berlin}",
                    "series_id": series,
                    "year": year,
                    "concept": f"migration_background_{sense}",
                    "berlin": berlin,
                    "part": part,
                    "claimed_percent": claimed,
                    "found_percent": found,
                    "lower": low,
                    "upper": high,
                    "distance_points": off,
                    "rank": rank,
                    "verdict": None,
                    "rule": "inside or outside",
                }
            )
    best = next(row for row in rows if row["rank"] == 1)
    nothing = dict.fromkeys(("part", "claimed_percent", "found_percent", "lower", "upper"))
    rows.append(
        best | nothing | {"result_id": "headline.verdict", "verdict": "wrong year", "rule": "another year fits"}
    )
    return pl.DataFrame(rows, infer_schema_length=None, schema_overrides={"year": pl.Int32, "rank": pl.Int32})
