"""The laws of a format: a log that is written can be read."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import NoReturn, Protocol, runtime_checkable

from attrs import frozen
from hypothesis import strategies as st

from bri_timeline._codec import Vocabulary
from bri_timeline._log import EventLog
from bri_timeline.testing._logs import events, logs
from bri_timeline.testing._searching import fail, log_lines, searching


__all__ = ["Format", "check_format"]


class Format(Protocol):
    """A module, or an object, that writes logs to files and reads them."""

    @property
    def dump(self) -> Callable[[EventLog, Path, Vocabulary], object]:
        """Write a log to a file; return what was lost, if anything."""

    @property
    def load(self) -> Callable[[Path, Vocabulary], EventLog]:
        """Read a log from a file."""


@runtime_checkable
class _TextFormat(Protocol):
    @property
    def dumps(self) -> Callable[[EventLog, Vocabulary], str]:
        """Return the text of a log."""

    @property
    def loads(self) -> Callable[[str, Vocabulary], EventLog]:
        """Read a log from its text."""


@frozen
class Reported:
    """The payload in the logs of `check_format()`.

    Attributes:
        actor: The actor.
        times: A number.
        parties: The parties concerned.
    """

    actor: str
    times: int
    parties: frozenset[str]


_VOCABULARY = Vocabulary(Reported)


def check_format(
    module: Format | ModuleType,
    given: st.SearchStrategy[EventLog] | None = None,
    *,
    vocabulary: Vocabulary = _VOCABULARY,
) -> None:
    """Check that a format keeps all of a log.

    - *round trip*: `load(path, vocabulary)` reads an equal log from the file that
      `dump(log, path, vocabulary)` wrote, unless `dump()` returned a true value, which
      reports a loss;
    - *one way*: writing that log again gives the same bytes;
    - *text*: where there are `dumps(log, vocabulary)` and `loads(text, vocabulary)`,
      they agree with the two.

    Args:
        module: The format.
        given: Strategy for logs; by default `logs()`, with corrections, retractions,
            witnesses and disputes.
        vocabulary: The classes of their payloads; to be given with *given*.

    Raises:
        AssertionError: A law does not hold; the message has the log.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log")
        found = logs(events(vocabulary)) if given is None else given
        searching(found, lambda log: _check(module, log, path, vocabulary))


def _check(
    module: Format | ModuleType, log: EventLog, path: Path, vocabulary: Vocabulary
) -> None:
    lost, written, again = _round(module, log, path, vocabulary)
    if lost:
        return
    if again != log:
        _unequal(module, "dump", log, again)
    # A format that is read and written again must not drift.
    _, rewritten, _ = _round(module, again, path, vocabulary)
    if rewritten != written:
        problem = f"{_name(module)}.dump() writes other bytes for a log that it read"
        fail(problem, *log_lines(log))
    if isinstance(module, _TextFormat):
        _check_text(module, log, written, vocabulary)


def _round(
    module: Format | ModuleType, log: EventLog, path: Path, vocabulary: Vocabulary
) -> tuple[object, bytes, EventLog]:
    """Return the reported loss, the bytes written, and the log read from them.

    Raises:
        AssertionError: `dump()` or `load()` raised an error.
    """
    # The step that failed is named in the message.
    done = "dump"
    try:
        lost = module.dump(log, path, vocabulary)
        done = "load"
        return lost, path.read_bytes(), module.load(path, vocabulary)
    except Exception as error:
        problem = f"{_name(module)}.{done}() raises {type(error).__name__}: {error}"
        fail(problem, *log_lines(log))


def _check_text(
    module: _TextFormat, log: EventLog, written: bytes, vocabulary: Vocabulary
) -> None:
    text = module.dumps(log, vocabulary)
    if text.encode() != written:
        problem = f"{_name(module)}.dumps() and .dump() write different texts"
        fail(problem, *log_lines(log))
    again = module.loads(text, vocabulary)
    if again != log:
        _unequal(module, "dumps", log, again)


def _unequal(
    module: object, written_by: str, log: EventLog, again: EventLog
) -> NoReturn:
    problem = f"{_name(module)} reads another log than {written_by}() was given"
    fail(problem, *log_lines(log), "was read as:", *log_lines(again)[1:])


def _name(module: object) -> str:
    return getattr(module, "__name__", type(module).__name__)
