"""Which assets are fresh: their code, their inputs and what is stored are those of Dagster's last record.

Belongs here: reading the records, and comparing them. Not here: what is stored (assets/ tells), running anything. The
cheap question whether anything changed at all is answered by fingerprint.py, without Dagster.

The rule is the one by which the Dagster UI calls an asset unsynced: another code version, or another data version of
an input, than its last materialisation recorded. Beyond it, what is stored must be what was recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import dagster as dg

CODE = "dagster/code_version"
DATA = "dagster/data_version"
INPUT = "dagster/input_data_version/"
# A run with this tag computes everything it is asked for, fresh or not.
FORCE = "force"


@dataclass(frozen=True)
class Record:
    """The last materialisation of an asset: its versions, those of its inputs, and what it said."""

    code_version: str | None
    data_version: str | None
    inputs: Mapping[dg.AssetKey, str]
    materialization: dg.AssetMaterialization


@dataclass(frozen=True)
class Plan:
    """What a run has to look at.

    Attributes:
        reasons: the assets that are not fresh, each with a sentence that says why.
        selected: those, what depends on them, and what is stored in one step with them.
        every: all assets.
    """

    reasons: Mapping[dg.AssetKey, str]
    selected: frozenset[dg.AssetKey]
    every: frozenset[dg.AssetKey] = field(repr=False)


def records(instance: dg.DagsterInstance, keys: Iterable[dg.AssetKey]) -> dict[dg.AssetKey, Record]:
    """The records of those assets that were ever materialised."""
    found = {}
    for record in instance.get_asset_records(list(keys)):
        event = record.asset_entry.last_materialization
        materialization = event.asset_materialization if event is not None else None
        if materialization is None:
            continue
        tags = materialization.tags or {}
        found[record.asset_entry.asset_key] = Record(
            code_version=tags.get(CODE),
            data_version=tags.get(DATA),
            inputs={
                dg.AssetKey.from_user_string(name.removeprefix(INPUT)): version
                for name, version in tags.items()
                if name.startswith(INPUT)
            },
            materialization=materialization,
        )
    return found


def changed(spec: dg.AssetSpec, known: Mapping[dg.AssetKey, Record]) -> str | None:
    """Why an asset is not what its last record says, by code and inputs; None when it is."""
    record = known.get(spec.key)
    if record is None:
        return "never materialised"
    if record.code_version != spec.code_version:
        return "its code changed, or the files and descriptions it is made from"
    needed = {dep.asset_key for dep in spec.deps}
    if needed != set(record.inputs):
        return "it is made from other assets than before"
    other = [key for key in sorted(needed) if key not in known or known[key].data_version != record.inputs[key]]
    return f"{other[0].to_user_string()} changed" if other else None


def plan(
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    stored: Callable[[Iterable[dg.AssetKey]], Mapping[dg.AssetKey, str]],
    *,
    force: bool = False,
) -> Plan:
    """What the next run has to look at.

    Args:
        stored: the data versions of what lies in warehouse and folders now; asked only about what seems fresh.
        force: nothing counts as fresh.
    """
    graph = definitions.resolve_asset_graph()
    specs = {spec.key: spec for spec in definitions.resolve_all_asset_specs()}
    known = records(instance, specs)
    told = {key: "asked for" if force else changed(spec, known) for key, spec in specs.items()}
    reasons = {key: reason for key, reason in told.items() if reason is not None}

    def with_what_follows() -> frozenset[dg.AssetKey]:
        asked = dg.AssetSelection.assets(*reasons).downstream().required_multi_asset_neighbors()
        return frozenset(asked.resolve(graph)) if reasons else frozenset()

    untouched = set(specs) - with_what_follows()
    lying = stored(untouched)
    reasons |= {
        key: "what is stored is not what was recorded"
        for key in sorted(untouched)
        if lying.get(key) != known[key].data_version
    }
    return Plan(reasons=reasons, selected=with_what_follows(), every=frozenset(specs))
