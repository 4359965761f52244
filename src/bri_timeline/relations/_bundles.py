"""Which agreements count, where some are parts of others, kept up as they come."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal
from functools import reduce
from typing import cast

from attrs import evolve, field, frozen

from bri_timeline import Event
from bri_timeline.relations._facts import AgreementSigned, Money
from bri_timeline.relations._map import FrozenMap


# More digits than amounts of money have: sums are exact, whatever the caller's context.
add = Context(prec=60).add
# The number of amounts, and their sum.
_Sum = tuple[int, Decimal]
_NONE: _Sum = 0, Decimal(0)
_Sums = FrozenMap[str, FrozenMap[int | str, _Sum]]


@frozen
class Bundles:
    """Agreements of which some are parts of others, and sums of those that count.

    An agreement counts unless the bundle to which it belongs is there. Bundles may form
    a circle, by mistake or by dispute; then each of those in it counts by itself.

    Attributes:
        events: The agreements, by id.
        parts: Id of a bundle, there or not -> its parts that are there.
        sums: Currency -> exponent -> the sum of the amounts that count. A sum has the
            last digit of its amounts; so one from which a part is taken has that of
            the others.
    """

    events: FrozenMap[str, Event] = field(factory=FrozenMap)
    parts: FrozenMap[str, tuple[Event, ...]] = field(factory=FrozenMap)
    sums: _Sums = field(factory=FrozenMap)

    @classmethod
    def of(cls, agreements: Iterable[Event]) -> Bundles:
        """Return the bundles of agreements of which none is a part."""
        events = [*agreements]
        begun = cls(FrozenMap((event.id, event) for event in events))
        return begun.counting(events, ())

    def following(
        self, event: Event
    ) -> tuple[Bundles, tuple[Event, ...], tuple[Event, ...]]:
        """Add an agreement.

        Returns:
            The bundles; and which agreements count now, and which no longer do.
        """
        name, bundle = event.id, agreement_of(event).part_of
        # Whatever has an id that was there before changes no other.
        parts = () if name in self.events else self.parts.get(name, ())
        circle = self._circle(event)
        gained: tuple[Event, ...] = ()
        if circle is not None:
            # The last of it counted, as the agreement was not there.
            gained = event, *circle[:-1]
        elif bundle not in self.events:
            gained = (event,)
        lost = tuple(part for part in parts if part not in (circle or ())[-1:])
        bundles = evolve(self, events=self.events.set(name, event))
        if bundle is not None:
            siblings = (*self.parts.get(bundle, ()), event)
            bundles = evolve(bundles, parts=self.parts.set(bundle, siblings))
        return bundles.counting(gained, lost), gained, lost

    def _circle(self, event: Event) -> list[Event] | None:
        """Return the circle that an agreement closes, from its bundle on, without it.

        What is above it and what is below it is walked at once, until either ends: so
        each walk is as long as the shorter of the chains that are joined.
        """
        name, above = event.id, agreement_of(event).part_of
        path: list[Event] = []
        below = [event]
        for part in below:
            if above == name:
                return path
            # A circle above, of which it is not one, is left after one round.
            whole = self.events.get(above or "")
            if whole is None or len(path) == len(self.events):
                break
            path.append(whole)
            above = agreement_of(path[-1]).part_of
            below += self.parts.get(part.id, ())
        return None

    def counting(self, gained: Iterable[Event], lost: Iterable[Event]) -> Bundles:
        """Return them with the amounts of some agreements, and less those of others."""
        sums = self.sums
        for sign, events in ((1, gained), (-1, lost)):
            for event in events:
                value = agreement_of(event).value
                if value is not None:
                    sums = _summed(sums, value, sign)
        return evolve(self, sums=sums)

    def values(self) -> FrozenMap[str, Decimal]:
        """Return currency -> the sum of the amounts that count."""
        return FrozenMap(
            (currency, reduce(add, (total for _, total in by_exponent.values())))
            for currency, by_exponent in self.sums.items()
        )


def agreement_of(event: Event) -> AgreementSigned:
    """Return the payload of an event that signed an agreement."""
    return cast("AgreementSigned", event.what)


def _summed(sums: _Sums, value: Money, sign: int) -> _Sums:
    """Return sums with an amount more, or with one less."""
    currency, amount = value.currency, value.amount
    exponent = amount.as_tuple().exponent
    of_currency = sums.get(currency, FrozenMap())
    number, total = of_currency.get(exponent, _NONE)
    if number + sign:
        signed = amount if sign > 0 else amount.copy_negate()
        sum_of_all = number + sign, add(total, signed)
        return sums.set(currency, of_currency.set(exponent, sum_of_all))
    of_currency = of_currency.without(exponent)
    return sums.set(currency, of_currency) if of_currency else sums.without(currency)
