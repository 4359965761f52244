"""Questions that need no Python: counts and sums by SQL, three-valued."""

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
from bri_timeline.scale._bucket import Kinfolk, pairs_in
from bri_timeline.scale._engine import Limits, engine, table_of
from bri_timeline.scale._manifest import Manifest, Pair, bucket_of
from bri_timeline.scale._query import Question


__all__ = ["Measure", "Tally", "tallies"]

_NUMBER = re.compile(r"-?[0-9]{1,24}(\.[0-9]{1,9})?").fullmatch
_KIN = "create temp table kin as select distinct position from {}"
_TALLY = (
    "select rel, sum(value) filter (last <= {}), sum(value), min(wrong) from {}"
    " where {} and (value is not null or wrong is not null) group by rel"
)
# A word is a version, the length of a name, and that name before the data.
_WORDS = (
    "select code, {} from (select code,"
    " substr(text, instr(text, chr(10)) + 1) as rest, instr(rest, chr(10)) as head,"
    " substr(rest, 1, head - 1)::int as size,"
    " substr(rest, head + 1, size) as kind, substr(rest, head + 1 + size) as data"
    " from {}) where {}"
)
_NO_WORDS = "(select 0 as code, '' as text where false)"
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
        certain: Of what had happened: that of the certain state.
        possible: Also of what may have happened.
    """

    certain: int | Decimal
    possible: int | Decimal


class Measure(NamedTuple):
    """What is counted.

    Attributes:
        kinds: Names of payload classes; None for any.
        field: What is summed, such as `millions` or `value.amount`; None to count.
    """

    kinds: frozenset[str] | None
    field: str | None

    def of(self, event: Event, vocabulary: Vocabulary) -> Decimal | None:
        """Return what an event adds; None where it does not count.

        Raises:
            ValueError: It is no number.
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
        if not _NUMBER(str(value)) or isinstance(value, bool):
            raise ValueError(value)
        return Decimal(str(value))


def tallies(
    folder: Path,
    manifest: Manifest,
    vocabulary: Vocabulary,
    asked: Question,
    measure: Measure,
    limits: Limits,
) -> dict[Pair, Tally]:
    """Return the tally of each relationship of which anything may have happened.

    Raises:
        DatasetError: What is to be summed is somewhere no number.
    """
    found: dict[Pair, list[Decimal]] = {}
    pairs = {number: pair for pair, number in pairs_in(folder, manifest).items()}
    with engine(limits, folder) as connection:
        query = _query(connection, folder, manifest, asked, measure)
        rows = connection.sql(query).fetchall() if manifest.parts else []
    for number, certain, possible, wrong in rows:
        if wrong is not None:
            raise _no_number(folder, measure, wrong)
        one, other = pairs[number]
        if one != other:
            found[one, other] = [Decimal(certain or 0), Decimal(possible)]
    try:
        _add_kin(found, folder, manifest, vocabulary, asked, measure)
    except ValueError as error:
        raise _no_number(folder, measure, str(error)) from None
    return {pair: Tally(*map(_plain, both)) for pair, both in found.items()}


def _add_kin(
    found: dict[Pair, list[Decimal]],
    folder: Path,
    manifest: Manifest,
    vocabulary: Vocabulary,
    asked: Question,
    measure: Measure,
) -> None:
    """Add what entries come to that bear on one another."""
    for bucket in sorted({kin.bucket for kin in manifest.kin}):
        kin = Kinfolk(folder, manifest.of(bucket), vocabulary)
        for pair, some in kin.standing(asked, undecided=True).items():
            if bucket_of(pair, manifest.buckets) != bucket:
                continue
            for key, event in some:
                value = measure.of(event, vocabulary)
                if value is not None:
                    both = found.setdefault(pair, [Decimal(0), Decimal(0)])
                    both[0] += value if key[0] <= asked.day else 0
                    both[1] += value


def _query(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    manifest: Manifest,
    asked: Question,
    measure: Measure,
) -> str:
    rows = table_of(part.file(folder) for part in manifest.parts)
    if manifest.kin:
        files = table_of(kin.file(folder) for kin in manifest.kin)
        connection.sql(_KIN.format(files))
    condition = asked.rows(has_kin=bool(manifest.kin), undecided=True)
    if measure.kinds is None and measure.field is None:
        one = _COUNTED.format(_ONE, rows)
        return _TALLY.format(asked.day, one, condition)
    words = _words(folder, manifest, measure)
    joined = f"{rows} join ({words}) words on what = code"
    return _TALLY.format(asked.day, joined, condition)


def _words(folder: Path, manifest: Manifest, measure: Measure) -> str:
    """Return the query for the payloads that count, and what each adds."""
    files = [part.file(folder, "what") for part in manifest.parts if part.has("what")]
    value = _ONE
    if measure.field is not None:
        value = _FIELD.format(f"json_extract_string(data, '$.{measure.field}')")
    kinds = "true"
    if measure.kinds is not None:
        names = ["'" + kind.replace("'", "''") + "'" for kind in sorted(measure.kinds)]
        kinds = f"kind in ({', '.join(names) or 'null'})"
    words = table_of(files) if files else _NO_WORDS
    return _WORDS.format(value, words, kinds)


def _plain(number: Decimal) -> int | Decimal:
    whole = int(number)
    return whole if whole == number else number


def _no_number(folder: Path, measure: Measure, found: str) -> DatasetError:
    problem = f"has a {measure.field} that is no number of at most nine decimals"
    remedy = "sum it with project_each()"
    return DatasetError(str(folder), f"{problem} ({shown(found)}): {remedy}")
