"""doit: a task a raw file, then the mart, then the statistic."""

from pathlib import Path

import job

RAW = {
    "-".join(file.parts[-3:-1]): str(file)
    for file in sorted(Path("raw_data").glob("*/*/figures.csv"))
    if "regions" not in file.parts
}
REGIONS = str(next(Path("raw_data").glob("regions/*/figures.csv")))
STAGED = [f"staged/{name}.parquet" for name in RAW]


def task_typed():
    for (name, raw), target in zip(RAW.items(), STAGED, strict=True):
        yield {
            "name": name,
            "actions": [(job.typed, [raw, target])],
            "file_dep": [raw, "job.py"],
            "targets": [target],
        }


def task_shares():
    return {
        "actions": [(job.shares, [STAGED, REGIONS, "out/shares.parquet"])],
        "file_dep": [*STAGED, REGIONS, "job.py"],
        "targets": ["out/shares.parquet", "out/shares.csv"],
    }


def task_gaps():
    return {
        "actions": [(job.gaps, ["out/shares.parquet", "out/gaps.parquet"])],
        "file_dep": ["out/shares.parquet", "job.py"],
        "targets": ["out/gaps.parquet", "out/gaps.csv"],
    }
