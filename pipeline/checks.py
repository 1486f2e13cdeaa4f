"""The rules of sql/checks as Dagster asset checks.

Belongs here: showing a rule and its offending rows in Dagster. Not here: the rules (sql/checks), running them
(warehouse.py); the release gate runs the same rules again over everything, since a blocking check guards only its
own run.
"""

from collections.abc import Iterator

import dagster as dg

from pipeline.assets.common import POOL, explained, key, shown
from pipeline.project import Project
from pipeline.warehouse import Check, CheckResult


def asset_checks(project: Project) -> list[dg.AssetChecksDefinition]:
    """Each rule is a check of its own, blocking where its severity is ERROR.

    The rules of core run in one step, since no core table reads another; elsewhere a table's rules are a step, so
    that what reads the table can wait for them.
    """
    steps: dict[str, list[Check]] = {}
    for check in project.contracts.checks:
        step = check.layer if check.layer == "core" else f"{check.layer}__{check.table}"
        steps.setdefault(step, []).append(check)
    return [_step(project, f"{step}__rules", checks) for step, checks in steps.items()]


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
