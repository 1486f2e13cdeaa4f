"""Choose a renderer, let it work in a temporary folder, and put the finished page in place in one step.

Belongs here: what is common to both renderers: the choice, the checks before and after, the atomic write. Not here:
how a page is made (builtin.py, quarto.py).
"""

from __future__ import annotations

import logging
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError
from pipeline.settings import Renderer

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rendered:
    """What was rendered: by which renderer ("quarto" or "builtin") in which version, where to, in how many seconds."""

    renderer: str
    version: str
    output: Path
    seconds: float


def render(document: Path, *, release: Path, output: Path, renderer: Renderer = "auto") -> Rendered:
    """Render a .qmd document against one frozen release into one self-contained HTML file.

    `auto` takes Quarto where it is found (on PATH, or from the quarto-cli package) and the built-in renderer
    elsewhere. The page is written beside `output` and moved over it when it is complete, so an error leaves an older
    page as it was. The same document, release and renderer version give the same bytes.

    Args:
        document: the .qmd file; the files it uses lie in its folder.
        release: the folder of a release (it holds manifest.json).
        output: the HTML file to write; its folder is made if needed.
        renderer: which renderer to use.

    Raises:
        InputError: the document leaves the common subset, a chunk fails, a reference, citation or image does not
            resolve, the release or the wanted renderer is missing; the old page stays.
    """
    from pipeline.report import builtin, quarto
    from pipeline.report.page_check import check_page
    from pipeline.report.source import read_source
    from pipeline.report.subset import require_subset

    started = time.perf_counter()
    if not (release / "manifest.json").is_file():
        raise InputError(
            "this is not a release: it holds no manifest.json",
            file=release.name,
            remedy="make one with `mo run`, or name the folder of a release",
        )
    require_subset(read_source(document))
    binary = quarto.find_quarto() if renderer in {"auto", "quarto"} else None
    if renderer == "quarto" and binary is None:
        raise InputError(
            "Quarto was asked for and is not found",
            remedy="put `quarto` on PATH, install the extra `augenhoehe[quarto]`, or use --renderer builtin",
        )
    if output.parent.is_symlink():
        raise InputError(
            "the folder of the page is a link, so a page somewhere else would be replaced",
            file=output.parent,
            remedy="remove the link; AUGENHOEHE_BUILD moves everything generated to another place",
        )
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".report-", dir=output.parent) as folder:
        if binary is not None:
            name, version = "quarto", quarto.quarto_version(binary)
            LOG.info("rendering %s with Quarto %s", document.name, version)
            page = quarto.render_page(document, release=release, folder=Path(folder), binary=binary, version=version)
        else:
            name, version = "builtin", builtin.pandoc_version()
            LOG.info("rendering %s with the built-in renderer (pandoc %s)", document.name, version)
            page = builtin.render_page(document, release=release, folder=Path(folder), version=version)
        check_page(page.read_text(encoding="utf-8"), document=document)
        page.replace(output)
    return Rendered(renderer=name, version=version, output=output, seconds=time.perf_counter() - started)
