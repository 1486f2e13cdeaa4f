"""What stands on the sheet of one state: its figures, its districts, its doubts, each number with the id of its row.

Belongs here: choosing the rows of one state, and the words that sign and range call for. Not here: the page around it
and writing it (sheets.py), the drawings (pipeline.charts.state_sheet), any number that is not in a row.

A part whose rows the release does not hold says so instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.charts import state_sheet
from pipeline.language import format_date, listing, mark, spoken, t
from pipeline.report.markup import Html, compose, data_text, escape, join

if TYPE_CHECKING:
    from pipeline.report.page import Page

Row = dict[str, Any]

GROUPS = {"east": mark("East without Berlin"), "west": mark("West"), "germany": mark("Germany")}
PARTS = {
    "east": mark("A state in the East of Germany"),
    "west": mark("A state in the West of Germany"),
    "berlin": mark("Once in East and West; counted with neither here"),
}
FOREIGN, BACKGROUND, HISTORY = "foreign_nationality", "migration_background_wider", "immigration_history"
SEEKERS, KEY = "protection_seekers", "koenigstein_key"
SURVEYS = ("private_households", "main_residence")
COUNTED_IN = {
    "population_register": mark("population updated from the census"),
    "central_register_of_foreigners": mark("central register of foreigners"),
    "private_households": mark("Mikrozensus, private households"),
    "main_residence": mark("Mikrozensus"),
    "zensus": mark("Zensus"),
}
STATUS = {
    "secondary": mark("quoted from a secondary source"),
    "inferred": mark("partly inferred"),
    "derived": mark("summed here"),
    "first_results": mark("first results, not final"),
}
NETWORKS = {"samofa_partner": mark("samo.fa"), "bv_nemo_member_may_2019": mark("BV NeMO, May 2019")}
# The band of sampling that is shown: the middle one of the design effects that are computed.
DESIGN_EFFECT = 2.0


@dataclass(frozen=True)
class Country:
    """What the sheets of all states have in common: the page that writes their numbers, and the rows of all."""

    page: Page

    @cached_property
    def tables(self) -> dict[str, pl.DataFrame]:
        """The tables the drawings read."""
        return {name: self.page.rows(name) for name in state_sheet.TABLES}

    @cached_property
    def districts(self) -> pl.DataFrame:
        """Every district of Germany, see `pipeline.charts.state_sheet.districts`."""
        return state_sheet.districts(self.tables)

    @cached_property
    def compared(self) -> pl.DataFrame:
        """The rows of marts.region_share of states in series that were compared, newest first."""
        series = self.page.rows("analysis.east_west", level="state").select("series_id", "concept").unique()
        rows = self.page.rows("marts.region_share", level="state")
        return rows.join(series, on=["series_id", "concept"], how="semi").sort("year", "series_id", descending=True)


@dataclass(frozen=True)
class Sheet:
    """The state a sheet is of; the same in every language, so that its rows are looked up once."""

    country: Country
    region_id: str
    name: str
    part: str

    @property
    def page(self) -> Page:
        """The page that writes the numbers."""
        return self.country.page

    @property
    def districts(self) -> pl.DataFrame:
        """Every district of Germany."""
        return self.country.districts

    def shares(self, concept: str) -> list[Row]:
        """The rows of marts.region_share of this state and concept in series that were compared, newest first."""
        return self._shares.get(concept, [])

    @cached_property
    def _shares(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self.country.compared.filter(region_id=self.region_id).iter_rows(named=True):
            found.setdefault(row["concept"], []).append(row)
        return found

    @cached_property
    def years(self) -> pl.DataFrame:
        """The years of this state, see `pipeline.charts.state_sheet.years`."""
        return state_sheet.years(self.country.tables, self.region_id)

    def highest(self, frame: pl.DataFrame) -> float:
        """The highest share [percent] any state has in the series of `frame`."""
        rows = self.page.rows("marts.region_share").join(frame.select("series_id").unique(), on="series_id", how="semi")
        return float(rows.select(pl.col("share_percent").max()).item())

    @cached_property
    def count(self) -> Row | None:
        """The newest row of marts.state_protection_seekers of this state."""
        rows = self.page.rows("marts.state_protection_seekers", region_id=self.region_id).sort("year", descending=True)
        return rows.row(0, named=True) if rows.height else None

    @cached_property
    def deviation(self) -> dict[str, Row]:
        """The newest rows of analysis.key_deviation by quantity; of East and West as `east` and `west`."""
        rows = self.page.rows("analysis.key_deviation")
        rows = rows.filter(pl.col("year") == pl.col("year").max())
        own = {row["quantity"]: row for row in rows.filter(region_id=self.region_id).iter_rows(named=True)}
        groups = rows.filter(pl.col("berlin") == "excluded", pl.col("quantity") == "deviation")
        return own | {row["estimand"]: row for row in groups.iter_rows(named=True)}

    @cached_property
    def seekers_per_foreigner(self) -> dict[str, Row]:
        """The newest pooled rows of analysis.refugee_ratio per 100 foreign nationals: state, east, west, germany."""
        rows = self.page.rows("analysis.refugee_ratio", denominator_concept=FOREIGN, estimand="pooled")
        rows = rows.filter(pl.col("quantity").is_in(["state", *GROUPS]), pl.col("estimate").is_not_null())
        rows = rows.filter(pl.col("year") == pl.col("year").max())
        wanted = (pl.col("region_id") == self.region_id) | (pl.col("berlin") == "excluded")
        wanted |= pl.col("quantity") == "germany"
        return {row["quantity"]: row for row in rows.filter(wanted).iter_rows(named=True)}

    @cached_property
    def vintages(self) -> pl.DataFrame:
        """source_id and vintage_id of what the sheet shows; where a result names its source alone, the current one."""
        shown = [row for concept in (BACKGROUND, HISTORY) for row in self.shares(concept)[:1]]
        shown += [self.count] if self.count is not None else []
        used = [{"source_id": row["source_id"], "vintage_id": row["vintage_id"]} for row in shown]
        current = dict(self.page.rows("core.source").select("source_id", "current_vintage_id").iter_rows())
        alone = {self.deviation[name]["key_source_id"] for name in ("key",) if name in self.deviation}
        alone |= set(self.years["source_id"].unique().to_list()) | set(self.districts["source_id"].unique().to_list())
        if self.page.rows("marts.network_state", state_id=self.region_id).height:
            alone |= set(self.page.rows("core.source", kind="network_city")["source_id"].to_list())
        used += [{"source_id": one, "vintage_id": current[one]} for one in sorted(alone) if one in current]
        return pl.DataFrame(used, schema={"source_id": pl.String, "vintage_id": pl.String}).unique()


def intro(sheet: Sheet) -> Html:
    """The line under the name: part of the country and how many districts."""
    said = [compose(PARTS[sheet.part])]
    own = sheet.districts.filter(state_id=sheet.region_id)
    if own.height == 1:
        said.append(compose("a city state: state and district are one"))
    elif own.height:
        number = sheet.page.number(own["share_id"][0], "regions_in_state", 0, "number")
        said.append(compose("{number} districts", number=number))
    return Html(f"{join(said, ', ').markup}.")


def cards(sheet: Sheet) -> Html:
    """The four key figures, each with East, West and Germany beside it as bars of one scale."""
    made = [
        _share_card(sheet, FOREIGN),
        _share_card(sheet, BACKGROUND),
        _share_card(sheet, HISTORY),
        _seekers_card(sheet),
    ]
    return Html(f'<div class="cards">\n{join(made, chr(10)).markup}\n</div>', block=True)


def _share_card(sheet: Sheet, concept: str) -> Html:
    title, rows = _concept(sheet.page, concept), sheet.shares(concept)
    if concept == FOREIGN and (years := sheet.years.filter(who="state")).height:
        rows = [row for row in rows if row["share_id"] == years["row_id"][-1]]
    if not rows:
        return _empty_card(title)
    row, page = rows[0], sheet.page
    groups = page.rows("analysis.east_west", series_id=row["series_id"], estimand="pooled", method="share")
    groups = groups.filter(pl.col("berlin") == "excluded", pl.col("estimate").is_not_null())
    ids = dict(groups.select("quantity", "result_id").rows())
    bars = [(sheet.name, row["share_id"], "share_percent", "own")]
    bars += [(t(words), ids[who], "estimate", who) for who, words in GROUPS.items() if who in ids]
    lines = [_dated(row)]
    if row["rank_first"] is not None:
        lines.append(_place(page, row))
    if (band := _band(page, row)) is not None:
        lines.append(band)
    if concept == HISTORY:
        lines.append(compose("too low: the census misses many descendants"))
    return _card(page, title, page.number(row["share_id"], "share_percent"), lines, bars, "percent")


def _seekers_card(sheet: Sheet) -> Html:
    title, row, page = _concept(sheet.page, SEEKERS), sheet.count, sheet.page
    if row is None:
        return _empty_card(title)
    ratio = sheet.seekers_per_foreigner
    bars = [(sheet.name, ratio["state"]["result_id"], "estimate", "own")] if "state" in ratio else []
    bars += [(t(words), ratio[who]["result_id"], "estimate", who) for who, words in GROUPS.items() if who in ratio]
    lines = [
        compose("{date}, central register of foreigners", date=format_date(row["reference_date"])),
        compose("too low: summed from rounded cells, small ones missing"),
    ]
    if bars:
        lines.append(compose("Bars: for every 100 foreign nationals"))
    return _card(page, title, page.number(row["count_id"], "persons", 0, "persons"), lines, bars, "number")


def _card(
    page: Page, title: Html, number: Html, lines: Sequence[Html], bars: Sequence[tuple[str, str, str, str]], unit: str
) -> Html:
    top = max((page.value(row_id, column) for _, row_id, column, _ in bars), default=1.0) or 1.0
    items = "\n".join(
        f'<li class="{who}"><span class="who">{escape(name)}</span> '
        f'<span class="bar" style="--part:{page.value(row_id, column) / top:.3f}"></span> '
        f"{page.number(row_id, column, unit=unit).markup}</li>"
        for name, row_id, column, who in bars
    )
    notes = "".join(f"<p>{line.markup}</p>" for line in lines)
    return Html(
        f'<section class="card">\n<h2>{title.markup}</h2>\n<p class="big">{number.markup}</p>\n'
        f'<div class="notes">{notes}</div>\n' + (f'<ul class="bars">\n{items}\n</ul>\n' if items else "") + "</section>"
    )


def _empty_card(title: Html) -> Html:
    nothing = compose("This release has no figure for this state.")
    return Html(f'<section class="card">\n<h2>{title.markup}</h2>\n<p class="none">{nothing.markup}</p>\n</section>')


def _concept(page: Page, concept: str) -> Html:
    rows = page.rows("core.concept", concept=concept)
    return Html(escape(rows[f"label_{spoken()}"][0] if rows.height else concept.replace("_", " ")))


def _dated(row: Row) -> Html:
    """When and where was counted, and what is not sure about it."""
    survey = row["universe"] in SURVEYS
    said = [str(row["year"]) if survey else format_date(row["reference_date"])]
    said.append(t(COUNTED_IN[row["universe"]]) if row["universe"] in COUNTED_IN else row["universe"].replace("_", " "))
    said += [t(STATUS[state]) for state in (row["release_state"], row["status"]) if state in STATUS]
    return Html(escape(", ".join(said)))


def _place(page: Page, row: Row) -> Html:
    regions = page.number(row["share_id"], "regions", 0, "number")
    if row["rank_first"] == row["rank_last"]:
        place = page.number(row["share_id"], "rank_first", 0, "number")
    else:
        place = page.span(row["share_id"], "rank_first", "rank_last")
    return compose("Place {place} of {regions} (1 = largest share)", place=place, regions=regions)


def _band(page: Page, row: Row) -> Html | None:
    """The band of sampling of a survey's share, where it was computed."""
    bands = page.rows("analysis.sampling_band", series_id=row["series_id"], region_id=row["region_id"])
    bands = bands.filter(pl.col("quantity") == "share", pl.col("design_effect") == DESIGN_EFFECT)
    if bands.is_empty():
        return None
    span = page.span(bands["result_id"][0], "lower", "upper", digits=1, unit="percent")
    return compose("95 % interval {span} (design effect 2 assumed)", span=span)


