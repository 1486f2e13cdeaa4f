"""The way back: every id leads to a file, a line and what is printed there."""

from pathlib import Path

import pytest
from freezing import draw, freeze
from small_figures import FIGURES, RAW_FILES, SERIES, STATES, observation_id, regional_id, write_raw_data
from small_warehouse import build_warehouse, contracts

from pipeline.errors import InputError
from pipeline.release import Release, open_release, trace


@pytest.fixture(scope="module")
def traced(tmp_path_factory) -> tuple[Release, Path]:
    """A release of the small warehouse, and the files its figures were read from."""
    folder = tmp_path_factory.mktemp("traced")
    draw(folder / "charts")
    built = build_warehouse(folder / "warehouse.duckdb")
    published = freeze(folder, built, tables=list(contracts().tables), checks=contracts().checks)
    built.close()
    return open_release(published.folder), write_raw_data(folder / "raw_data")


def test_an_observation_leads_to_its_line_and_its_publisher(traced):
    release, raw_data = traced
    row_id = observation_id("09", "persons_with")
    line = FIGURES[RAW_FILES["counts"]].index("09,2018,persons_with,100") + 1
    heading, words, place, quoted, publisher = trace(release, row_id, raw_data=raw_data)
    assert heading == f"{row_id}  (core.observation of release {release.id})"
    assert "value 100" in words
    assert place == f"  raw_data/counts/v2/figures.csv, line {line}"
    assert quoted == "    09,2018,persons_with,100"
    assert publisher.startswith("    Publisher: Title of counts")


@pytest.mark.parametrize(
    ("row_id", "place", "quoted"),
    [
        ("support", "studies/v1/figures.csv, line 2", "support,64.4,764"),
        ("C057", "claims/v1/figures.csv, line 58", "C057,a quarter"),
    ],
)
def test_a_study_figure_and_a_statement_lead_to_their_lines(traced, row_id, place, quoted):
    release, raw_data = traced
    lines = [line.strip() for line in trace(release, row_id, raw_data=raw_data)]
    assert lines[2:4] == [f"raw_data/{place}", quoted]


def test_a_result_of_a_survey_leads_through_its_figure(traced):
    release, raw_data = traced
    lines = list(trace(release, "survey.support", raw_data=raw_data))
    assert lines[0] == f"survey.support  (analysis.survey_interval of release {release.id})"
    assert lines[2] == f"  support  (core.study_figure of release {release.id})"
    assert lines[4:6] == ["    raw_data/studies/v1/figures.csv, line 2", "      support,64.4,764"]


@pytest.mark.parametrize("row_id", [f"{SERIES}.berlin_excluded.east.pooled", "headline.verdict", "trend.permutation"])
def test_a_result_of_a_series_leads_to_every_figure_of_it(traced, row_id):
    release, raw_data = traced
    quoted = {line.strip() for line in trace(release, row_id, raw_data=raw_data) if ",2018,persons_" in line}
    assert quoted == {
        f"{state},2018,{measure},{value}"
        for state in STATES
        for measure, value in (("persons_with", 100), ("persons_total", 1000))
    }


@pytest.mark.parametrize(
    ("row_id", "quoted"),
    [
        (f"{SERIES}.09", {"09,2018,persons_with,100", "09,2018,persons_total,1000"}),
        ("regional.2018.foreign_nationality.district.09002", {"09002,share_percent,10.4"}),
        ("regional.2018.09", {"09002,persons_with,50"}),
    ],
)
def test_a_share_and_a_sum_of_a_state_lead_to_their_figures_alone(traced, row_id, quoted):
    release, raw_data = traced
    lines = {line.strip() for line in trace(release, row_id, raw_data=raw_data)}
    assert {line for line in lines if ",2018," in line or line.startswith("09002,")} == quoted


def test_a_result_of_several_kinds_leads_to_all_of_them(traced):
    release, raw_data = traced
    lines = {line.strip() for line in trace(release, "organisations.inhabitants", raw_data=raw_data)}
    assert lines >= {"support,64.4,764", "01,2018,persons_total,1000"}


@pytest.mark.parametrize(
    ("row_id", "quoted"),
    [
        ("claim.C001", {"C001,a quarter", "support,64.4,764", "C002,a quarter", "Halle (Saale),east"}),
        ("claim.C002", {"C002,a quarter", "support,64.4,764", "09,2018,persons_with,100"}),
        ("claim.C003", {"C003,a quarter"}),
    ],
)
def test_a_verdict_leads_to_the_statement_and_to_all_it_rests_on(traced, row_id, quoted):
    release, raw_data = traced
    lines = {line.strip() for line in trace(release, row_id, raw_data=raw_data)}
    assert lines >= quoted


