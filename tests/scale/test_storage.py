"""Versions of a dataset, in a folder and at a URL of object storage."""

from __future__ import annotations

import pickle
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from s3_server import at_url
from scale_worlds import DEALS, count, expected, many

from bri_timeline import EventLog, scale
from bri_timeline.errors import DatasetError, FaultsError, StaleLogError
from bri_timeline.formats.arrow import to_arrow
from bri_timeline.scale import _files, _writing
from bri_timeline.scale._manifest import Manifest


DAY = "2030-01-01"
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

    def test_a_repeated_append_adds_nothing(self, place: Place) -> None:
        """Neither a version nor a file."""
        data = scale.write(many(10), place, DEALS, buckets=2)
        before = names(place)

        assert 1 == data.append(many(10)).version
        assert before == names(place)

    def test_nothing_is_a_version_too(self, place: Place) -> None:
        """It is created, and grows."""
        data = scale.write([], place, DEALS, buckets=2)

        assert (0, 0) == (data.version, len(scale.open(place, DEALS)))
        assert 1 == data.append(many(3)).version

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

    def test_an_answer_that_is_lost_is_looked_for(self, place: Place) -> None:
        """The version is there, with the bytes of this writer: that was a success."""
        data = scale.write(many(4), place, DEALS, buckets=1)
        plan = {"create": "lost"}
        with planned(lambda verb, _: plan.get(verb, "done")):
            assert 2 == data.append(many(6)).version
        assert [*many(6)] == [*scale.open(place, DEALS).entries()]

    def test_a_request_that_fails_is_sent_again(self) -> None:
        """To storage that is far away; three times."""
        place, asked = at_url(), Counter[tuple[str, str]]()

        def plan(verb: str, name: str) -> str:
            asked[verb, name] += 1
            return "done" if asked[verb, name] > 2 else "failed"

        with planned(plan):
            scale.write(many(4), place, DEALS, buckets=1).append(many(6))
        assert [*many(6)] == [*scale.open(place, DEALS).entries()]

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

    def test_a_copy_of_a_damaged_file_is_not_kept(self) -> None:
        """Once the file is restored, it is read."""
        place = at_url()
        scale.write(many(4), place, DEALS, buckets=1)
        [name] = [name for name in names(place) if name.startswith("rows")]
        store = _files._files_of(place).system
        whole = store.cat_file(f"{place}/{name}")
        store.pipe_file(f"{place}/{name}", whole[:-1])
        _files._copies.cache_clear()
        with pytest.raises(DatasetError, match=name):
            scale.open(place, DEALS).project_each(count, on=DAY)
        store.pipe_file(f"{place}/{name}", whole)
        found = scale.open(place, DEALS).project_each(count, on=DAY)
        assert expected(many(4), count, DAY) == found


class TestURLs:
    """What can be given in the place of a folder."""

    @pytest.mark.parametrize(
        ("url", "problem"),
        [
            ("gs://bucket/data", "gcsfs"),
            ("az://bucket/data", "adlfs"),
            ("nothing://x/y", "Protocol not known: nothing"),
            ("memory://data", "write to a folder, or to .*s3://"),
        ],
    )
    def test_what_cannot_be_written_to_is_told(
        self, url: Place, problem: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With the package that is missing."""
        for module in ("gcsfs", "adlfs"):
            monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(DatasetError, match=problem):
            scale.write(many(3), url, DEALS)

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
            store.system.pipe_file(f"{store.where}/{name}", data)

        monkeypatch.setattr(_files._Store, "create", put)
        place = at_url()
        with pytest.raises(DatasetError, match="creates a file again"):
            scale.write(many(3), place, DEALS)
        assert not names(place)

    def test_workers_read_a_url_themselves(self) -> None:
        """A dataset can be sent; each process has copies of its own."""
        data = scale.write(many(30), at_url(), DEALS, buckets=4)
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
            found = data.project_each(count, on=DAY, executor=executor)

        assert expected(many(30), count, DAY) == found
        assert data.folder == pickle.loads(pickle.dumps(data)).folder
