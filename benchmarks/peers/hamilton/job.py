"""Runs the steps with Hamilton's cache and writes the two tables."""

from pathlib import Path

import steps
from hamilton import driver

OUT = Path("out")


def main() -> None:
    dataflow = driver.Builder().with_modules(steps).with_cache().build()
    OUT.mkdir(exist_ok=True)
    for name, table in dataflow.execute(["shares", "gaps"], inputs={"raw_data": "raw_data"}).items():
        table.write_parquet(OUT / f"{name}.parquet")
        table.write_csv(OUT / f"{name}.csv")


if __name__ == "__main__":
    main()
