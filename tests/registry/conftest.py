"""A tiny raw_data folder that the tests write, wrong in exactly the way they are about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.ingest import canonical_sha256
from pipeline.registry import LOCK, Lock, write_lock

DATA = (
    b"region,region_label,reference,measure,value,marker\n"
    b"DE,Deutschland,2018,persons_with,20799,\n"
    b"01,Schleswig-Holstein,2018,persons_with,488,\n"
)


@pytest.fixture
def raw_data(tmp_path: Path) -> Path:
    folder = tmp_path / "raw_data"
    folder.mkdir()
    return folder


@pytest.fixture
def write(raw_data: Path) -> Callable[..., Path]:
    """Write one vintage; `changes` replace top-level keys of a sound source.yml (None: leave the key out).

    The lock beside the sources then names the vintage of the largest order, as it would be after `mo vintage use`.
    """
    newest: dict[str, tuple[int, str]] = {}

    def write(source: str = "mz", vintage: str = "2018-final", data: bytes = DATA, **changes: Any) -> Path:
        folder = raw_data / source / vintage
        folder.mkdir(parents=True)
        (folder / "figures.csv").write_bytes(data)
        try:
            digest = canonical_sha256(data)
        except Exception:  # a file that is wrong on purpose has no hash
            digest = "0" * 64
        described = {
            "source": source,
            "vintage": vintage,
            "kind": "observation",
            "title": "Persons with migration background",
            "publisher": "Destatis",
            "published": "2019-08-21",
            "order": 1,
            "language": "de",
            "defaults": {
                "concept": "migration_background_wider",
                "universe": "private_households",
                "release_state": "final",
                "census_base": "zensus_2011",
                "status": "published",
                "reference_kind": "year",
            },
            "measures": {
                "persons_with": {
                    "printed_unit": "thousand persons",
                    "multiplier": 1000,
                    "precision": "printed",
                }
            },
            "licence": {"id": "dl-de/by-2-0", "title": "Datenlizenz", "evidence": "stated"},
            "attribution": "© Destatis, 2019; own presentation",
            "obtained": {"how": "official file"},
            "files": [{"path": "figures.csv", "content_sha256": digest, "rows": max(data.count(b"\n") - 1, 1)}],
        } | changes
        text = yaml.safe_dump({key: value for key, value in described.items() if value is not None})
        (folder / "source.yml").write_text(text, encoding="utf-8")
        order = described["order"] if isinstance(described["order"], int) else 0
        newest[source] = max(newest.get(source, (0, "")), (order, vintage))
        write_lock(raw_data / LOCK, Lock(current={name: current for name, (_, current) in newest.items()}))
        return folder

    return write
