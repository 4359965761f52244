"""Relations between states: facts, money, plans, and relationships on any day.

- The state of a relationship: `relationship` gives the projection of a
  `Relationship`. It holds each `Plan` with its `PlanStatus`.
- Visits and meetings: `Visited`, `Met`, `Held`; a `Trip` is what `trips` finds in
  visits.
- Agreements and money: `AgreementSigned`, `AgreementStatusChanged`, `Money`.
- Plans: `Planned`, `Rescheduled`, `Postponed`, `Cancelled`.
- Positions, projects, memberships, figures: `PositionDeclared`,
  `ProjectStatusChanged`, `InitiativeLaunched`, `Joined`, `Left`, `IndicatorObserved`.
- All these kinds: `FACTS`, the vocabulary.
- Codes and names of actors: `actor`, `actor_of`, `actor_named`, `code_of`, `name_of`,
  `names`.
- Two lists of facts compared: `match` finds each `Match` and gives `Matches`.
"""

from bri_timeline import Vocabulary
from bri_timeline.relations._actors import actor, actor_named, name_of, names
from bri_timeline.relations._actors import actors as actors
from bri_timeline.relations._actors import among as among
from bri_timeline.relations._actors import is_state as is_state
from bri_timeline.relations._actors import named as named
from bri_timeline.relations._actors import optional_actor as optional_actor
from bri_timeline.relations._actors import plain as plain
from bri_timeline.relations._actors import states as states
from bri_timeline.relations._codes import actor_of, code_of
from bri_timeline.relations._facts import (
    AgreementSigned,
    AgreementStatusChanged,
    IndicatorObserved,
    InitiativeLaunched,
    Joined,
    Left,
    Met,
    Money,
    PositionDeclared,
    ProjectStatusChanged,
    Visited,
)
from bri_timeline.relations._facts import kind_of as kind_of
from bri_timeline.relations._facts import kinds_counted as kinds_counted
from bri_timeline.relations._matching import Match, Matches, Trip, match, trips
from bri_timeline.relations._plans import (
    Cancelled,
    Held,
    Plan,
    Planned,
    PlanStatus,
    Postponed,
    Rescheduled,
)
from bri_timeline.relations._projection import relationship
from bri_timeline.relations._state import SECTIONS as SECTIONS
from bri_timeline.relations._state import VALUES as VALUES
from bri_timeline.relations._state import Relationship
from bri_timeline.relations._state import Value as Value
from bri_timeline.relations._state import items_of as items_of


__all__ = [
    "FACTS",
    "AgreementSigned",
    "AgreementStatusChanged",
    "Cancelled",
    "Held",
    "IndicatorObserved",
    "InitiativeLaunched",
    "Joined",
    "Left",
    "Match",
    "Matches",
    "Met",
    "Money",
    "Plan",
    "PlanStatus",
    "Planned",
    "PositionDeclared",
    "Postponed",
    "ProjectStatusChanged",
    "Relationship",
    "Rescheduled",
    "Trip",
    "Visited",
    "actor",
    "actor_named",
    "actor_of",
    "code_of",
    "match",
    "name_of",
    "names",
    "relationship",
    "trips",
]

FACTS = Vocabulary(
    AgreementSigned,
    AgreementStatusChanged,
    Cancelled,
    Held,
    IndicatorObserved,
    InitiativeLaunched,
    Joined,
    Left,
    Met,
    Planned,
    PositionDeclared,
    Postponed,
    ProjectStatusChanged,
    Rescheduled,
    Visited,
)
