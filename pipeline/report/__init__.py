"""The report: one .qmd source, two renderers, one page a language.

Belongs here: reading the source, running its chunks, turning it into one self-contained HTML file, and the small
interface the chunks use to show released rows. Not here: statistics, charts, or any number: those are in the release.
"""

from __future__ import annotations

from pipeline.report.rendering import Rendered, render, render_editions

__all__ = ["Rendered", "render", "render_editions"]
