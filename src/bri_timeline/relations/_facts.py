"""Facts about relations between states.

Each is a plain `attrs.frozen` class without base class or registration; write your own
in the same way. `parties` are the actors by whom a fact is found, `affair_of` those of
them whose affair it is, if fewer, and `refers_to` the ids of the events that it is
about.
"""

from __future__ import annotations

from decimal import Decimal

from attrs import field, frozen

from bri_timeline._text import class_words, one_line
from bri_timeline.edtf import Edtf, in_words
from bri_timeline.errors import MoneyError
from bri_timeline.relations._actors import (
    actor,
    actors,
    affair_of,
    among,
    count,
    figure,
    named,
    optional_actor,
    optional_edtf,
    some_actors,
)
from bri_timeline.relations._money import Money, optional_money
from bri_timeline.relations._plans import (
    Cancelled,
    Held,
    Planned,
    Postponed,
    Rescheduled,
)


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
    "kind_of",
]


@frozen
class InitiativeLaunched:
    """An actor launched an initiative, such as the Belt and Road in 2013.

    Args:
        name: Its name.
        by: The actor.
        formerly: Its former name.
    """

    name: str
    by: str = field(converter=actor)
    formerly: str | None = None

    @property
    def parties(self) -> frozenset[str]:
        """The actor that launched it."""
        return frozenset((self.by,))

    def __str__(self) -> str:
        formerly = f", formerly {self.formerly}" if self.formerly else ""
        return one_line(f"{named(self.by)} launches the {self.name}{formerly}")


@frozen
class Joined:
    """An actor became a member of an initiative or organisation.

    Args:
        member: The actor.
        body: The initiative or organisation.
    """

    member: str = field(converter=actor)
    body: str

    @property
    def parties(self) -> frozenset[str]:
        """The member."""
        return frozenset((self.member,))

    def __str__(self) -> str:
        return one_line(f"{named(self.member)} joins {self.body}")


@frozen
class Left:
    """An actor ceased to be a member of an initiative or organisation.

    Args:
        member: The actor.
        body: The initiative or organisation.
    """

    member: str = field(converter=actor)
    body: str

    @property
    def parties(self) -> frozenset[str]:
        """The member."""
        return frozenset((self.member,))

    def __str__(self) -> str:
        return one_line(f"{named(self.member)} leaves {self.body}")


