"""Everything Dagster is told, as a text to compare: a lost or renamed asset, rule or job shows in review.

`python -m tests.pipeline.snapshot` renews tests/pipeline/definitions.txt.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.definitions import build_definitions
from pipeline.project import open_project
from pipeline.settings import Settings

REPOSITORY = Path(__file__).parents[2]
FILE = Path(__file__).with_name("definitions.txt")
COMMAND = "python -m tests.pipeline.snapshot"


def text() -> str:
    """A block an asset (group, kinds, owners, inputs, rules), then jobs with their layers, sensors and schedules."""
    definitions = build_definitions(open_project(Settings.resolve(REPOSITORY, env={})))
    checks = [spec for one in definitions.asset_checks or [] for spec in one.check_specs]
    lines = []
    for spec in sorted(definitions.resolve_all_asset_specs(), key=lambda spec: spec.key):
        lines.append(f"asset {'.'.join(spec.key.path)}")
        lines.append(f"  group {spec.group_name}, {', '.join(sorted(spec.kinds))}, {', '.join(spec.owners)}")
        lines += [f"  from {'.'.join(dep.asset_key.path)}" for dep in sorted(spec.deps, key=lambda dep: dep.asset_key)]
        lines += [
            f"  {'blocking ' if check.blocking else ''}rule {check.name}"
            for check in sorted(checks, key=lambda check: check.name)
            if check.asset_key == spec.key
        ]
    for job in sorted(definitions.resolve_all_job_defs(), key=lambda job: job.name):
        if not job.name.startswith("__"):
            layers = {key.path[0] for key in job.asset_layer.selected_asset_keys}
            lines.append(f"job {job.name}: {', '.join(sorted(layers)) or 'no asset'}")
    lines += [f"sensor {one.name} -> {one.job_name}, {one.default_status.value}" for one in definitions.sensors or []]
    lines += [
        f"schedule {one.name} -> {one.job_name}, {one.cron_schedule}, {one.default_status.value}"
        for one in definitions.schedules or []
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
    print(FILE.relative_to(REPOSITORY))
