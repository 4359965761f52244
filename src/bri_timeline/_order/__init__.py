"""Fold order under a basis, and the states kept along it.

Blocks. The marks of an order lie in blocks of as many marks as lie between two states
(16). A block has the marks from its bound to that of the next; a bound never moves, so
a change concerns one block: nothing else moves, and no state loses its place. A block
that grows too long is halved: whoever keeps something by number is told at once, and
puts a hole there. Singletons lie in the blocks for every basis; so does what counts of
a cluster where everything is known, with its row inverted.

Clusters. What counts of a cluster has versions along an axis of knowledge: by days, by
days among the first entries of an older log, or by positions. Each has its key and the
moments from which and until which it counts. Further entries are added to what was
told, if they come in the order of knowledge. Panels and beliefs read the versions; what
counts now is found without them, most of it without any object.

Another basis. Its sequence reads each block: as it is, if all marks are known and none
is of a cluster; else filtered by row and day of knowledge. What counts of a cluster now
did so since a day, which an axis knows by its row. Only versions that have ended lie
beside the blocks, in fold order: those that count at the moment of the basis are laid
over the blocks between whose bounds their keys lie. So an older log, a day and a
preference are one thing, and resolve nothing. A sequence stays when the order grows:
where the versions of a cluster change, so does what is laid over.

States. A state is kept before each block, for one projection and one sequence. A change
casts doubt on the states after its block; the doubt is the number of the block, which a
split renumbers. Folding again goes on until a state is what it was, compared 1, 2, 4,
... states after the change. States that merge are those of runs of blocks, and of
groups of these: a change makes one hole in each row. A new basis begins with the states
of the most similar one, up to the first block that differs.

What others end. A projection with `ends` folds states that remember the open facts,
where a class that it reads says what ends its facts; each answer shows what it made.

Keys. A key of `project_each()` has a list of marks, or, if there are many, the same
blocks, and the same states along these. Rows are not needed there: what is new comes
after all else of its days. Where a cluster changed, what its keys have of those days
is taken out and put there anew.

The lock of the journal is held while anything of this is read or changed; a fold that
asks its own log is refused. In a child of a fork the journal has a new lock, and a
cache that finds other entries begins anew.
"""

from __future__ import annotations

from bri_timeline._order._blocks import certain_day
from bri_timeline._order._cache import STRIDE, FoldCache
from bri_timeline._order._facts import Facts
from bri_timeline._order._lines import states_known_by
from bri_timeline._order._remembering import (
    Remembered,
    composition_of,
    of_shown,
    remembering,
    shows_less,
    state_of,
    untold,
    without_facts,
)
from bri_timeline._order._sequence import EventSequence
from bri_timeline._order._states import CountedStates


__all__ = [
    "STRIDE",
    "CountedStates",
    "EventSequence",
    "Facts",
    "FoldCache",
    "Remembered",
    "certain_day",
    "composition_of",
    "of_shown",
    "remembering",
    "shows_less",
    "state_of",
    "states_known_by",
    "untold",
    "without_facts",
]
