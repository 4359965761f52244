"""The logger `bri_timeline`: silent by default, and without cost for who is silent."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest
from programs import unmeasured

from bri_timeline import _lock, _logger
from bri_timeline._lock import FileLock
from bri_timeline.errors import BusyStoreError


class Hasty:
    """A clock on which seconds pass between two looks at it."""

    def __init__(self) -> None:
        self.now = monotonic()

    def monotonic(self) -> float:
        self.now += 1.5
        return self.now

    def sleep(self, seconds: float) -> None:
        sleep(seconds)


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level("INFO", "bri_timeline")
    return caplog


def ran(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env=unmeasured(),
        cwd=folder,
    )


def test_nothing_is_printed_where_nobody_listens(tmp_path: Path) -> None:
    """Neither are warnings, which Python would print by itself."""
    program = (
        "import logging\n"
        "from bri_timeline._logger import warn\n"
        "warn('%s', 'x')\n"
        "logging.basicConfig()\n"
        "warn('%s', 'heard')\n"
    )
    done = ran(program, tmp_path)

    assert ("", "WARNING:bri_timeline:heard\n") == (done.stdout, done.stderr)


@pytest.mark.parametrize("begin", ["", "import logging; "])
def test_claims_of_kinds_that_are_lacking_are_told_where_nobody_listens(
    begin: str, tmp_path: Path
) -> None:
    """By Python: answers about everything have not all that is there."""
    program = (
        f"{begin}from bri_timeline import Vocabulary\n"
        "from bri_timeline.formats import jsonl\n"
        "from bri_timeline.chronicles import azerbaijan_china\n"
        "from bri_timeline.relations import FACTS\n"
        "text = jsonl.dumps(azerbaijan_china(), FACTS)\n"
        "open('a.jsonl', 'w').write(text)\n"
        "jsonl.load('a.jsonl', Vocabulary())\n"
    )
    done = ran(program, tmp_path)

    assert "UserWarning: a.jsonl: 26 claims kept as Unknown" in done.stderr


def test_an_alert_is_a_warning_or_a_message(
    said: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message where a program listens, and else a warning of Python."""
    _logger.alert("%s claims", 7)
    assert ["7 claims"] == [record.getMessage() for record in said.records]
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logging.getLogger("bri_timeline"), "handlers", [])
    with pytest.warns(UserWarning, match="8 claims"):
        _logger.alert("%s claims", 8)
    monkeypatch.delitem(sys.modules, "logging")
    with pytest.warns(UserWarning, match="9 claims"):
        _logger.alert("%s claims", 9)


def test_a_message_does_not_import_logging(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has not imported it cannot listen."""
    monkeypatch.delitem(sys.modules, "logging")
    _logger.warn("%s", "x")
    assert "logging" not in sys.modules


def test_a_writer_that_waits_says_so(
    tmp_path: Path, said: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then after twice as long: few lines, however long it takes."""
    lock, other = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    monkeypatch.setattr(_lock, "time", Hasty())
    with (
        lock.held("x", 1.0),
        pytest.raises(BusyStoreError),
        other.held("visits.db", 20.0),
    ):
        pass
    lock.close()
    other.close()

    assert [
        f"visits.db: waiting for another writer for {seconds} s"
        for seconds in (2, 3, 4, 9, 16)
    ] == [record.getMessage() for record in said.records]
