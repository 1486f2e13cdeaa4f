"""Reading a release: tables as Polars frames, charts with their words, the manifest.

Belongs here: opening what write.py left. Not here: DuckDB, Dagster, or anything that changes a file.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.errors import InputError
from pipeline.language import SOURCE, edition
from pipeline.release.shelf import CURRENT, current

ENVIRONMENT = "AUGENHOEHE_RELEASE"
# Where an id may stand, and in which column: results first, then the figures they come from.
ROW_IDS = {
    "analysis.east_west": "result_id",
    "analysis.headline_claim": "result_id",
    "analysis.survey_interval": "result_id",
    "analysis.organisation_density": "result_id",
    "analysis.claim_verdict": "result_id",
    "analysis.organisation_ratio": "result_id",
    "analysis.organisation_definition": "result_id",
    "analysis.proportion_comparison": "result_id",
    "analysis.sampling_band": "result_id",
    "analysis.multiverse": "result_id",
    "analysis.district_model": "result_id",
    "analysis.trend": "result_id",
    "analysis.refugee_ratio": "result_id",
    "analysis.key_deviation": "result_id",
    "marts.revision": "revision_id",
    "marts.region_share": "share_id",
    "marts.state_protection_seekers": "count_id",
    "core.study_figure": "figure_id",
    "core.claim": "claim_id",
    "core.correction": "correction_id",
    "core.network_city": "city",
    "core.observation": "observation_id",
}


@dataclass(frozen=True)
class ChartFile:
    """A drawn chart of a release, in one language.

    Attributes:
        name: file name without suffix.
        svg: the picture.
        csv: the data behind it as CSV text, the same in every language (a parsed frame would lose the leading nought of
            a region's code).
        titles: finding, shown, description, source_ids, reference (see pipeline.charts.Titles).
    """

    name: str
    svg: str
    csv: str
    titles: dict[str, Any]


@dataclass(frozen=True)
class Release:
    """An opened release folder; a table is read when it is first asked for, and once."""

    folder: Path
    _read: dict[str, pl.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The manifest: release id, files with hashes, tables with digests, checks, versions."""
        return json.loads((self.folder / "manifest.json").read_text("utf-8"))

    @property
    def id(self) -> str:
        """The release id, a hash of the content."""
        return self.manifest["release_id"]

    def table(self, table: str) -> pl.DataFrame:
        """All rows of `layer.table`, in a fixed order.

        Raises:
            InputError: the release holds no such table.
        """
        if table not in self._read:
            file = self.folder / f"{table.replace('.', '/')}.parquet"
            if not file.is_file():
                known = ", ".join(sorted(self.manifest["tables"]))
                raise InputError(f"the release has no table {table}", file=self.folder.name, remedy=f"it holds {known}")
            self._read[table] = pl.read_parquet(file)
        return self._read[table]

    @property
    def tables(self) -> list[str]:
        """The names of all tables, sorted; docs/dictionary.md says what their columns mean."""
        return sorted(self.manifest["tables"])

    def trace(self, row_id: str, *, raw_data: Path | None = None) -> list[str]:
        """The way back from a row to the lines it was computed from, as lines of text.

        Args:
            row_id: the id of a number, from data-result on a page or from a table.
            raw_data: a folder of the figures, to quote the lines themselves; the `raw/` of the release if it has one.

        Raises:
            InputError: no row has this id; names the nearest ones.
        """
        from pipeline.release.trace import trace

        own = self.folder / "raw"
        return list(trace(self, row_id, raw_data=raw_data or (own if own.is_dir() else None)))

    def find(self, row_id: str) -> tuple[str, dict[str, Any]]:
        """The table and the row that bear this id (see ROW_IDS).

        Raises:
            InputError: no row has it; names the nearest ids.
        """
        if row_id in self._places:
            table, position = self._places[row_id]
            return table, self.table(table).row(position, named=True)
        raise InputError(
            f"no row of the release has the id {row_id!r}",
            file=f"release {self.id}",
            key=row_id,
            remedy=self._nearest(row_id),
        )

    @cached_property
    def _places(self) -> dict[str, tuple[str, int]]:
        """Table and position of every id; of two rows with one id the one of the earlier table in ROW_IDS."""
        found: dict[str, tuple[str, int]] = {}
        for table, column in ROW_IDS.items():
            for position, known in enumerate(self.table(table)[column].to_list()):
                found.setdefault(known, (table, position))
        return found

    def _nearest(self, row_id: str) -> str:
        import difflib

        ids = [known for table, column in ROW_IDS.items() for known in self.table(table)[column].to_list()]
        stem = row_id.rpartition(".")[0]
        begun = [known for known in ids if stem and known.startswith(stem)]
        near = difflib.get_close_matches(row_id, begun, n=3, cutoff=0.0)
        # Comparing with each of twenty thousand figures takes seconds; a slip is rarely in the first letters.
        alike = [known for known in ids if known[:4] == row_id[:4]]
        near = near or difflib.get_close_matches(row_id, alike, n=3, cutoff=0.6)
        if near:
            return "nearest are " + ", ".join(near)
        return "the id of a number stands in its attribute data-result on the page"

    def chart(self, name: str, language: str = SOURCE) -> ChartFile:
        """One chart with its data, drawn and described in a language.

        Raises:
            InputError: the release holds no such chart, or not in this language.
        """
        folder = self.folder / "charts"
        words = json.loads((folder / "charts.json").read_text("utf-8"))
        # The words may have been tampered with: a name is never a path.
        if name not in words or Path(name).name != name:
            raise InputError(
                f"the release has no chart {name}", file=self.folder.name, remedy=f"it holds {', '.join(sorted(words))}"
            )
        if language not in words[name]:
            raise InputError(
                f"the release has the chart {name} not in the language {language!r}",
                file=self.folder.name,
                remedy=f"it holds {', '.join(words[name])}; `mo run` draws it in every language",
            )
        return ChartFile(
            name=name,
            svg=(folder / edition(f"{name}.svg", language)).read_text("utf-8"),
            csv=(folder / f"{name}.csv").read_text("utf-8"),
            titles=words[name][language],
        )


def open_release(path: Path | None = None) -> Release:
    """Open the release at `path`, else at AUGENHOEHE_RELEASE, else build/release/current found upwards.

    Raises:
        InputError: there is no release, or `current` leads to something else.
    """
    given = path or (Path(os.environ[ENVIRONMENT]) if os.environ.get(ENVIRONMENT) else None)
    start = Path.cwd()
    folder = given or next(
        (at / "build/release/current" for at in (start, *start.parents) if (at / "build/release/current").exists()),
        None,
    )
    if folder is not None and folder.name == CURRENT and folder.is_symlink():
        folder = current(folder.parent) or folder
    if folder is None or not (folder / "manifest.json").is_file():
        raise InputError(
            "there is no release to read",
            file=folder or "build/release/current",
            remedy="run `mo run` (or `make report`) first",
        )
    return Release(folder.resolve())
