"""Relations between states: facts, money, plans, and the relationship on any day."""

from bri_timeline._codec import Vocabulary
from bri_timeline.relations._actors import actor, name_of
from bri_timeline.relations._codes import actor_of
from bri_timeline.relations._facts import (
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
from bri_timeline.relations._money import Money
from bri_timeline.relations._plan import Plan, PlanStatus
from bri_timeline.relations._relationship import Relationship, relationship
from bri_timeline.relations._table import Table


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
    "Table",
    "Visited",
    "actor",
    "actor_of",
    "name_of",
    "relationship",
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
