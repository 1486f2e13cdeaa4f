"""The rules of sql/checks as Dagster asset checks.

Belongs here: showing a rule and its offending rows in Dagster. Not here: the rules (sql/checks), running them
(warehouse.py); the release gate runs the same rules again over everything, since a blocking check guards only its
own run.
"""

from collections.abc import Iterator

import dagster as dg

from pipeline.assets.common import POOL, explained, key, markdown_table
from pipeline.project import Project
from pipeline.warehouse import Check, CheckResult


def asset_checks(project: Project) -> list[dg.AssetChecksDefinition]:
    """One step a table that has rules; each rule is a check of its own, blocking where its severity is ERROR."""
    tables = sorted({f"{check.layer}.{check.table}" for check in project.contracts.checks})
    return [_checks_of(project, table, project.contracts.checks_of(table)) for table in tables]


def _checks_of(project: Project, table: str, checks: list[Check]) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(
        name=f"{table.replace('.', '__')}__rules",
        specs=[
            dg.AssetCheckSpec(
                name=check.rule,
                asset=key(table),
                description=check.reason,
                blocking=check.severity == "ERROR",
                metadata={"rule": dg.MetadataValue.md(f"```sql\n{check.sql}\n```"), "file": check.file},
            )
            for check in checks
        ],
        pool=POOL,
    )
    def rules() -> Iterator[dg.AssetCheckResult]:
        with explained():
            results = project.warehouse.run_checks(checks)
        for result in results:
            yield _as_dagster(result, table)

    return rules


def _as_dagster(result: CheckResult, table: str) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=result.check.rule,
        asset_key=key(table),
        passed=result.passed,
        severity=dg.AssetCheckSeverity.ERROR if result.check.severity == "ERROR" else dg.AssetCheckSeverity.WARN,
        metadata={
            "offending_rows": result.offending,
            **({} if result.passed else {"rows": dg.MetadataValue.md(markdown_table(result.sample))}),
        },
    )
