"""Choose a renderer, let it work in a temporary folder, and put the finished pages in place, all or none.

Belongs here: what is common to both renderers: the choice, the checks before and after, the atomic write. Not here:
how a page is made (builtin.py, quarto.py).
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError
from pipeline.language import SOURCE
from pipeline.settings import Renderer

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rendered:
    """One page: its language, by which renderer ("quarto" or "builtin") in which version, where to.

    `seconds` is what all the pages rendered together took.
    """

    language: str
    renderer: str
    version: str
    output: Path
    seconds: float


def render(
    document: Path, *, release: Path, output: Path, renderer: Renderer = "auto", language: str = SOURCE
) -> Rendered:
    """Render a .qmd document in one language alone; see `render_editions`."""
    return render_editions(document, release=release, outputs={language: output}, renderer=renderer)[0]


def render_editions(
    document: Path, *, release: Path, outputs: Mapping[str, Path], renderer: Renderer = "auto"
) -> list[Rendered]:
    """Render a .qmd document against one frozen release into one self-contained HTML file a language.

    `auto` takes Quarto where it is found (on PATH, or from the quarto-cli package) and the built-in renderer
    elsewhere. The pages are written beside the outputs and moved over them when all of them are complete, so an error
    leaves older pages as they were, and two languages never tell of two releases. The same document, release,
    catalogues and renderer version give the same bytes.

    Args:
        document: the .qmd file, in English; the files it uses lie in its folder.
        release: the folder of a release (it holds manifest.json).
        outputs: the HTML file to write for each language, all in one folder, which is made if needed.
        renderer: which renderer to use.

    Raises:
        InputError: the document leaves the common subset or has a paragraph without a translation, a chunk fails, a
            reference, citation or image does not resolve, the release or the wanted renderer is missing; the old
            pages stay.
    """
    from pipeline.report import builtin, quarto
    from pipeline.report.edition import editions
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
    source = read_source(document)
    require_subset(source)
    wanted = editions(source, outputs)
    binary = quarto.find_quarto() if renderer in {"auto", "quarto"} else None
    if renderer == "quarto" and binary is None:
        raise InputError(
            "Quarto was asked for and is not found",
            remedy="put `quarto` on PATH, install the extra `augenhoehe[quarto]`, or use --renderer builtin",
        )
    home = wanted[0].output.parent
    if home.is_symlink():
        raise InputError(
            "the folder of the page is a link, so a page somewhere else would be replaced",
            file=home,
            remedy="remove the link; AUGENHOEHE_BUILD moves everything generated to another place",
        )
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".report-", dir=home) as name:
        folder = Path(name)
        if binary is not None:
            renderer_name, version = "quarto", quarto.quarto_version(binary)
            LOG.info("rendering %s with Quarto %s", document.name, version)
            pages = [
                quarto.render_page(edition, release=release, folder=folder, binary=binary, version=version)
                for edition in wanted
            ]
        else:
            renderer_name, version = "builtin", builtin.pandoc_version()
            LOG.info("rendering %s with the built-in renderer (pandoc %s)", document.name, version)
            pages = builtin.render_pages(wanted, release=release, folder=folder, version=version)
        texts = {
            edition.output.name: page.read_text(encoding="utf-8") for edition, page in zip(wanted, pages, strict=True)
        }
        for text in texts.values():
            check_page(text, document=document, others=texts)
        for edition, page in zip(wanted, pages, strict=True):
            page.replace(edition.output)
    seconds = time.perf_counter() - started
    return [
        Rendered(
            language=edition.language, renderer=renderer_name, version=version, output=edition.output, seconds=seconds
        )
        for edition in wanted
    ]
