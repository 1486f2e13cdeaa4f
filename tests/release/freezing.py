"""Drawn charts, and publishing into a temporary folder."""

import json
from collections.abc import Sequence
from pathlib import Path

from pipeline.release.raw import RawFiles
from pipeline.release.write import Published, publish
from pipeline.warehouse import Check, Warehouse

CHARTS = {
    "charts.json": json.dumps(
        {
            "tiles": {
                "en": {"finding": "Fewer in the East", "source_ids": ["counts"]},
                "de": {"finding": "Im Osten weniger", "source_ids": ["counts"]},
            }
        }
    ),
    "tiles.svg": "<svg/>",
    "tiles.de.svg": '<svg lang="de"/>',
    "tiles.csv": "region_id,share_percent\n01,10.0\n",
    "drawn_from.json": "{}",
}
RAW = {"counts/v1/figures.csv": b"region,value\n01,7\n", "counts/v1/source.yml": b"source: counts\n"}
VINTAGES = {"counts": {"current": "v1", "in_use": ["v1"], "waiting": ["v2"]}}


def draw(folder: Path, **changed: str) -> Path:
    """The folder of drawn charts."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {**CHARTS, **changed}.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def freeze(folder: Path, warehouse: Warehouse, *, tables: Sequence[str], checks: Sequence[Check] = ()) -> Published:
    return publish(
        warehouse,
        tables=tables,
        checks=checks,
        charts=folder / "charts",
        releases=folder / "release",
        root=folder,
        vintages=VINTAGES,
        lock=None,
        raw=RawFiles(RAW),
    )
