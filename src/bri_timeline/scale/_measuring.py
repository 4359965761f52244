"""Counts and totals of relationships, computed on columns by DuckDB, not folded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

import attrs
import duckdb
from attrs import frozen

from bri_timeline import EventLog, Prefer, Projection, Vocabulary, dyads
from bri_timeline.extend import ColumnCodec, members_of, payload_fields
from bri_timeline.measures import Measure
from bri_timeline.scale._bucket import Bucket, Task
from bri_timeline.scale._engine import (
    Array,
    Database,
    Table,
    engine,
    numbers_column,
    pa,
    table_of,
)
from bri_timeline.scale._manifest import Manifest, Pair
from bri_timeline.scale._tables import Related


S = TypeVar("S")


class Tally(NamedTuple):
    """A measure on a day.

    Attributes:
        certain: Of the events that had certainly happened.
        possible: Also of those that may have happened.
    """

    certain: Any
    possible: Any


class Plan(NamedTuple):
    """The columns that a measure reads.

    Attributes:
        kinds: Names of the payload classes; None for all.
        columns: The column of each kind; empty for a count.
        type: The type of their cells.
    """

    kinds: tuple[str, ...] | None
    columns: dict[str, str]
    type: str


# Whole numbers and decimals are exact in columns. Sums of floats depend on the order.
_EXACT: dict[object, str] = {int: "whole number", Decimal: "decimal"}
_AGGREGATES = {
    "count": "count(*) filter ({0})",
    "total": "sum(value) filter ({0})::decimal(38, {1})",
}
_COUNTED = (
    "(select rel, last, first, {value} as value, {counted} as is_counted,"
    " {unfit} as is_unfit{more} from {rows} where {condition})"
)
_MEASURED = (
    "select rel, {certainly}, {possibly}, coalesce(bool_or(is_unfit), false)"
    " from {rows} group by rel"
)


def _plan(
    measure: Projection[S], manifest: Manifest, vocabulary: Vocabulary
) -> Plan | None:
    """Return the columns for a measure; None if it has to be folded."""
    if not isinstance(measure, Measure) or measure.aggregate not in _AGGREGATES:
        return None
    if measure.where or measure.parties or measure.active or callable(measure.of):
        return None
    if not measure.kinds:
        return Plan(None, {}, "whole number") if measure.of is None else None
    classes = vocabulary.classes
    kinds = [name for name, cls in classes.items() if issubclass(cls, measure.kinds)]
    # A fold sees payloads as this vocabulary reads them, columns as they were written.
    if not _are_current(manifest, vocabulary, kinds):
        return None
    if measure.of is None:
        return Plan(tuple(kinds), {}, "whole number")
    codec = ColumnCodec(vocabulary)
    types = {_exact_type(codec, classes[kind], measure.of) for kind in kinds}
    type_ = types.pop() if len(types) == 1 else None
    if type_ is None:
        return None
    columns = {
        one.kind: one.name
        for one in manifest.columns
        if one.kind in kinds and (one.path, one.type) == (measure.of, type_)
        if all(
            one.is_filled(part.generation)
            for part in manifest.parts
            if one.kind in dict(part.kinds)
        )
    }
    return Plan(tuple(kinds), columns, type_) if len(columns) == len(kinds) else None


def _are_current(
    manifest: Manifest, vocabulary: Vocabulary, kinds: Iterable[str]
) -> bool:
    """Check whether all payloads of some kinds have the version of a vocabulary."""
    current = {
        kind: 1 + len(vocabulary.upcasts.get(vocabulary.classes[kind], ()))
        for kind in kinds
    }
    return all(
        current.get(kind, version) == version
        for part in manifest.parts
        for kind, version in part.kinds
    )


def _exact_type(codec: ColumnCodec, cls: type, name: str) -> str | None:
    """Return the type of the column of a field; None if columns cannot stand for it."""
    field = attrs.fields_dict(cls).get(name)
    if field is None or field.alias != name or name not in payload_fields(cls):
        return None
    if not codec.answers_as_it_holds(cls):
        return None
    wanted = {*members_of(payload_fields(cls)[name].type)} - {type(None)}
    return _EXACT.get(wanted.pop()) if len(wanted) == 1 else None


def states_of(task: Task[S], within: Database | None) -> Iterator[tuple[Pair, S]]:
    """Yield the certain state of each relationship of a bucket.

    Args:
        task: The bucket and the query.
        within: A database to work in; None to open one.
    """
    bucket = task.opened()
    found = _measured(task, bucket, within, possible=False)
    if found is None:
        for log, by in task.logs(bucket):
            states = task.query.view(log).project_each(task.projection, by=by)
            yield from states.items()
    else:
        yield from ((pair, both.certain) for pair, both in found)


def tallies(task: Task[Any], within: Database | None = None) -> dict[Pair, Tally]:
    """Return the tally of each relationship of a bucket."""
    bucket = task.opened()
    found = _measured(task, bucket, within, possible=True)
    if found is not None:
        return dict(found)
    asked, view, found_tallies = task.projection, task.query.view, {}
    for log, by in task.logs(bucket):
        for pair, state in view(log).project_each(asked, by=by).items():
            possible = view(_own(log, pair)).project(asked, undecided=True)
            found_tallies[pair] = Tally(state, possible)
    return found_tallies


def _own(log: EventLog, pair: Pair) -> EventLog:
    """Return the events of a pair, without those that only refer to such."""
    return log.among(*pair).where(lambda event: pair in dyads(event))


def _measured(
    task: Task[S], bucket: Bucket, within: Database | None, *, possible: bool
) -> list[tuple[Pair, Tally]] | None:
    """Return the certain and the possible state of each relationship of a bucket.

    None if the columns do not hold all that the measure reads.
    """
    rows = counted_rows(task, bucket)
    if rows is None:
        return None
    places = 9 if rows.plan.type == "decimal" else 0
    aggregate, day = _AGGREGATES[rows.measure.aggregate], task.query.day
    certain, may = (f"is_counted and {name} <= {day}" for name in ("last", "first"))
    pairs = bucket.numbered(task.only)
    is_asked = "true" if task.only is None else "rel in (from asked)"
    sql = _MEASURED.format(
        rows=rows.sql(is_asked),
        certainly=aggregate.format(certain, places),
        possibly=aggregate.format(may, places) if possible else "null",
    )
    asked = pa.table([numbers_column(pairs)], ["rel"])
    table = rows.asked(sql, within, {"asked": asked})
    if table is None:
        return None
    found = [column.to_pylist() for column in table.columns]
    if any(found[3]):
        return None
    # DuckDB adds up whole numbers with more than 64 bits, which Arrow has as decimals.
    state: Callable[[Any], Any] = _plain if places else _whole
    return [
        (pair, Tally(state(certainly), state(possibly)))
        for number, certainly, possibly, _ in zip(*found, strict=True)
        if (pair := pairs[number])[0] != pair[1]
    ]


@frozen
class CountedRows:
    """The events of a bucket that count under a query, as rows of a database.

    Attributes:
        measure: The measure.
        plan: The columns that it reads.
    """

    measure: Measure[Any]
    plan: Plan
    _task: Task[Any]
    _left_out: Table

    @property
    def is_precise(self) -> bool:
        """True if each of them certainly began on one day."""
        return all(part.is_precise for part in self._task.manifest.parts)

    def sql(self, only: str = "true", more: str = "") -> str:
        """Return the SQL expression for these rows.

        They have `rel`, `last`, `first`; `value`; `is_counted`, which says that the
        measure reads the event; `is_unfit`, that no column holds its value.

        Args:
            only: A condition for the rows.
            more: More columns.
        """
        task, plan = self._task, self.plan
        condition = task.query.rows(has_left_out=bool(len(self._left_out)))
        return _COUNTED.format(
            value=_value(plan),
            counted="true" if plan.kinds is None else _among("kind", plan.kinds),
            unfit=_unfit(plan),
            more=more,
            rows=table_of(part.file(task.folder) for part in task.manifest.parts),
            condition=f"{condition} and {only}",
        )

    def asked(
        self, sql: str, within: Database | None, tables: dict[str, Table] | None = None
    ) -> Table | None:
        """Return the result of a query about these rows and other tables.

        None if a sum has more digits than a number of DuckDB.
        """
        with engine(self._task.limits, self._task.folder, within) as connection:
            for name, table in {"left_out": self._left_out, **(tables or {})}.items():
                connection.register(name, table)
            with suppress(duckdb.OutOfRangeException):
                return connection.sql(sql).to_arrow_table()
        return None


def counted_rows(task: Task[Any], bucket: Bucket) -> CountedRows | None:
    """Return the events that count; None if a measure cannot be read from columns.

    Which related entries count is in the columns as a log decides by itself: under a
    day of knowledge, of claims that differ the one that was known last.
    """
    measure = task.projection
    plan = _plan(measure, task.manifest, task.vocabulary)
    if plan is None or not isinstance(measure, Measure) or task.query.bounded:
        return None
    positions = left_out(task, bucket.related)
    if positions is None:
        return None
    return CountedRows(measure, plan, task, pa.table([positions], ["position"]))


def left_out(task: Task[Any], related: Related) -> Array | None:
    """Return the positions of the related entries of a bucket that do not count.

    None if the columns do not say it.
    """
    query, vocabulary = task.query, task.vocabulary
    if not len(related.positions):
        return related.positions
    day = query.known_day
    if day is None or query.prefer is not Prefer.LATEST_KNOWN:
        return None
    # Claims can be equal, or agree, as another vocabulary reads them.
    if not _are_current(task.manifest, vocabulary, vocabulary.classes):
        return None
    if not related.kinds() <= vocabulary.classes.keys():
        return None
    return related.left_out(day)


def _value(plan: Plan) -> str:
    if not plan.columns:
        return "1::bigint"
    # A kind may have been given any name.
    columns = {kind: name.replace('"', '""') for kind, name in plan.columns.items()}
    cases = (f'when {_text(kind)} then "{name}"' for kind, name in columns.items())
    return f"case kind {' '.join(cases)} end"


def _unfit(plan: Plan) -> str:
    if not plan.columns:
        return "false"
    names = ", ".join(map(_text, plan.columns.values()))
    return f"coalesce(list_has_any(unfit, [{names}]), false)"


def _among(column: str, names: Iterable[str]) -> str:
    return f"{column} in ({', '.join(map(_text, names)) or 'null'})"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _whole(value: Decimal | None) -> int:
    return 0 if value is None else int(value)


def _plain(value: Decimal | None) -> int | Decimal:
    """Return a decimal without the zeros that its column has added."""
    whole, _, rest = f"{value or 0:f}".partition(".")
    rest = rest.rstrip("0")
    return 0 if value is None else Decimal(f"{whole}.{rest}" if rest else whole)
