"""A file is replaced as a whole, keeps what it was, and is nothing but a file."""

from __future__ import annotations

import errno
import os
import socket
import stat
from pathlib import Path

import pytest

from bri_timeline import _atomic_write
from bri_timeline._atomic_write import replaced
from bri_timeline.errors import OutputError


def write(path: Path, data: str) -> None:
    """Replace a file as a whole."""
    with replaced(path) as file:
        file.write(data.encode())


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
