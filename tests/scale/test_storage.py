"""Versions of a dataset, in a folder and at a URL of object storage."""

from __future__ import annotations

import os
import pickle
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random
from shutil import rmtree
from tempfile import TemporaryDirectory
from time import sleep
from traceback import format_exception
from typing import Any

import obstore
import pyarrow as pa
import pytest
from effort import at_most
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import (
    POLICIES,
    everything,
    known_by_days,
    logs,
    view_days,
    with_datasets,
)
from s3_server import at_url
from scale.test_dataset import TestStates as OfStates
from scale_worlds import (
    DEALS,
    PLACES,
    VOCABULARY,
    Deal,
    count,
    deal,
    expected,
    loners,
    many,
)

from bri_timeline import EventLog, measures, scale
from bri_timeline.errors import DatasetError, FaultsError, OutputError, StaleLogError
from bri_timeline.formats.arrow import to_arrow
from bri_timeline.scale import _files, _upkeep, _writing
from bri_timeline.scale._manifest import Manifest


DAY = "2030-01-01"
few, few_far_away = at_most(25), at_most(10)
Place = Path | str


@pytest.fixture(params=["folder", "url"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Where a dataset can be written."""
    return tmp_path / "data" if request.param == "folder" else at_url()


def names(place: Place) -> set[str]:
    """The names of the files of a dataset."""
    return {*_files.listed(_files.located(place))}


def rows(log: EventLog, start: int = 0) -> pa.Table:
    """Return entries as a table that has no positions."""
    table = pa.table(to_arrow([*log][start:], DEALS))
    return table.drop_columns(["position"])


class TestVersions:
    """What each writing adds, and what is read of it."""

    @pytest.mark.slow
    def test_a_version_is_read_as_it_was(self, place: Place) -> None:
        """Also after others, by its number; and a dataset keeps the one it opened."""
        first = scale.write(many(10), place, DEALS, buckets=2)
        second = first.append(many(14))
        third = scale.open(place, DEALS, version=1).append(many(20))
        sizes = [len(scale.open(place, DEALS, version=n)) for n in (1, 2, 3)]

        assert [1, 2, 3] == [data.version for data in (first, second, third)]
        assert [10, 14, 20] == sizes
        assert 3 == scale.open(place, DEALS).version
        for data in (first, second, third):
            assert [*many(len(data))] == [*data.entries()]
        for version in (0, 4, "x"):
            with pytest.raises(DatasetError, match=f"has no version '?{version}"):
                scale.open(place, DEALS, version=version)

    @pytest.mark.slow
    def test_a_repeated_append_adds_nothing(self, place: Place) -> None:
        """Neither a version nor a file."""
        data = scale.write(many(10), place, DEALS, buckets=2)
        before = names(place)

        assert 1 == data.append(many(10)).version
        assert before == names(place)

    @pytest.mark.slow
    def test_states_are_refreshed(self, place: Place, tmp_path: Path) -> None:
        """They lie in a folder, and know the version of which they are."""
        data, states = scale.write(many(10), place, DEALS), tmp_path / "states"
        data.refresh(states, count, on="2015-01-01")
        result = data.append(many(11)).refresh(states, count, on="2015-01-01")

        assert [(10,)] == [change.entries for change in result.changes]

    @pytest.mark.slow
    def test_nothing_is_a_version_too(self, place: Place) -> None:
        """It is created, and grows."""
        data = scale.write([], place, DEALS, buckets=2)

        assert (0, 0) == (data.version, len(scale.open(place, DEALS)))
        assert 1 == data.append(many(3)).version

    @pytest.mark.slow
    def test_a_dataset_is_made_once(self, place: Place) -> None:
        """Also where another is made after this one has looked."""
        scale.write(many(3), place, DEALS, buckets=1)
        before = names(place)
        with pytest.raises(DatasetError, match="is there already"):
            scale.write(many(4), place, DEALS)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_writing, "is_dataset", lambda _: False)
            with pytest.raises(DatasetError, match="is there already"):
                scale.write(many(4), place, DEALS)
        assert before == names(place)

    @pytest.mark.slow
    def test_a_listing_may_lack_what_is_new(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Or have what is gone: the next number is asked for until one is missing."""
        data = scale.write(many(4), place, DEALS, buckets=1)
        for size in (6, 8):
            data = data.append(many(size))
        listed = [["dataset-000001.json", "other"], ["dataset-000004.json"] * 2]
        monkeypatch.setattr(_files, "listed", lambda _: listed[-1])
        with pytest.raises(DatasetError, match="is not a dataset"):
            scale.open(place, DEALS)
        listed.pop()
        assert 3 == scale.open(place, DEALS).version

    def test_a_manifest_has_the_number_of_its_name(self, tmp_path: Path) -> None:
        """A copy under another number is refused."""
        scale.write(many(4), tmp_path, DEALS, buckets=1)
        data = (tmp_path / "dataset-000001.json").read_bytes()
        (tmp_path / "dataset-000007.json").write_bytes(data)

        with pytest.raises(DatasetError, match=r"000007\.json is damaged: it is vers"):
            scale.open(tmp_path, DEALS)

    @pytest.mark.slow
    def test_a_writer_that_takes_too_long_gives_up(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its files could have been swept away before it names them."""
        data = scale.write(many(4), place, DEALS, buckets=1)
        before = names(place)
        monkeypatch.setattr(_writing, "YOUNG", -1.0)
        with pytest.raises(DatasetError, match="longer than a day"):
            data.append(many(6))
        assert before == names(place)


class TestSeveralWriters:
    """Of two writers one is first; the other goes on from what that one wrote."""

    @pytest.mark.slow
    @pytest.mark.parametrize("again", [True, False], ids=["same", "shorter"])
    def test_the_same_log_is_added_once(
        self, again: bool, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """And of a longer one the rest."""
        data = scale.write(many(6), place, DEALS, buckets=2)
        other = many(9 if again else 8)
        overtaken(monkeypatch, lambda: data.append(other))
        newer = data.append(many(9))

        assert (2 if again else 3) == newer.version
        assert [*many(9)] == [*newer.entries()]

    @pytest.mark.slow
    @pytest.mark.parametrize("kind", ["table", "reader", "entries"])
    def test_rows_are_added_after_the_others(
        self, kind: str, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each once, and they still correct the rows that they did."""
        monkeypatch.setattr("bri_timeline.scale._writing._ROWS", 2)
        log = many(6)
        data = scale.write(log, place, DEALS, buckets=2)
        more = many(12).append(many(13)[12].claim, supersedes=8, because="misread")
        more = more.retract(2, because="no").retract(9, because="no")
        given: Any = rows(more, 6)
        if kind == "reader":
            given = given.to_reader(2)
        elif kind == "entries":
            given = iter([*more][6:])
        own = rows(EventLog.of(*(many(40)[n].claim for n in (30, 31))))
        overtaken(monkeypatch, lambda: data.append(own))
        if kind == "entries":
            with pytest.raises(FaultsError, match="position"):
                data.append(given)
            return
        newer = data.append(given)
        found = [*newer.entries()]

        assert [*log] == found[:6]
        assert ([6, 7], 15) == ([e.position for e in found[6:8]], len(found) - 2)
        assert (10, 2, 11) == tuple(
            e.supersedes if e.retracts is None else e.retracts for e in found[-3:]
        )

    @pytest.mark.slow
    def test_another_log_is_refused(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What it would follow is not there any more."""
        data = scale.write(many(6), place, DEALS, buckets=2)
        overtaken(monkeypatch, lambda: data.append(rows(many(40), 30)))
        with pytest.raises(StaleLogError):
            data.append(many(9))


def overtaken(patch: pytest.MonkeyPatch, first: Callable[[], object]) -> None:
    """Let another writer commit just before the next one would."""
    save, waiting = Manifest.save, [first]

    def saved(manifest: Manifest, where: Place) -> bool:
        while waiting:
            waiting.pop()()
        return save(manifest, where)

    patch.setattr(Manifest, "save", saved)


class Faulty:
    """Files, of which requests fail, or are answered in vain, by a plan.

    Args:
        files: The files.
        plan: Says of a request whether it is "failed", "lost" (done, and the answer is
            lost) or "done".
    """

    def __init__(self, files: Any, plan: Callable[[str, str], str]) -> None:
        self._files, self._plan = files, plan

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        def request(*given: object) -> object:
            happens = self._plan(verb, str(given[0]) if given else "")
            if happens == "failed":
                raise OSError(5, "no connection")
            found = getattr(self._files, verb)(*given)
            if happens == "lost":
                raise OSError(5, "connection lost")
            return found

        return request


@contextmanager
def planned(plan: Callable[[str, str], str]) -> Iterator[None]:
    """Let requests fail by a plan, without a pause before the next."""
    real = _files._files_of
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_files, "_files_of", lambda where: Faulty(real(where), plan))
        patch.setattr(_files, "_PAUSE", 0.0)
        yield


class TestFaults:
    """What fails is as it was; what may have been done is said to be so."""

    @pytest.mark.slow
    def test_an_answer_that_is_lost_is_looked_for(self, place: Place) -> None:
        """The version is there, with the bytes of this writer: that was a success."""
        data = scale.write(many(4), place, DEALS, buckets=1)
        plan = {"create": "lost"}
        with planned(lambda verb, _: plan.get(verb, "done")):
            assert 2 == data.append(many(6)).version
        assert [*many(6)] == [*scale.open(place, DEALS).entries()]

    @pytest.mark.slow
    def test_a_request_that_fails_is_sent_again(self) -> None:
        """To storage that is far away; three times."""
        place, asked = at_url(), Counter[tuple[str, str]]()

        def plan(verb: str, name: str) -> str:
            asked[verb, name] += 1
            return "done" if asked[verb, name] > 2 else "failed"

        with planned(plan):
            scale.write(many(4), place, DEALS, buckets=1).append(many(6))
        assert [*many(6)] == [*scale.open(place, DEALS).entries()]

    @pytest.mark.slow
    @pytest.mark.parametrize("left", [True, False], ids=["left", "deleted"])
    def test_what_cannot_be_put_is_not_written(self, left: bool, place: Place) -> None:
        """And its files are deleted, if that is possible."""
        data = scale.write(many(4), place, DEALS, buckets=1)
        before = names(place)
        failing = {"put", "delete"} if left else {"put"}
        with (
            planned(lambda verb, _: "failed" if verb in failing else "done"),
            pytest.raises(DatasetError, match=r"as it was: .*no connection"),
        ):
            data.append(many(6))
        assert before == {name for name in names(place) if "000002-" not in name}
        assert 2 == data.append(many(6)).version

    @pytest.mark.slow
    def test_nobody_knows(self, place: Place) -> None:
        """A version that may have been created is not undone, and the error says so."""
        data = scale.write(many(4), place, DEALS, buckets=1)

        def plan(verb: str, name: str) -> str:
            return "lost" if verb == "create" else plan_of_reading(name)

        def plan_of_reading(name: str) -> str:
            return "failed" if name == "dataset-000002.json" and tries else "done"

        tries: list[int] = []
        save = Manifest.save
        with pytest.MonkeyPatch.context() as patch, planned(plan):
            patch.setattr(
                Manifest, "save", lambda self, to: tries.append(1) or save(self, to)
            )
            with pytest.raises(DatasetError, match="may have been written, or not"):
                data.append(many(6))
        assert [*many(6)] == [*scale.open(place, DEALS).entries()]

    def test_what_cannot_be_listed_is_no_dataset(self, place: Place) -> None:
        """That is an error of the dataset."""
        scale.write(many(4), place, DEALS, buckets=1)
        with (
            planned(lambda verb, _: "failed" if verb == "names" else "done"),
            pytest.raises(DatasetError, match=r"cannot be read: .*no connection"),
        ):
            scale.open(place, DEALS)

    @pytest.mark.slow
    def test_a_copy_of_a_damaged_file_is_not_kept(self) -> None:
        """Once the file is restored, it is read."""
        place = at_url()
        scale.write(many(4), place, DEALS, buckets=1)
        [name] = [name for name in names(place) if name.startswith("rows")]
        store = _files._files_of(_files.located(place)).store
        whole = obstore.get(store, name).bytes()
        obstore.put(store, name, whole[:-1])
        _files._copies.cache_clear()
        with pytest.raises(DatasetError, match=name):
            scale.open(place, DEALS).project_each(count, on=DAY)
        obstore.put(store, name, whole)
        found = scale.open(place, DEALS).project_each(count, on=DAY)
        assert expected(many(4), count, DAY) == found


def by_options(patch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return how the server is asked, which the environment does not tell any more."""
    options = {
        "endpoint": os.environ["AWS_ENDPOINT_URL"],
        "secret_access_key": "SECRET",
        "client_options": {"allow_http": True},
        "retry_config": {"max_retries": 0},
        **{
            name: os.environ[f"AWS_{name.upper()}"]
            for name in ("region", "access_key_id")
        },
    }
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        patch.delenv(name)
    patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    return options


class TestURLs:
    """What can be given in the place of a folder."""

    @pytest.mark.parametrize(
        ("url", "problem"),
        [
            ("az://container/data", "cannot be opened: .*Account must be specified"),
            ("s3://", "cannot be opened: "),
            ("memory://data", "give a folder, or one of az://, gs://, s3://, file://"),
            ("http://me:SECRET@example.org/data", "give a folder, or one of"),
            ("simplecache::s3://bucket/x", "give a folder, or one of"),
            ("simplecache::s3:/bucket/x", "give a folder, or one of"),
            ("s3://KEY:SECRET/x@bucket/x", "give that in the environment"),
            ("az://container/x?sig=SECRET", "give that in the environment"),
            ("a\0b", "a character that no path has"),
        ],
    )
    def test_what_cannot_be_asked_is_told(
        self, url: Place, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Without a password, before anything is read or written."""
        monkeypatch.chdir(tmp_path)
        for ask in (
            lambda: scale.write(many(3), url, DEALS),
            lambda: scale.open(url, DEALS),
            lambda: scale.sweep(url),
        ):
            with pytest.raises(DatasetError, match=problem) as told:
                ask()
            said = f"{told.value!r} {vars(told.value)}"
            assert "SECRET" not in said
            assert "Debug source" not in said
        assert not [*tmp_path.iterdir()]

    @pytest.mark.slow
    def test_options_reach_storage_wherever_it_is_asked(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Also by workers, and before the environment; no text of it shows them."""
        url, options = at_url(), by_options(monkeypatch)
        data = scale.write(many(6), url, DEALS, buckets=2, storage_options=options)
        data = data.append(many(8))
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
            found = data.project_each(count, on=DAY, executor=executor)
        scale.compact(url, DEALS, more_than=1, storage_options=options)

        assert expected(many(8), count, DAY) == found
        assert 0 == scale.sweep(url, storage_options=options)
        assert 3 == scale.open(url, DEALS, storage_options=options).version
        for said in (repr(data), str(data.folder), str(pickle.dumps(data))):
            assert "SECRET" not in said
        monkeypatch.undo()
        assert [*many(8)] == [*pickle.loads(pickle.dumps(data)).entries()]

    @pytest.mark.parametrize(
        ("options", "problem"),
        [
            ({"secret": "SECRET"}, "key: 'secret' is not valid"),
            ({"allow_http": "SECRET"}, "cannot be opened: "),
            ({"secret_access_key": 5}, "cannot be opened: .*'int' object"),
            (
                {
                    "endpoint": "http://me:SECRET@127.0.0.1:1/SECRET",
                    "retry_config": {"max_retries": 0},
                    "client_options": {"allow_http": True, "user_agent": "SECRET"},
                },
                r"GET http://\.\.\.@127\.0\.0\.1:1/|GET \.\.\./",
            ),
        ],
    )
    def test_an_error_does_not_show_options(
        self, options: dict[str, Any], problem: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nor does the error that it came of."""
        monkeypatch.setattr(_files, "_PAUSE", 0.0)
        with pytest.raises(DatasetError, match=problem) as told:
            scale.write(many(3), at_url(), DEALS, storage_options=options)
        assert "SECRET" not in "".join(format_exception(told.value, chain=True))

    def test_an_interrupt_is_no_error_of_storage(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Who stops the program stops it."""

        def interrupted(*_: object, **__: object) -> object:
            raise KeyboardInterrupt

        monkeypatch.setattr("obstore.store.from_url", interrupted)
        with pytest.raises(KeyboardInterrupt):
            scale.open("s3://interrupted/data", DEALS)

    def test_a_folder_takes_no_options(self, tmp_path: Path) -> None:
        """They would have no effect."""
        for folder in (str(tmp_path), tmp_path.as_uri()):
            with pytest.raises(DatasetError, match="is a folder, and takes no storage"):
                scale.write(many(3), folder, DEALS, storage_options={"region": "x"})

    @pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
    def test_a_fork_is_refused_where_it_would_wait_for_ever(self) -> None:
        """A process that has asked a URL starts its workers anew."""
        data = scale.write(many(3), at_url(), DEALS, buckets=1)
        with (
            ProcessPoolExecutor(1, mp_context=get_context("fork")) as executor,
            pytest.raises(DatasetError, match=r'mp_context=get_context\("spawn"\)'),
        ):
            data.project_each(count, on=DAY, executor=executor)

    def test_a_process_that_another_asked_for_it_is_refused(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In the same process, where the lines of a fork are counted."""
        url = at_url()
        scale.write(many(3), url, DEALS, buckets=1)
        monkeypatch.setattr(_files, "_asking_process", lambda: -1)
        with pytest.raises(DatasetError, match="in a fork of a process"):
            _files.listed(_files.located(url))

    def test_a_folder_that_is_not_there_has_no_files(self, tmp_path: Path) -> None:
        """A folder that is not there has no files."""
        assert _files.listed(_files.located(tmp_path / "none")) == []

    def test_states_and_tables_are_written_to_folders(self, tmp_path: Path) -> None:
        """A URL is refused by all that write beside a dataset."""
        data, url = scale.write(many(3), tmp_path / "data", DEALS), "s3://bucket/x"

        with pytest.raises(DatasetError, match="is a URL"):
            data.save_each(count, url, on="2020-01-01")
        with pytest.raises(DatasetError, match="is a URL"):
            data.refresh(url, count, on="2020-01-01")
        with pytest.raises(DatasetError, match="is a URL"):
            data.export_delta(url)

    def test_a_folder_that_cannot_be_written_to_is_told(self, tmp_path: Path) -> None:
        """By an error of the library, by all that write."""
        data, file = scale.write(many(3), tmp_path / "data", DEALS), tmp_path / "file"
        file.touch()
        with pytest.raises(DatasetError, match="' cannot be read or written: Not a"):
            scale.write(many(3), file / "x", DEALS)
        with pytest.raises(DatasetError, match="' cannot be read or written: Not a"):
            scale.sweep(file / "x")
        with pytest.raises(OutputError, match="file/x' cannot be read or written"):
            data.save_each(count, file / "x", on=DAY)
        with pytest.raises(OutputError, match="file/x' cannot be read or written"):
            data.refresh(file / "x", count, on=DAY)
        with pytest.raises(OutputError, match="file/x"):
            data.export_delta(file / "x")
        (tmp_path / "states.json").mkdir()
        with pytest.raises(OutputError, match="Is a directory"):
            data.refresh(tmp_path, count, on=DAY)
        rmtree(data.folder)
        with pytest.raises(DatasetError, match=r"read or written: .*No such"):
            data.append(many(4))

    def test_a_url_of_this_machine_is_a_folder(self, tmp_path: Path) -> None:
        """It is read and written as any other, also as a path that lost a stroke."""
        folder = tmp_path / "a b"
        data = scale.write(many(3), folder.as_uri(), DEALS)

        assert folder == data.folder
        assert 3 == len(scale.open(Path(folder.as_uri()), DEALS))

    def test_a_url_that_lost_a_stroke_is_repaired(self) -> None:
        """A path has one where a URL has two."""
        place = at_url()
        data = scale.write(many(3), Path(place), DEALS, buckets=1)

        assert place == data.folder
        assert 3 == len(scale.open(f"{place}/", DEALS))

    def test_storage_that_forgets_is_refused(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Some storage creates a file again: two writers would undo each other."""

        def put(store: Any, name: str, data: bytes) -> None:
            obstore.put(store.store, name, data)

        create, place = _files._RemoteFiles.create, at_url()

        def busy(store: Any, name: str, data: bytes) -> None:
            if name in names(place):
                raise OSError(503, "slow down")
            create(store, name, data)

        for one, problem in ((put, "creates a file again"), (busy, "slow down")):
            monkeypatch.setattr(_files._RemoteFiles, "create", one)
            with pytest.raises(DatasetError, match=problem):
                scale.write(many(3), place, DEALS)
            assert not names(place)

    def test_a_bucket_that_is_not_there_is_told(self) -> None:
        """Or one that does not answer, by all that write."""
        nowhere = at_url().replace("//data", "//nowhere")
        with pytest.raises(DatasetError, match="NoSuchBucket"):
            scale.write(many(3), nowhere, DEALS)

    @pytest.mark.slow
    def test_workers_read_a_url_themselves(self) -> None:
        """A dataset can be sent; each process has copies of its own."""
        data = scale.write(many(30), at_url(), DEALS, buckets=4)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
            found = data.project_each(count, on=DAY, executor=executor)

        assert expected(many(30), count, DAY) == found
        assert data.folder == pickle.loads(pickle.dumps(data)).folder


class TestLaws:
    """What holds of a dataset in a folder holds at a URL."""

    @few_far_away
    @given(
        log=with_datasets(st.one_of(logs(), loners())),
        buckets=st.integers(1, 3),
        on=view_days(),
        known_by=st.none() | known_by_days(),
        prefer=POLICIES,
        bounded=st.booleans(),
    )
    def test_states_are_those_of_the_log(self, **drawn: object) -> None:
        """All relationships, and each alone, under each policy."""
        of_url(OfStates.test_states_are_those_of_the_log, drawn)

    @few_far_away
    @given(
        log=logs() | loners(),
        cuts=st.lists(st.integers(0, 8), min_size=1, max_size=3).map(sorted),
        on=view_days(),
        known_by=st.none() | known_by_days(),
    )
    def test_appending_is_writing_all_at_once(self, **drawn: object) -> None:
        """Families may join later."""
        of_url(OfStates.test_appending_is_writing_all_at_once, drawn)


def of_url(law: Any, drawn: dict[str, object]) -> None:
    """Check a law of states with datasets at URLs."""
    places = PLACES.set(at_url)
    try:
        law.hypothesis.inner_test(OfStates(), **drawn)
    finally:
        PLACES.reset(places)


@contextmanager
def later(days: float) -> Iterator[None]:
    """Let all files be so much older."""
    real = _files.changed
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            _files, "changed", lambda where, name: real(where, name) - days * 86_400
        )
        yield


class TestSweeping:
    """What is deleted, and what stays."""

    @pytest.mark.slow
    def test_versions_are_swept_when_their_time_is_over(self, place: Place) -> None:
        """The newest stay, and those that were replaced not long ago."""
        data = scale.write(many(4), place, DEALS, buckets=1)
        for size in (6, 8, 10):
            data = data.append(many(size))
        named = {f"{place}/{name}" for name in names(place) if "rows" in name}
        assert named == {*data.files("rows")}
        with later(6):
            assert 0 == scale.sweep(place)
        with later(8):
            assert 1 == scale.sweep(place, keep=3)
            assert 2 == scale.sweep(place, older_than=timedelta(days=2))
            assert 0 == scale.sweep(place)

        assert [*many(10)] == [*scale.open(place, DEALS).entries()]
        with pytest.raises(DatasetError, match="has no version 3"):
            scale.open(place, DEALS, version=3)

    @pytest.mark.slow
    def test_files_of_no_version_are_swept(self, place: Place) -> None:
        """They are those of a writer that was killed; files of others stay."""
        data = scale.write(many(4), place, DEALS, buckets=1)
        with (
            planned(lambda verb, _: "failed" if verb in {"put", "delete"} else "done"),
            pytest.raises(DatasetError),
        ):
            data.append(many(6))
        mine = ["states.parquet", "rows.parquet", "dataset.txt"]
        for name in [*mine, ".try-1", "rows-000009-1-00000.parquet"]:
            assert _files.create(_files.located(place), name, b"mine")
        if isinstance(place, Path):
            (place / ".staged-1").mkdir()
        before = names(place)
        with later(1):
            assert 0 == scale.sweep(place)
        with later(8):
            assert scale.sweep(place) >= 2
        left = names(place)

        assert {*mine} < left < before
        assert {"000001"} == {n.split("-")[1][:6] for n in left if "-" in n}
        assert [*many(4)] == [*scale.open(place, DEALS).entries()]

    @pytest.mark.parametrize(
        "given", [{"older_than": timedelta(days=1)}, {"keep": 0}], ids=str
    )
    def test_what_is_young_is_never_swept(self, given: Any, tmp_path: Path) -> None:
        """A writer could be at work."""
        scale.write(many(4), tmp_path, DEALS, buckets=1)
        with pytest.raises(DatasetError, match="give two days or more"):
            scale.sweep(tmp_path, **given)


class TestCompacting:
    """Many files of a bucket become one, and nothing else changes."""

    @few
    @given(log=logs() | loners(), cuts=st.lists(st.integers(0, 8), max_size=4))
    def test_a_compacted_dataset_answers_as_its_log(
        self, log: EventLog, cuts: list[int]
    ) -> None:
        """And grows; its earlier versions are read as before."""
        with TemporaryDirectory() as folder:
            data = scale.write([*log][: len(log) // 2], folder, VOCABULARY, buckets=2)
            for cut in sorted(cuts):
                data = data.append([*log][len(data) : max(len(data), cut)])
            version = data.version
            for more_than in (1, 1):
                data = scale.compact(folder, VOCABULARY, more_than=more_than)
            longer = data.append(log)
            earlier = scale.open(folder, VOCABULARY, version=version)

            assert data.version in {version, version + 1}
            assert [*earlier.entries()] == [*data.entries()]
            assert [*log] == [*longer.entries()]
            for known_by in (None, "2015-06-01"):
                found = longer.project_each(everything, on=DAY, known_by=known_by)
                assert expected(log, everything, DAY, known_by) == found

    @pytest.mark.slow
    def test_files_are_joined(self, place: Place) -> None:
        """One of each kind for each bucket, and with a column for a field."""
        log = many(4)
        data = scale.write(log, place, DEALS, buckets=1)
        for number in range(4):
            log = log.append(deal(90 + number, "AAA", f"E{number}", millions=7))
            log = log.append(log[number].claim, supersedes=number)
            data = data.append(log)
        compacted = scale.compact(place, DEALS, more_than=4)
        with later(8):
            scale.sweep(place)
        kinds = Counter(name.partition("-")[0] for name in names(place))

        assert {"rows": 1, "clusters": 1, "pairs": 1, "dataset": 1} == kinds
        assert expected(log, measures.total(Deal, "millions"), DAY) == (
            scale.open(place, DEALS).project_each(
                measures.total(Deal, "millions"), on=DAY
            )
        )
        assert [*log] == [*compacted.entries()]
        assert compacted.version == scale.compact(place, DEALS).version

    @pytest.mark.slow
    def test_another_writer_is_not_undone(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What was added meanwhile is in the compacted version."""
        data = scale.write(many(4), place, DEALS, buckets=1).append(many(6))
        overtaken(monkeypatch, lambda: data.append(many(8)))
        compacted = scale.compact(place, DEALS, more_than=1)

        assert (4, 8) == (compacted.version, len(compacted))


# --- races ----------------------------------------------------------------------------


class Race:
    """Writers at work at once, while requests fail, versions are swept and compacted.

    Args:
        place: The dataset.
        share: One request in so many fails, or its answer is lost.
        age: What is older may be swept away.
    """

    def __init__(self, place: Place, share: int, age: timedelta) -> None:
        self.place, self._draw, self._share = place, Random(1), share
        self.age = age
        self.faults = 0
        self.is_over = False

    def plan(self, _verb: str, _name: str) -> str:
        """Return what happens to a request."""
        number = self._draw.randrange(2 * self._share)
        self.faults += number < 2
        return {0: "failed", 1: "lost"}.get(number, "done")

    def write(self, writer: int, times: int) -> None:
        """Add pairs of a claim and its correction."""
        for number in range(times):
            self.add(writer, number)

    def add(self, writer: int, number: int) -> None:
        """Add a pair until nobody doubts it: a repeat adds nothing."""
        first = deal(writer, "AAA", f"W{writer}", label=f"{writer} {number}")
        second = deal(writer, "AAA", f"W{writer}", millions=number)
        while True:
            with suppress(DatasetError):
                data = scale.open(self.place, DEALS)
                table = rows(EventLog.of(first).append(second))
                target = pa.array([None, len(data)], pa.int64())
                place = table.schema.get_field_index("supersedes")
                table = table.set_column(place, "supersedes", target)
                data.append(table, once=(f"W{writer}", number))
                return

    def keep_up(self) -> None:
        """Sweep and compact until the writers have done."""
        while not self.is_over:
            for work in (
                lambda: scale.sweep(self.place, older_than=self.age, keep=2),
                lambda: scale.compact(self.place, DEALS, more_than=3),
            ):
                with suppress(DatasetError, OSError):
                    work()
            sleep(0.2)


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.parametrize(("writers", "share"), [(2, 100), (8, 5)])
def test_nothing_is_lost_or_doubled(
    writers: int,
    share: int,
    place: Place,
    trials: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    """Every pair is there once, and the versions that are kept are read as they were.

    Time runs fast: days are seconds for writers that would take too long.
    """
    writers = min(writers, trials(8, share=4))
    age = timedelta(seconds=trials(40, share=5))
    for module in (_writing, _upkeep):
        monkeypatch.setattr(module, "YOUNG", age.total_seconds())
    scale.write([], place, DEALS, buckets=1)
    race, times = Race(place, share, age), trials(10, share=10)
    with planned(race.plan), ThreadPoolExecutor(writers + 1) as pool:
        upkeep = pool.submit(race.keep_up)
        done = [pool.submit(race.write, number, times) for number in range(writers)]
        wait(done)
        race.is_over = True
        for one in (*done, upkeep):
            one.result()
    record_property("faults", race.faults)
    check(place, {f"{w} {n}" for w in range(writers) for n in range(times)})


def check(place: Place, wanted: set[str]) -> None:
    """Check that pairs are there, each once, in every version that is left."""
    newest = [*scale.open(place, DEALS).entries()]
    first = {e.position: e.event.what for e in newest if e.supersedes is None}
    second = {e.supersedes: e.event.what for e in newest if e.supersedes is not None}
    numbers = {at: int(what.label.split()[1]) for at, what in first.items()}

    assert sorted(wanted) == sorted(what.label for what in first.values())
    assert numbers == {at: what.millions for at, what in second.items()}
    assert len(newest) == 2 * len(wanted)
    versions = [int(n[8:14]) for n in names(place) if n.startswith("dataset-")]
    assert versions
    for version in versions:
        found = [*scale.open(place, DEALS, version=version).entries()]
        assert newest[: len(found)] == found
