"""Which agreements count, where some are parts of others, kept up as they come."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal
from functools import cached_property, reduce
from typing import cast

from attrs import evolve, field, frozen

from bri_timeline import Event
from bri_timeline.folds import FrozenList, FrozenMap
from bri_timeline.relations._facts import AgreementSigned, Money


# More digits than amounts of money have: sums are exact, whatever the caller's context.
_add = Context(prec=60).add
# The number of amounts, and their sum.
_Sum = tuple[int, Decimal]
_Sums = FrozenMap[str, FrozenMap[int | str, _Sum]]
_Events = FrozenMap[str, Event]
_NONE: _Sum = 0, Decimal(0)
_NO_EVENTS: _Events = FrozenMap()


@frozen
class Bundles:
    """Agreements of which some are parts of others, and sums of those that count.

    An agreement counts unless the bundle to which it belongs is there. Bundles may form
    a circle, by mistake or by dispute; then each of those in it counts by itself.

    Attributes:
        events: The agreements, by id.
        parts: Id of a bundle, there or not -> its parts that are there, by id.
        number: The number of agreements that count.
        sums: Currency -> exponent -> the sum of the amounts that count. A sum has the
            last digit of its amounts; so one from which a part is taken has that of
            the others.
        unstated: Those that count and state no value, in the order of their dates.
    """

    events: _Events = _NO_EVENTS
    parts: FrozenMap[str, _Events] = field(factory=FrozenMap)
    number: int = 0
    sums: _Sums = field(factory=FrozenMap)
    unstated: FrozenList[Event] = field(factory=FrozenList)

    def __hash__(self) -> int:
        # To hash all agreements would take longer than to add one.
        return hash(self.number)

    def having(self, event: Event) -> Bundles:
        """Return the bundles with an agreement more."""
        name, bundle = event.id, _agreement(event).part_of
        # Whatever has an id that was there before changes no other.
        is_known = name in self.events
        grown = evolve(self, events=self.events.set(name, event))
        if bundle is not None:
            siblings = self.parts.get(bundle, _NO_EVENTS).set(name, event)
            grown = evolve(grown, parts=self.parts.set(bundle, siblings))
        gained, lost = grown._by(event)
        return grown._counting(gained, () if is_known else lost)

    def lacking(self, event: Event) -> Bundles:
        """Return the bundles without an agreement that is there."""
        name, bundle = event.id, _agreement(event).part_of
        gained, lost = self._by(event)
        less = evolve(self, events=self.events.without(name))
        if bundle is not None:
            siblings = self.parts[bundle].without(name)
            parts = self.parts.set(bundle, siblings)
            less = evolve(less, parts=parts if siblings else parts.without(bundle))
        return less._counting(lost, gained)

    def _by(self, event: Event) -> tuple[list[Event], list[Event]]:
        """Return which count since an agreement is there, and which no longer do."""
        name, bundle = event.id, _agreement(event).part_of
        circle = self._circle(event)
        parts = self.parts.get(name, _NO_EVENTS)
        if circle is None:
            return [] if bundle in self.events else [event], [*parts.values()]
        # The last of the circle counted before: its bundle was not there.
        last = circle[-1:] or [event]
        return [event, *circle[:-1]], [e for e in parts.values() if e not in last]

    def _circle(self, event: Event) -> list[Event] | None:
        """Return the circle of an agreement, from its bundle on, without it.

        What is above it and what is below it is walked at once, until either ends: so
        each walk is as long as the shorter of the chains that are joined.
        """
        name, above = event.id, _agreement(event).part_of
        path: dict[str, Event] = {}
        below = [event]
        for part in below:
            if above == name:
                return [*path.values()]
            whole = self.events.get(above or "")
            # A circle above, of which it is not one, is left after one round.
            if whole is None or whole.id in path:
                break
            path[whole.id] = whole
            above = _agreement(whole).part_of
            below += self.parts.get(part.id, _NO_EVENTS).values()
        return None

    def _counting(self, gained: Iterable[Event], lost: Iterable[Event]) -> Bundles:
        """Return them with some agreements that count, and without others."""
        number, sums, unstated = self.number, self.sums, self.unstated
        for sign, events in ((1, gained), (-1, lost)):
            for event in events:
                agreement = _agreement(event)
                number += sign * agreement.number
                if agreement.value is not None:
                    sums = _summed(sums, agreement.value, sign)
                elif sign > 0:
                    unstated = unstated.inserted(event, _by_date)
                else:
                    unstated = unstated.without(event, _by_date)
        return evolve(self, number=number, sums=sums, unstated=unstated)

    @cached_property
    def values(self) -> FrozenMap[str, Decimal]:
        """Return currency -> the sum of the amounts that count."""
        return FrozenMap(
            (currency, reduce(_add, (total for _, total in by_exponent.values())))
            for currency, by_exponent in sorted(self.sums.items())
        )


def _agreement(event: Event) -> AgreementSigned:
    return cast("AgreementSigned", event.what)


def _by_date(event: Event) -> tuple[object, str]:
    return event.when.sort_key(), event.id


def _summed(sums: _Sums, value: Money, sign: int) -> _Sums:
    """Return sums with an amount more, or with one less."""
    currency, amount = value.currency, value.amount
    exponent = amount.as_tuple().exponent
    of_currency = sums.get(currency, FrozenMap[int | str, _Sum]())
    number, total = of_currency.get(exponent, _NONE)
    if number + sign:
        signed = amount if sign > 0 else amount.copy_negate()
        sum_of_all = number + sign, _add(total, signed)
        return sums.set(currency, of_currency.set(exponent, sum_of_all))
    of_currency = of_currency.without(exponent)
    return sums.set(currency, of_currency) if of_currency else sums.without(currency)
