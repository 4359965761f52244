"""Entries as columns, and back: with each value of its own, or with numbered values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from effort import at_most
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import Deed, Fact, logs, with_datasets

from bri_timeline import EventLog, Vocabulary
from bri_timeline._form import ColumnCodec
from bri_timeline._form._coded import NumberedColumn
from bri_timeline._form.parts import COLUMNS
from bri_timeline.extend import without_review


NONE = type(None)
KINDS = Vocabulary(Fact, Deed)


def numbered(values: Sequence[Any]) -> NumberedColumn:
    """Return a column of which equal values have one number."""
    found: list[Any] = []
    for value in values:
        if value not in found:
            found.append(value)
    return NumberedColumn(found, [found.index(value) for value in values])


@at_most(40)
@given(log=with_datasets(logs()), vocabulary=st.sampled_from([KINDS, Vocabulary()]))
def test_columns_hold_entries(log: EventLog, vocabulary: Vocabulary) -> None:
    """All but reviews; also those of payloads that a vocabulary does not know."""
    entries = [without_review(entry) for entry in log]
    columns = ColumnCodec(KINDS).columns_of(entries)
    assert [part.name for part in COLUMNS if part.name not in columns] == []
    expected = [*EventLog(entries)]
    if vocabulary is not KINDS:
        whole = {name: NumberedColumn.of(values) for name, values in columns.items()}
        expected = [*ColumnCodec(vocabulary).entries(whole)]
        assert ColumnCodec(vocabulary).columns_of(expected) == columns
    for column in (NumberedColumn.of, numbered):
        coded = {name: column(values) for name, values in columns.items()}
        assert expected == [*ColumnCodec(vocabulary).entries(coded)]
        # A part without a value needs no column.
        some = {
            n: one for n, one in coded.items() if {*map(type, one.values)} != {NONE}
        }
        needed = {name: coded[name] for name in ("position", "kind", "version", "what")}
        assert expected == [*ColumnCodec(vocabulary).entries({**needed, **some})]
        claims = [row for row, entry in enumerate(expected) if entry.event is not None]
        only = {name: one.only(claims) for name, one in coded.items()}
        events = [entry.event for entry in expected if entry.event is not None]
        assert events == ColumnCodec(vocabulary).events(only)
