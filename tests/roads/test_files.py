"""Files that are written: replaced whole, as they were, and nothing but files."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from store_worlds import WORDS, facts

from bri_timeline import EventLog, _lock, scale
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import DatasetError
from bri_timeline.extend import FileLock
from bri_timeline.formats import csv, icews, jsonl
from bri_timeline.pages import html, network, png, svg, text
from bri_timeline.relations import FACTS, relationship
from bri_timeline.stores import SQLiteStore, backup


LOG = EventLog.of(*facts(3))
VIEW = LOG.as_of("2020-01-01")
BOTH = relationship("AZE", "CHN")
WRITERS: dict[str, Callable[[Path], object]] = {
    "codes": lambda path: icews.Codes.shipped().dump(path),
    "csv": lambda path: csv.dump(LOG, path, WORDS),
    "html": lambda path: html.render(VIEW).save(path),
    "jsonl": lambda path: jsonl.dump(LOG, path, WORDS),
    "network": lambda path: network.render(VIEW).save(path),
    "png": lambda path: png.render(VIEW).save(path),
    "svg": lambda path: svg.render(VIEW).save(path),
    "text": lambda path: text.render(VIEW).save(path),
}


def _dataset(path: Path) -> None:
    """Write a dataset, and append to it."""
    log = azerbaijan_china()
    scale.write(EventLog([*log][:20]), path, FACTS, buckets=2)
    scale.open(path, FACTS).append(log)


def _backup(path: Path) -> None:
    """Copy a store of which the system has the file."""
    with SQLiteStore(path.with_name("source"), WORDS) as store:
        store.append(LOG)
        backup(store, path)


def _unlinked(*_: object) -> None:
    """Refuse a hard link, as FAT does."""
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))


@pytest.mark.parametrize("linked", [True, False], ids=["", "no links"])
@pytest.mark.parametrize("write_it", [WRITERS["jsonl"], _backup, _dataset])
def test_a_file_is_on_the_disk_before_it_has_its_name(
    write_it: Callable[[Path], object],
    linked: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A power cut leaves the old file or the new one: its name is written last."""
    if not linked:
        monkeypatch.setattr(os, "link", _unlinked)
    deeds: list[tuple[str, int]] = []
    # Names of SQLite's own are no business of ours.
    for name in ("replace", "link"):
        call = getattr(os, name)

        def names(old: Path, new: Path, call: Callable[..., None] = call) -> None:
            call(old, new)
            deeds.append(("name", Path(new).stat().st_ino))

        monkeypatch.setattr(os, name, names)
    monkeypatch.setattr(
        os, "fsync", lambda number: deeds.append(("sync", os.fstat(number).st_ino))
    )
    path = tmp_path / "file"
    write_it(path)
    whole = {one.stat().st_ino for one in path.glob("[!.]*") if one.suffix} or {
        path.stat().st_ino
    }
    folder = (path if path.is_dir() else tmp_path).stat().st_ino
    named = [place for place, (deed, _) in enumerate(deeds) if deed == "name"]

    assert named
    for place in named:
        before, (after, *_) = {*deeds[:place]}, deeds[place + 1 :]
        assert ("sync", deeds[place][1]) in before
        assert after == ("sync", folder)
    assert {("sync", number) for number in whole} <= {*deeds[: named[-1]]}


@pytest.mark.parametrize(
    ("number", "locks", "problem"),
    [
        (errno.EPERM, True, "File exists"),
        (errno.EPERM, False, "is on a disk that keeps no locks"),
        (errno.EIO, True, "Input/output"),
    ],
)
def test_a_name_is_taken_by_one_where_there_are_no_links(
    number: int,
    locks: bool,
    problem: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Writers take turns, or are refused; what somebody made meanwhile stays."""

    def fails(error: int) -> Callable[..., None]:
        def work(*_: object, **__: object) -> None:
            raise OSError(error, os.strerror(error))

        return work

    draft, name = tmp_path / "draft", tmp_path / "name"
    draft.write_text("new")
    name.write_text("old")
    monkeypatch.setattr(os, "link", fails(number))
    if not locks:
        monkeypatch.setattr(_lock, "_lock", fails(errno.ENOLCK))
    with pytest.raises(OSError, match=problem):
        FileLock.take_name(draft, name)
    assert ["new", "old"] == [draft.read_text(), name.read_text()]

    place = tmp_path / "dataset"
    with (
        pytest.raises(DatasetError, match="written, and is as it was")
        if (problem != "File exists")
        else nullcontext()
    ):
        _dataset(place)
    assert not [*place.glob("[!.]*")] or problem == "File exists"
