"""The laws of what is written and read again: payloads, and logs in a format."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import NoReturn, Protocol, runtime_checkable

import attrs
from hypothesis import strategies as st

from bri_timeline import Event, EventLog, Source, Vocabulary
from bri_timeline.errors import BriTimelineError
from bri_timeline.evidence import digest
from bri_timeline.testing._logs import (
    REPORTS,
    citations,
    events,
    logs,
    places,
    sources,
)
from bri_timeline.testing._searching import fail, log_lines, searching
from bri_timeline.testing._strategies import is_attrs_class, payloads


_WHEN = "2015"


def check_payload(
    cls: type,
    instances: st.SearchStrategy[object] | None = None,
    *,
    vocabulary: Vocabulary | None = None,
) -> None:
    """Check that a class can be the payload of an event.

    - *frozen*: it is an attrs class whose fields cannot be set, and whose values cannot
      change;
    - *hashable*: instances with equal fields are equal and have the same hash;
    - *kept*: a vocabulary decodes an instance to an equal one, and encodes that to the
      same bytes.

    >>> from attrs import frozen
    >>> @frozen
    ... class Pledged:
    ...     country: str
    ...     millions: int
    >>> check_payload(Pledged)

    Args:
        cls: The class to check.
        instances: Strategy for instances; by default `payloads()`.
        vocabulary: The vocabulary that encodes it; by default one of this class alone.

    Raises:
        AssertionError: A law does not hold; the message names the instance.
    """
    name = getattr(cls, "__name__", repr(cls))
    if not is_attrs_class(cls):
        fail(f"{name} is not an attrs class: decorate it with attrs.frozen")
    try:
        words = Vocabulary(cls) if vocabulary is None else vocabulary
        strategy = payloads(cls) if instances is None else instances
    except BriTimelineError as error:
        fail(f"{name} cannot be put in a vocabulary: {error}")

    def check(payload: object) -> None:
        _check_frozen(payload)
        _check_hash(payload)
        _check_kept(payload, words)

    searching(strategy, check)


def _check_frozen(payload: object) -> None:
    kind = type(payload).__name__
    for name in _names(type(payload)):
        try:
            setattr(payload, name, getattr(payload, name))
        except AttributeError:
            continue
        problem = f"{kind}.{name} can be set: decorate the class with attrs.frozen"
        fail(problem, repr(payload))
    try:
        Event(payload, when=_WHEN)
    except BriTimelineError as error:
        fail(f"{kind} cannot be in an event: {error}", repr(payload))


def _check_hash(payload: object) -> None:
    kind, twin = type(payload).__name__, _twin(payload)
    if payload != twin:
        problem = f"two instances of {kind} with equal fields are not equal"
        fail(f"{problem}: leave eq=True", repr(payload))
    # Logs find repeated claims by hash.
    if hash(payload) != hash(twin):
        problem = f"two equal instances of {kind} have different hashes"
        fail(f"{problem}: hash what is compared, and nothing else", repr(payload))


def _names(cls: type) -> list[str]:
    return [field.name for field in attrs.fields(cls)]


def _twin(payload: object) -> object:
    """Return another instance with the same fields."""
    # Not by calling the class: a converter or validator could change or refuse them.
    cls = type(payload)
    twin: object = cls.__new__(cls)
    for name in _names(cls):
        object.__setattr__(twin, name, getattr(payload, name))
    return twin


def _check_kept(payload: object, vocabulary: Vocabulary) -> None:
    kind = type(payload).__name__
    try:
        name, version = vocabulary.name_of(payload), vocabulary.version_of(payload)
        data = vocabulary.encode(payload)
        again = vocabulary.decode(name, data, version)
    except BriTimelineError as error:
        problem = f"{kind} cannot be encoded and decoded: {error}"
        fail(problem, repr(payload))
    lines = f"given:   {payload!r}", f"as JSON: {data.decode()}", f"decoded: {again!r}"
    if type(again) is not type(payload) or again != payload:
        fail(f"{kind} is not what it was once encoded and decoded", *lines)
    # Equal payloads must have equal bytes, because stores hash the bytes.
    if (bytes_again := vocabulary.encode(again)) != data:
        again_line = f"again:   {bytes_again.decode()}"
        problem = f"{kind} gives other bytes once encoded and decoded"
        fail(problem, *lines, again_line)


class Format(Protocol):
    """A module, or an object, that writes logs to files and reads them."""

    @property
    def dump(self) -> Callable[[EventLog, Path, Vocabulary], object]:
        """Write a log to a file; return its losses."""

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


def check_format(
    module: Format | ModuleType,
    given: st.SearchStrategy[EventLog] | None = None,
    *,
    vocabulary: Vocabulary = REPORTS,
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
        given: Strategy for logs; by default `logs()` with all that an entry can hold:
            sources in full, places, releases of a dataset, and proposals.
        vocabulary: The classes of their payloads; to be given with *given*.

    Raises:
        AssertionError: A law does not hold; the message has the log.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log")
        strategy = _whole_logs(vocabulary) if given is None else given
        searching(strategy, lambda log: _check(module, log, path, vocabulary))


_DAY = st.dates(date(2016, 1, 1), date(2016, 1, 9))
_ADDRESS = "https://example.org/a?b=1&c=%20"
# Text that a format may strip, or write in another way.
_TEXT = st.sampled_from([" ab ", "a\tb", "a\r\nb", "A\u0308", "\u00c4", 'a"b\\'])
_DETAILED = st.builds(
    Source,
    _TEXT,
    published=st.none() | _DAY,
    container=st.none() | _TEXT,
    author=st.none() | _TEXT,
    url=st.none() | st.just(_ADDRESS),
    accessed=st.none() | _DAY,
    archived=st.none() | st.just(_ADDRESS),
    digest=st.none() | _TEXT.map(digest),
)


def _whole_logs(vocabulary: Vocabulary) -> st.SearchStrategy[EventLog]:
    """Return a strategy for logs with all that an entry can hold."""
    claims = events(vocabulary)
    full = events(
        vocabulary, cite=citations(sources() | _DETAILED), where=st.none() | places()
    )
    rows = st.lists(claims, min_size=1, max_size=2, unique_by=lambda event: event.id)
    return st.builds(
        _grown, logs(full), st.none() | rows, st.none() | claims, st.booleans()
    )


def _grown(
    log: EventLog, rows: list[Event] | None, claim: Event | None, is_decided: bool
) -> EventLog:
    """Return a log with a release of a dataset, and with a proposal."""
    if rows:
        log, _ = log.revise(rows, dataset="a list", published=_WHEN + "-06-01")
    if claim is not None:
        log = log.propose(claim, by="a program")
    if is_decided and log.proposals:
        log = log.reject(log.proposals[0], by="somebody", because=" no\t")
    return log


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
