"""Queries on a log or a view that return more than a state."""

from __future__ import annotations

from bri_timeline._queries._difference import (
    Change,
    Difference,
    Side,
    difference,
)
from bri_timeline._queries._explanation import (
    Explanation,
    Step,
    explain,
)
from bri_timeline._queries._history import (
    Belief,
    Contradiction,
    Period,
    beliefs,
    contradictions,
    periods,
)
from bri_timeline._queries._notebook import (
    STATUS_BY_REASON,
    ClaimStatus,
    claims_table,
    dates,
    day_words,
    entries_table,
    reason_text,
)
from bri_timeline._queries._outcomes import (
    Outcomes,
    outcomes,
)


__all__ = [
    "STATUS_BY_REASON",
    "Belief",
    "Change",
    "ClaimStatus",
    "Contradiction",
    "Difference",
    "Explanation",
    "Outcomes",
    "Period",
    "Side",
    "Step",
    "beliefs",
    "claims_table",
    "contradictions",
    "dates",
    "day_words",
    "difference",
    "entries_table",
    "explain",
    "outcomes",
    "periods",
    "reason_text",
]
