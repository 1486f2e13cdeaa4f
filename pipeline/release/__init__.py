"""The frozen release: what the report, a notebook or another project reads.

Belongs here: gate, writing, manifest, reading of a release folder. Not here: computing anything.
"""

from pipeline.release.read import ChartFile, Release, open_release
from pipeline.release.trace import trace
from pipeline.release.write import Published, publish

__all__ = ["ChartFile", "Published", "Release", "open_release", "publish", "trace"]
