"""What source.yml and corrections.yml say, as tables for readers and queries.

Belongs here: turning the models into frames of sources, vintages, caveats and known errors. Not here: the models, or
anything about figures.
"""

from __future__ import annotations

import polars as pl

from pipeline.registry.folder import Registry

SOURCE: dict[str, pl.DataType] = {
    "source_id": pl.String(),
    "kind": pl.String(),
    "title": pl.String(),
    "publisher": pl.String(),
    "current_vintage_id": pl.String(),
    "vintages": pl.Int32(),
}
VINTAGE: dict[str, pl.DataType] = {
    "source_id": pl.String(),
    "vintage_id": pl.String(),
    "vintage_order": pl.Int32(),
    "in_use": pl.Boolean(),
    "title": pl.String(),
    "publisher": pl.String(),
    "table_id": pl.String(),
    "url": pl.String(),
    "published": pl.String(),
    "layout": pl.String(),
    "sheet": pl.String(),
    "licence_id": pl.String(),
    "licence_title": pl.String(),
    "licence_url": pl.String(),
    "licence_evidence": pl.String(),
    "licence_note": pl.String(),
    "attribution": pl.String(),
    "obtained_how": pl.String(),
    "obtained_note": pl.String(),
    "definition_note": pl.String(),
    "data_rows": pl.Int32(),
    "content_sha256": pl.String(),
}
CAVEAT: dict[str, pl.DataType] = {
    "source_id": pl.String(),
    "vintage_id": pl.String(),
    "kind": pl.String(),
    "position": pl.Int32(),
    "since": pl.String(),
    "text": pl.String(),
}
CORRECTION: dict[str, pl.DataType] = {
    "correction_id": pl.String(),
    "source_id": pl.String(),
    "title": pl.String(),
    "reason": pl.String(),
    "told": pl.String(),
    "told_on": pl.String(),
    "status": pl.String(),
    "action": pl.String(),
    "vintages": pl.String(),
    "figures": pl.Int32(),
    "until_vintage_id": pl.String(),
}


def sources(registry: Registry) -> pl.DataFrame:
    """SOURCE, one row a source, key source_id."""
    return pl.DataFrame(
        [
            (s.id, s.kind, s.current.title, s.current.publisher, s.current.vintage, len(s.vintages))
            for s in registry.sources.values()
        ],
        schema=SOURCE,
        orient="row",
    )


def vintages(registry: Registry) -> pl.DataFrame:
    """VINTAGE, one row a vintage, key (source_id, vintage_id)."""
    rows = [
        {
            "source_id": v.source,
            "vintage_id": v.vintage,
            "vintage_order": v.order,
            "in_use": not registry.waits(v),
            "title": v.title,
            "publisher": v.publisher,
            "table_id": v.table_id,
            "url": v.url,
            "published": v.published,
            "layout": v.layout,
            "sheet": None if v.layout == "tidy" else v.readings[v.layout].sheet,
            "licence_id": v.licence.id,
            "licence_title": v.licence.title,
            "licence_url": v.licence.url,
            "licence_evidence": v.licence.evidence,
            "licence_note": v.licence.note,
            "attribution": v.attribution,
            "obtained_how": v.obtained.how,
            "obtained_note": v.obtained.note,
            "definition_note": v.definition_note,
            "data_rows": sum(file.rows for file in v.files),
            "content_sha256": v.content_sha256,
        }
        for v in registry.vintages
    ]
    return pl.DataFrame(rows, schema=VINTAGE)


def caveats(registry: Registry) -> pl.DataFrame:
    """CAVEAT, one row a break or doubt of a vintage, key (source_id, vintage_id, kind, position)."""
    return pl.DataFrame(
        [
            (v.source, v.vintage, kind, position, since, text)
            for v in registry.vintages
            for kind, said in (
                ("break", [(one.since, one.text) for one in v.breaks]),
                ("doubt", [(None, text) for text in v.doubts]),
            )
            for position, (since, text) in enumerate(said, start=1)
        ],
        schema=CAVEAT,
        orient="row",
    )


def corrections(registry: Registry) -> pl.DataFrame:
    """CORRECTION, one row a known error of a publisher, key correction_id; vintages are separated by blanks."""
    rows = [
        {
            "correction_id": entry.id,
            "source_id": entry.source,
            "title": entry.title,
            "reason": entry.reason,
            "told": entry.told.who if entry.told else None,
            "told_on": entry.told.date if entry.told else None,
            "status": entry.status,
            "action": entry.action,
            "vintages": " ".join(entry.vintages),
            "figures": len(list(entry.wrong_figures())),
            "until_vintage_id": entry.until,
        }
        for entry in registry.corrections
    ]
    return pl.DataFrame(rows, schema=CORRECTION)
