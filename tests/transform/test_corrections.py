"""Known errors of publishers: found exactly where the register says, acted upon, and missed once they are mended."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.registry.corrections import load_corrections
from pipeline.transform import OBSERVATION, refuse_unmatched, typed

D = Decimal
ORDER = {"2016": 1, "2017": 2, "2018": 3}
REGISTER = "raw_data/corrections.yml"


@pytest.fixture
def register(tmp_path, vintage):
    """Entries of the register as the registry reads them; `figures` and changed keys by entry."""
    folder = tmp_path / "raw_data"
    folder.mkdir(exist_ok=True)
    vintages = tuple(vintage(vintage=name, order=order) for name, order in ORDER.items())

    def make(*entries: dict) -> tuple:
        base = {"source": "mz", "title": "t", "reason": "r", "told": None, "status": "open", "action": "drop"}
        described = [base | {"id": f"error_{index}"} | entry for index, entry in enumerate(entries)]
        text = yaml.safe_dump({"corrections": described}, allow_unicode=True)
        (folder / "corrections.yml").write_text(text, encoding="utf-8")
        return load_corrections(folder, {"mz": vintages})

    return make


@pytest.fixture
def corrected(vintage, cells, region_frame):
    """The typed rows of one vintage under the entries given."""

    def run(entries, *rows: dict, of: str = "2018", **changes) -> pl.DataFrame:
        described = vintage(vintage=of, order=ORDER[of], **changes)
        return typed(cells(*rows), described, known_regions=region_frame, corrections=entries)

    return run


def wrong(printed: str, region: str = "03", measure: str = "persons_with", **more) -> dict:
    return {"reference": "2018", "printed": {region: {measure: printed}}} | more


ROWS = (
    {"region": "02", "value": "10.5"},
    {"region": "03", "value": "10.5", "note": "n"},
    {"region": "03", "value": "10.5", "concept": "foreign_nationality"},
    {"region": "03", "value": "10.5", "breakdown": "sex=F"},
    {"region": "03", "value": "10.5", "reference": "2017"},
    {"region": "03", "value": "10.5", "measure": "share_percent"},
)
WIDER = {"concept": "migration_background_wider"}


def test_dropped_figures_keep_their_value_and_are_contradicted(register, corrected):
    before = corrected((), *ROWS)
    after = corrected(register({"figures": [wrong("10.5", **WIDER)]}), *ROWS)
    assert after.schema == before.schema == pl.Schema(OBSERVATION)
    assert after["correction_id"].to_list() == [None, "error_0", None, None, None, None]
    assert after["status"].to_list() == ["published", "contradicted", *["published"] * 4]
    assert after.drop("correction_id", "status").equals(before.drop("correction_id", "status"))


def test_flagged_figures_are_only_marked(register, corrected):
    before = corrected((), *ROWS)
    after = corrected(register({"action": "flag", "figures": [wrong("10.5", **WIDER)]}), *ROWS)
    assert after["correction_id"].to_list() == [None, "error_0", None, None, None, None]
    assert after.drop("correction_id").equals(before.drop("correction_id"))


def test_overridden_figures_are_the_right_ones_with_their_own_interval(register, corrected):
    before = corrected((), *ROWS)
    entry = wrong("10.5", **WIDER, value={"03": {"persons_with": "12"}})
    after = corrected(register({"action": "override", "figures": [entry]}), *ROWS)
    shown = after.select("value", "lower", "upper", "marker", "status", "correction_id", "raw_line", "note").row(1)
    assert shown == (D(12000), D(11500), D(12500), "", "derived", "error_0", 3, "n")
    others = pl.int_range(pl.len()) != 1
    assert after.filter(others).equals(before.filter(others))


def test_a_marker_can_be_wrong_and_a_marker_can_be_right(register, corrected):
    rows = ({"region": "03", "value": "", "marker": "-"}, {"region": "04", "value": "8", "marker": "()"})
    first = wrong("-", value={"03": {"persons_with": "8.0 ()"}})
    second = wrong("8 ()", "04", value={"04": {"persons_with": "/"}})
    after = corrected(register({"action": "override", "figures": [first, second]}), *rows, suppressed_below=5)
    assert after.select("value", "lower", "upper", "marker").rows() == [
        (D(8000), D(7950), D(8050), "()"),
        (None, D(0), D(5000), "/"),
    ]


def test_an_entry_for_breakdowns_leaves_the_total(register, corrected):
    after = corrected(register({"figures": [wrong("10.5", breakdown="sex=F")]}), *ROWS)
    assert after["correction_id"].is_not_null().to_list() == [False, False, False, True, False, False]


def refused(call, *arguments, **more) -> InputError:
    with pytest.raises(InputError) as caught:
        call(*arguments, **more)
    assert caught.value.file == REGISTER
    assert "Remedy: " in str(caught.value)
    return caught.value


def line_of(tmp_path, start: str) -> int:
    lines = (tmp_path / "raw_data/corrections.yml").read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.strip().startswith(start))


@pytest.mark.parametrize(
    ("row", "now"),
    [
        ({"value": "10.6"}, "10.6"),
        ({"value": "10.50"}, "10.50"),
        ({"value": "10.5", "marker": "()"}, "10.5 ()"),
        ({"value": "", "marker": "/"}, "/"),
    ],
)
def test_a_figure_no_longer_printed_so_stops_the_run(register, corrected, tmp_path, row, now):
    entries = register({"figures": [wrong("10.5")]})
    error = refused(corrected, entries, {"region": "03"} | row, of="2017")
    assert error.line == line_of(tmp_path, "persons_with")
    assert "the source seems mended: 03 2018 persons_with was 10.5, now " in str(error)
    assert f"now {now} is printed in raw_data/mz/2018/figures.csv, line 2" in str(error)
    assert "`status: mended` and `until: 2017`" in error.remedy


def test_all_figures_no_longer_printed_are_counted(register, corrected):
    figures = [wrong("1", "03"), wrong("2", "04"), wrong("3", "05")]
    rows = [{"region": region, "value": "3"} for region in ("03", "04", "05")]
    assert "(1 more: line " in str(refused(corrected, register({"figures": figures}), *rows))


MENDED = {"status": "mended", "until": "2017"}


def test_from_until_on_nothing_is_corrected(register, corrected):
    entries = register({"figures": [wrong("10.5")], **MENDED})
    row = {"region": "03", "value": "11"}
    assert corrected(entries, row, of="2017")["correction_id"].to_list() == [None]
    assert corrected(entries, row, of="2018")["status"].to_list() == ["published"]
    assert corrected(entries, {"region": "03", "value": "10.5"}, of="2016")["status"].to_list() == ["contradicted"]


@pytest.mark.parametrize("of", ["2017", "2018"])
def test_an_error_said_to_be_mended_and_still_printed_is_refused(register, corrected, of):
    entries = register({"figures": [wrong("10.5")], **MENDED})
    error = refused(corrected, entries, {"region": "03", "value": "10.5"}, of=of)
    assert "is said to be mended from 2017 on, but 10.5 is printed in raw_data/mz/2018/figures.csv" in str(error)
    assert "status: open" in error.remedy


def test_before_until_the_error_must_stand(register, corrected):
    entries = register({"figures": [wrong("10.5")], **MENDED})
    error = refused(corrected, entries, {"region": "03", "value": "11"}, of="2016")
    assert "seems mended" in str(error)


def test_an_entry_that_fits_two_concepts_must_name_one(register, corrected):
    error = refused(corrected, register({"figures": [wrong("10.5")]}), *ROWS)
    assert error.key == "concept"
    assert "several observations are 03 2018 persons_with" in str(error)
    assert "foreign_nationality, migration_background_wider" in error.remedy


def test_an_unknown_region_is_refused(register, corrected, tmp_path):
    error = refused(corrected, register({"figures": [wrong("10.5", "03999")]}), *ROWS)
    assert (error.key, error.line) == ("region", line_of(tmp_path, "persons_with"))
    assert "unknown region '03999'" in str(error)


@pytest.mark.parametrize(
    ("measure", "right", "message"),
    [("share_percent", "120", "above 100"), ("persons_with", "5 /", "stands beside the marker /")],
)
def test_a_right_figure_that_cannot_be_is_refused_at_the_register(register, corrected, measure, right, message):
    entry = wrong("10.5", measure=measure, **WIDER, value={"03": {measure: right}})
    error = refused(corrected, register({"action": "override", "figures": [entry]}), *ROWS)
    assert message in str(error)


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"region": "04"},
        {"reference": "2017"},
        {"measure": "persons_without"},
        {"breakdown": "sex=F"},
        {"concept": "foreign_nationality"},
    ],
)
def test_an_entry_that_no_observation_fits_is_refused(register, corrected, tmp_path, elsewhere):
    entries = register({"figures": [wrong("10.5", **WIDER)]})
    here = {"region": "03", "value": "10.5"}
    refuse_unmatched(corrected(entries, here), entries)
    error = refused(refuse_unmatched, corrected(entries, here | elsewhere), entries)
    assert error.line == line_of(tmp_path, "persons_with")
    assert "no observation is 03 2018 migration_background_wider persons_with" in str(error)


def test_one_vintage_with_the_figure_is_enough(register, corrected):
    entries = register({"figures": [wrong("10.5")]})
    rows = pl.concat(
        [
            corrected(entries, {"region": "04"}, of="2016"),
            corrected(entries, {"region": "03", "value": "10.5"}, of="2017"),
        ]
    )
    refuse_unmatched(rows, entries)


def test_a_figure_that_is_only_there_once_it_is_right_is_no_match(register, corrected):
    entries = register({"figures": [wrong("10.5")], **MENDED})
    rows = corrected(entries, {"region": "03", "value": "11"}, of="2018")
    assert "before 2017" in str(refused(refuse_unmatched, rows, entries))


def test_promises_are_asked_of_the_figures_as_printed(register, corrected):
    """A correction neither hides a figure that fails its total nor breaks one that meets it."""

    def total(value: str) -> dict:
        where = {"region": "03", "measure": "persons_with"}
        return {"expect": {"control_totals": ({"where": where, "value": value, "source": "s"},)}}

    entries = register({"action": "override", "figures": [wrong("10.5", value={"03": {"persons_with": "12.0"}})]})
    row = {"region": "03", "value": "10.5"}
    assert corrected(entries, row, **total("10.5"))["value"].to_list() == [D(12000)]
    with pytest.raises(InputError, match="12,000 is published"):
        corrected(entries, row, **total("12.0"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    chosen=st.sets(st.integers(0, 15), min_size=1),
    action=st.sampled_from(["drop", "override", "flag"]),
)
def test_only_the_figures_named_are_touched(register, corrected, chosen, action):
    rows = [{"region": f"{number + 1:02d}", "value": str(100 + number)} for number in range(16)]
    named = {rows[number]["region"]: {"persons_with": rows[number]["value"]} for number in sorted(chosen)}
    figures = {"reference": "2018", "printed": named}
    if action == "override":
        figures["value"] = {region: {"persons_with": "7"} for region in named}
    before, entries = corrected((), *rows), register({"action": action, "figures": [figures]})
    after = corrected(entries, *rows)
    refuse_unmatched(after, entries)
    marked = after["correction_id"].is_not_null()
    assert set(after.filter(marked)["region_id"]) == set(named)
    assert after.filter(~marked).equals(before.filter(~marked))
    assert after["observation_id"].equals(before["observation_id"])
    assert set(after.filter(marked)["value"] == 7000) == {action == "override"}