def course(sheet: Sheet) -> Html:
    """The years: a finding that never crosses a break, the drawing, its figures as a folded table."""
    frame, page = sheet.years, sheet.page
    if frame.filter(who="state").height < 2:
        return _part("years", compose("Over the years"), compose("This release has no years to compare."))
    own = frame.filter(who="state").filter(pl.col("segment") == pl.col("segment").max())
    first, last = own.row(0, named=True), own.row(-1, named=True)
    ends = {
        "before": page.number(first["row_id"], first["row_column"]),
        "after": page.number(last["row_id"], last["row_column"]),
        "first": first["year"],
        "last": last["year"],
    }
    if last["share_percent"] > first["share_percent"]:
        heading = compose("From {first} to {last} the share of foreign nationals rose from {before} to {after}", **ends)
    elif last["share_percent"] < first["share_percent"]:
        heading = compose("From {first} to {last} the share of foreign nationals fell from {before} to {after}", **ends)
    else:
        heading = compose("In {last} the share of foreign nationals is that of {first}: {after}", **ends)
    gaps = [
        compose(
            "The grey band between {before} and {after} is a break in the series: no difference is taken across it.",
            before=before,
            after=after,
        )
        for before, after in state_sheet.breaks(frame)
    ]
    shown = compose(
        "Foreign nationals in percent of the population, 31 December {first} to {last}",
        first=frame["year"].min(),
        last=frame["year"].max(),
    )
    body = join(
        [
            Html(f'<p class="shown">{shown.markup}</p>'),
            _drawing(state_sheet.draw_years(frame, sheet.name, sheet.highest(frame)), "years"),
            Html(f'<p class="note">{join(gaps).markup}</p>') if gaps else Html(""),
            _years_table(page, frame, sheet.name),
        ],
        "\n",
    )
    return _part("years", heading, body)


