"""One small project and its package for all tests of packages."""

from pathlib import Path

import pytest
from small_package import build, small_project


@pytest.fixture(scope="session")
def small(tmp_path_factory) -> Path:
    """A project folder with release and pages; whoever changes something works on a copy."""
    return small_project(tmp_path_factory.mktemp("small project"))


@pytest.fixture(scope="session")
def packed(small, tmp_path_factory) -> Path:
    """The package of it, to be looked at alone."""
    return build(small, tmp_path_factory.mktemp("packed") / "package")
