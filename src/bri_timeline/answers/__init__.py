"""Answers as JSON: written, described by a JSON Schema, and read back.

`as_dict()` of an answer is plain data; here is the way back. Name the type of the
answer with that of its values, and the vocabulary of its events.

`schema()` describes such JSON for other programs. Both are made from the annotated
types of the classes, so that neither can differ from what is written.

A view and a panel answer further questions from their log, which plain data lack: they
are read back as `ViewData` and `PanelData`, which hold what they showed. `StateAnswer`,
`ExplainAnswer` and `VerifyAnswer` are what the command prints with `--format json`.
"""

from __future__ import annotations

import json
from collections.abc import Hashable
from typing import Any, Generic, TypeVar, cast

from attrs import frozen

from bri_timeline import (
    Contradiction,
    Dangling,
    Dispute,
    Event,
    PanelRow,
    SetAside,
    Step,
    Vocabulary,
)
from bri_timeline.answers._forms import form_of, schema_of
from bri_timeline.errors import Fault, FaultsError
from bri_timeline.extend import AsDict, escaped, plain_data


__all__ = [
    "ExplainAnswer",
    "PanelData",
    "StateAnswer",
    "VerifyAnswer",
    "ViewData",
    "dumps",
    "from_dict",
    "loads",
    "schema",
]

T = TypeVar("T")
S = TypeVar("S")
K = TypeVar("K")
V = TypeVar("V")
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_NO_FACTS = Vocabulary()


@frozen
class ViewData(AsDict):
    """A view as it was shown: the plain data of `View.as_dict()`, read back.

    Attributes:
        since: The first day on which events count, as text; None if all earlier do.
        day: The last such day.
        known_by: The basis in words: a day, a log position, or everything.
        events: The events that had certainly happened.
        undecided: The events that may have happened.
        may_have_ended: Those of `events` of which it is open whether they have ended.
        disputes: Happenings of which claims differ.
        set_aside: Claims that do not count.
        dangling: References that lead nowhere.
    """

    since: str | None
    day: str
    known_by: str
    events: tuple[Event, ...]
    undecided: tuple[Event, ...]
    may_have_ended: tuple[Event, ...]
    disputes: tuple[Dispute, ...]
    set_aside: tuple[SetAside, ...]
    dangling: tuple[Dangling, ...]


@frozen
class PanelData(AsDict, Generic[K, V]):
    """The rows of a panel: the plain data of `Panel.as_dict()`, read back.

    Attributes:
        of: What is asked, in words.
        rows: The rows.
    """

    of: str
    rows: tuple[PanelRow[K, V], ...]


@frozen(kw_only=True)
class _QuestionFields(AsDict):
    """The question of a command line.

    Attributes:
        projection: `relationship`, or the module and the name of another.
        parties: The actors of `--between`, or of the projection.
        among: The actors of `--among`.
        any_of: The actors of `--any-of`.
        on: The day, as it was written.
        during: The period, as it was written.
        known_by: The day of knowledge.
    """

    projection: str
    parties: tuple[str, ...]
    among: tuple[str, ...]
    any_of: tuple[str, ...]
    on: str | None
    during: str | None
    known_by: str | None


@frozen(kw_only=True)
class StateAnswer(_QuestionFields, Generic[S]):
    """The answer of `bri-timeline state --format json`, after its question.

    Attributes:
        state: The state.
        perhaps: Events that may have happened, and would change it; then those of
            `may_have_ended` and of `may_be_last`.
        may_have_ended: Events that happened, of which it is open whether they ended.
        may_be_last: Events that happened, of which only the last counts, such as two
            reports of a figure; their dates leave open which one that is.
        said_otherwise: Claims that lost a dispute.
    """

    state: S
    perhaps: tuple[Event, ...]
    may_have_ended: tuple[Event, ...]
    may_be_last: tuple[Event, ...] = ()
    said_otherwise: tuple[Event, ...]