def _drawing(svg: str, kind: str) -> Html:
    label = escape(t("Drawing; scrolls sideways on narrow screens"))
    return Html(f'<div class="drawing {kind}" role="group" aria-label="{label}" tabindex="0">\n{svg}</div>')


def _years_table(page: Page, frame: pl.DataFrame, name: str) -> Html:
    names = {"state": name} | {who: t(words) for who, words in GROUPS.items()}
    drawn = [who for who in names if frame.filter(who=who).height]
    head = "".join(f'<th scope="col">{escape(names[who])}</th>' for who in drawn)
    cells = {(row["year"], row["who"]): row for row in frame.iter_rows(named=True)}
    lines = []
    for year in sorted(frame["year"].unique().to_list()):
        found = [cells.get((year, who)) for who in drawn]
        shown = "".join(
            f"<td>{page.number(row['row_id'], row['row_column']).markup if row else ''}</td>" for row in found
        )
        lines.append(f'<tr><th scope="row">{year}</th>{shown}</tr>')
    return Html(
        f"<details><summary>{escape(t('Figures of this drawing'))}</summary>\n"
        f'<div class="scroll" role="group" aria-label="{escape(t("Figures of this drawing"))}" tabindex="0">'
        f'<table><thead><tr><th scope="col">{escape(t("Year"))}</th>{head}</tr></thead>\n'
        f"<tbody>{''.join(lines)}</tbody></table></div></details>"
    )


