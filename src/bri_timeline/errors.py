"""The errors that the library raises on purpose.

```
BriTimelineError
├── EdtfError (ValueError)            text that is not a date of EDTF
├── DayError (ValueError)             a value that does not name one whole day
├── DayRangeError (ValueError)        a day outside the years 1 to 9999 of `date`
├── QuestionError (TypeError)         a question that does not fit the kind of date
├── EventError (ValueError)           an event that cannot be recorded as it stands
│   └── PayloadError (TypeError)      ... because of what its payload is
├── ProjectionError (TypeError)       a projection that is put together wrongly
├── SelectionError (TypeError)        a selection or a policy that is not one
├── PanelError (ValueError)           a panel that is asked for without an answer
├── PlainDataError (TypeError)        a value without a form in plain data or a table
├── EntryError (ValueError)           a correction or retraction without a target
├── UnknownActorError (ValueError)    a code that does not name an actor
├── UnknownCodeError (ValueError)     an actor without one code in a system
├── MoneyError (ValueError)           an amount or a currency that is not valid
├── VocabularyError (LookupError)     a kind of fact that the vocabulary lacks
├── PictureError (ValueError)         a picture that cannot be drawn as asked for
├── PhraseError (ValueError)          words that give no date to rely on
├── OutputError (OSError)             a file that cannot be written as asked
│   └── BusyFileError (TimeoutError)  ... because another writer has locked it
├── StoreError (OSError)              a store that cannot be read or written
│   ├── BusyStoreError (TimeoutError)  ... because another writer has locked it
│   ├── DamagedStoreError (ValueError)  ... because its content has changed
│   └── ReplacedStoreError (RuntimeError)  ... because another is in its place
├── DatasetError (OSError)            a dataset that cannot be read or written
├── MissingExtraError (ImportError)   an optional dependency that is not installed
├── ExtensionError (ImportError)      an extension that is not there, or is broken
├── StaleLogError (RuntimeError)      a log that is behind its store
└── FaultsError (ValueError)          all faults of a document, each with its place
    └── NothingReadError (ValueError)  ... of which no row gives an event
```

Catch `BriTimelineError` for all of them, or the builtin in brackets. Messages name
the value, the place and the remedy; the parts are attributes too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, cast

from attrs import frozen


__all__ = [
    "BriTimelineError",
    "BusyFileError",
    "BusyStoreError",
    "DamagedStoreError",
    "DatasetError",
    "DayError",
    "DayRangeError",
    "EdtfError",
    "EntryError",
    "EventError",
    "ExtensionError",
    "Fault",
    "FaultsError",
    "MissingExtraError",
    "MoneyError",
    "NothingReadError",
    "OutputError",
    "PanelError",
    "PayloadError",
    "PhraseError",
    "PictureError",
    "PlainDataError",
    "ProjectionError",
    "QuestionError",
    "ReplacedStoreError",
    "SelectionError",
    "StaleLogError",
    "StoreError",
    "UnknownActorError",
    "UnknownCodeError",
    "VocabularyError",
]

# The last two code points of every plane are never a character; HTML refuses them.
_LAST_TWO = "".join(
    chr(p + 0xFFFE) + chr(p + 0xFFFF) for p in range(0, 17 << 16, 1 << 16)
)
# Compiled when a text has such a character: at import it would take a fiftieth of the
# time of importing the library.
_HARMFUL = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, but for tab and line feed
    "\u202a-\u202e\u2066-\u2069\u206a-\u206f"  # embeddings, overrides, isolates
    "\u2028\u2029"  # separators of lines and paragraphs
    f"\ud800-\udfff\ufdd0-\ufdef{_LAST_TWO}]"  # what is not a character
)
_BREAK = "\r\n?"
_BREAKS = "\r\n|[\t\n\r\v\f\x85\u2028\u2029]"
_SIGN = "\ufffd"
_SHOWN = 60


def harmless(text: str) -> str:
    """Return text without control or bidirectional characters; lines are kept.

    These characters act on the program that shows them. Control characters move the
    cursor of a terminal or send it commands, those of C1 (U+0080 to U+009F) as well as
    those of C0, and end a document of XML. Bidirectional controls reorder the text
    around them and mislead the reader (CVE-2021-42574). Neither has a meaning in a
    title or a name, so each is replaced by U+FFFD. Letters that are written from right
    to left, and the marks between them, stay.
    """
    return text if text.isprintable() else _without_harm(_BREAK, "\n", text)


def one_line(text: str) -> str:
    """Return text without control or bidirectional characters, in one line."""
    return text if text.isprintable() else _without_harm(_BREAKS, " ", text)


def _without_harm(breaks: str, mark: str, text: str) -> str:
    return re.sub(_HARMFUL, _SIGN, re.sub(breaks, mark, text))


def shape(value: object) -> str:
    """Return the `repr()` of a value in one line, or a note that it raised.

    Python refuses the `repr()` of an integer of more than 4,300 digits.
    """
    try:
        return one_line(repr(value))
    # The class is not ours, and a message about a value must not raise itself.
    except Exception as error:
        return f"<{type(value).__name__} that cannot be shown: {type(error).__name__}>"


@contextmanager
def translated(
    kind: Callable[[str, str], BriTimelineError], place: object
) -> Iterator[None]:
    """Return a context in which errors of the system become errors of the library.

    Args:
        kind: Their class, of a place and of what is wrong there.
        place: The file, the folder or the URL.
    """
    try:
        yield
    except BriTimelineError:
        raise
    except OSError as error:
        # Another file than that of the place has its name in the text.
        why = error.strerror if error.filename in (None, str(place)) else None
        remedy = ": allow that, or give another" * isinstance(error, PermissionError)
        problem = f"cannot be read or written: {why or error}{remedy}"
        raise kind(str(place), problem) from error


def without_secrets(place: str) -> str:
    """Return the name of a place; of a URL without user, password and query."""
    scheme = re.match("(?:[a-z0-9+.-]+::)*[a-z][a-z0-9+.-]+:/+", place, re.IGNORECASE)
    if scheme is None:
        return place
    rest = place[scheme.end() :]
    # A password may have a stroke in it, or a question mark.
    users, at, rest = rest.rpartition("@") if ":" in rest else ("", "", rest)
    plain, query, _ = rest.partition("?")
    return f"{scheme[0]}{'...' * bool(users)}{at}{plain}{query}{'...' * bool(query)}"


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: `1 claim`, `2 claims`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def shown(value: object) -> str:
    """Return the `repr()` of a value, shortened for a message.

    Args:
        value: Any value; text from a file may be megabytes long.
    """
    # Python refuses to write integers of more than 4,300 digits.
    if isinstance(value, int) and abs(value) > 10**_SHOWN:
        return f"a number of about {value.bit_length() * 3 // 10} digits"
    # Cut before repr(): a message must not cost as much as the text is long.
    text = shape(value[: _SHOWN + 1] if isinstance(value, str) else value)
    if len(text) <= _SHOWN + 2:
        return text
    return f"{text[:_SHOWN]}...{text[0] if isinstance(value, str) else ''}"


def shown_name(name: str) -> str:
    """Return a plain name unchanged, and any other quoted and shortened."""
    return name if re.fullmatch("[-A-Za-z0-9_]{1,60}", name) else shown(name)


def refusal(error: Exception) -> str:
    """Return the reason for which a converter or validator refused a value."""
    if isinstance(error, BriTimelineError | ValueError | TypeError) and str(error):
        return str(error)
    return f"was refused by its class ({type(error).__name__}: {error})"


class BriTimelineError(Exception):
    """The base class of all errors of this library."""

    def __str__(self) -> str:
        """Return the message without control or bidirectional characters."""
        return harmless(super().__str__())

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by state; the arguments of subclasses are not in `args`."""
        return _rebuilt, (type(self), self.args, self.__dict__)


