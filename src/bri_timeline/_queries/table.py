"""Answers of several rows: sequences that readers of Arrow take as tables."""

from __future__ import annotations

import types
import typing
from abc import abstractmethod
from collections.abc import (
    Callable,
    Hashable,
    ItemsView,
    Iterable,
    Iterator,
    KeysView,
    ValuesView,
)
from itertools import zip_longest
from typing import Any, ClassVar, Generic, Self, TypeVar

from bri_timeline._queries._cells import EVENT, Columns, TableRow
from bri_timeline._text import Listed, Sheet, shape
from bri_timeline.errors import counted
from bri_timeline.measures import Measure


__all__ = [
    "ByKey",
    "Columns",
    "Table",
    "TableRow",
    "key_cells",
    "key_columns",
    "key_hint",
    "returned",
    "state_hint",
    "stream",
]

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


def stream(
    columns: Columns,
    rows: Iterable[TableRow],
    requested_schema: object | None,
    kinds: Iterable[type] | None = None,
) -> object:
    """Return a capsule with rows as a stream of Arrow batches.

    Args:
        columns: The columns that are there whatever the rows are.
        rows: The rows.
        requested_schema: What the reader would like.
        kinds: Payload classes of which the fields are columns even without rows; None
            for no columns of payloads.

    Raises:
        PlainDataError: A cell cannot be kept in its column.
        MissingExtraError: pyarrow is not installed.
    """
    # Few programs ask for tables, and it needs the form of files.
    from bri_timeline._queries import _arrow

    return _arrow.stream(columns, rows, requested_schema, kinds)


class Table(Listed[T]):
    """Several answers to one question: a sequence that does not change, and a table.

    Returned by questions; do not build it. It equals a tuple of the same answers; print
    it for a line for each. Whatever reads Arrow takes it: `polars.DataFrame(found)`,
    `pyarrow.table(found)`, `pandas.DataFrame.from_arrow(found)`, DuckDB. It takes logs,
    views, panels, explanations and differences too.

    Columns have one type, whatever the rows are. Those of an event: `id`, `kind`,
    `words` (what it says), `when` (EDTF); the first and the last day on which it can
    begin and, of an extent, end: `earliest_start`, `latest_start`, `earliest_end`,
    `latest_end`, null where there is none in the years 1 to 9999; and `sources`. Other
    columns stand before them: each question says which.

    Fields of payloads follow, typed as the class annotates them: a tuple or a set is a
    list, an attrs class a struct, a decimal has 38 digits, 9 of them after the point,
    and what no annotation tells is JSON text. If the question names kinds, as
    `active(Joined)` and `where(kinds=Joined)` do, their fields are there even without
    rows; else those of the kinds that are there. A field is called `what.` and its name
    if another column has that; and by kind, `Joined.role`, if kinds give it different
    types. Any other payload is in the column `what`.

    It needs pyarrow: `python -m pip install 'pyarrow>=20'`.
    """

    __slots__ = ()

    _COLUMNS: ClassVar[Columns] = EVENT
    # What is declared are the payload classes that the question names.
    _HAS_PAYLOADS: ClassVar = True

    @abstractmethod
    def _rows(self) -> Iterator[TableRow]:
        """Yield the rows."""

    def _columns(self) -> Columns:
        return self._COLUMNS

    def where(self, predicate: Callable[[T], object]) -> Self:
        """Return the answers of which a function is true, as a table again."""
        return self._like(filter(predicate, self))

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return a capsule with a stream of batches, for readers of Arrow.

        Args:
            requested_schema: What the reader would like, as the protocol has it.

        Raises:
            PlainDataError: A cell cannot be kept in its column.
            MissingExtraError: pyarrow is not installed.
        """
        kinds = self._declared if self._HAS_PAYLOADS else None
        return stream(self._columns(), self._rows(), requested_schema, kinds)


class ByKey(Listed[K], Generic[K, T]):
    """Answers by key, which do not change: a mapping that is a table too.

    Returned by questions with `by=`; do not build it. It equals a `dict` of the same
    answers. Its table has the column `key`, or `key_1`, `key_2` and so on for the parts
    of a key that is a tuple, and then those of the answers; see `Table`.
    """

    __slots__ = ()

    # What is declared: the type of keys, and the columns and the cells of answers.
    _EQUALS = dict
    _answers: dict[K, T]
    __hash__ = None  # type: ignore[assignment]

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

    def __getitem__(self, key: K) -> T:  # type: ignore[override]
        """Return the answer of a key."""
        return self._answers[key]

    def _ipython_key_completions_(self) -> list[K]:
        """Return what a notebook completes in brackets."""
        return [*self]

    def _sheet(self) -> Sheet:
        rows = ((shape(key), str(one).splitlines()) for key, one in self.items())
        return Sheet(counted(len(self), "key"), rows, len(self), ("key", "answer"))

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return a capsule with a stream of batches, as that of `Table`."""
        hint, columns, cells = self._declared
        keys = key_columns([*self], hint)
        rows: Iterator[TableRow] = (
            ({**key_cells(key, keys), **row}, None)
            for key, answer in self.items()
            for row in cells(answer)
        )
        return stream({**keys, **columns}, rows, requested_schema)


def key_cells(key: Any, columns: Columns) -> dict[str, object]:
    """Return the cells of a key: of each of its parts."""
    return dict(zip(columns, (key,) if "key" in columns else key, strict=False))


def key_columns(keys: list[Any], hint: object) -> dict[str, object]:
    """Return the columns of keys: as declared, or else as all keys are."""
    hints = typing.get_args(hint) if typing.get_origin(hint) is tuple else ()
    if hint is None and keys and {*map(type, keys)} == {tuple}:
        parts = [[*part] for part in zip_longest(*keys)]
        hints = tuple(_class_of(part) for part in parts)
    if hints:
        return {f"key_{number}": part for number, part in enumerate(hints, 1)}
    return {"key": hint or _class_of(keys)}


def _class_of(values: list[Any]) -> type:
    """Return the class of all values, text without any; `object` if they have none."""
    classes = {type(value) for value in values if value is not None} or {str}
    return object if len(classes) > 1 else classes.pop()


def returned(function: object) -> object:
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
    return returned(getattr(shown, "evolve", None)) or (initial if is_type else None)


def key_hint(by: object) -> object:
    """Return the type of the keys that a function says it returns, or None."""
    args = typing.get_args(returned(by))
    return args[0] if args else None
