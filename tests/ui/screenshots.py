"""The pictures of docs/images, taken anew: `make screenshots`, some minutes.

Everything is materialised in a temporary folder, a figure is mistyped, and everything is asked for again; the report is
the one of the first run. What a picture shows is an entry of UI_PAGES or REPORT_LOOKS. The page of a failed run is not
among them: it shows a stack with the paths of this machine.

Belongs here: which pages are taken, how large and how cut. Not here: starting the UI (served.py).
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tests.chromium import FLAGS, NAMES
from tests.ui.served import BROKEN_RULE, REPOSITORY, Served, mistype_a_figure, project_with_ui, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

IMAGES = REPOSITORY / "docs/images"
MOST_BYTES = 300_000
PATIENCE = 120_000  # milliseconds


@dataclass(frozen=True)
class UiPage:
    """A page of the UI.

    Attributes:
        name: of the picture.
        path: of the page.
        shows: text that is there once the page is drawn; the picture begins above it, unless that is the top.
        height: of the window, in pixels.
        from_top: whether the picture is of the top of the page, whatever `shows` names.
        after_fault: whether it is taken after a figure was mistyped.
    """

    name: str
    path: str
    shows: str
    height: int = 900
    from_top: bool = True
    after_fault: bool = False


UI_PAGES = (
    UiPage("asset-chart", "/assets/charts/drawn", "state_tiles", from_top=False),
    UiPage("asset-table", "/assets/marts/share", "Column name"),
    UiPage("asset-preview", "/assets/raw/population_states", "Show schema", from_top=False),
    UiPage("asset-report", "/assets/report/index", "Download the page"),
    UiPage("checks", "/assets/core/observation?view=checks&checkDetail=districts_within_state", "offending_rows", 800),
    UiPage(
        "check-failed",
        f"/assets/core/observation?view=checks&checkDetail={BROKEN_RULE}",
        "parts_lower_persons",
        800,
        after_fault=True,
    ),
)


@dataclass(frozen=True)
class Look:
    """A way to look at a page of the report: at `width` × `height`, in a colour scheme, on screen or on paper."""

    name: str
    width: int = 1280
    height: int = 860
    scheme: Literal["light", "dark"] = "light"
    media: Literal["screen", "print"] = "screen"


REPORT_LOOKS = (
    Look(""),
    Look("dark", scheme="dark"),
    Look("narrow", width=390, height=844),
    Look("print", width=794, height=1123, media="print"),  # A4
)
# Pages of build/report with the looks they are pictured in; all others of their kind look like them.
REPORT_PAGES = {
    "report": ("index.html", REPORT_LOOKS),
    "report-de": ("index.de.html", REPORT_LOOKS[:1]),
    "sheet": ("states/sachsen.de.html", REPORT_LOOKS[3:]),
    "summary": ("summary.html", REPORT_LOOKS[3:]),
}


def take_all(browser: Browser, folder: Path, images: Path) -> list[Path]:
    """Run the story in `folder`, an empty one, and put the pictures into `images`."""
    with served(project_with_ui(folder)) as ui:
        first = ui.launch("everything")
        assert first.status == "SUCCESS", first.failures
        taken = [_graph(browser, ui, images)]
        taken += [_ui(browser, ui, images, page) for page in UI_PAGES if not page.after_fault]
        mistype_a_figure(folder)
        ui.reload()
        ui.launch("everything")
        taken += [_ui(browser, ui, images, page) for page in UI_PAGES if page.after_fault]
    return taken + report_pictures(browser, folder / "build/report", images)


def report_pictures(browser: Browser, report: Path, images: Path) -> list[Path]:
    """Every page of REPORT_PAGES in its looks."""
    taken = []
    for name, (page, looks) in REPORT_PAGES.items():
        for look in looks:
            tab = browser.new_page(viewport={"width": look.width, "height": look.height}, color_scheme=look.scheme)
            tab.emulate_media(media=look.media)
            tab.goto((report / page).as_uri())
            if look.media == "print":
                tab.add_style_tag(content="html {padding: 15mm 17mm}")  # the margin of the paper, which no window has
            taken.append(_picture(tab, images / f"{'-'.join(filter(None, (name, look.name)))}.png"))
    return taken


def _ui(browser: Browser, ui: Served, images: Path, page: UiPage) -> Path:
    tab = _without_navigation(browser, ui, width=1400, height=page.height)
    tab.goto(ui.address + page.path)
    there = tab.get_by_text(page.shows).first
    there.wait_for()
    tab.wait_for_load_state("networkidle")
    if not page.from_top:
        there.evaluate("one => one.scrollIntoView({block: 'start'})")
        tab.wait_for_function("[...document.images].every(one => one.complete)")
    return _picture(tab, images / f"{page.name}.png")


def _graph(browser: Browser, ui: Served, images: Path) -> Path:
    """The layers, and nothing around them; twice as sharp, since the UI draws them small."""
    tab = _without_navigation(browser, ui, width=1400, height=1000, sharpness=2)
    tab.wait_for_load_state("networkidle")
    boxes = [box for one in tab.locator("foreignObject.group > div").all() if (box := one.bounding_box())]
    left, top = min(box["x"] for box in boxes), min(box["y"] for box in boxes)
    right, bottom = (max(box[at] + box[size] for box in boxes) for at, size in (("x", "width"), ("y", "height")))
    margin = 20
    tab.screenshot(
        path=images / "asset-graph.png",
        clip={
            "x": left - margin,
            "y": top - margin,
            "width": right - left + 2 * margin,
            "height": bottom - top + 2 * margin,
        },
    )
    return _small(tab, images / "asset-graph.png")


def _without_navigation(browser: Browser, ui: Served, *, width: int, height: int, sharpness: int = 1) -> Page:
    """The graph of assets in a tab of its own, the navigation folded: the UI remembers that for the next pages."""
    tab = browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=sharpness)
    tab.set_default_timeout(PATIENCE)
    tab.goto(f"{ui.address}/asset-groups/")
    tab.get_by_text("Hide navigation").click()
    tab.locator("foreignObject.group").first.wait_for()
    return tab


def _picture(tab: Page, file: Path) -> Path:
    tab.screenshot(path=file, animations="disabled")
    return _small(tab, file)


def _small(tab: Page, file: Path) -> Path:
    """Close the tab; a picture that is too large for the repository ends the command."""
    tab.close()
    size = file.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"{file.name} has {size:,} bytes, more than {MOST_BYTES:,}: take a smaller part of the page")
    return file


if __name__ == "__main__":
    from playwright.sync_api import sync_playwright

    binary = next(filter(None, map(shutil.which, NAMES)), None)
    if binary is None:
        sys.exit("no Chromium on PATH: the pictures are taken with the one of the machine")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=binary, args=list(FLAGS))
        for picture in take_all(started, Path(folder), IMAGES):
            print(picture.relative_to(REPOSITORY))
        started.close()