def key(sheet: Sheet) -> Html:
    """Persons seeking protection against the Königstein key: less, more or as many, by the range over five keys."""
    rows, page = sheet.deviation, sheet.page
    if not {"share", "key", "deviation"} <= rows.keys():
        heading = compose("Protection seekers and the Königstein key")
        return _part("key", heading, compose("This release does not compare this state with the key."))
    deviation = rows["deviation"]
    ends = [deviation[name] if deviation[name] is not None else deviation["estimate"] for name in ("lower", "upper")]
    if max(ends) < 0:
        heading = compose("Fewer protection seekers than the Königstein key would give")
    elif min(ends) > 0:
        heading = compose("More protection seekers than the Königstein key would give")
    else:
        heading = compose("About as many protection seekers as the Königstein key would give")
    top = max(page.value(rows[name]["result_id"]) for name in ("share", "key"))
    bars = "\n".join(
        f'<li class="{css}"><span class="who">{escape(words)}</span> '
        f'<span class="bar" style="--part:{page.value(rows[name]["result_id"]) / top:.3f}"></span> '
        f"{page.number(rows[name]['result_id'], digits=2).markup}</li>"
        for name, words, css in (
            ("share", t("Share of all in Germany, end of {year}", year=deviation["year"]), "own"),
            ("key", t("Königstein key {year}", year=deviation["key_year"]), "germany"),
        )
    )
    said = [
        compose(
            "Deviation: {deviation}.",
            deviation=page.number(deviation["result_id"], unit="percentage points", digits=2, interval=True),
        )
    ]
    if {"east", "west"} <= rows.keys():
        said.append(
            compose(
                "The five states of the East together: {east}; the ten of the West: {west}.",
                east=page.number(rows["east"]["result_id"], unit="percentage points", digits=2),
                west=page.number(rows["west"]["result_id"], unit="percentage points", digits=2),
            )
        )
    said.append(compose("In brackets the range over the keys of five years."))
    said.append(compose("The key is for arrivals: a deviation is no breach."))
    count = sheet.count
    if count is not None and count["districts_with_row"] < count["districts"]:
        said.append(
            compose(
                "With figures of their own: {known} of {districts} districts; one authority counts for several.",
                districts=page.number(count["count_id"], "districts", 0, "number"),
                known=page.number(count["count_id"], "districts_with_row", 0, "number"),
            )
        )
    return _part("key", heading, Html(f'<ul class="bars wide">\n{bars}\n</ul>\n<p>{join(said).markup}</p>'))


