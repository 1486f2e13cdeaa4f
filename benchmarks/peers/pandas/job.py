"""Raw figures to shares and gaps, with pandas."""

from pathlib import Path

import numpy as np
import pandas as pd

RAW, OUT = Path("raw_data"), Path("out")
MARKERS = {"", "e", "/", "()", "-", ".", "x", "n", "..."}
IN_THOUSANDS = {"mikrozensus_states"}


def typed(file: Path) -> pd.DataFrame:
    source = file.parts[-3]
    printed = pd.read_csv(file, dtype=str, keep_default_na=False)
    value = pd.to_numeric(printed["value"].replace("", None))
    if unknown := set(printed["marker"]) - MARKERS:
        raise ValueError(f"{file}: unknown markers {sorted(unknown)}")
    if (missing := value.isna() & (printed["marker"] == "")).any():
        raise ValueError(f"{file}: {missing.sum()} cells hold neither a figure nor a marker")
    return pd.DataFrame(
        {
            "source": source,
            "region_id": printed["region"],
            "year": printed["reference"].str[:4].astype(int),
            "measure": printed["measure"],
            "value": value * (1000 if source in IN_THOUSANDS else 1),
            "breakdown": printed.get("breakdown", pd.Series("", index=printed.index)),
        }
    )


def shares(figures: pd.DataFrame, regions: pd.DataFrame) -> pd.DataFrame:
    if unknown := set(figures["region_id"]) - set(regions["region_id"]):
        raise ValueError(f"unknown regions {sorted(unknown)}")
    total = figures[figures["breakdown"] == ""]
    register = total[total["source"] == "population_states"]
    register = register.rename(columns={"value": "register"})[["region_id", "year", "register"]]
    wide = (
        total[total["source"] != "population_states"]
        .pivot(index=["source", "region_id", "year"], columns="measure", values="value")
        .reset_index()
        .merge(register, how="left", on=["region_id", "year"])
        .merge(
            regions[["region_id", "region", "level", "part"]][regions["level"].isin(["state", "district"])],
            on="region_id",
        )
    )
    base = wide["persons_total"].fillna(wide["register"])
    wide["share_percent"] = wide["share_percent"].fillna(100 * wide["persons_with"] / base)
    kept = wide.dropna(subset="share_percent")
    columns = ["source", "level", "region_id", "region", "part", "year", "share_percent"]
    return kept[columns].sort_values(["source", "level", "region_id", "year"], ignore_index=True)


def gaps(shares: pd.DataFrame) -> pd.DataFrame:
    keys = ["source", "level", "year"]
    grouped = shares.groupby([*keys, "part"])["share_percent"].agg(["size", "mean", "var"]).unstack("part")
    size, mean, var = grouped["size"], grouped["mean"], grouped["var"]
    return pd.DataFrame(
        {
            "east_regions": size["east"].astype(int),
            "west_regions": size["west"].astype(int),
            "east_percent": mean["east"],
            "west_percent": mean["west"],
            "berlin_percent": mean["berlin"],
            "difference_points": mean["east"] - mean["west"],
            "standard_error_points": np.sqrt(var["east"] / size["east"] + var["west"] / size["west"]),
        }
    ).reset_index()


def main() -> None:
    figures = pd.concat([typed(file) for file in sorted(RAW.glob("*/*/figures.csv")) if "regions" not in file.parts])
    printed = pd.read_csv(next(RAW.glob("regions/*/figures.csv")), dtype=str)
    regions = printed.rename(columns={"region": "region_id", "name": "region"})
    found = shares(figures, regions)
    OUT.mkdir(exist_ok=True)
    for name, table in {"shares": found, "gaps": gaps(found)}.items():
        table.to_parquet(OUT / f"{name}.parquet", index=False)
        table.to_csv(OUT / f"{name}.csv", index=False)


if __name__ == "__main__":
    main()