@frozen(kw_only=True)
class ExplainAnswer(_QuestionFields, Generic[V]):
    """The answer of `bri-timeline explain --format json`, after its question.

    Attributes:
        of: The name of the value; None for the whole state.
        value: Its certain value.
        steps: The changes of the value, in fold order.
        undecided: Undecided steps that would change it.
        set_aside: Claims that do not count and would have changed it.
        dangling: References that lead nowhere.
        erased: The number of entries of the log whose words were erased.
    """

    of: str | None
    value: V
    steps: tuple[Step[V], ...]
    undecided: tuple[Step[V], ...]
    set_aside: tuple[SetAside, ...]
    dangling: tuple[Dangling, ...]
    erased: int


@frozen(kw_only=True)
class VerifyAnswer(AsDict):
    """The answer of `bri-timeline verify --format json`.

    Attributes:
        head: The head of a store, as text; None for a file.
        entries: The number of entries.
        erased: The number of those whose words were erased.
        contradictions: Claims that are dated after a report of them.
        disputes: Happenings of which claims differ.
        dangling: References that lead nowhere.
    """

    head: str | None
    entries: int
    erased: int
    contradictions: tuple[Contradiction, ...]
    disputes: tuple[Dispute, ...]
    dangling: tuple[Dangling, ...]


def dumps(answer: object, *, indent: int | None = None) -> str:
    """Return an answer, or a tuple of answers, as JSON text.

    The rules are those of `View.as_dict()`. Equal answers give equal text.

    Args:
        answer: What a question returned: `log.history(projection)`, a view, a state.
        indent: The number of spaces of a level; by default all is one line.

    Raises:
        PlainDataError: A part of it has no form in plain data.
    """
    data = plain_data(answer)
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, indent=indent)
    return escaped(text)


def loads(text: str | bytes, kind: type[T], vocabulary: Vocabulary = _NO_FACTS) -> T:
    """Return an answer from JSON text, equal to the one that was written.

    >>> from bri_timeline import Event, EventLog, Explanation, answers
    >>> from bri_timeline.measures import count
    >>> from bri_timeline.relations import FACTS, Visited
    >>> log = EventLog.of(Event(Visited("AZE", "CHN"), when="2015", id="first"))
    >>> found = log.as_of("2019-04-24").explain(count(Visited), of=int)
    >>> text = answers.dumps(found)
    >>> answers.loads(text, Explanation[int], FACTS) == found
    True

    An event whose own id is the digest of its content is read as one without.

    Args:
        text: JSON of `dumps()`, of `as_dict()`, or of the command.
        kind: Its type, with that of its values: `Explanation[int]`,
            `tuple[Period[dict[str, int]], ...]`, `StateAnswer[Relationship]`. A part of
            a type that is not named stays plain data.
        vocabulary: The payload classes of its events.

    Raises:
        FaultsError: The text is not JSON, or the data does not fit: all faults.
        PlainDataError: *kind*, or a type in it, cannot be read.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        name, fault = "the JSON", Fault("text", f"is not JSON: {error}")
        raise FaultsError(name, [fault]) from None
    return from_dict(data, kind, vocabulary)


def from_dict(data: Any, kind: type[T], vocabulary: Vocabulary = _NO_FACTS) -> T:
    """Return an answer from its plain data, as `loads()` does.

    Args:
        data: What `as_dict()` returned; a list of such for a tuple of answers.
        kind: Its type.
        vocabulary: The payload classes of its events.

    Raises:
        FaultsError: The data does not fit: all faults.
        PlainDataError: *kind*, or a type in it, cannot be read.
    """
    faults: list[Fault] = []
    name = getattr(kind, "__name__", "answer")
    answer = form_of(cast("Hashable", kind), vocabulary).read(data, name, faults)
    if faults:
        document = f"the plain data of {name}"
        raise FaultsError(document, faults)
    return cast("T", answer)


def schema(kind: Any, vocabulary: Vocabulary = _NO_FACTS) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of an answer, as `loads()` reads it.

    Args:
        kind: Its type, as for `loads()`.
        vocabulary: The payload classes of its events. Payloads of other kinds are not
            described.

    Raises:
        PlainDataError: *kind*, or a type in it, cannot be read.
    """
    return {"$schema": _DRAFT, **schema_of(kind, vocabulary)}
