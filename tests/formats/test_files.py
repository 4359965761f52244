"""Packed files: they are read, and do not unpack to endless work."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest
from store_worlds import WORDS, facts

from bri_timeline import EventLog
from bri_timeline.errors import FaultsError
from bri_timeline.formats import _files, _foreign, jsonl


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
