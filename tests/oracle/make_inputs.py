"""Writes the frames that R and the estimators are both given: run once, and again only when a frame is to change.

    python tests/oracle/make_inputs.py

states.csv: foreign share of the states in percent, 2023, with persons; districts.csv: the 400 districts of 2022;
panel.csv: shares of the states 2011 to 2021; surveys.csv: published percentages with their bases.
"""

import csv
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent
RAW = HERE.parents[1] / "raw_data"
COVARIATES = ("persons_per_km2", "disposable_income_eur_per_capita", "gdp_eur_per_capita", "unemployment_rate_percent")


def _rows(folder: str) -> list[dict[str, str]]:
    return [
        row
        for file in sorted((RAW / folder).glob("*/figures.csv"))
        for row in csv.DictReader(file.read_text("utf-8").splitlines())
    ]


def _write(name: str, header: list[str], rows: list[list[object]]) -> None:
    with (HERE / name).open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    """Berlin is left out throughout: fifteen states, 399 districts."""
    shares = {(row["region"], row["reference"]): row["value"] for row in _rows("foreign_share_states")}
    persons = {row["region"]: row["value"] for row in _rows("population_states") if row["reference"].startswith("2023")}
    states = [state for state in sorted(persons) if state not in ("11", "DE")]
    _write(
        "states.csv",
        ["state", "east", "share_percent", "persons"],
        [[state, int(state >= "12"), shares[state, "2023"], persons[state]] for state in states],
    )
    _write(
        "panel.csv",
        ["state", "east", "year", "share_percent"],
        [[state, int(state >= "12"), year, shares[state, str(year)]] for state in states for year in range(2011, 2022)],
    )
    districts: dict[str, dict[str, str]] = defaultdict(dict)
    for row in _rows("districts_structure_2022"):
        districts[row["region"]][row["measure"]] = row["value"]
    _write(
        "districts.csv",
        ["district", "state", "east", "share_percent", "persons_thousand", *COVARIATES],
        [
            [
                region,
                region[:2],
                int(region >= "12"),
                found["share_percent"],
                found["persons_total"],
                *(found[name] for name in COVARIATES),
            ]
            for region, found in sorted(districts.items())
            if region[:2] != "11"
        ],
    )
    _write(
        "surveys.csv",
        ["name", "share_percent", "base_n"],
        [["svr_voluntary", 41, 764], ["zivi_voluntary", 72, 6300], ["svr_support", 64.4, 764], ["none", 0, 50]],
    )


if __name__ == "__main__":
    main()
