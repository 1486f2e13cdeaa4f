"""Result tables → charts: SVG in every language, the data behind them, and their words.

Belongs here: the registry of the charts and drawing them all. Not here: statistics, captions in HTML, files.
Altair and vl-convert are imported when the first chart is drawn, never on import.
"""

from __future__ import annotations

import polars as pl

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
from pipeline.charts.model import Chart, DrawnChart, Tables, Titles
from pipeline.charts.render import chart_spec, render_svg
from pipeline.language import LANGUAGES, speaking

__all__ = ["CHARTS", "TABLES", "Chart", "DrawnChart", "Tables", "Titles", "chart_spec", "draw_all", "render_svg"]

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


def draw_all(tables: Tables) -> dict[str, DrawnChart]:
    """Draw every chart of CHARTS in every language from `tables` (names in TABLES), in the order of CHARTS.

    A drawing is an SVG named by its finding; the data behind it are one CSV for all languages (floats to 10
    significant digits).

    Raises:
        InputError: a table, a column or a whole series that a chart needs is missing, or a message has no translation.
    """
    from concurrent.futures import Future, ThreadPoolExecutor

    titles: dict[tuple[str, str], Titles] = {}
    waiting: dict[tuple[str, str], Future[str]] = {}
    # Vega draws outside the interpreter: while it does, Altair puts the next chart together.
    with ThreadPoolExecutor() as pool:
        for name, chart in CHARTS.items():
            for language in LANGUAGES:
                with speaking(language):
                    words, spec = chart.describe(tables), chart_spec(chart.draw(tables))
                titles[name, language] = words
                waiting[name, language] = pool.submit(
                    render_svg, spec, title=words.finding, description=words.description, language=language
                )
    return {
        name: DrawnChart(
            svg={language: waiting[name, language].result() for language in LANGUAGES},
            csv=_csv(chart.data(tables)),
            titles={language: titles[name, language] for language in LANGUAGES},
        )
        for name, chart in CHARTS.items()
    }


def _csv(frame: pl.DataFrame) -> str:
    import polars.selectors as cs

    return frame.with_columns(cs.float().round_sig_figs(10)).write_csv()
