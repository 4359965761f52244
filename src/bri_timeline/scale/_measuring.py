"""Measures of relationships, computed on columns by DuckDB instead of folded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple, TypeVar

import attrs
from attrs import frozen

from bri_timeline import Projection, Vocabulary
from bri_timeline._events import uncollected
from bri_timeline.extend import members_of, payload_fields
from bri_timeline.measures import DistinctCount, Measure
from bri_timeline.scale._bucket import (
    Task,
    all_pairs,
    clusters_of,
    folded,
    listed,
    pair_table,
)
from bri_timeline.scale._clusters import Clusters, CountedEvent
from bri_timeline.scale._dictionary import clipped
from bri_timeline.scale._engine import Database, Table, engine, numbers, pa, table_of
from bri_timeline.scale._layout import TYPES, UNFIT
from bri_timeline.scale._manifest import Manifest, Pair


__all__ = ["CountedRows", "Tally", "counted_rows", "states_of", "tallies"]


S = TypeVar("S")


class Tally(NamedTuple):
    """A measure on a day.

    Attributes:
        certain: Of the events that had certainly happened.
        possible: Also of those that may have happened.
    """

    certain: Any
    possible: Any


class _Plan(NamedTuple):
    """The columns that a measure reads.

    Attributes:
        kinds: Names of the payload classes; None for all.
        columns: The column of each kind; empty for a count.
        type: The type of their cells.
    """

    kinds: tuple[str, ...] | None
    columns: dict[str, str]
    type: str


# Only where values in a column are equal as they are in Python: two dates can be
# equal in meaning and differ in text. Sums of floats depend on the order.
_EXACT: dict[object, str] = {str: "text", int: "whole number", Decimal: "decimal"}
_AGGREGATES = {
    "count": "count(*) filter ({0})",
    "total": "sum(value) filter ({0})::decimal(38, {1})",
    "distinct": "list(distinct value) filter ({0} and value is not null)",
    "latest": (
        "arg_max(value, {{'l': last, 'f': first, 'p': position}})"
        " filter ({0} and value is not null)"
    ),
}
# Sets of days, and dates with masked digits, may leave out days between others.
_GAPS = re.compile("[,X]")
_HAS_GAPS = (
    f"case when first < last then regexp_matches(\"when\", '{_GAPS.pattern}')"
    " else false end"
)
_COUNTED = (
    "(select rel, last, first, position, {value} as value, {counted} as is_counted,"
    " {unfit} as is_unfit, {gaps} as has_gaps"
    " from {rows} where {condition}{more})"
)
_MEASURED = (
    "select rel, count(*) filter ({certain}) as seen,"
    " count(*) filter (is_counted) as n, {certainly}, {possibly},"
    " coalesce(bool_or(is_unfit), false) as is_unfit from {rows} group by rel"
)
_RELATED = " union all by name from related_values"


def _plan(
    measure: Projection[S], manifest: Manifest, vocabulary: Vocabulary
) -> _Plan | None:
    """Return the columns for a measure; None if it has to be folded."""
    if not isinstance(measure, Measure) or measure.where or measure.parties:
        return None
    if measure.active or callable(measure.of):
        return None
    if not measure.kinds:
        return _Plan(None, {}, "whole number") if measure.of is None else None
    classes, upcasts = vocabulary.classes, vocabulary.upcasts
    kinds = [name for name, cls in classes.items() if issubclass(cls, measure.kinds)]
    # A fold sees payloads as this vocabulary reads them, columns as they were written.
    current = {kind: 1 + len(upcasts.get(classes[kind], ())) for kind in kinds}
    for part in manifest.parts:
        if any(current.get(kind, version) != version for kind, version in part.kinds):
            return None
    if measure.of is None:
        return _Plan(tuple(kinds), {}, "whole number")
    types = {_exact_type(classes[kind], measure.of) for kind in kinds}
    type_ = types.pop() if len(types) == 1 else None
    if type_ is None or (measure.aggregate == "total" and type_ == "text"):
        return None
    columns = {
        one.kind: one.name
        for one in manifest.columns
        if one.kind in current and (one.path, one.type) == (measure.of, type_)
        if all(
            one.is_filled(part.generation)
            for part in manifest.parts
            if one.kind in dict(part.kinds)
        )
    }
    return _Plan(tuple(kinds), columns, type_) if len(columns) == len(kinds) else None


def _exact_type(cls: type, name: str) -> str | None:
    """Return the type of the column of a field; None if columns cannot stand for it."""
    field = attrs.fields_dict(cls).get(name)
    if field is None or field.alias != name or name not in payload_fields(cls):
        return None
    wanted = {*members_of(payload_fields(cls)[name].type)} - {type(None)}
    return _EXACT.get(wanted.pop()) if len(wanted) == 1 else None


def states_of(task: Task[S], within: Database | None) -> Iterator[tuple[Pair, S]]:
    """Yield the certain state of each relationship of a bucket.

    Args:
        task: The bucket and the query.
        within: A database to work in; None to open one.
    """
    # Millions of new objects without a cycle: collecting garbage would only cost time.
    with uncollected():
        clusters = clusters_of(task)
        left = all_pairs(task, within, clusters)
        found = _measured(task, within, clusters, undecided=False)
        states: Iterable[tuple[Pair, S]] = (
            folded(task, within, clusters)
            if found is None
            else ((pair, state) for pair, state, _ in found)
        )
        for pair, state in states:
            left.discard(pair)
            yield pair, state
        for pair in sorted(left):
            yield pair, task.projection.initial()


def tallies(task: Task[Any], within: Database | None = None) -> dict[Pair, Tally]:
    """Return the tally of each relationship of a bucket."""
    with uncollected():
        none = task.projection.initial
        clusters = clusters_of(task)
        every = all_pairs(task, within, clusters)
        tallied = {pair: Tally(none(), none()) for pair in every}
        found = _measured(task, within, clusters, undecided=True)
        if found is not None:
            tallied.update((pair, Tally(*both)) for pair, *both in found)
            return tallied
        certain = dict(folded(task, within, clusters))
        for pair, state in folded(task, within, clusters, undecided=True):
            tallied[pair] = Tally(certain.get(pair, none()), state)
        return tallied


def _measured(
    task: Task[S], within: Database | None, clusters: Clusters, *, undecided: bool
) -> list[tuple[Pair, Any, Any]] | None:
    """Return the certain and the possible state of each relationship of a bucket.

    None if the columns do not hold all that the measure reads.
    """
    rows = counted_rows(task, clusters, undecided=undecided)
    if rows is None:
        return None
    places = 9 if rows.plan.type == "decimal" else 0
    certain = f"is_counted and last <= {task.query.day}"
    aggregate = _AGGREGATES[rows.measure.aggregate]
    table = rows.asked(
        _MEASURED.format(
            rows=rows.sql,
            certain=certain,
            certainly=aggregate.format(certain, places),
            possibly=aggregate.format("is_counted", places),
        ),
        within,
    )
    found = [column.to_pylist() for column in table.columns]
    if any(found[5]):
        return None
    pairs = {number: pair for pair, number in listed(rows.pairs)}
    # DuckDB adds up whole numbers with more than 64 bits, which Arrow has as decimals.
    is_whole = rows.measure.aggregate == "total" and places == 0
    state = _whole if is_whole else _STATES[rows.measure.aggregate]
    return [
        (pairs[number], state(certainly), state(possibly))
        for number, seen, counted, certainly, possibly, _ in zip(*found, strict=True)
        if (seen or (undecided and counted)) and pairs[number][0] != pairs[number][1]
    ]


@frozen
class CountedRows:
    """The events of a bucket that count under a query, as rows of a database.

    The rows have `rel`, `last`, `first`, `position`; `value`; `is_counted`, which says
    that the measure reads the event; `is_unfit`, that no column holds its value;
    `has_gaps`, that its date may leave out days.

    Attributes:
        measure: The measure.
        plan: The columns that it reads.
        pairs: The pairs of parties with their numbers, as `pair_table()` has them.
        sql: The rows, without those of *plain* if these are apart; empty if there are
            no others.
        plain: Those of events on a single day, which are most: their first day need not
            be read.
    """

    measure: Measure[Any]
    plan: _Plan
    pairs: Table
    sql: str
    plain: str
    _task: Task[Any]
    _tables: dict[str, Table]

    def asked(
        self, sql: str, within: Database | None, tables: dict[str, Table] | None = None
    ) -> Table:
        """Return the result of a query about these rows and other tables."""
        with engine(self._task.limits, self._task.folder, within) as connection:
            for name, table in {**self._tables, **(tables or {})}.items():
                connection.register(name, table)
            return connection.sql(sql).to_arrow_table()


def counted_rows(
    task: Task[S],
    clusters: Clusters | None = None,
    *,
    undecided: bool,
    every_kind: bool = False,
    gaps: bool = False,
    apart: bool = False,
) -> CountedRows | None:
    """Return the events that count; None if a measure cannot be read from columns.

    Args:
        task: The bucket, the measure and the query.
        clusters: The related entries of the bucket; None to read them.
        undecided: Include events that may have happened.
        every_kind: Include events that the measure does not read.
        gaps: Find out which dates may have gaps.
        apart: Leave events on a single day to `plain`.
    """
    folder, manifest, vocabulary = task.folder, task.manifest, task.vocabulary
    measure, query = task.projection, task.query
    plan = _plan(measure, manifest, vocabulary)
    if plan is None or not isinstance(measure, Measure):
        return None
    pairs = pair_table(folder, manifest, task.bucket)
    clusters = clusters or clusters_of(task)
    reads = None if every_kind else measure.reads
    related = clusters.counted(query, reads, undecided=undecided)
    more = _values(related, pairs, plan, measure)
    if more is None:
        return None
    has_related = bool(clusters.positions)
    is_counted, only = "true", ""
    if plan.kinds is not None:
        is_counted = _among("kind", plan.kinds)
        only = "" if every_kind else f" and {is_counted}"
    selected = partial(
        _COUNTED.format, value=_value(plan), counted=is_counted, unfit=_unfit(plan)
    )
    parts = manifest.parts
    plain = selected(
        gaps="false",
        rows=table_of(part.file(folder) for part in parts),
        # A single day has no number of its own, and is certain once it is possible.
        condition=f"{query.rows(has_related=has_related)}{only} and when_code is null",
        more="",
    )
    condition = query.rows(has_related=has_related, undecided=undecided) + only
    if apart:
        parts = tuple(part for part in parts if part.has("when"))
        condition += " and when_code is not null"
    sql = "related_values" if len(more) else ""
    if parts:
        sql = selected(
            gaps=_HAS_GAPS if gaps else "false",
            rows=table_of(part.file(folder) for part in parts),
            condition=condition,
            more=_RELATED if len(more) else "",
        )
    tables = {"related": numbers(clusters.positions), "related_values": more}
    return CountedRows(measure, plan, pairs, sql, plain, task, tables)


def _values(
    related: dict[Pair, list[CountedEvent]],
    pairs: Table,
    plan: _Plan,
    measure: Measure[Any],
) -> Table | None:
    """Return related events as rows; None if a column cannot hold a value."""
    found = []
    for pair, number in listed(pairs) if related else ():
        for (last, first, position), event in related.get(pair, ()):
            is_counted = not measure.kinds or isinstance(event.what, measure.kinds)
            value = measure.value_of(event) if is_counted else None
            days = clipped(last), clipped(first)
            gaps = _GAPS.search(str(event.when)) is not None
            found.append((number, *days, position, value, is_counted, False, gaps))
    types = (
        *(pa.int32(), *[pa.int64()] * 3, TYPES[plan.type]),
        *[pa.bool_()] * 3,
    )
    columns = [*zip(*found, strict=True)] or [()] * len(types)
    names = (
        *("rel", "last", "first", "position", "value"),
        *("is_counted", "is_unfit", "has_gaps"),
    )
    try:
        arrays = [pa.array(c, t) for c, t in zip(columns, types, strict=True)]
    except UNFIT:
        return None
    return pa.table(dict(zip(names, arrays, strict=True)))


def _value(plan: _Plan) -> str:
    if not plan.columns:
        return "1::bigint"
    cases = (f"when {_text(kind)} then {name}" for kind, name in plan.columns.items())
    return f"case kind {' '.join(cases)} end"


def _unfit(plan: _Plan) -> str:
    if not plan.columns:
        return "false"
    names = ", ".join(map(_text, plan.columns.values()))
    return f"coalesce(list_has_any(unfit, [{names}]), false)"


def _among(column: str, names: Iterable[str]) -> str:
    return f"{column} in ({', '.join(map(_text, names)) or 'null'})"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _plain(value: Any) -> Any:
    """Return a decimal without the zeros that its column has added."""
    if not isinstance(value, Decimal):
        return value
    whole, _, rest = f"{value:f}".partition(".")
    rest = rest.rstrip("0")
    return Decimal(f"{whole}.{rest}" if rest else whole)


def _whole(value: Decimal | None) -> int:
    return 0 if value is None else int(value)


def _total(value: Decimal | None) -> int | Decimal:
    return 0 if value is None else _plain(value)


def _distinct(values: list[Any] | None) -> DistinctCount:
    return DistinctCount(map(_plain, values or ()))


_STATES: dict[str, Callable[[Any], Any]] = {
    "count": int,
    "total": _total,
    "distinct": _distinct,
    "latest": _plain,
}
