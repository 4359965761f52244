"""Answers of several rows: sequences that readers of Arrow take as tables."""

from __future__ import annotations

import types
import typing
from collections.abc import (
    Collection,
    Hashable,
    ItemsView,
    Iterable,
    Iterator,
    KeysView,
    ValuesView,
)
from typing import Any, Generic, Self, SupportsIndex, TypeVar, overload

from attrs import evolve, field, frozen

from bri_timeline._events.rows import Columns, InRows, Row
from bri_timeline._text import Listed, Sheet, shape
from bri_timeline.errors import counted
from bri_timeline.measures import Measure


__all__ = ["ByKey", "Table", "key_hint", "state_hint", "stream"]

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
# What answers are held in, and equal.
C = TypeVar("C", bound=Collection[Any])


def stream(
    columns: Columns,
    rows: Iterable[Row],
    requested_schema: object | None,
    named: Iterable[type] | None = None,
) -> object:
    """Return a capsule with rows as a stream of Arrow batches.

    Args:
        columns: The columns that are there whatever the rows are.
        rows: The rows.
        requested_schema: What the reader would like.
        named: Payload classes of which the fields are columns even without rows; None
            for no columns of payloads.

    Raises:
        PlainDataError: A cell cannot be kept in its column.
        MissingExtraError: pyarrow is not installed.
    """
    # Few programs ask for tables, and it needs the form of files.
    from bri_timeline._queries import _arrow

    return _arrow.stream(columns, rows, requested_schema, named)


@frozen(eq=False, repr=False)
class _Several(Listed, Generic[T, C]):
    """Several answers, which do not change, and how they are rows.

    It is neither a tuple nor a dictionary, nor registered as one: whoever makes frames
    takes these for columns of objects.

    Attributes:
        answers: The answers, in what they equal.
        kind: Knows them as rows.
        named: The payload classes that the question names; None for no columns of
            payloads.
        hints: The types of columns that only the question knows.
    """

    _answers: C
    _kind: type[InRows]
    _named: tuple[type, ...] | None = None
    _hints: Columns = field(factory=dict)

    def __len__(self) -> int:
        return len(self._answers)

    def __iter__(self) -> Iterator[T]:
        return iter(self._answers)

    def __contains__(self, answer: object) -> bool:
        return answer in self._answers

    def __eq__(self, other: object) -> bool:
        return bool(self._answers == getattr(other, "_answers", other))

    def __hash__(self) -> int:
        return hash(self._answers)

    def __repr__(self) -> str:
        return repr(self._answers)

    def _sheet(self) -> Sheet:
        return self._kind._listed(self._answers)

    def _rows(self) -> Iterator[Row]:
        return (row for answer in self for row in self._kind._rows(answer))

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return a capsule with a stream of batches, for readers of Arrow.

        Args:
            requested_schema: What the reader would like, as the protocol has it.

        Raises:
            PlainDataError: A cell cannot be kept in its column.
            MissingExtraError: pyarrow is not installed.
        """
        types = {**self._kind._COLUMNS, **self._hints}.items()
        columns = dict(sorted(types, key=lambda column: column[0] != "key"))
        return stream(columns, self._rows(), requested_schema, self._named)


@frozen(eq=False, repr=False)
class Table(_Several[T, tuple[T, ...]], Generic[T]):
    """Several answers to one question: a sequence that does not change, and a table.

    Returned by questions; do not build it. It equals a tuple of the same answers; print
    it for a line for each. Whatever reads Arrow takes it: `polars.DataFrame(found)`,
    `pyarrow.table(found)`, `pandas.DataFrame.from_arrow(found)`, DuckDB. It takes logs,
    views, panels, explanations and differences too.

    Columns have one type, whatever the rows are. Those of an event: `id`, `kind`,
    `words` (what it says), `when` (EDTF); the first and the last day on which it can
    begin and, of an extent, end: `earliest_start`, `latest_start`, `earliest_end`,
    `latest_end`, null where there is none in the years 1 to 9999; `sources`; then
    `parties`, `where` and `cite`. Other columns stand before them: each question says
    which.

    Fields of payloads follow, typed as the class annotates them: a tuple or a set is a
    list, an attrs class a struct, a decimal has 38 digits, 9 of them after the point,
    and what no annotation tells is JSON text. If the question names kinds, as
    `active(Joined)` and `where(kinds=Joined)` do, their fields are there even without
    rows; else those of the kinds that are there. A field is called `what.` and its name
    if another column has that; and by kind, `Joined.role`, if kinds give it different
    types. Any other payload is in the column `what`.

    It needs pyarrow: `python -m pip install 'pyarrow>=20'`.
    """

    @overload
    def __getitem__(self, index: SupportsIndex) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: SupportsIndex | slice) -> T | Self:
        """Return an answer, or several of them as a table again."""
        if isinstance(index, slice):
            return evolve(self, answers=self._answers[index])
        return self._answers[index]

    def index(self, answer: T) -> int:
        """Return the place of an answer, the first if it is there several times."""
        return self._answers.index(answer)

    def __add__(self, other: Iterable[T]) -> tuple[T, ...]:
        return (*self, *other)


@frozen(eq=False, repr=False)
class ByKey(_Several[K, dict[K, T]], Generic[K, T]):
    """Answers by key, which do not change: a mapping that is a table too.

    Returned by questions with `by=`; do not build it. It equals a `dict` of the same
    answers. Its table has the column `key`, or `key_1`, `key_2` and so on for the parts
    of a key that is a tuple, and then those of the answers; see `Table`.
    """

    def keys(self) -> KeysView[K]:
        """Return the keys."""
        return self._answers.keys()

    def values(self) -> ValuesView[T]:
        """Return the answers."""
        return self._answers.values()

    def items(self) -> ItemsView[K, T]:
        """Return the pairs of a key and its answer."""
        return self._answers.items()

    def get(self, key: K) -> T | None:
        """Return the answer of a key; None if nothing has it."""
        return self._answers.get(key)

    def __getitem__(self, key: K) -> T:
        """Return the answer of a key."""
        return self._answers[key]

    def _ipython_key_completions_(self) -> list[K]:
        """Return what a notebook completes in brackets."""
        return [*self]

    def _sheet(self) -> Sheet:
        rows = ((shape(key), str(one).splitlines()) for key, one in self.items())
        return Sheet(counted(len(self), "key"), rows, len(self), ("key", "answer"))

    def _rows(self) -> Iterator[Row]:
        for key, found in self.items():
            for answer in found if isinstance(found, Table) else (found,):
                yield from ({"key": key, **row} for row in self._kind._rows(answer))


def _returned(function: object) -> object:
    """Return the type that a function says it returns; None if it says nothing."""
    try:
        return typing.get_type_hints(function).get("return")
    except (NameError, TypeError, SyntaxError, AttributeError):
        return None  # it has no annotations, or a name in them is not to be found


def state_hint(projection: object) -> object:
    """Return the type of the states of a projection, or of what makes one; or None.

    A measure says it, else the function that folds, else the class of the state before
    any event.
    """
    evolve = getattr(projection, "evolve", None)
    shown = getattr(evolve, "shown", projection)
    if isinstance(shown, Measure):
        return shown.value_class
    initial = getattr(shown, "initial", None)
    is_type = isinstance(initial, type | types.GenericAlias)
    return _returned(getattr(shown, "evolve", None)) or (initial if is_type else None)


def key_hint(by: object) -> object:
    """Return the type of the keys that a function says it returns, or None."""
    args = typing.get_args(_returned(by))
    return args[0] if args else None
