"""Files that are written: replaced whole, as they were, and nothing but files."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from store_worlds import WORDS, facts

from bri_timeline import EventLog, _atomic_write, _lock, scale
from bri_timeline._command import main
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import DatasetError, OutputError
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


@pytest.mark.parametrize("name", WRITERS)
def test_a_writer_replaces_only_files_and_keeps_their_mode(
    name: str, tmp_path: Path
) -> None:
    """All writers go one way: no pipe is replaced, and nothing becomes readable."""
    pipe, file = tmp_path / "pipe", tmp_path / "file"
    os.mkfifo(pipe)
    with pytest.raises(OutputError, match="is a pipe, which cannot be replaced: give"):
        WRITERS[name](pipe)
    file.write_text("old")
    file.chmod(0o600)
    WRITERS[name](file)

    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert "old" != file.read_bytes()[:3].decode("latin-1")
    assert {"pipe", "file"} == {found.name for found in tmp_path.iterdir()}


def test_a_full_disk_is_told_with_the_name_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever writes, and the command: the system does not say which file it was."""
    log = tmp_path / "log.jsonl"
    jsonl.dump(azerbaijan_china(), log, FACTS)
    whole = log.read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(_atomic_write.os, "fsync", full)
    for name, write_it in WRITERS.items():
        path = tmp_path / name
        with pytest.raises(OutputError, match="cannot be written: No space le") as told:
            write_it(path)
        assert str(path) == told.value.path
    with pytest.raises(OutputError, match=r"log\.jsonl"):
        jsonl.dump(LOG, log, WORDS)

    assert 1 == main(["export", str(log), "-o", str(tmp_path / "out.csv")])
    assert f"{tmp_path / 'out.csv'}" in capsys.readouterr().err
    assert whole == log.read_bytes()
    assert {"log.jsonl", ".out.csv.lock"} == {one.name for one in tmp_path.iterdir()}


def test_the_command_does_not_replace_a_device(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command says what is there, and leaves it."""
    log = tmp_path / "log.jsonl"
    jsonl.dump(azerbaijan_china(), log, FACTS)
    for kind in ("jsonl", "store", "csv"):
        assert 1 == main(["export", str(log), "-o", "/dev/null", "--to", kind])
        assert "is a device" in capsys.readouterr().err
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


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