@frozen
class Visited:
    """A person or body of one state visited another state.

    Args:
        guest: The visiting state.
        host: The receiving state.
        who: The visiting person or body.
        occasion: The occasion.
        official: Whether the source calls it official; None if it is silent on that.
        described_as: The source's own count ("second visit since 2015"): a claim about
            a count, never counted itself.
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

    def __str__(self) -> str:
        guest = named(self.guest)
        who = f"{named(self.who)} of {guest}" if self.who else guest
        official = " officially" if self.official else ""
        occasion = f": {self.occasion}" if self.occasion else ""
        return one_line(f"{who} visits {named(self.host)}{official}{occasion}")


@frozen
class Met:
    """Actors met: two presidents, or all participants of a forum.

    Args:
        parties: The actors; the meeting counts for each pair of them.
        who: The persons.
        place: The place.
        occasion: The occasion.
        about: The subject of the talks.
    """

    parties: frozenset[str] = field(converter=some_actors)
    who: frozenset[str] = field(default=frozenset(), converter=actors)
    place: str | None = None
    occasion: str | None = None
    about: str | None = None

    def __str__(self) -> str:
        # The persons stand for their states, which are not named beside them.
        states = {p for p in self.parties if ":" not in p and self.who}
        met = [among(self.who), among(self.parties - states)]
        told = f" in {self.place}" if self.place else ""
        told += f": {self.occasion}" if self.occasion else ""
        told += f", about {self.about}" if self.about else ""
        return one_line(f"{' with '.join(filter(None, met))} meet{told}")


@frozen
class AgreementSigned:
    """An agreement was signed, or several that a source counts together (a bundle).

    Args:
        parties: The parties to the agreement.
        title: Its subject.
        count: The number of agreements that the source counts here.
        value: Their total value, if stated.
        part_of: The id of the event that signed the bundle to which it belongs. A part
            is listed, but adds nothing to a total that includes its bundle.
        part_certain: False if no source states whether it belongs to the bundle; it
            then adds nothing either.
        between: The signatories, if stated.
    """

    parties: frozenset[str] = field(converter=some_actors)
    title: str
    count: int = field(default=1, converter=count)
    value: Money | None = field(default=None, converter=optional_money)
    part_of: str | None = None
    part_certain: bool = True
    between: str | None = None

    @property
    def refers_to(self) -> frozenset[str]:
        """The id of its bundle, if it is part of one."""
        return frozenset(() if self.part_of is None else (self.part_of,))

    def __str__(self) -> str:
        worth = f", worth {self.value}" if self.value else ""
        bundle = "part of a bundle" if self.part_certain else "perhaps of a bundle"
        part = "" if self.part_of is None else f" ({bundle})"
        return one_line(f"Agreement: {self.title}{worth}{part}")


@frozen
class AgreementStatusChanged:
    """An agreement came into force, was suspended, ended, or the like.

    Args:
        parties: The parties to the agreement.
        agreement: The id of the event that signed it.
        status: The new status, in words.
    """

    parties: frozenset[str] = field(converter=some_actors)
    agreement: str
    status: str

    @property
    def refers_to(self) -> frozenset[str]:
        """The agreement."""
        return frozenset((self.agreement,))

    def __str__(self) -> str:
        return one_line(f"Agreement \u201c{self.agreement}\u201d: {self.status}")


@frozen
class PositionDeclared:
    """An actor declared its position.

    Args:
        actor: The actor.
        topic: The topic.
        stance: The position, in short.
        towards: The actors whom it concerns, if any.
    """

    actor: str = field(converter=actor)
    topic: str
    stance: str
    towards: frozenset[str] = field(default=frozenset(), converter=actors)

    @property
    def parties(self) -> frozenset[str]:
        """The actor, and the actors whom the position concerns."""
        return self.towards | {self.actor}

    def __str__(self) -> str:
        return one_line(f"{named(self.actor)} on {self.topic}: {self.stance}")


@frozen
class IndicatorObserved:
    """A figure was reported: trade, loans, growth.

    Args:
        parties: The actors that it is about.
        name: The name of the indicator.
        value: The figure.
        unit: Its unit: `USD`, `percent`.
        period: The time that it covers (EDTF); by default the date of the event.
        approximate: Whether the source rounds or estimates it.
    """

    parties: frozenset[str] = field(converter=some_actors)
    name: str
    value: Decimal = field(converter=figure)
    unit: str
    period: Edtf | None = field(default=None, converter=optional_edtf)
    approximate: bool = False

    @property
    def affair_of(self) -> frozenset[str]:
        """The only state among its parties; without a single one, all parties."""
        return affair_of(self.parties)

    def __str__(self) -> str:
        name = f"{self.name[:1].upper()}{self.name[1:]}"
        about = "about " if self.approximate else ""
        period = f" ({in_words(self.period)})" if self.period else ""
        return one_line(f"{name}: {about}{self._amount()}{period}")

    def _amount(self) -> str:
        # Units that look like a currency are formatted as money is: `1.3 billion USD`.
        try:
            return str(Money(self.value, self.unit))
        except MoneyError:
            return f"{self.value:,f} {self.unit}"


@frozen
class ProjectStatusChanged:
    """A project was started, is under way, was completed, or the like.

    Args:
        parties: The actors whose project it is.
        project: The name of the project.
        status: The new status, in words.
    """

    parties: frozenset[str] = field(converter=some_actors)
    project: str
    status: str

    @property
    def affair_of(self) -> frozenset[str]:
        """The only state among its parties; without a single one, all parties."""
        return affair_of(self.parties)

    def __str__(self) -> str:
        return one_line(f"{self.project}: {self.status}")


_KINDS: dict[type, str] = {
    InitiativeLaunched: "Initiatives",
    Joined: "Memberships",
    Left: "Memberships",
    Visited: "Visits",
    Met: "Meetings",
    AgreementSigned: "Agreements",
    AgreementStatusChanged: "Agreements",
    PositionDeclared: "Positions",
    IndicatorObserved: "Figures",
    ProjectStatusChanged: "Projects",
    Planned: "Plans",
    Rescheduled: "Plans",
    Postponed: "Plans",
    Cancelled: "Plans",
    Held: "Plans",
}


def kind_of(what: object) -> str:
    """Return the kind of a payload in words: `Visits`; for others the class name."""
    return _KINDS.get(type(what)) or class_words(what)
