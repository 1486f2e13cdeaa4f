"""Files a run leaves for its pages in the UI: a chart drawn in the page of its asset, the report to open from there.

Belongs here: where Dagster's web server finds such a file. Not here: what is in it, what is said of it.
"""

from __future__ import annotations

from pathlib import Path

import dagster as dg


def attached(context: dg.AssetExecutionContext, name: str, extension: str, content: str) -> str | None:
    """Leave a file beside the logs of the run and give its address in the UI.

    The UI opens a text of more than a thousand characters in a dialogue, so a chart in the text itself would not be
    seen at a glance; what lies beside the logs of a run, the web server hands out under /logs. As a download: no script
    in it runs in the UI.

    Args:
        name: letters, digits and underscores.
        extension: of the file, without dot.

    Returns:
        The address, from the root of the server; None where logs are not kept in files of this machine.
    """
    from dagster._core.storage.local_compute_log_manager import LocalComputeLogManager

    manager = context.instance.compute_log_manager
    if not isinstance(manager, LocalComputeLogManager):
        return None
    where = [context.run.run_id, "attached", name]
    file = Path(manager.get_captured_local_path(where, extension))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, "utf-8")
    return f"/logs/{'/'.join(where)}/{extension}"
