"""What readers of event data let their users say."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
from attrs import field, frozen

from bri_timeline._evidence import to_edtf
from bri_timeline.edtf import Edtf
from bri_timeline.formats._events_codes import Codes, MakeFact
from bri_timeline.formats._events_happenings import NOBODY, Actor, Happenings
from bri_timeline.formats._tables_names import plain, slug, state_named
from bri_timeline.relations import actor


__all__ = ["Reading"]


def _actors(value: Mapping[str, str]) -> Mapping[str, str]:
    return {plain(name): actor(party) for name, party in value.items()}


@frozen
class Reading:
    """How event data are to be read; all of it may be left as it is.

    Args:
        codes: What the codes mean.
        facts: What makes facts of `Coded`, by the names in the table of codes, beside
            those that are shipped.
        actors: For names in the data, of people and of countries, the actor for which
            they act: `{"Xi Jinping": "CHN", "Congo": "COG"}`. Names of
            states, and states in brackets behind a name, are understood without it.
        published: By which day what the data say was known (EDTF), where they do not
            say it themselves: when they were released.
        coverage: The days that they are about (EDTF); by default those between the
            first and the last that they name.

    Raises:
        UnknownActorError: *actors* names something that is no actor.
        EdtfError: A date is none.
    """

    codes: Codes = field(factory=Codes.shipped)
    facts: Mapping[str, MakeFact] = field(factory=dict)
    actors: Mapping[str, str] = field(factory=dict, converter=_actors)
    published: Edtf | None = field(
        default=None, converter=attrs.converters.optional(to_edtf)
    )
    coverage: Edtf | None = field(
        default=None, converter=attrs.converters.optional(to_edtf)
    )

    def happenings(self) -> Happenings:
        """Return what gathers rows so.

        Raises:
            FaultsError: The codes name facts that nothing makes.
        """
        return Happenings(self.codes, self.facts)

    def somebody(self, prefix: str, name: str, country: str = "") -> Actor:
        """Return who is meant, and for which actor.

        Args:
            prefix: Of the ids of those who act for no state that is known.
            name: What the data call them.
            country: The state that the data give; empty where they give none.
        """
        name = name.strip()
        if not name and not country:
            return NOBODY
        state = state_named(name)
        known = self.actors.get(plain(name))
        if known or state:
            return Actor(known or state or "", "" if state else name)
        before, bracket, within = name.removesuffix(")").rpartition(" (")
        behind = state_named(within) if bracket else None
        party = state_named(country) or self.actors.get(plain(country)) or behind
        if party:
            return Actor(party, before if party == behind else name)
        own = slug(prefix, name or country)
        return Actor(own) if own else Actor(f"{prefix}:other", name or country)
