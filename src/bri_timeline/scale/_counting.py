"""Counts and sums by SQL, each with a certain and a possible value."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import msgspec

from bri_timeline._codec import Unknown, Vocabulary
from bri_timeline._events import Event
from bri_timeline.errors import DatasetError, shown
from bri_timeline.scale._bucket import Clusters, pairs_in
from bri_timeline.scale._engine import Limits, engine, table_of
from bri_timeline.scale._manifest import Manifest, Pair, bucket_of
from bri_timeline.scale._query import Query


__all__ = ["Measure", "Tally", "tallies"]

# Must accept the same texts as `_FIELD`, or clusters and singletons would differ.
_NUMBER = re.compile(r"-?[0-9]{1,24}(\.[0-9]{1,9})?").fullmatch
_RELATED = "create temp table related as select distinct position from {}"
_TALLY = (
    "select rel, sum(value) filter (last <= {}), sum(value), min(wrong) from {}"
    " where {} and (value is not null or wrong is not null) group by rel"
)
# A stored payload: version, length of the kind, then the kind and the data.
_VALUES = (
    "select code, {} from (select code,"
    " substr(text, instr(text, chr(10)) + 1) as rest, instr(rest, chr(10)) as head,"
    " substr(rest, 1, head - 1)::int as size,"
    " substr(rest, head + 1, size) as kind, substr(rest, head + 1 + size) as data"
    " from {}) where {}"
)
_NO_VALUES = "(select 0 as code, '' as text where false)"
_COUNTED = "(select *, {} from {})"
_ONE = "1 as value, null::varchar as wrong"
_FIELD = (
    "regexp_full_match({0}, '-?[0-9]{{1,24}}([.][0-9]{{1,9}})?') as fits,"
    " case when fits then {0}::decimal(38, 9) end as value,"
    " case when not fits then {0} end as wrong"
)


class Tally(NamedTuple):
    """A count or a sum on a day.

    Attributes:
        certain: Of the events that had certainly happened.
        possible: Also of those that may have happened.
    """

    certain: int | Decimal
    possible: int | Decimal


class Measure(NamedTuple):
    """The field to sum, or the events to count.

    Attributes:
        kinds: Names of payload classes; None for any.
        field: The field to sum, such as `millions` or `value.amount`; None to count.
    """

    kinds: frozenset[str] | None
    field: str | None

    def of(self, event: Event, vocabulary: Vocabulary) -> Decimal | None:
        """Return the number that an event adds; None if it does not count.

        Raises:
            ValueError: The field is not a number.
        """
        what = event.what
        if self.kinds is not None and vocabulary.name_of(what) not in self.kinds:
            return None
        if self.field is None:
            return Decimal(1)
        data = what.data if isinstance(what, Unknown) else vocabulary.encode(what)
        value: Any = msgspec.json.decode(data)
        for name in self.field.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if value is None:
            return None
        # JSON numbers and text are both taken, as SQL does; `true` is an int in Python.
        if not _NUMBER(str(value)) or isinstance(value, bool):
            raise ValueError(value)
        return Decimal(str(value))


def tallies(
    folder: Path,
    manifest: Manifest,
    vocabulary: Vocabulary,
    query: Query,
    measure: Measure,
    limits: Limits,
) -> dict[Pair, Tally]:
    """Return the tally of each relationship with an event that may have happened.

    Raises:
        DatasetError: The field to sum is somewhere not a number.
    """
    found: dict[Pair, list[Decimal]] = {}
    pairs = {number: pair for pair, number in pairs_in(folder, manifest).items()}
    with engine(limits, folder) as connection:
        sql = _sql(connection, folder, manifest, query, measure)
        # A dataset without entries has no file to read.
        rows = connection.sql(sql).fetchall() if manifest.parts else []
    for number, certain, possible, wrong in rows:
        if wrong is not None:
            raise _not_a_number(folder, measure, wrong)
        one, other = pairs[number]
        if one != other:
            found[one, other] = [Decimal(certain or 0), Decimal(possible)]
    try:
        _add_related(found, folder, manifest, vocabulary, query, measure)
    except ValueError as error:
        raise _not_a_number(folder, measure, str(error)) from None
    return {pair: Tally(*map(_plain, both)) for pair, both in found.items()}


def _add_related(
    found: dict[Pair, list[Decimal]],
    folder: Path,
    manifest: Manifest,
    vocabulary: Vocabulary,
    query: Query,
    measure: Measure,
) -> None:
    """Add the numbers of related entries."""
    for bucket in sorted({file.bucket for file in manifest.kin}):
        clusters = Clusters(folder, manifest.of(bucket), vocabulary)
        for pair, some in clusters.counted(query, undecided=True).items():
            # A cluster is stored in each of its buckets, and must count once.
            if bucket_of(pair, manifest.buckets) != bucket:
                continue
            for key, event in some:
                value = measure.of(event, vocabulary)
                if value is not None:
                    both = found.setdefault(pair, [Decimal(0), Decimal(0)])
                    both[0] += value if key[0] <= query.day else 0
                    both[1] += value


def _sql(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    manifest: Manifest,
    query: Query,
    measure: Measure,
) -> str:
    rows = table_of(part.file(folder) for part in manifest.parts)
    if manifest.kin:
        files = table_of(one.file(folder) for one in manifest.kin)
        connection.sql(_RELATED.format(files))
    condition = query.rows(has_related=bool(manifest.kin), undecided=True)
    if measure.kinds is None and measure.field is None:
        one = _COUNTED.format(_ONE, rows)
        return _TALLY.format(query.day, one, condition)
    values = _value_query(folder, manifest, measure)
    joined = f"{rows} join ({values}) as dictionary on what = code"
    return _TALLY.format(query.day, joined, condition)


def _value_query(folder: Path, manifest: Manifest, measure: Measure) -> str:
    """Return the SQL for the payloads that count, each with the number it adds."""
    files = [part.file(folder, "what") for part in manifest.parts if part.has("what")]
    value = _ONE
    if measure.field is not None:
        value = _FIELD.format(f"json_extract_string(data, '$.{measure.field}')")
    kinds = "true"
    if measure.kinds is not None:
        names = ["'" + kind.replace("'", "''") + "'" for kind in sorted(measure.kinds)]
        kinds = f"kind in ({', '.join(names) or 'null'})"
    values = table_of(files) if files else _NO_VALUES
    return _VALUES.format(value, values, kinds)


def _plain(number: Decimal) -> int | Decimal:
    whole = int(number)
    return whole if whole == number else number


def _not_a_number(folder: Path, measure: Measure, found: str) -> DatasetError:
    problem = f"has a {measure.field} that is not a number of at most nine decimals"
    remedy = "sum it with project_each()"
    return DatasetError(str(folder), f"{problem} ({shown(found)}): {remedy}")
