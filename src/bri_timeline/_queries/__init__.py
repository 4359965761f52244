"""Queries on a log or a view that return more than a state."""

from __future__ import annotations

import typing

from bri_timeline import _later


# Most programs ask few of these questions: loading all of them at once would make
# `import bri_timeline` a tenth slower (89 ms instead of 81).
if typing.TYPE_CHECKING:
    from bri_timeline._queries._bounds import (
        Known,
        bounded,
    )
    from bri_timeline._queries._difference import (
        Change,
        Difference,
        Side,
        difference,
    )
    from bri_timeline._queries._explanation import (
        Explanation,
        Step,
        claims_table,
        dates,
        day_words,
        erased_words,
        explain,
        trials,
    )
    from bri_timeline._queries._first import (
        First,
        Threshold,
        Worlds,
        first,
        first_each,
        first_of_any,
    )
    from bri_timeline._queries._history import (
        Belief,
        Contradiction,
        Period,
        beliefs,
        contradictions,
        periods,
        periods_each,
    )
    from bri_timeline._queries._outcomes import itself, outcomes
    from bri_timeline._queries._panel import (
        Block,
        Budget,
        Coverage,
        Days,
        KeyColumns,
        Panel,
        PanelRow,
        extras,
        folded,
        panel,
        period_days,
        span,
        value_class,
    )
    from bri_timeline._queries._table import Table, log_stream, view_stream
    from bri_timeline._queries._values import Outcomes, change_words, together

__all__ = [
    "Belief",
    "Block",
    "Budget",
    "Change",
    "Contradiction",
    "Coverage",
    "Days",
    "Difference",
    "Explanation",
    "First",
    "KeyColumns",
    "Known",
    "Outcomes",
    "Panel",
    "PanelRow",
    "Period",
    "Side",
    "Step",
    "Table",
    "Threshold",
    "Worlds",
    "beliefs",
    "bounded",
    "change_words",
    "claims_table",
    "contradictions",
    "dates",
    "day_words",
    "difference",
    "erased_words",
    "explain",
    "extras",
    "first",
    "first_each",
    "first_of_any",
    "folded",
    "itself",
    "log_stream",
    "outcomes",
    "panel",
    "period_days",
    "periods",
    "periods_each",
    "span",
    "together",
    "trials",
    "value_class",
    "view_stream",
]

__getattr__: _later.Finder = _later.later(
    __name__,
    "_history",
    "_explanation",
    "_difference",
    "_bounds",
    "_first",
    "_outcomes",
    "_values",
    "_panel",
    "_table",
)
