"""Dated events with their sources, and the state of a relationship on any day.

A log keeps claims, a view of it answers for one day as known by another, and a
projection reads a state from the events that count there. The names, in the order in
which they are used:

- Claims and their sources: an `Event` happens at an `Edtf`, perhaps at a `Place`, and
  rests on a `Citation` of a `Source`.
- The log: an `EventLog` has an `Entry` for each claim, correction and retraction, or
  what is left of it (`Erased`). A `Vocabulary` names the kinds of payloads; what it
  lacks is `Unknown`. A `Proposal` waits for its `Review`.
- Views and states: a `View`, a `Projection` made by `projection`; `Prefer` says which
  of several claims is taken, and `dyads` gives the pairs of an event.
- Answers: `Answer`, of three values; `Outcomes`, an `Explanation` by each `Step`, a
  `Difference` by each `Change`; a `Period`, a `Belief`, the `First` day, a `Status`, a
  `Panel` of each `PanelRow`; of several rows a `Table`, or `ByKey`.
- What sources disagree about: a `Dispute`, a `Wording`; what is `SetAside` and its
  `Reason`; a `Contradiction`, and a `Dangling` reference.
- Releases of a dataset: a `Release` of what it `Covers`, the `Revision` with each
  `Amendment`, a `ReleaseSummary`; two are set side by side by `compare`.
"""

import typing

from bri_timeline import _later
from bri_timeline._answer import Answer
from bri_timeline._events import Entry, Event, Place, dyads
from bri_timeline._events.entries import Erased, Review
from bri_timeline._evidence import Citation, Source
from bri_timeline._happening import Dangling, Dispute, Reason, SetAside, Wording
from bri_timeline._journal import Prefer
from bri_timeline._journal.proposals import Proposal
from bri_timeline._log import Amendment, EventLog, ReleaseSummary, Revision, compare
from bri_timeline._projection import Projection, projection
from bri_timeline._scope import Covers, Release
from bri_timeline._view import View
from bri_timeline.edtf import Edtf


if typing.TYPE_CHECKING:
    from bri_timeline._form import Unknown, Vocabulary
    from bri_timeline._queries.difference import Change, Difference
    from bri_timeline._queries.explanation import Explanation, Step
    from bri_timeline._queries.first import First
    from bri_timeline._queries.history import Belief, Contradiction, Period
    from bri_timeline._queries.panel import Panel, PanelRow
    from bri_timeline._queries.statuses import Status
    from bri_timeline._queries.table import ByKey, Table
    from bri_timeline._queries.values import Outcomes

    __version__: str


__all__ = [
    "Amendment",
    "Answer",
    "Belief",
    "ByKey",
    "Change",
    "Citation",
    "Contradiction",
    "Covers",
    "Dangling",
    "Difference",
    "Dispute",
    "Edtf",
    "Entry",
    "Erased",
    "Event",
    "EventLog",
    "Explanation",
    "First",
    "Outcomes",
    "Panel",
    "PanelRow",
    "Period",
    "Place",
    "Prefer",
    "Projection",
    "Proposal",
    "Reason",
    "Release",
    "ReleaseSummary",
    "Review",
    "Revision",
    "SetAside",
    "Source",
    "Status",
    "Step",
    "Table",
    "Unknown",
    "View",
    "Vocabulary",
    "Wording",
    "compare",
    "dyads",
    "projection",
]


_PACKAGES = frozenset({
    "answers", "chronicles", "edtf", "errors", "evidence", "extend", "formats",
    "measures", "pages", "phrases", "relations", "scale", "stores", "testing",
})  # fmt: skip

# Imported on first access: only reading and writing files needs the form, and only the
# answers to some questions consist of the others.
_find: _later.Finder = _later.later(
    __name__,
    "_queries.history",
    "_queries.explanation",
    "_queries.difference",
    "_queries.first",
    "_queries.values",
    "_queries.panel",
    "_queries.table",
    "_queries.statuses",
    "_form",
    names=frozenset(__all__),
    packages=_PACKAGES,
)


__dir__: _later.Listing = _later.listing(globals(), {*__all__, *_PACKAGES})


def __getattr__(name: str) -> object:
    """Return a name of the package on first access; its version is read then, too."""
    return _later.version() if name == "__version__" else _find(name)
