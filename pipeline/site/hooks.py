"""Hooks of mkdocs: generated pages join those of docs/, and links to files of the project lead to pages of the site.

Belongs here: what mkdocs calls while it builds. Not here: the text of a page.

A link from a page to a file outside docs/ (a test, a rule, the README) works on a forge and would be dead in the site.
So every such file that a page links to is a page `project/<path>`: Markdown as it is, anything else as code.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.site.links import links, unfenced

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

    from pipeline.project import Project

DRAWING = "<!-- drawing -->"
# Read as pages whether or not another page links to them.
_ALWAYS = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "raw_data/README.md")
_LANGUAGES = {".py": "python", ".yml": "yaml", ".yaml": "yaml", ".sql": "sql", ".toml": "toml", ".R": "r", ".po": "po"}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages, and a page for every file of the project that a page links to."""
    from mkdocs.structure.files import File, InclusionLevel

    root = _root(config)
    for uri, text in generated_pages(root).items():
        files.append(File.generated(config, uri, content=text))
    for path in linked_files(root):
        level = InclusionLevel.INCLUDED if path in _ALWAYS else InclusionLevel.NOT_IN_NAV
        content = (root / path).read_text("utf-8") if path.endswith(".md") else _shown(root, path)
        files.append(File.generated(config, site_uri(path), content=content, inclusion=level))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead links to files of the project to their pages, and put the drawing where it belongs."""
    root = _root(config)
    if DRAWING in markdown:
        markdown = markdown.replace(DRAWING, _drawing(root))
    here = page.file.src_uri
    base = posixpath.dirname(here.removeprefix("project/") if here.startswith("project/") else f"docs/{here}")

    def led(target: str) -> str:
        path, mark, anchor = target.partition("#")
        aimed = posixpath.normpath(posixpath.join(base, path))
        if not path or not (root / aimed).exists():
            return target
        return posixpath.relpath(site_uri(_page_of(root, aimed)), posixpath.dirname(here)) + mark + anchor

    return unfenced(markdown, lambda text: links(text, led))


def generated_pages(root: Path) -> dict[str, str]:
    """Page of the site → its text: the logs of the project folder `root`."""
    from pipeline.analysis.design import load_design
    from pipeline.site.logs import caveats_log, data_log, quality_log

    project = _project(root)
    return {
        "data-log.md": data_log(project.registry),
        "caveats.md": caveats_log(project.registry, load_design()),
        "quality.md": quality_log(project.registry, project.contracts, root / "tests"),
    }


def linked_files(root: Path) -> list[str]:
    """Every file outside docs/ that a page leads to, also by way of another Markdown file; as paths from `root`."""
    waiting = [*_ALWAYS, *(file.relative_to(root).as_posix() for file in sorted(root.glob("docs/**/*.md")))]
    seen: list[str] = []
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.append(path)
        if path.endswith(".md"):
            text, base = (root / path).read_text("utf-8"), posixpath.dirname(path)
            aimed = {posixpath.normpath(posixpath.join(base, target.partition("#")[0])) for target in _targets(text)}
            waiting += sorted(
                _page_of(root, one) for one in aimed if not one.startswith("..") and (root / one).exists()
            )
    return sorted(path for path in seen if not path.startswith("docs/"))


def site_uri(path: str) -> str:
    """The page or file of the site that shows `path`, a file of the project."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    return f"project/{path}" if path.endswith(".md") else f"project/{path}.md"


def _root(config: MkDocsConfig) -> Path:
    return Path(config.config_file_path or "mkdocs.yml").resolve().parent


@cache
def _project(root: Path) -> Project:
    """The project folder, opened once a build."""
    from pipeline.project import open_project
    from pipeline.settings import Settings

    return open_project(Settings.resolve(root, env={}))


def _targets(markdown: str) -> Iterator[str]:
    found: list[str] = []
    keep: Callable[[str], str] = lambda target: found.append(target) or target  # noqa: E731
    unfenced(markdown, lambda text: links(text, keep))
    yield from (target for target in found if target.partition("#")[0] and not re.match(r"[a-z]+:", target))


def _page_of(root: Path, path: str) -> str:
    """A folder is shown by its README, or by the list of its files."""
    readme = f"{path}/README.md"
    return readme if (root / path).is_dir() and (root / readme).is_file() else path


def _shown(root: Path, path: str) -> str:
    """A file that is no Markdown, or a folder, as a page that search leaves out."""
    head = f"---\nsearch:\n  exclude: true\n---\n# {path}\n\n"
    file = root / path
    if file.is_dir():
        inside = sorted(one.relative_to(root).as_posix() for one in file.rglob("*.*") if "__pycache__" not in one.parts)
        return head + "\n".join(f"- `{one}`" for one in inside) + "\n"
    text = file.read_text("utf-8")
    fence = "`" * (max((len(run) for run in re.findall(r"`{3,}", text)), default=2) + 1)
    return f"{head}{fence}{_LANGUAGES.get(file.suffix, 'text')}\n{text.rstrip()}\n{fence}\n"


def _drawing(root: Path) -> str:
    from pipeline.charts import CHARTS
    from pipeline.site.dictionary import computed_from
    from pipeline.site.drawing import drawing

    project = _project(root)
    kinds: Counter[str] = Counter(source.kind for source in project.registry.sources.values())
    return drawing(project.contracts, computed_from(), kinds, {name: chart.tables for name, chart in CHARTS.items()})
