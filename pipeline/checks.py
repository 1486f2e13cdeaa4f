"""The rules of sql/checks, and what each source.yml expects of its figures, as Dagster asset checks.

Belongs here: showing a rule and its offending rows in Dagster. Not here: the rules (sql/checks, transform/), running
them (warehouse/); the release gate runs the same rules again over everything, since a blocking check guards only its
own run.
"""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from pipeline.assets.common import POOL, explained, key, shown, table_of
from pipeline.assets.sources import STAGED_REGIONS
from pipeline.project import Project
from pipeline.registry import Vintage
from pipeline.transform import expectation_failures
from pipeline.warehouse import Check, CheckResult

PUBLISHED_TOTALS = "published_totals"


def asset_checks(project: Project) -> list[dg.AssetChecksDefinition]:
    """Each rule is a check of its own, blocking where its severity is ERROR.

    The rules of core run in one step, since no core table reads another; elsewhere a table's rules are a step, so
    that what reads the table can wait for them.
    """
    steps: dict[str, list[Check]] = {}
    for check in project.contracts.checks:
        step = check.layer if check.layer == "core" else f"{check.layer}__{check.table}"
        steps.setdefault(step, []).append(check)
    return [*(_step(project, f"{step}__rules", checks) for step, checks in steps.items()), _published_totals(project)]


def _published_totals(project: Project) -> dg.AssetChecksDefinition:
    """What the vintages of a source promise (regions, control totals, sums), held against what is staged.

    The staging refuses figures that break a promise before they are stored, so a failure means that the table was
    changed since; what passes is told as a table, promise by promise.
    """
    sources = {
        key(project.table_of("staging", source).id): source
        for source in project.registry.sources.values()
        if source.kind == "observation" and any(_promises(vintage) for vintage in source.vintages)
    }

    @dg.multi_asset_check(
        name="staging__published_totals",
        specs=[
            dg.AssetCheckSpec(
                name=PUBLISHED_TOTALS,
                asset=asset,
                additional_deps=[key(STAGED_REGIONS)],
                description="The staged figures hold the totals, sums and regions that source.yml names.",
                blocking=True,
            )
            for asset in sources
        ],
        can_subset=True,
        pool=POOL,
    )
    def totals(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        asked = {check_key.asset_key for check_key in context.selected_asset_check_keys}
        for asset, source in sources.items():
            if asset not in asked:
                continue
            with explained():
                frames = project.warehouse.read_all([table_of(asset), STAGED_REGIONS])
            staged, regions = frames[table_of(asset)], frames[STAGED_REGIONS]
            broken = [
                str(failure)
                for vintage in source.vintages
                for failure in expectation_failures(
                    staged.filter(pl.col("vintage_id") == vintage.vintage), vintage, regions
                )
            ]
            promised = [promise for vintage in source.vintages for promise in _promises(vintage)]
            yield dg.AssetCheckResult(
                check_name=PUBLISHED_TOTALS,
                asset_key=asset,
                passed=not broken,
                severity=dg.AssetCheckSeverity.ERROR,
                metadata={
                    "offending_rows": len(broken),
                    "promises": shown(pl.DataFrame(promised)),
                    **({"broken": dg.MetadataValue.md("\n".join(f"- {line}" for line in broken))} if broken else {}),
                },
            )

    return totals


def _promises(vintage: Vintage) -> list[dict[str, str]]:
    """What a vintage promises, a row each: vintage, kind, what."""
    expect = vintage.expect
    named = [
        ("regions", [expect.regions] if expect.regions is not None else []),
        ("control total", expect.control_totals),
        ("sum", expect.sums),
    ]
    return [
        {"vintage": vintage.vintage, "kind": kind, "what": promise.model_dump_json(exclude_defaults=True)}
        for kind, promises in named
        for promise in promises
    ]


def _step(project: Project, name: str, checks: list[Check]) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(
        name=name,
        specs=[
            dg.AssetCheckSpec(
                name=check.rule,
                asset=key(f"{check.layer}.{check.table}"),
                description=check.reason,
                blocking=check.severity == "ERROR",
                metadata={"rule": dg.MetadataValue.md(f"```sql\n{check.sql}\n```"), "file": check.file},
            )
            for check in checks
        ],
        can_subset=True,
        pool=POOL,
    )
    def rules(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        asked = {(check_key.asset_key, check_key.name) for check_key in context.selected_asset_check_keys}
        chosen = [check for check in checks if (key(f"{check.layer}.{check.table}"), check.rule) in asked]
        with explained():
            results = project.warehouse.run_checks(chosen)
        for result in results:
            yield _as_dagster(result)

    return rules


def _as_dagster(result: CheckResult) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=result.check.rule,
        asset_key=key(f"{result.check.layer}.{result.check.table}"),
        passed=result.passed,
        severity=dg.AssetCheckSeverity.ERROR if result.check.severity == "ERROR" else dg.AssetCheckSeverity.WARN,
        metadata={
            "offending_rows": result.offending,
            "reason": result.check.reason,
            **({} if result.passed else {"rows": shown(result.sample)}),
        },
    )