def _rebuilt(
    cls: type[BriTimelineError], args: tuple[object, ...], state: dict[str, object]
) -> BriTimelineError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class _HasValue(Protocol):
    value: object


def _init_with_value(self: _HasValue, value: object, problem: str) -> None:
    """Initialise an error about one value.

    A function, not a base class: the bases of an error are public.
    """
    self.value = value
    Exception.__init__(cast("Exception", self), f"{shown(value)} {problem}")


class EdtfError(BriTimelineError, ValueError):
    """Text is not a date of the Extended Date/Time Format.

    Attributes:
        text: The given text.
        position: The index in *text* at which reading stopped.
        expected: What is allowed there.
    """

    def __init__(self, text: object, position: int, expected: str) -> None:
        self.text = text
        self.position = position
        self.expected = expected
        near = ""
        if isinstance(text, str) and 0 < position < len(text):
            near = f", at {shown(text[position:])}"
        message = f"{shown(text)} is not an EDTF date: expected {expected}"
        super().__init__(f"{message} at position {position}{near}")


class DayError(BriTimelineError, ValueError):
    """A value does not name one whole day.

    Attributes:
        value: The given value.
    """

    value: object
    __init__ = _init_with_value


class DayRangeError(BriTimelineError, ValueError):
    """A day exists, but `datetime.date` cannot hold it.

    Attributes:
        day: The day number; 1 is the first day of year 1.
    """

    def __init__(self, day: int, name: str, number: str = "") -> None:
        self.day = day
        problem = f"{name} lies outside the years 1 to 9999 that a date can hold"
        remedy = f"the day number, {number}," if number else "the day number"
        super().__init__(f"{problem}: use {remedy} ({shown(day)}) instead")