def network(sheet: Sheet) -> Html:
    """The cities of samo.fa and of BV NeMO in the state, or that none is known."""
    heading = compose("Networks of migrant organisations here")
    rows = sheet.page.rows("marts.network_state").filter(pl.col("state_id") == sheet.region_id).sort("city")
    said = []
    for column, words in NETWORKS.items():
        cities = [_city(name) for name in rows.filter(pl.col(column))["city"].to_list()]
        if cities:
            said.append(compose("{network}: {cities}.", network=_label(t(words)), cities=listing(cities)))
    partners = rows.drop_nulls("partner_named").select("city", "partner_named").rows()
    if partners:
        named = [compose("{partner} ({city})", partner=data_text(who), city=_city(city)) for city, who in partners]
        said.append(compose("Organisations named there: {partners}.", partners=join(named, "; ")))
    if not said:
        said.append(compose("No city of this state is known to us in either network."))
    said.append(compose("The list is incomplete: that none is known does not mean that there is none."))
    return _part("network", heading, Html(f"<p>{join(said).markup}</p>"))


def _label(text: str) -> Html:
    return Html(f"<b>{escape(text)}</b>")


def _city(name: str) -> str:
    return t("the state as a whole") if name.endswith("(state)") else name


def districts(sheet: Sheet) -> Html:
    """The districts: lowest and highest as the heading, all districts as dots, those of the state as a list."""
    frame, page = sheet.districts, sheet.page
    own = frame.filter(state_id=sheet.region_id)
    if own.is_empty():
        return _part("districts", compose("Districts"), compose("This release has no shares of these districts."))
    low, high = own.row(0, named=True), own.row(-1, named=True)
    if own.height == 1:
        heading = compose(
            "Among all {regions} districts, {state} stands at {place}",
            regions=page.number(low["share_id"], "regions", 0, "number"),
            state=sheet.name,
            place=page.number(low["share_id"], "share_percent"),
        )
    else:
        names = state_sheet.short_names(own)
        heading = compose(
            "From {low} in {lowest} to {high} in {highest}",
            low=page.number(low["share_id"], "share_percent"),
            lowest=names[low["region_id"]],
            high=page.number(high["share_id"], "share_percent"),
            highest=names[high["region_id"]],
        )
    shown = compose(
        "Foreign nationals in percent of the population by district, {date}; each dot is one of {regions} districts, "
        "the dark ones lie in {state}",
        date=format_date(low["reference_date"]),
        regions=page.number(low["share_id"], "regions", 0, "number"),
        state=sheet.name,
    )
    parts = [
        Html(f'<p class="shown">{shown.markup}</p>'),
        _drawing(state_sheet.draw_districts(frame, sheet.region_id, sheet.name), "strip"),
    ]
    if own.height > 1:
        parts.append(_list(page, own))
    return _part("districts", heading, join(parts, "\n"))


def _list(page: Page, own: pl.DataFrame) -> Html:
    names = state_sheet.short_names(own)
    items = "\n".join(
        f'<li><span class="who">{escape(names[row["region_id"]])}</span> '
        f"{page.number(row['share_id'], 'share_percent').markup}</li>"
        for row in own.reverse().iter_rows(named=True)
    )
    size = "many" if own.height > 60 else "some" if own.height > 30 else "few"
    return Html(f'<ol class="list {size}">\n{items}\n</ol>')


def _part(name: str, heading: Html, body: Html) -> Html:
    text = body.markup if body.markup.startswith("<") else f"<p>{body.markup}</p>"
    return Html(f'<section class="{name}">\n<h2>{heading.markup}</h2>\n{text}\n</section>', block=True)
