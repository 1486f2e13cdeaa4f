"""The sensor raw_data_changed: a run for each change of content, none for anything else, a sentence when it waits."""

import os

import dagster as dg
import pytest
from project_folder import add_vintage, copy_sources, use

from pipeline.automation import RAW_DATA_CHANGED, sensors
from pipeline.project import open_project
from pipeline.registry import LOCK
from pipeline.settings import Settings

SOURCE = "foreign_share_states"
VINTAGE = f"{SOURCE}/2011-2024"


@pytest.fixture
def root(tmp_path):
    return copy_sources(tmp_path, "koenigstein_key_states", "regions", SOURCE)


class Watcher:
    """The sensor as Dagster's daemon would ask it, look after look."""

    def __init__(self, root):
        (self.sensor,) = sensors(open_project(Settings.resolve(root, env={})))
        assert self.sensor.name == RAW_DATA_CHANGED
        self.cursor: str | None = None

    def look(self) -> str | None:
        """The run key asked for, None when there is none; then `told` is the reason."""
        with dg.DagsterInstance.ephemeral() as instance:
            found = self.sensor(dg.build_sensor_context(instance=instance, cursor=self.cursor))
        if isinstance(found, dg.SkipReason):
            self.told = found.skip_message or ""
            return None
        assert isinstance(found, dg.SensorResult)
        (request,) = found.run_requests or []
        self.cursor = found.cursor
        return request.run_key


@pytest.fixture
def watcher(root):
    """A sensor that has had its first look."""
    started = Watcher(root)
    assert started.look()
    return started


def test_the_first_look_asks_for_a_run_and_the_second_for_none(root):
    watcher = Watcher(root)
    assert watcher.look()
    assert watcher.look() is None
    assert watcher.told == "nothing has changed in raw_data"


def test_a_touched_file_is_no_change(root, watcher):
    for file in (root / "raw_data").rglob("*.*"):
        os.utime(file, (0, 0))
    assert watcher.look() is None


def test_a_new_vintage_and_then_the_lock_ask_for_one_run_each(root, watcher):
    add_vintage(root, VINTAGE, "2011-2025", lambda text: text.replace(",2024,", ",2025,"))
    keys = [watcher.look(), watcher.look()]
    use(root, SOURCE, "2011-2025")
    keys += [watcher.look(), watcher.look()]
    assert [key is not None for key in keys] == [True, False, True, False]
    assert len(set(keys) - {None}) == 2


def test_a_change_that_is_taken_back_asks_for_a_run_of_its_own(root, watcher):
    add_vintage(root, VINTAGE, "2011-2025", lambda text: text)
    keys = []
    for vintage in ("2011-2025", "2011-2024", "2011-2025"):
        use(root, SOURCE, vintage)
        keys.append(watcher.look())
    assert len(set(keys)) == 3
    assert None not in keys


def test_it_waits_while_a_file_is_half_written(root, watcher):
    file = root / "raw_data" / VINTAGE / "figures.csv"
    whole = file.read_bytes()
    new = root / "raw_data" / SOURCE / "2011-2025"
    add_vintage(root, VINTAGE, "2011-2025", lambda text: text)
    written = (new / "figures.csv").read_bytes()
    (new / "figures.csv").write_bytes(written[: len(written) // 2])
    before = watcher.cursor
    assert watcher.look() is None
    assert watcher.told.startswith(f"raw_data/{SOURCE}/2011-2025/figures.csv")
    assert "Remedy: " in watcher.told
    assert watcher.cursor == before
    (new / "figures.csv").write_bytes(written)
    assert watcher.look()
    assert file.read_bytes() == whole


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        (f"{VINTAGE}/source.yml", "source: [", "this is not valid YAML"),
        (f"{VINTAGE}/source.yml", "source: foreign_share_states\n", "this key is missing"),
        (LOCK, "current:\n", "current"),
        (LOCK, f"current:\n  {SOURCE}: v9\n", "has no vintage v9"),
    ],
)
def test_it_waits_with_the_sentence_of_the_error(root, watcher, file, text, message):
    (root / "raw_data" / file).write_text(text, "utf-8")
    assert watcher.look() is None
    assert watcher.told.startswith(f"raw_data/{file}")
    assert message in watcher.told


def test_it_waits_when_the_lock_is_away_for_a_moment(root, watcher):
    lock = root / "raw_data" / LOCK
    lock.rename(root / "away")
    assert watcher.look() is None
    assert LOCK in watcher.told
    (root / "away").rename(lock)
    assert watcher.look() is None
    assert watcher.told == "nothing has changed in raw_data"


def test_another_set_of_sources_needs_new_definitions_first(root, watcher):
    use(root, "koenigstein_key_states", None)
    assert watcher.look() is None
    assert "reload the definitions" in watcher.told
    assert Watcher(root).look()