class QuestionError(BriTimelineError, TypeError):
    """A question does not fit the kind of date that it is asked of.

    Attributes:
        text: The date.
        question: The name of the question.
    """

    def __init__(self, text: str, question: str, remedy: str) -> None:
        self.text = text
        self.question = question
        super().__init__(f"{question} cannot be asked of {shown(text)}: {remedy}")


class EventError(BriTimelineError, ValueError):
    """An event cannot be recorded as it stands.

    Attributes:
        value: The part that is at fault.
    """

    value: object
    __init__ = _init_with_value


class PayloadError(EventError, TypeError):
    """A payload could change later, or could not be kept or found.

    Attributes:
        value: The part that is at fault.
        field: Where it is, such as `Visited.stops[0]`.
    """

    def __init__(self, value: object, field: str, problem: str) -> None:
        self.field = field
        super().__init__(value, f"in {field} {problem}")


class ProjectionError(BriTimelineError, TypeError):
    """A projection is put together wrongly.

    Attributes:
        value: The part that is at fault.
    """

    value: object
    __init__ = _init_with_value


class SelectionError(BriTimelineError, TypeError):
    """An argument does not say what to select from a log, or which claims to prefer.

    Attributes:
        value: The argument that is at fault.
    """

    value: object
    __init__ = _init_with_value


class PanelError(BriTimelineError, ValueError):
    """The arguments of a panel ask a question that has no answer.

    Attributes:
        value: The argument, or the row of questions, that is at fault.
    """

    value: object
    __init__ = _init_with_value


class PlainDataError(BriTimelineError, TypeError):
    """A part of an answer has no form in plain data, or in a column of a table.

    Attributes:
        value: The part.
        place: Where it is, such as `Period.state.stock`.
    """

    def __init__(self, value: object, place: str, problem: str) -> None:
        self.value = value
        self.place = place
        super().__init__(f"{shown(value)} {f'in {place} ' * bool(place)}{problem}")


class EntryError(BriTimelineError, ValueError):
    """A correction or a retraction does not fit the log; nothing was appended.

    Attributes:
        target: The position or entry that was named.
    """

    def __init__(self, target: object, problem: str) -> None:
        self.target = target
        super().__init__(problem)


class UnknownActorError(BriTimelineError, ValueError):
    """A code does not name an actor.

    Attributes:
        code: The given code.
        suggestions: Codes that may have been meant; none of them was used.
    """

    def __init__(self, code: object, suggestions: Iterable[str], remedy: str) -> None:
        self.code = code
        self.suggestions: tuple[str, ...] = tuple(suggestions)
        hint = (
            f" did you mean {' or '.join(self.suggestions)}?"
            if self.suggestions
            else ""
        )
        super().__init__(f"{shown(code)} is not the code of an actor:{hint} {remedy}")


class UnknownCodeError(BriTimelineError, ValueError):
    """An actor has no code in a system on a day, or several without a day.

    Attributes:
        actor: The given actor.
        codes: The codes that it has on other days; none of them was used.
    """

    def __init__(self, actor: object, codes: Iterable[str], problem: str) -> None:
        self.actor = actor
        self.codes: tuple[str, ...] = tuple(codes)
        super().__init__(f"{shown(actor)} has {problem}")


class MoneyError(BriTimelineError, ValueError):
    """An amount or a currency is not valid.

    Attributes:
        value: The given value.
    """

    value: object
    __init__ = _init_with_value


class VocabularyError(BriTimelineError, LookupError):
    """A vocabulary lacks a kind of fact, or cannot hold one.

    Attributes:
        kind: The name or the class.
    """

    def __init__(self, kind: object, problem: str) -> None:
        self.kind = kind
        super().__init__(problem)


@frozen
class Fault:
    """One fault of a document.

    Attributes:
        place: The place, such as `line 12, entries[3] "aliyev-visit": when`.
        problem: The fault, with the value and the remedy.
    """

    place: str
    problem: str

    def __str__(self) -> str:
        return one_line(f"{self.place}: {self.problem}")


class FaultsError(BriTimelineError, ValueError):
    """A document has faults; all are listed, in the order of the document.

    Attributes:
        document: The name of the document.
        faults: A tuple of `Fault`.
    """

    def __init__(self, document: str, faults: Iterable[Fault]) -> None:
        self.document: str = without_secrets(document)
        self.faults: tuple[Fault, ...] = tuple(faults)
        count = len(self.faults)
        lines = "".join(f"\n  {fault}" for fault in self.faults)
        super().__init__(
            f"{self.document} has {count} fault{'s' if count != 1 else ''}:{lines}"
        )


