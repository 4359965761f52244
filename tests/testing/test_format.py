"""What `check_format` lets pass, and the one defect that each law finds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace

import pytest
from attrs import frozen
from hypothesis import strategies as st

from bri_timeline import Event, EventLog, Vocabulary
from bri_timeline.extend import decode_entry, encode_entry
from bri_timeline.testing import check_format


@frozen
class Pledged:
    """A fact of the tests."""

    country: str


Change = Callable[[list[dict[str, object]]], Iterable[dict[str, object]]]


def rows(log: EventLog, words: Vocabulary) -> list[dict[str, object]]:
    """Return a log as plain data."""
    return [json.loads(encode_entry(entry, words)) for entry in log]


def log_of(data: Iterable[dict[str, object]], words: Vocabulary) -> EventLog:
    """Return the log of plain data."""
    return EventLog(
        [
            decode_entry(json.dumps({**row, "position": position}).encode(), words)
            for position, row in enumerate(data)
        ]
    )


class Lines:
    """A format that keeps everything, unless it is spoilt on the way in or out."""

    def __init__(
        self, written: Change = lambda data: data, read: Change = lambda data: data
    ) -> None:
        self.written = written
        self.read = read

    def dumps(self, log: EventLog, vocabulary: Vocabulary) -> str:
        """Return the text of a log."""
        return json.dumps(list(self.written(rows(log, vocabulary))))

    def loads(self, text: str, vocabulary: Vocabulary) -> EventLog:
        """Return the log of a text."""
        return log_of(self.read(json.loads(text)), vocabulary)

    def dump(self, log: EventLog, path: Path, vocabulary: Vocabulary) -> None:
        """Write a log to a file."""
        path.write_text(self.dumps(log, vocabulary))

    def load(self, path: Path, vocabulary: Vocabulary) -> EventLog:
        """Read a log from a file."""
        return self.loads(path.read_text(), vocabulary)


def said(module: object, **how: object) -> str:
    """Return what the check says against a format."""
    with pytest.raises(AssertionError) as error:
        check_format(module, **how)
    return str(error.value)


def without(field: str) -> Change:
    """Return what forgets a field."""
    return lambda data: [{n: v for n, v in row.items() if n != field} for row in data]


class TestSound:
    """Formats in which nothing is wrong."""

    def test_check_format_passes_a_format_without_losses(self) -> None:
        """A format that keeps every part of every entry passes."""
        check_format(Lines())

    def test_check_format_takes_a_format_without_texts(self) -> None:
        """A format may have files only, and no texts."""
        lines = Lines()

        check_format(SimpleNamespace(dump=lines.dump, load=lines.load))

    def test_check_format_takes_a_strategy_for_logs(self) -> None:
        """A format that keeps claims alone is checked with such logs."""
        forgetful = Lines(written=without("retracts"))
        pledges = st.builds(Pledged, st.text())
        claims = st.builds(EventLog.of, st.builds(Event, pledges, when=st.dates()))

        check_format(forgetful, claims, vocabulary=Vocabulary(Pledged))

    def test_check_format_passes_a_format_that_returns_its_losses(self) -> None:
        """A format that returns what it lost may lose it."""
        lines = Lines(written=without("because"))

        def dump(log: EventLog, path: Path, vocabulary: Vocabulary) -> list[str]:
            lines.dump(log, path, vocabulary)
            return [f"because, of {e.position}" for e in log if e.because is not None]

        check_format(SimpleNamespace(dump=dump, load=lines.load))


class TestRoundTrip:
    """What is written is read."""

    @pytest.mark.slow
    @pytest.mark.parametrize("field", ["known", "because", "supersedes"])
    def test_check_format_finds_a_lost_part_of_entries(self, field: str) -> None:
        """A part of entries that is lost is found, and the log shown."""
        message = said(Lines(written=without(field)))

        assert "Lines reads another log than dump() was given" in message
        assert "was read as:" in message
        assert "2015-12-30  Reported(" in message

    def test_check_format_finds_a_lost_entry(self) -> None:
        """The last entry of a log that is lost is found."""
        message = said(Lines(read=lambda data: data[:-1]))

        assert "Lines reads another log than dump() was given" in message

    def test_check_format_finds_an_error_while_writing(self) -> None:
        """An error while writing is found."""

        def fail(data: object) -> list[dict[str, object]]:
            raise RuntimeError("disk")

        assert "Lines.dump() raises RuntimeError: disk" in said(Lines(written=fail))

    def test_check_format_finds_an_error_while_reading(self) -> None:
        """An error while reading is found."""
        message = said(Lines(written=lambda data: [{"x": 1}, *data]))

        assert "Lines.load() raises" in message


class TestOneWay:
    """The same log, the same bytes."""

    def test_check_format_finds_text_that_differs_from_time_to_time(self) -> None:
        """A format whose text differs from time to time is found."""
        times: list[int] = []

        class Counting(Lines):
            def dumps(self, log: EventLog, vocabulary: Vocabulary) -> str:
                times.append(1)
                return super().dumps(log, vocabulary) + " " * len(times)

        assert "Counting.dump() writes other bytes" in said(Counting())


class TestText:
    """Texts and files agree."""

    def test_check_format_finds_a_text_that_differs_from_the_file(self) -> None:
        """A text unlike what stands in the file is found."""

        class Spaced(Lines):
            def dump(self, log: EventLog, path: Path, vocabulary: Vocabulary) -> None:
                path.write_text(self.dumps(log, vocabulary) + " ")

        assert "Spaced.dumps() and .dump() write different texts" in said(Spaced())

    @pytest.mark.slow
    def test_check_format_finds_a_text_that_is_read_as_another_log(self) -> None:
        """A text that is read as another log than the file is found."""

        class Half(Lines):
            def load(self, path: Path, vocabulary: Vocabulary) -> EventLog:
                return Lines().loads(path.read_text(), vocabulary)

        half = Half(read=without("known"))

        assert "Half reads another log than dumps() was given" in said(half)


@pytest.mark.slow
@pytest.mark.usefixtures("great_effort")
def test_check_format_gives_logs_that_the_format_cannot_change() -> None:
    """The logs that a format is given are those that it is judged by."""
    seen: list[EventLog] = []
    lines = Lines()

    def dump(log: EventLog, path: Path, vocabulary: Vocabulary) -> None:
        seen.append(log)
        lines.dump(log, path, vocabulary)

    check_format(SimpleNamespace(dump=dump, load=lines.load))

    assert any(entry.retracts is not None for log in seen for entry in log)
    assert any(entry.supersedes is not None for log in seen for entry in log)
    assert any(log.as_of("9000-01-01").disputes for log in seen)
