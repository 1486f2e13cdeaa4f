"""The site as built: whole, strict, asking nothing of a server; generated pages hold what they are made of."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from reading import REPOSITORY

from pipeline.analysis.design import load_design
from pipeline.analysis.tables import FLAGS
from pipeline.project import open_project
from pipeline.settings import Settings
from pipeline.site.hooks import linked_files, site_uri
from pipeline.site.logs import caveats_log, data_log, quality_log
from pipeline.site.markdown import cell

LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}


@pytest.fixture(scope="module")
def project():
    return open_project(Settings.resolve(REPOSITORY, env={}))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built site; strict, so a dead link or anchor ends the build."""
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    folder = tmp_path_factory.mktemp("site")
    config = load_config(str(REPOSITORY / "mkdocs.yml"), site_dir=str(folder), strict=True)
    config.plugins.on_startup(command="build", dirty=False)
    build(config)
    return folder


class Loads(HTMLParser):
    """What a page loads, what it links to, and its ids."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if "id" in told:
            self.ids.add(told["id"])
        if tag in LOADED and told.get(LOADED[tag]):
            self.loads.append(told[LOADED[tag]])
        if tag == "a" and told.get("href"):
            self.links.append(told["href"])


def test_the_site_loads_nothing_from_elsewhere_and_every_link_and_anchor_is_there(site):
    pages = {page: Loads(page.read_text("utf-8")) for page in site.rglob("*.html") if page.name != "404.html"}
    assert len(pages) > 30
    for page, told in pages.items():
        assert [one for one in told.loads if re.match(r"(https?:)?//", one)] == [], page.name
        for target in (*told.loads, *told.links):
            path, _, anchor = unquote(target).partition("#")
            if re.match(r"[a-z]+:", path):
                continue
            file = (page.parent / path).resolve() if path else page
            assert file.exists(), f"{page.relative_to(site)}: {target}"
            if anchor and file in pages:
                assert anchor in pages[file].ids, f"{page.relative_to(site)}: {target}"


def test_the_drawing_has_a_box_for_every_table_and_a_line_for_every_step(site, project):
    found = re.search(
        r"<svg[^>]*aria-labelledby=\"drawing-title\".*?</svg>", (site / "architecture.html").read_text(), re.S
    )
    assert found
    drawing = ET.fromstring(found[0])  # noqa: S314  (made a moment ago)
    links = [link.get("href") for link in drawing.iter("{http://www.w3.org/2000/svg}a")]
    tables = project.contracts.tables
    assert len(links) == len(set(links)) == len(tables)
    paths = list(drawing.iter("{http://www.w3.org/2000/svg}path"))
    assert len(paths) > len(tables)
    assert len({path.get("d") for path in paths}) == len(paths)


def test_the_data_log_has_every_vintage_with_hash_rows_and_licence(project):
    log = data_log(project.registry)
    for vintage in project.registry.vintages:
        part = log.split(f"\n### {vintage.source}/{vintage.vintage}\n")[1].split("\n### ")[0]
        assert cell(vintage.attribution) in part
        assert cell(vintage.licence.title) in part
        for file in vintage.files:
            assert file.content_sha256 in part
            assert f"{file.rows:,} rows" in part
    assert len(re.findall(r"\| state \| current \|", log)) == len(project.registry.sources)


def test_the_caveats_have_every_flag_margin_doubt_break_and_known_error(project):
    log = caveats_log(project.registry, load_design())
    said = [*FLAGS.values(), *(entry.title for entry in project.registry.corrections)]
    for vintage in project.registry.vintages:
        said += [*vintage.doubts, *(one.text for one in vintage.breaks)]
    said += [e.margin_reason for e in load_design().comparisons if getattr(e, "margin_reason", None)]
    assert [text for text in said if cell(text) not in log] == []


def test_quality_assurance_has_every_rule_total_and_test_file(project):
    log = quality_log(project.registry, project.contracts, REPOSITORY / "tests")
    said = [check.reason for check in project.contracts.checks]
    said += [total.source for one in project.registry.vintages for total in one.expect.control_totals]
    said += [f"tests/{file.parent.name}/{file.name}" for file in (REPOSITORY / "tests").glob("*/test_*.py")]
    assert [text for text in said if cell(text) not in log] == []
    (row,) = re.findall(r"\| tests/docs/test\\_site.py \| (\d+) \|", log)
    assert int(row) == len(re.findall(r"(?m)^def test_", Path(__file__).read_text("utf-8")))


def test_a_linked_file_of_the_project_becomes_a_page(site):
    linked = linked_files(REPOSITORY)
    assert {"README.md", "pipeline/analysis/design.yml", "tests/oracle/README.md", "CITATION.cff"} <= set(linked)
    for path in linked:
        # As everywhere in mkdocs, a README is the index of its folder.
        assert (site / site_uri(path).replace("README.md", "index.md")).with_suffix(".html").is_file(), path
    assert "comparisons" in (site / "project/pipeline/analysis/design.yml.html").read_text("utf-8")


def test_the_search_works_from_disk(site, browser):
    page = browser.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith("file:") else problems.append(request.url))
    page.goto((site / "index.html").as_uri() + "?q=Königstein")
    page.wait_for_selector(".md-search-result__item a", state="attached")
    assert page.locator(".md-search-result__item a[href*='dictionary.html']").count() > 0
    assert problems == []
    page.close()