class NothingReadError(FaultsError, ValueError):
    """No row of a file gives an event: an empty log would answer "never".

    Attributes:
        rows: The number of rows.
        rejected: A tuple of `RejectedRow`: each row with the reason.
        cautions: What was noted about the file, as sentences.
    """

    def __init__(
        self,
        document: str,
        faults: Iterable[Fault],
        rows: int = 0,
        rejected: Iterable[object] = (),
        cautions: Iterable[str] = (),
    ) -> None:
        super().__init__(document, faults)
        self.rows = rows
        self.rejected: tuple[object, ...] = tuple(rejected)
        self.cautions: tuple[str, ...] = tuple(cautions)


class PictureError(BriTimelineError, ValueError):
    """A picture cannot be drawn with the given options.

    Attributes:
        value: The option at fault.
    """

    value: object
    __init__ = _init_with_value


class PhraseError(BriTimelineError, ValueError):
    """A phrase does not give a reliable date; none was guessed.

    Attributes:
        text: The phrase.
        position: The index in *text* at which reading stopped.
        problem: The fault, with the remedy.
    """

    def __init__(self, text: object, position: int, problem: str) -> None:
        self.text = text
        self.position = position
        self.problem = problem
        near = ""
        if isinstance(text, str) and 0 < position < len(text):
            near = f", at {shown(text[position:])}"
        message = f"{shown(text)} gives no date: {problem}"
        super().__init__(f"{message} (position {position}{near})")


class OutputError(BriTimelineError, OSError):
    """A file cannot be written; its previous content is unchanged.

    Attributes:
        path: The file.
    """

    def __init__(self, path: str, problem: str) -> None:
        self.path: str = without_secrets(path)
        super().__init__(f"{self.path!r} {problem}")


class BusyFileError(OutputError, TimeoutError):
    """Somebody else held the lock of a log, or changed it, for longer than the timeout.

    Nothing was written.
    """


class StoreError(BriTimelineError, OSError):
    """A store cannot be opened, read or written; its content is unchanged.

    Attributes:
        place: The store: a path, or a database without its password.
    """

    def __init__(self, place: str, problem: str) -> None:
        self.place: str = without_secrets(place)
        # Not shortened: the file name is at the end of a path.
        super().__init__(f"the store {self.place!r} {problem}")


class BusyStoreError(StoreError, TimeoutError):
    """Another writer held the lock of the store for longer than the timeout."""


class DamagedStoreError(StoreError, ValueError):
    """The content of a store has changed since it was written.

    Attributes:
        place: The store.
        faults: A tuple of `Fault`.
    """

    def __init__(self, place: str, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        lines = "".join(f"\n  {fault}" for fault in self.faults)
        super().__init__(place, f"is damaged, take a copy of it first:{lines}")


class ReplacedStoreError(StoreError, RuntimeError):
    """A store is not the one that this object has read or written; nothing is done.

    Its file was moved, deleted or replaced while it was open, or its content is an
    earlier or another one: a backup was restored. What was appended before stands where
    it was, and may be absent from what is there now.

    Attributes:
        place: The store.
    """

    def __init__(self, place: str, found: str) -> None:
        remedy = (
            "close this one, open a store on what is there, and append what it lacks"
        )
        super().__init__(place, f"{found}: {remedy}; nothing is written twice")


class DatasetError(BriTimelineError, OSError):
    """A dataset cannot be opened, read or written; its content is unchanged.

    Attributes:
        place: Its folder.
    """

    def __init__(self, place: str, problem: str) -> None:
        self.place: str = without_secrets(place)
        super().__init__(f"the dataset {shown(self.place)} {problem}")


class MissingExtraError(BriTimelineError, ImportError):
    """An optional dependency is not installed.

    Attributes:
        extra: The extra of this package that installs it.
        name: The module that cannot be imported.
        requirement: The package that has it, with its least version.
    """

    name: str | None

    def __init__(self, extra: str, module: str, requirement: str) -> None:
        self.extra = extra
        self.requirement = requirement
        # Not an extra of this package: a stranger's package may have its name.
        remedy = f"python -m pip install '{requirement}'"
        super().__init__(f"{module} is not installed: {remedy}")
        # ImportError resets `name` in its own initialiser.
        self.name = module


class ExtensionError(BriTimelineError, ImportError):
    """A format, a page, a store or a verb is not there, or cannot be imported.

    Attributes:
        name: Its name.
    """

    name: str | None

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{shown(name)} {problem}")
        # ImportError resets `name` in its own initialiser.
        self.name = name


class StaleLogError(BriTimelineError, RuntimeError):
    """A store or a dataset has entries that the log does not have; nothing was written.

    Attributes:
        expected: The last position of the log; -1 for none.
        found: The last position of the store or the dataset; -1 for none.
    """

    def __init__(
        self, expected: int, found: int, problem: str, place: str = ""
    ) -> None:
        self.expected = expected
        self.found = found
        where = f"expected position {expected}, and the store is at {found}"
        super().__init__(f"{place or where}: {problem}")
