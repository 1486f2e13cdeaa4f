"""The built-in renderer: chunks by IPython in this process, the page by pandoc, no Quarto needed.

Belongs here: how outputs become Markdown, and how pandoc is called. Not here: reading the source (source.py), running
it (chunks.py), numbering and callouts (page.lua, which pandoc runs before the citations).

It reads the same _quarto.yml as Quarto, so both renderers share one set of settings.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

from pipeline.errors import InputError
from pipeline.language import speaking, t
from pipeline.report.chunks import Output, run_chunks
from pipeline.report.edition import Edition
from pipeline.report.markup import escape_markdown
from pipeline.report.source import Chunk, Prose, Source

PANDOC_SECONDS = 120
# The page is a megabyte of markup: with room enough pandoc clears up its memory less often, a quarter of its time.
PANDOC_MEMORY = ("+RTS", "-A128m", "-RTS")
# No clock and no locale may reach the page.
FIXED_ENVIRONMENT = {"SOURCE_DATE_EPOCH": "0", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "TZ": "UTC"}
# The page needs no script and fetches nothing; the policy holds it to that.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline' data:; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)
# The settings that are words on the page or files for the citations; all others are options of a renderer.
METADATA = (
    "title",
    "subtitle",
    "description",
    "author",
    "lang",
    "toc-title",
    "skip-title",
    "languages-title",
    "editions",
    "numbered",
    "callouts",
    "bibliography",
    "csl",
    "link-citations",
    "nocite",
)
LOG = logging.getLogger(__name__)


def pandoc_version() -> str:
    """The version of the pandoc that comes with the pypandoc_binary package."""
    import pypandoc

    return str(pypandoc.get_pandoc_version())


def render_pages(editions: Sequence[Edition], *, release: Path, folder: Path, version: str) -> list[Path]:
    """Render the editions into `folder` and return their HTML files; see `pipeline.report.render_editions`.

    The chunks run edition after edition, and pandoc makes each page beside what follows.
    """
    runs = []
    for edition in editions:
        with speaking(edition.language):
            renderer = t("the built-in renderer (pandoc {version})", version=version)
        environment = {
            "AUGENHOEHE_RELEASE": str(release.resolve()),
            "AUGENHOEHE_LANGUAGE": edition.language,
            "AUGENHOEHE_RENDERER": renderer,
            "SOURCE_DATE_EPOCH": "0",
        }
        runs.append((edition.source, environment))

    def page(edition: Edition, outputs: list[list[Output]]) -> Path:
        settings = {**read_settings(edition.source), **edition.words}
        markdown = assemble(edition.source, outputs, echo=bool(settings.get("execute", {}).get("echo", True)))
        own = folder / edition.language
        own.mkdir()
        return to_html(markdown, settings, document=edition.source.path, folder=own)

    with ThreadPoolExecutor() as pool:
        # Submitted one by one: pandoc makes the first page while the chunks of the second run.
        pages = [pool.submit(page, *made) for made in zip(editions, run_chunks(runs), strict=True)]
        return [made.result() for made in pages]


def read_settings(source: Source) -> dict[str, Any]:
    """The document's settings: _quarto.yml beside it, its `format: html:` part, then the front matter, last one wins.

    Raises:
        InputError: _quarto.yml is not valid YAML or not a mapping.
    """
    file = source.path.parent / "_quarto.yml"
    project: dict[str, Any] = {}
    if file.is_file():
        try:
            project = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise InputError(f"not valid YAML: {error}", file=file.name, remedy="mend the file") from None
        if not isinstance(project, dict):
            raise InputError("not a mapping", file=file.name, remedy="write key: value lines")
    html = (project.get("format") or {}).get("html") or {}
    top = {key: value for key, value in project.items() if key not in {"format", "project"}}
    return {**top, **html, **source.front_matter}


def assemble(source: Source, outputs: list[list[Output]], *, echo: bool = True) -> str:
    """The document as Markdown for pandoc: chunks replaced by their outputs, inline expressions by their values."""
    parts = []
    for block, block_outputs in zip(source.blocks, outputs, strict=True):
        if isinstance(block, Prose):
            parts.append(_fill(block, block_outputs))
        else:
            parts.append(_show(block, block_outputs, echo=echo, path=source.path))
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"


def _fill(prose: Prose, outputs: list[Output]) -> str:
    text, end = [], 0
    for inline, output in zip(prose.inlines, outputs, strict=True):
        data = output["data"]
        value = data["text/markdown"] if "text/markdown" in data else escape_markdown(data["text/plain"])
        text += [prose.text[end : inline.start], value]
        end = inline.end
    return "".join([*text, prose.text[end:]])


def _show(chunk: Chunk, outputs: list[Output], *, echo: bool, path: Path) -> str:
    if chunk.options.get("include", True) is False:
        return ""
    shown = []
    if chunk.options.get("echo", echo):
        shown.append(_fenced(chunk.code, "{.python .cell-code}"))
    mode = chunk.options.get("output", True)
    if mode is not False:
        shown += [text for output in outputs if (text := _output(output, chunk, asis=mode == "asis", path=path))]
    kind = next((kind for kind in ("fig", "tbl") if (chunk.label or "").startswith(f"{kind}-")), None)
    if kind is not None:
        shown = [f"::: {{#{chunk.label}}}", *shown, str(chunk.options[f"{kind}-cap"]), ":::"]
    return "\n\n".join(shown)


def _output(output: Output, chunk: Chunk, *, asis: bool, path: Path) -> str:
    """One notebook output as Markdown."""
    if output["output_type"] == "stream":
        if output["name"] == "stderr":
            LOG.warning("%s, line %d: the chunk wrote: %s", path.name, chunk.line, output["text"].strip())
            return ""
        return output["text"] if asis else _fenced(output["text"].rstrip("\n"), "{.cell-output}")
    data: Mapping[str, Any] = output["data"]
    if "text/markdown" in data:
        return data["text/markdown"]
    for kind in ("text/html", "image/svg+xml"):
        if kind in data:
            return _fenced(data[kind], "{=html}")
    return _fenced(data.get("text/plain", ""), "{.cell-output}")


def _fenced(text: str, info: str) -> str:
    ticks = "```"
    while ticks in text:
        ticks += "`"
    return f"{ticks}{info}\n{text}\n{ticks}"


def to_html(markdown: str, settings: Mapping[str, Any], *, document: Path, folder: Path) -> Path:
    """Turn assembled Markdown into one self-contained HTML file in `folder`; files are found beside `document`.

    Raises:
        InputError: pandoc failed or warned: an unresolved reference, an unknown citation, a missing file.
    """
    import pypandoc

    home = document.parent.resolve()
    metadata = folder / "metadata.json"
    shown = {key: settings[key] for key in METADATA if key in settings}
    metadata.write_text(json.dumps(shown, ensure_ascii=False, sort_keys=True), encoding="utf-8")
    output = folder / "page.html"
    command = [
        pypandoc.get_pandoc_path(),
        *PANDOC_MEMORY,
        "--from=markdown",
        "--to=html5",
        "--standalone",
        "--embed-resources",
        "--mathml",
        "--wrap=none",
        "--fail-if-warnings",
        f"--resource-path={home}",
        f"--metadata-file={metadata}",
        # A variable and no metadata: metadata are Markdown and would get typographic quotation marks.
        f"--variable=content-security-policy:{POLICY}",
        f"--lua-filter={Path(__file__).with_name('page.lua')}",
        f"--lua-filter={Path(__file__).with_name('switch.lua')}",
        "--citeproc",
        f"--lua-filter={Path(__file__).with_name('references.lua')}",
        f"--output={output}",
    ]
    if settings.get("toc"):
        command += ["--toc", f"--toc-depth={settings.get('toc-depth', 3)}"]
    if settings.get("number-sections"):
        command.append("--number-sections")
    if template := settings.get("template"):
        command.append(f"--template={home / template}")
    for css in _listed(settings.get("css")):
        command.append(f"--css={home / css}")
    try:
        done = subprocess.run(  # noqa: S603
            command,
            input=markdown.encode(),
            cwd=home,
            env={**os.environ, **FIXED_ENVIRONMENT},
            capture_output=True,
            timeout=PANDOC_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InputError(
            f"pandoc took more than {PANDOC_SECONDS} s",
            file=document.name,
            remedy="look for a very large chunk output",
        ) from None
    if done.returncode != 0 or not output.is_file():
        words = done.stderr.decode("utf-8", "replace").replace(f"{home}/", "").replace(f"{folder}/", "").strip()
        raise InputError(
            f"pandoc did not make the page: {words}",
            file=document.name,
            remedy="mend the reference, citation, image or markup it names",
        )
    return output


def _listed(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)
