"""Readers of tables, as type checkers see them; never executed."""

from typing import assert_type

import polars as pl
import pyarrow as pa

from bri_timeline import (
    Belief,
    EventLog,
    Explanation,
    Panel,
    Period,
    Table,
    View,
    Vocabulary,
    answers,
)


def frames(
    log: EventLog, view: View, panel: Panel[str, int], table: Table[int]
) -> None:
    """Each of them is a frame at once."""
    assert_type(pl.DataFrame(log), pl.DataFrame)
    assert_type(pl.DataFrame(view), pl.DataFrame)
    assert_type(pl.DataFrame(panel), pl.DataFrame)
    assert_type(pl.DataFrame(table), pl.DataFrame)
    assert_type(pa.table(log), pa.Table)
    assert_type(pa.table(view), pa.Table)
    assert_type(pa.table(panel), pa.Table)
    assert_type(pa.table(table), pa.Table)


def tables(periods: Table[Period[int]], beliefs: Table[Belief[str]]) -> None:
    """Answers of several rows are a table."""
    assert_type(pl.DataFrame(periods), pl.DataFrame)
    assert_type(pl.DataFrame(beliefs), pl.DataFrame)


def read_back(text: str, data: dict[str, object], facts: Vocabulary) -> None:
    """An answer that is read back has the type that was named."""
    assert_type(answers.loads(text, Explanation[int], facts), Explanation[int])
    assert_type(answers.from_dict(data, Period[str]), Period[str])
    assert_type(
        answers.loads(text, answers.StateAnswer[dict[str, int]]).state, dict[str, int]
    )
    assert_type(
        answers.loads(text, answers.PanelData[str, int]), answers.PanelData[str, int]
    )
    assert_type(answers.dumps(facts), str)
