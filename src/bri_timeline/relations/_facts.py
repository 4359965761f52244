"""The facts that are shipped: what happens between states.

Each is a plain `attrs.frozen` class that inherits nothing and registers nowhere; your
own are written in the same way. `parties` are the actors by whom a fact is found.
"""

from __future__ import annotations

from decimal import Decimal

from attrs import field, frozen

from bri_timeline.edtf import Edtf
from bri_timeline.relations._actors import actor, actors
from bri_timeline.relations._converters import (
    count,
    figure,
    optional_actor,
    optional_edtf,
    some_actors,
)
from bri_timeline.relations._intentions import (
    Cancelled,
    Held,
    Planned,
    Postponed,
    Rescheduled,
)
from bri_timeline.relations._money import Money


__all__ = [
    "AgreementSigned",
    "AgreementStatusChanged",
    "Cancelled",
    "Held",
    "IndicatorObserved",
    "InitiativeLaunched",
    "Joined",
    "Left",
    "Met",
    "Planned",
    "PositionDeclared",
    "Postponed",
    "ProjectStatusChanged",
    "Rescheduled",
    "Visited",
]


@frozen
class InitiativeLaunched:
    """An actor launched an initiative, such as the Belt and Road in 2013.

    Args:
        name: What it is called.
        by: The actor.
        formerly: What it was called before.
    """

    name: str
    by: str = field(converter=actor)
    formerly: str | None = None

    @property
    def parties(self) -> frozenset[str]:
        """The actor that launched it."""
        return frozenset((self.by,))


@frozen
class Joined:
    """An actor became a member of an initiative or organisation.

    Args:
        member: The actor.
        body: What it joined.
    """

    member: str = field(converter=actor)
    body: str

    @property
    def parties(self) -> frozenset[str]:
        """The member."""
        return frozenset((self.member,))


@frozen
class Left:
    """An actor ceased to be a member of an initiative or organisation.

    Args:
        member: The actor.
        body: What it left.
    """

    member: str = field(converter=actor)
    body: str

    @property
    def parties(self) -> frozenset[str]:
        """The member."""
        return frozenset((self.member,))


@frozen
class Visited:
    """Somebody of one state visited another.

    Args:
        guest: The state that came.
        host: The state that received.
        who: The person or body that came.
        occasion: What for.
        official: Whether the source calls it official; None where it does not say.
        described_as: What the source calls it in a count ("second visit since 2015"): a
            claim about a count, and never the count.
    """

    guest: str = field(converter=actor)
    host: str = field(converter=actor)
    who: str | None = field(default=None, converter=optional_actor)
    occasion: str | None = None
    official: bool | None = None
    described_as: str | None = None

    @property
    def parties(self) -> frozenset[str]:
        """Guest and host."""
        return frozenset((self.guest, self.host))


@frozen
class Met:
    """Actors met: two presidents, or all who came to a forum.

    Args:
        parties: Those who met; the meeting counts for each pair of them.
        who: The persons.
        place: Where.
        occasion: On which occasion.
        about: What was talked about.
    """

    parties: frozenset[str] = field(converter=some_actors)
    who: frozenset[str] = field(default=frozenset(), converter=actors)
    place: str | None = None
    occasion: str | None = None
    about: str | None = None


@frozen
class AgreementSigned:
    """An agreement was signed, or a bundle of them that a source counts together.

    Args:
        parties: Those whose agreement it is.
        title: What it is about.
        count: How many agreements the source counts here.
        value: What they are worth together, if it is said.
        part_of: The id of the event that signed the bundle to which it belongs. Parts
            are listed, but add nothing to any total.
        part_certain: False where no source says whether it belongs to the bundle; then
            no total depends on it either.
        between: Who signed, where that is said.
    """

    parties: frozenset[str] = field(converter=some_actors)
    title: str
    count: int = field(default=1, converter=count)
    value: Money | None = None
    part_of: str | None = None
    part_certain: bool = True
    between: str | None = None


@frozen
class AgreementStatusChanged:
    """An agreement came into force, was suspended, ended, or the like.

    Args:
        parties: Those whose agreement it is.
        agreement: The id of the event that signed it.
        status: The new status, in words.
    """

    parties: frozenset[str] = field(converter=some_actors)
    agreement: str
    status: str


@frozen
class PositionDeclared:
    """An actor said where it stands.

    Args:
        actor: Who.
        topic: On what.
        stance: What it said, in short.
        towards: Whom it concerns, if anybody.
    """

    actor: str = field(converter=actor)
    topic: str
    stance: str
    towards: frozenset[str] = field(default=frozenset(), converter=actors)

    @property
    def parties(self) -> frozenset[str]:
        """The actor, and those whom it concerns."""
        return self.towards | {self.actor}


@frozen
class IndicatorObserved:
    """A figure was reported: trade, loans, growth.

    Args:
        parties: The actors that it is about.
        name: Of what.
        value: How much.
        unit: In what: `USD`, `percent`.
        period: For which time (EDTF).
        approximate: The source rounds or estimates it.
    """

    parties: frozenset[str] = field(converter=some_actors)
    name: str
    value: Decimal = field(converter=figure)
    unit: str
    period: Edtf | None = field(default=None, converter=optional_edtf)
    approximate: bool = False


@frozen
class ProjectStatusChanged:
    """A project was started, is under way, was completed, or the like.

    Args:
        parties: The actors whose project it is.
        project: What it is called.
        status: The new status, in words.
    """

    parties: frozenset[str] = field(converter=some_actors)
    project: str
    status: str
