"""For those who build on the library: what its own formats, pages and stores use.

A format reads files of other programs or writes them, a page shows a log or a view, a
store keeps a log. Each can be in a package of its own, with the public names of
`bri_timeline` and these:

- The payload classes of anybody: `payload_fields`, each a `PayloadField`; `members_of`;
  `check_sayable`, `require_vocabulary`. Many events at once, each as by `Event()`:
  `events_of`. The parts of a claim, of which none is left out: `event_fields`. Classes
  and those derived from them: `with_subclasses`. What ends their facts: `until_of`;
  which `View.ended()` can be asked of: `can_end`.
- A log of a part of the entries: `EventLog.partial()`, of columns that were checked
  when they were written: `ColumnCodec`. The parts that they hold: `parts`, a module. A
  question that is asked of each part: what a projection lacks, `refuse_lacking`; what
  does not last, `left_out` and `refuse_left_out`; what a function of a key makes,
  `made_by`; the `PanelShares` of a panel, each of rows in a `PanelBlock`. What counts
  of related entries: `resolve`; under which knowledge: `counting_spans`; which claims
  can be taken together: `may_agree`.
- An entry as a line of a file, with all checks: `encode_entry`, `decode_entry`. Many
  at once, for a store that keeps lines: `Codec`, to and from `EntryColumns`; their
  events as they stand in lines are `EncodedColumns`. At another position, in another
  log: `renumbered`; as a log without proposals has it: `without_review`.
- Messages that help: `described`, `did_you_mean`, `SimilarNames`. Something else was
  given for a log or a projection: `require_log`, `require_projection`.
- Events in the order in which states are folded: a `Mark` is an event, where it begins,
  or an `Ending`; `event_of`. What a projection folds in a view: `marks_for`.
- The id that was given to an event, where its digest is not its id: `given_id`.
- The codes and names of states: `state_names`, a module.
- Text for people: `describe_event`, `event_phrase`, `one_line`, `harmless`, `safe`. The
  words of the library in one of its `LANGUAGES`: `strings`, which are `Strings`.
- Plain data, which `json` takes: `AsDict`, `plain_data`; JSON as text that no terminal
  obeys: `escaped`.
- Days: a `Day` is a `date`, or text such as `2019-04-24`; `to_day`, `iso`.
- Files and the machine: `replaced`, `FileLock`, `ForkAware`, `url_problem`, `needing`,
  `warn`; many events at once, in a third of the time: `uncollected`.

Nothing here but `ColumnCodec` makes an event or an entry without its checks. Before
version 1.0 a minor version may change these names; the changelog says how to follow.
"""

import typing

from bri_timeline import _later
from bri_timeline import _names as state_names
from bri_timeline._calendar import Day, iso, to_day
from bri_timeline._events import (
    check_sayable,
    describe_event,
    event_phrase,
    events_of,
    given_id,
)
from bri_timeline._events.entries import EntryColumns, renumbered, without_review
from bri_timeline._events.marks import Ending, Mark, event_of
from bri_timeline._journal import may_agree, resolve
from bri_timeline._journal.proposals import event_fields
from bri_timeline._lasting import can_end
from bri_timeline._later import needing
from bri_timeline._log import require_log
from bri_timeline._payload import until_of, with_subclasses
from bri_timeline._process import uncollected
from bri_timeline._projection import (
    made_by,
    refuse_lacking,
    refuse_left_out,
    require_projection,
)
from bri_timeline._strings import LANGUAGES, Strings, strings
from bri_timeline._text import (
    AsDict,
    escaped,
    harmless,
    one_line,
    plain_data,
    safe,
)
from bri_timeline._view import counting_spans, left_out, marks_for


# Imported on first access: `import bri_timeline` does not need their modules, and who
# needs one of them seldom needs the others.
if typing.TYPE_CHECKING:
    from bri_timeline._atomic_write import replaced
    from bri_timeline._form import (
        Codec,
        ColumnCodec,
        EncodedColumns,
        PayloadField,
        decode_entry,
        encode_entry,
        members_of,
        parts,
        payload_fields,
        require_vocabulary,
    )
    from bri_timeline._lock import FileLock, ForkAware
    from bri_timeline._logger import warn
    from bri_timeline._messages import SimilarNames, described, did_you_mean
    from bri_timeline._paths import url_problem
    from bri_timeline._queries.panel import PanelBlock, PanelShares


__all__ = [
    "LANGUAGES",
    "AsDict",
    "Codec",
    "ColumnCodec",
    "Day",
    "EncodedColumns",
    "Ending",
    "EntryColumns",
    "FileLock",
    "ForkAware",
    "Mark",
    "PanelBlock",
    "PanelShares",
    "PayloadField",
    "SimilarNames",
    "Strings",
    "can_end",
    "check_sayable",
    "counting_spans",
    "decode_entry",
    "describe_event",
    "described",
    "did_you_mean",
    "encode_entry",
    "escaped",
    "event_fields",
    "event_of",
    "event_phrase",
    "events_of",
    "given_id",
    "harmless",
    "iso",
    "left_out",
    "made_by",
    "marks_for",
    "may_agree",
    "members_of",
    "needing",
    "one_line",
    "parts",
    "payload_fields",
    "plain_data",
    "refuse_lacking",
    "refuse_left_out",
    "renumbered",
    "replaced",
    "require_log",
    "require_projection",
    "require_vocabulary",
    "resolve",
    "safe",
    "state_names",
    "strings",
    "to_day",
    "uncollected",
    "until_of",
    "url_problem",
    "warn",
    "with_subclasses",
    "without_review",
]

_PACKAGE = "bri_timeline"
__getattr__: _later.Finder = _later.later(
    _PACKAGE,
    *(
        "_logger",
        "_paths",
        "_lock",
        "_atomic_write",
        "_messages",
        "_form",
        "_queries.panel",
    ),
    names=frozenset(__all__),
    face=__name__,
)


__dir__: _later.Listing = _later.listing(globals(), __all__)
