"""Facts about relations between states, and amounts of money."""

from __future__ import annotations

import re
from contextlib import suppress
from decimal import Context, Decimal
from typing import ClassVar

from attrs import field, frozen
from attrs.converters import optional

from bri_timeline.edtf import Edtf
from bri_timeline.errors import MoneyError
from bri_timeline.extend import strings
from bri_timeline.relations._actors import (
    actor,
    actors,
    affair_of,
    count,
    figure,
    optional_actor,
    optional_edtf,
    some_actors,
)
from bri_timeline.relations._describing import Fact
from bri_timeline.relations._plans import (
    Cancelled,
    Held,
    Planned,
    Postponed,
    Rescheduled,
)


_AMOUNT = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([Ee][+-]?[0-9]{1,2})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
# 27 digits in all, one less than `Decimal` adds without rounding.
_LIMIT = Decimal(10**21)
_SMALLEST = Decimal("0.000001")
_EXACT = Context(prec=60)


def _to_decimal(value: Decimal | int | str) -> Decimal:
    if isinstance(value, float):
        problem = "is a float, which is not exact: write a Decimal, or text like '1.3'"
        raise MoneyError(value, problem)
    is_text = isinstance(value, str) and _AMOUNT.fullmatch(value)
    is_number = isinstance(value, Decimal | int) and not isinstance(value, bool)
    if not (is_text or is_number):
        problem = "is not an amount: write digits and a point alone, like '1300000.50'"
        raise MoneyError(value, problem)
    return Decimal(value)


def _canonical(amount: Decimal) -> Decimal:
    """Return the canonical form of an amount, so that equal amounts look alike."""
    if not amount.is_finite():
        raise MoneyError(amount, "is not an amount: leave it out where it is not known")
    if not -_LIMIT < amount < _LIMIT:
        raise MoneyError(amount, "is too large: amounts stay below 10 to the 21st")
    fixed = amount.quantize(_SMALLEST, context=_EXACT)
    if fixed != amount:
        raise MoneyError(amount, "is too fine: amounts have six decimal places at most")
    # normalize() would turn 1300000000 into 1.3E+9.
    if fixed == fixed.to_integral_value():
        return Decimal(int(fixed))
    return fixed.normalize(_EXACT)


@frozen(repr=False)
class Money:
    """An amount in one currency.

    Equal by value, however the amount was written: `821000000` is `8.21E+8`.

    >>> Money("1300000000", "USD")
    Money(1300000000, 'USD')
    >>> str(Money("1300000000", "USD") + Money("12500.5", "USD"))
    '1,300,012,500.50 USD'

    Args:
        amount: A `Decimal`, an int, or text; not a float, which is not exact.
        currency: Its three-letter code of ISO 4217, in capitals.

    Raises:
        MoneyError: The amount or the currency is not valid.
    """

    amount: Decimal = field(converter=_to_decimal)
    currency: str

    def __attrs_post_init__(self) -> None:
        # Here and not in the converter, which decoding does not call.
        object.__setattr__(self, "amount", _canonical(self.amount))
        if not (isinstance(self.currency, str) and _CURRENCY.fullmatch(self.currency)):
            problem = "is not a currency: write three capital letters, such as 'USD'"
            raise MoneyError(self.currency, problem)

    def __add__(self, other: Money) -> Money:
        """Return the sum.

        Raises:
            MoneyError: The currencies differ.
        """
        if not isinstance(other, Money):
            return NotImplemented
        if other.currency != self.currency:
            problem = (
                f"cannot be added to {self.currency}: keep a sum for each currency"
            )
            raise MoneyError(other.currency, problem)
        return Money(_EXACT.add(self.amount, other.amount), self.currency)

    def __repr__(self) -> str:
        amount = f"{self.amount:f}"
        shown = amount if amount.lstrip("-").isdigit() else repr(amount)
        return f"Money({shown}, {self.currency!r})"

    def __str__(self) -> str:
        """Return the amount in words, never rounded: `821 million USD`."""
        return strings("en").money(self.amount, self.currency)


def optional_money(value: Money | None) -> Money | None:
    """Check a sum of money, and return it.

    Raises:
        MoneyError: It is a bare number, or text.
    """
    if value is not None and not isinstance(value, Money):
        problem = "is not a sum of money: write Money('300', 'USD')"
        raise MoneyError(value, problem)
    return value


@frozen
class InitiativeLaunched(Fact):
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


@frozen
class Left(Fact):
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


@frozen
class Joined(Fact):
    """An actor became a member of an initiative or organisation.

    It lasts until it has `Left`, or until the end of its own date if that is an extent.

    Args:
        member: The actor.
        body: The initiative or organisation.
    """

    until: ClassVar[tuple[type[Left], tuple[str, str]]] = (Left, ("member", "body"))

    member: str = field(converter=actor)
    body: str

    @property
    def parties(self) -> frozenset[str]:
        """The member."""
        return frozenset((self.member,))


