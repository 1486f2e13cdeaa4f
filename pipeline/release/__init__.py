"""The frozen release: what the report, a notebook or another project reads.

Belongs here: gate, writing, manifest, reading of a release folder. Not here: computing anything. Publishing is in
`pipeline.release.write`; it is not offered here, so that a reader never loads the database.
"""

from pipeline.release.read import ChartFile, Release, open_release
from pipeline.release.trace import trace

__all__ = ["ChartFile", "Release", "open_release", "trace"]
