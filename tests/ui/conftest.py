"""A browser to look at the Dagster UI with."""

import os
import shutil

import pytest

from tests.ui.served import BROWSERS, FLAGS


@pytest.fixture(scope="session")
def browser():
    binary = next(filter(None, map(shutil.which, BROWSERS)), None)
    if binary is None:
        reason = "no Chromium on PATH: the Dagster UI was not looked at in a browser"
        if os.environ.get("AUGENHOEHE_REQUIRE_CHROMIUM") == "1":
            pytest.fail(f"{reason}, and AUGENHOEHE_REQUIRE_CHROMIUM=1 asks for it")
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=binary, args=list(FLAGS))
        yield started
        started.close()