@frozen
class Visited(Fact):
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

    def _refusal(self) -> str:
        """Return why it cannot be; empty if it can."""
        oneself = "is a visit to oneself: name the guest, and another as the host"
        return oneself if self.guest == self.host else ""


@frozen
class Met(Fact):
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

    def _parts(self) -> dict[str, object]:
        parts = super()._parts()
        if self.who:
            # The persons stand for their states, which are not named beside them.
            others = frozenset(p for p in self.parties if ":" in p)
            del parts["parties"]
            parts |= {"parties": others} if others else {}
        return parts


@frozen
class AgreementSigned(Fact):
    """An agreement was signed, or several that a source counts together (a bundle).

    Args:
        parties: The parties to the agreement.
        title: Its subject.
        count: The number of agreements that the source counts here; None if it does
            not say, which counts as one.
        value: Their total value, if stated.
        part_of: The id of the event that signed the bundle to which it belongs. A part
            is listed, but adds nothing to a total that includes its bundle.
        part_certain: False if no source states whether it belongs to the bundle; it
            then adds nothing either.
        between: The signatories, if stated.
    """

    parties: frozenset[str] = field(converter=some_actors)
    title: str
    count: int | None = field(default=None, converter=optional(count))
    value: Money | None = field(default=None, converter=optional_money)
    part_of: str | None = None
    part_certain: bool = True
    between: str | None = None

    def _parts(self) -> dict[str, object]:
        parts = super()._parts()
        if self.count == 1:
            del parts["count"]
        if self.value is not None:
            parts["value"] = self.value.amount, self.value.currency
        if self.part_of is not None:
            parts["part" if self.part_certain else "maybe"] = True
        return parts

    @property
    def number(self) -> int:
        """The number of agreements: as the source counts them, or one."""
        return 1 if self.count is None else self.count

    @property
    def refers_to(self) -> frozenset[str]:
        """The id of its bundle, if it is part of one."""
        return frozenset(() if self.part_of is None else (self.part_of,))


@frozen
class AgreementStatusChanged(Fact):
    """An agreement came into force, was suspended, ended, or the like.

    Args:
        parties: The parties to the agreement.
        agreement: The id of the event that signed it.
        status: The new status, in words.
    """

    last_of: ClassVar[tuple[str, ...]] = ("agreement",)

    parties: frozenset[str] = field(converter=some_actors)
    agreement: str
    status: str

    @property
    def refers_to(self) -> frozenset[str]:
        """The agreement."""
        return frozenset((self.agreement,))


@frozen
class PositionDeclared(Fact):
    """An actor declared its position.

    Args:
        actor: The actor.
        topic: The topic.
        stance: The position, in short.
        towards: The actors whom it concerns, if any.
    """

    last_of: ClassVar[tuple[str, ...]] = ("actor", "topic")

    actor: str = field(converter=actor)
    topic: str
    stance: str
    towards: frozenset[str] = field(default=frozenset(), converter=actors)

    @property
    def parties(self) -> frozenset[str]:
        """The actor, and the actors whom the position concerns."""
        return self.towards | {self.actor}


@frozen
class IndicatorObserved(Fact):
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

    def _parts(self) -> dict[str, object]:
        parts = super()._parts()
        parts["name"] = f"{self.name[:1].upper()}{self.name[1:]}"
        # Units that look like a currency are formatted as money is: `1.3 billion USD`.
        with suppress(MoneyError):
            money = Money(self.value, self.unit)
            parts["sum"] = money.amount, money.currency
        return parts


@frozen
class ProjectStatusChanged(Fact):
    """A project was started, is under way, was completed, or the like.

    Args:
        parties: The actors whose project it is.
        project: The name of the project.
        status: The new status, in words.
    """

    last_of: ClassVar[tuple[str, ...]] = ("project",)

    parties: frozenset[str] = field(converter=some_actors)
    project: str
    status: str

    @property
    def affair_of(self) -> frozenset[str]:
        """The only state among its parties; without a single one, all parties."""
        return affair_of(self.parties)


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

_CAPITAL = r"(?<=[a-z0-9])(?=[A-Z])"


def kind_of(what: object) -> str:
    """Return the kind of a payload in words: `Visits`; for others the class name."""
    return (
        _KINDS.get(type(what))
        or re.sub(_CAPITAL, " ", type(what).__name__).capitalize()
    )


def kinds_counted(classes: tuple[type, ...]) -> list[str]:
    """Return the kinds that some payload classes make up; none if one is a part only.

    A signature is an agreement, but who counts signatures has not counted all of what
    is told of agreements.
    """
    kinds = dict.fromkeys(_KINDS.get(one, "") for one in classes)
    whole = {one for one, name in _KINDS.items() if name in kinds}
    return [*kinds] if whole == {*classes} else []
