"""A named append of a table happens once, however often it is tried."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scale_worlds import DEALS, deal, many

from bri_timeline import EventLog, scale
from bri_timeline.errors import DatasetError
from bri_timeline.formats.arrow import to_arrow
from bri_timeline.scale import _upkeep
from bri_timeline.scale._manifest import Manifest
from bri_timeline.stores import MemoryStore


def table(label: str) -> Any:
    """Return a table of one claim, without positions."""
    log = EventLog.of(deal(1, "AAA", "BBB", label=label))
    return pa.table(to_arrow(log, DEALS)).drop_columns(["position"])


def labels(data: scale.Dataset) -> list[str]:
    """Return the labels of all claims, in order."""
    whats: list[Any] = [entry.claim.what for entry in data.entries()]
    return [what.label for what in whats]


class Killed(BaseException):
    """The end of a writer."""


_SAVE = Manifest.save


def disturbed(how: str, place: Path) -> Any:
    """Return a commit before which another writer comes, or a killed one ends."""
    calls = list[None]()

    def save(manifest: Manifest, where: Any) -> bool:
        calls.append(None)
        if how == "before":
            raise Killed
        if how == "like" and len(calls) == 1:
            [(name, number)] = manifest.series.items() - _before(place).items()
            scale.open(place, DEALS).append(
                table(f"{name}{number}"), once=(name, number)
            )
        if how == "other" and len(calls) == 1:
            scale.open(place, DEALS).append(table("other"))
        is_ours = _SAVE(manifest, where)
        if how == "after":
            raise Killed
        return is_ours

    return save


def _before(place: Path) -> dict[str, int]:
    return Manifest.load(place).series


STEPS = st.tuples(
    st.sampled_from("ab"),
    st.integers(0, 3),
    st.sampled_from(["", "before", "after", "like", "other"]),
    st.sampled_from(["", "compact", "sweep", "copy"]),
)


@given(st.lists(STEPS, max_size=6))
def test_each_number_of_a_series_is_added_once(
    steps: list[tuple[str, int, str, str]],
) -> None:
    """Through lost races, killed writers, sweeps, compaction and copies."""
    expected, highest = list[str](), dict[str, int]()
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        place = Path(folder)
        patched.setattr(_upkeep, "YOUNG", 0)
        scale.write([], place, DEALS, buckets=1)
        for name, number, how, upkeep in steps:
            data, old = scale.open(place, DEALS), highest.get(name, -1)
            if number > old:
                with pytest.MonkeyPatch.context() as at_commit:
                    at_commit.setattr(Manifest, "save", disturbed(how, place))
                    if how in ("before", "after"):
                        with pytest.raises(Killed):
                            data.append(table(f"{name}{number}"), once=(name, number))
                    else:
                        data.append(table(f"{name}{number}"), once=(name, number))
                expected += ["other"] if how == "other" else []
                again = data.append(table(f"{name}{number}"), once=(name, number))
                expected.append(f"{name}{number}")
                highest[name] = number
            elif number == old:
                again = data.append(table("never"), once=(name, number))
            else:
                with pytest.raises(DatasetError, match=f"'{name}' up to {old}"):
                    data.append(table("never"), once=(name, number))
                again = data
            assert expected == labels(again) == labels(scale.open(place, DEALS))
            if upkeep == "compact":
                scale.compact(place, DEALS, more_than=1)
            elif upkeep == "sweep":
                scale.sweep(place, older_than=timedelta(0))
            elif upkeep:
                with MemoryStore(DEALS) as store:
                    again.copy_to(store)


def test_an_erasure_keeps_the_numbers_of_series(tmp_path: Path) -> None:
    """Though the dataset is written anew."""
    data = scale.write(many(2), tmp_path, DEALS, buckets=1)
    data = data.append(table("a"), once=("a", 5))
    with MemoryStore(DEALS) as store:
        data.copy_to(store)
        store.erase(0, because="law")
        newest = data.append(store).append(table("b"), once=("a", 5))

    assert (3, 3) == (len(newest), newest.version)


@pytest.mark.parametrize(
    "once",
    ["a", ("a",), ("", 1), ("a", -1), ("a", True), ("a", 1 << 63), (1, "a")],
    ids=str,
)
def test_what_is_no_name_is_refused(once: Any, tmp_path: Path) -> None:
    """With the value, and an example."""
    data = scale.write([], tmp_path, DEALS)
    with pytest.raises(DatasetError, match="give a series and a whole number"):
        data.append(table("a"), once=once)


def test_a_log_or_a_store_needs_no_name(tmp_path: Path) -> None:
    """What is repeated of these adds nothing."""
    data = scale.write([], tmp_path, DEALS)
    with MemoryStore(DEALS) as store:
        for what in (many(1), store):
            with pytest.raises(DatasetError, match="leave it out"):
                data.append(what, once=("a", 1))


def test_no_rows_take_no_number(tmp_path: Path) -> None:
    """Nothing is there to be repeated."""
    data = scale.write([], tmp_path, DEALS).append([], once=("a", 2))

    assert ["a"] == labels(data.append(table("a"), once=("a", 1)))
