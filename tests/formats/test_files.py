"""Files that are written: replaced whole, as they were, and nothing but files."""

from __future__ import annotations

import errno
import gzip
import os
import socket
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from store_worlds import WORDS, facts

from bri_timeline import EventLog, _atomic_write
from bri_timeline._atomic_write import replaced
from bri_timeline._command import main
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import FaultsError, OutputError
from bri_timeline.formats import _files, _foreign, csv, icews, jsonl
from bri_timeline.pages import html, network, png, svg, text
from bri_timeline.relations import FACTS, relationship


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


def write(path: Path, data: str) -> None:
    """Replace a file as a whole."""
    with replaced(path) as file:
        file.write(data.encode())


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


def test_replaced_refuses_devices_folders_and_sockets(tmp_path: Path) -> None:
    """Each is named for what it is, through a link too, and stays."""
    near = tmp_path / "null"
    near.symlink_to("/dev/null")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
    for path, kind in (
        (Path("/dev/null"), "device"),
        (near, "device"),
        (tmp_path, "folder"),
        (tmp_path / "socket", "socket"),
    ):
        with pytest.raises(OutputError, match=f"is a {kind}, which cannot be") as error:
            write(path, "x")
        assert str(path) == error.value.path
        assert isinstance(error.value, OSError)
    assert stat.S_ISCHR(near.stat().st_mode)


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


def test_who_may_not_write_in_a_folder_is_told_what_to_allow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that names another file is of that, and passes."""

    def refused(name: object, *_: object) -> int:
        raise PermissionError(errno.EACCES, "denied", name)

    with pytest.raises(PermissionError, match="another"), replaced(tmp_path / "a"):
        refused("another")
    monkeypatch.setattr(os, "open", refused)
    with pytest.raises(OutputError, match="denied; it is as it was: allow writing in"):
        write(tmp_path / "a", "x")


def test_replaced_gives_new_files_the_usual_mode(tmp_path: Path) -> None:
    """What was not there before is as the umask says."""
    former = os.umask(0o027)
    try:
        write(tmp_path / "new", "x")
    finally:
        os.umask(former)
    assert 0o640 == stat.S_IMODE((tmp_path / "new").stat().st_mode)


def test_replaced_keeps_a_private_file_private(tmp_path: Path) -> None:
    """What replaces a private file is private from its first byte on."""
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o600)
    with replaced(path) as file:
        file.write(b"new")
        modes = [stat.S_IMODE(found.stat().st_mode) for found in tmp_path.iterdir()]

    assert [0o600, 0o600] == modes


def test_replaced_keeps_the_owner_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of another owner is given back to that, or left as it is."""
    path = tmp_path / "file"
    path.write_text("old")
    found = path.stat()
    theirs = os.stat_result([*found[:4], found.st_uid + 1, found.st_gid, *found[6:]])
    monkeypatch.setattr(_atomic_write, "former", lambda _: theirs)
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "chown", lambda _, *owner: given.append(owner))
    write(path, "new")

    assert [(found.st_uid + 1, found.st_gid)] == given

    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "chown", refused)
    with pytest.raises(OutputError, match="belongs to somebody else, and would be you"):
        write(path, "newer")
    assert "new" == path.read_text()
    assert ["file"] == [file.name for file in tmp_path.iterdir()]


def read_lines(path: Path, read: list[object]) -> None:
    """Read a file line by line, as formats do."""
    if ".jsonl" in path.suffixes:
        faults = _files.Faults("a")
        read.extend(_files.lines(path, faults))
        faults.check()
    else:
        read.extend(_foreign.lines(path, longest=_files.LONGEST))


@pytest.mark.slow
@pytest.mark.parametrize("line", [b"\n", b"x" * 999 + b"\n", b"x" * (1 << 21) + b"\n"])
@pytest.mark.parametrize("ending", ["jsonl.gz", "csv.gz", "csv.zip"])
def test_a_small_file_does_not_unpack_to_endless_work(
    tmp_path: Path, line: bytes, ending: str
) -> None:
    """A packed file is read up to 64 times its size, and short lines count as 64."""
    path, content = tmp_path / f"a.{ending}", line * ((1 << 24) // len(line))
    if ending.endswith("gz"):
        path.write_bytes(gzip.compress(content))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a", content)
    most = (8 << 20) + 64 * path.stat().st_size
    read: list[object] = []
    with pytest.raises(FaultsError) as caught:
        read_lines(path, read)
    found = str(caught.value)
    assert f"{most} bytes" in found or f"{_files.LONGEST} bytes" in found
    assert ("unpack" in found) == (f"{most} bytes" in found)
    assert len(read) <= most // 64


@pytest.mark.slow
def test_an_ordinary_packed_file_is_read(tmp_path: Path) -> None:
    """A log of which each line is like the one before is well within the bounds."""
    log = EventLog.of(*facts(20_000))
    jsonl.dump(log, tmp_path / "log.jsonl.gz", WORDS)
    packed = (tmp_path / "log.jsonl.gz").stat().st_size

    assert log == jsonl.load(tmp_path / "log.jsonl.gz", WORDS)
    jsonl.dump(log, tmp_path / "log.jsonl", WORDS)
    assert (tmp_path / "log.jsonl").stat().st_size > 10 * packed