def test_a_city_leads_to_its_line(traced):
    release, raw_data = traced
    lines = [line.strip() for line in trace(release, "Halle (Saale)", raw_data=raw_data)]
    assert lines[2:4] == ["raw_data/cities/v1/figures.csv, line 2", "Halle (Saale),east"]


def test_without_the_files_the_place_is_told_all_the_same(traced, tmp_path):
    release, _ = traced
    row_id = observation_id("09", "persons_with")
    for raw_data in (None, tmp_path):
        lines = list(trace(release, row_id, raw_data=raw_data))
        assert len(lines) == 4
        assert lines[2].startswith("  raw_data/counts/v2/figures.csv, line ")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: text.replace("09,2018,persons_with,100", "09,2018,persons_with,999"), id="a figure"),
        pytest.param(lambda text: text.splitlines(keepends=True)[0], id="shorter than the line"),
        pytest.param(lambda text: "", id="empty"),
    ],
)
def test_a_file_that_changed_since_the_release_is_not_quoted(traced, tmp_path, change):
    """A line that was not read when the release was made is no evidence for its number."""
    release, _ = traced
    raw_data = write_raw_data(tmp_path)
    file = raw_data / RAW_FILES["counts"]
    file.write_text(change(file.read_text("utf-8")), "utf-8")
    lines = list(trace(release, observation_id("09", "persons_with"), raw_data=raw_data))
    assert "changed since" in lines[3]
    assert not any(",2018," in line for line in lines)


def test_a_figure_with_a_known_error_says_so(traced):
    release, raw_data = traced
    lines = list(trace(release, observation_id("09", "persons_without"), raw_data=raw_data))
    assert lines[2] == "  known error bayern_2018 (the figure is kept as printed): The figure of Bayern is too low"
    assert lines[4] == "    09,2018,persons_without,900"
    sound = list(trace(release, observation_id("10", "persons_without"), raw_data=raw_data))
    assert not any("known error" in line for line in sound)


def test_a_known_error_leads_to_its_figures(traced):
    release, raw_data = traced
    lines = list(trace(release, "bayern_2018", raw_data=raw_data))
    assert lines[0] == f"bayern_2018  (core.correction of release {release.id})"
    assert "reason The state office prints another" in lines[1]
    for vintage in ("v1", "v2"):
        figure = observation_id("09", "persons_without", vintage=vintage)
        assert f"  {figure}  (core.observation of release {release.id})" in lines


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        (observation_id("09", "persons_wiht"), observation_id("09", "persons_with")),
        ("survey.suport", "survey.support"),
        ("headline.verdikt", "headline.verdict"),
    ],
)
def test_an_unknown_id_names_the_nearest(traced, asked, nearest):
    with pytest.raises(InputError, match="no row of the release") as told:
        list(trace(traced[0], asked))
    assert told.value.remedy.startswith("nearest are ")
    assert nearest in told.value.remedy


def test_what_is_like_no_id_says_where_ids_stand(traced):
    with pytest.raises(InputError, match="no row of the release") as told:
        list(trace(traced[0], "§§§§"))
    assert "data-result" in told.value.remedy


@pytest.mark.parametrize(
    ("row_id", "figures"),
    [
        ("districts.none.permutation", {"09002,share_percent,10.4"}),
        ("districts.log_density.permutation", {"09002,share_percent,10.4", "09002,persons_per_km2,120.5"}),
    ],
)
def test_a_result_of_districts_leads_to_shares_and_to_covariates_only_where_it_has_some(traced, row_id, figures):
    release, raw_data = traced
    lines = [line.strip() for line in trace(release, row_id, raw_data=raw_data)]
    assert {line for line in lines if line.startswith("09002,")} == figures
    assert f"{regional_id('09002', 'share_percent')}  (core.observation of release {release.id})" in lines


def test_persons_seeking_protection_lead_to_districts_and_to_what_they_are_divided_by(traced):
    release, raw_data = traced
    lines = {line.strip() for line in trace(release, "refugees.difference", raw_data=raw_data)}
    assert lines >= {"09002,persons_with,50", *(f"{state},2018,persons_with,100" for state in STATES)}
    assert not any(",persons_total," in line for line in lines)


def test_a_deviation_leads_to_the_persons_and_to_the_key(traced):
    release, raw_data = traced
    lines = [line.strip() for line in trace(release, "key.deviation", raw_data=raw_data)]
    assert {line for line in lines if line.startswith("09")} == {"09002,persons_with,50", "09,key_percent,15.6"}
