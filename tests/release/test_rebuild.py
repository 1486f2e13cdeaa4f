"""`mo verify` names what a second build gives otherwise; a number of a page finds its rows."""

import shutil
from dataclasses import replace

import pytest
from small_package import OTHER, RESULT

from pipeline import rebuild
from pipeline.errors import InputError
from pipeline.release import open_release
from pipeline.release.shown import row_of
from pipeline.settings import Settings


@pytest.fixture
def settings(small):
    return replace(Settings.resolve(small, env={}), raw_data=small / "raw_data")


def again(small, page=None):
    """A second build that copies the first, but for a page."""

    def run(folder, way):
        shutil.copytree(small / "build", folder / "build", symlinks=True)
        if page is not None:
            (folder / "build/report/index.html").write_text(page, "utf-8")

    return run


def test_equal_builds_have_no_difference(small, settings, monkeypatch):
    monkeypatch.setattr(rebuild, "_run", again(small))
    assert rebuild.rebuild(settings, rebuild.Way(), print) == []


def test_a_page_that_differs_is_named_with_the_place(small, settings, monkeypatch):
    monkeypatch.setattr(rebuild, "_run", again(small, "<!doctype xml>"))
    (told,) = rebuild.rebuild(settings, rebuild.Way(), print)
    assert told.startswith("index.html: differs from character 10: 'html>")


def test_a_second_build_that_fails_is_a_sentence(settings):
    with pytest.raises(InputError, match="the second build does not end well"):
        rebuild.rebuild(settings, rebuild.Way(), print)


@pytest.mark.parametrize("asked", ["64.4", "64.4 "])
def test_a_number_of_the_page_finds_its_row(small, asked):
    release = open_release(small / "build/release/current")
    assert row_of(release, asked, small / "build/report") == OTHER


@pytest.mark.parametrize("asked", ["−24.4", "-24.4", "−15.6"])
def test_the_bounds_of_an_interval_find_its_row(small, asked):
    page = small / "build/report/index.html"
    span = f'<span data-result="{OTHER}">−20.0 percentage points (−24.4 to −15.6)</span>'
    page.write_text(page.read_text("utf-8") + span, "utf-8")
    assert row_of(open_release(small / "build/release/current"), asked, small / "build/report") == OTHER


@pytest.mark.parametrize("asked", ["10.0 %", "10,0 %", "10.0%", "10.0"])
def test_a_number_of_several_rows_lists_them(small, asked):
    release = open_release(small / "build/release/current")
    with pytest.raises(InputError) as told:
        row_of(release, asked, small / "build/report")
    assert RESULT in str(told.value)
    assert OTHER in str(told.value)


def test_an_id_is_itself_and_what_is_nothing_is_told(small):
    release = open_release(small / "build/release/current")
    assert row_of(release, OTHER, small / "build/report") == OTHER
    with pytest.raises(InputError, match="no row"):
        row_of(release, "99.9 %", small / "build/report")
