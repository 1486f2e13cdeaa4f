"""Result tables → charts: SVG in every language, the data behind them, and their words.

Belongs here: the registry of the charts and drawing them all. Not here: statistics, captions in HTML, the files of a
release.
Altair and vl-convert are imported when the first chart is drawn, never on import.
"""

from __future__ import annotations

from pipeline.charts import (
    district_distribution,
    district_gap,
    foreign_share_years,
    headline_claim,
    koenigstein_key,
    organisation_counts,
    permutation,
    protection_seekers,
    specification_curve,
    state_dots,
    state_tiles,
    survey_shares,
)
from pipeline.charts.drawings import remembered
from pipeline.charts.model import Chart, DrawnChart, Tables, Titles
from pipeline.charts.render import render_svg
from pipeline.language import LANGUAGES, speaking

__all__ = ["CHARTS", "TABLES", "Chart", "DrawnChart", "Tables", "Titles", "draw_all", "remembered", "render_svg"]

CHARTS: dict[str, Chart] = {
    chart.name: chart
    for chart in (
        state_tiles.CHART,
        state_dots.CHART,
        foreign_share_years.CHART,
        district_distribution.CHART,
        district_gap.CHART,
        protection_seekers.CHART,
        koenigstein_key.CHART,
        specification_curve.CHART,
        permutation.CHART,
        survey_shares.CHART,
        organisation_counts.CHART,
        headline_claim.CHART,
    )
}
"""Every chart by its name, in the order in which the report tells its story."""

TABLES: tuple[str, ...] = tuple(sorted({name for chart in CHARTS.values() for name in chart.tables}))
"""Full names of all tables that `draw_all` reads."""


def draw_chart(chart: Chart, tables: Tables) -> DrawnChart:
    """Draw one chart in every language: SVG named by its finding, its data once (floats to 10 significant
    digits), words.

    Raises:
        InputError: a table, a column or a whole series that the chart needs is missing, or words of a language are.
    """
    import polars.selectors as cs
    from altair.utils.schemapi import debug_mode

    svg, titles = {}, {}
    for language in LANGUAGES:
        # Altair would hold every part of a chart against the schema of Vega-Lite when it is made; a test does that.
        with speaking(language), debug_mode(False):
            words = titles[language] = chart.describe(tables)
            svg[language] = render_svg(chart.draw(tables), title=words.finding, description=words.description)
    data = chart.data(tables).with_columns(cs.float().round_sig_figs(10))
    return DrawnChart(svg=svg, data=data, titles=titles)


def draw_all(tables: Tables) -> dict[str, DrawnChart]:
    """Draw every chart of CHARTS in every language from `tables` (names in TABLES), in the order of CHARTS.

    Raises:
        InputError: as `draw_chart`, for the first chart that cannot be drawn.
    """
    return {name: draw_chart(chart, tables) for name, chart in CHARTS.items()}
