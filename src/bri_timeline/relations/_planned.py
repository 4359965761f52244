"""The facts about plans."""

from __future__ import annotations

from attrs import field, frozen

from bri_timeline._evidence import to_edtf
from bri_timeline._text import brief, one_line
from bri_timeline.edtf import Edtf, in_words
from bri_timeline.relations._actors import actors, affair_of, optional_edtf, some_actors


__all__ = [
    "Cancelled",
    "Held",
    "Planned",
    "Postponed",
    "Rescheduled",
]


@frozen(repr=False)
class Planned:
    """Something was planned: a fact about the day on which the plan was made.

    Args:
        parties: Those who made the plan; read them as `makers`.
        title: What is to happen.
        expected: When it is expected (EDTF), if that is said.
        participants: Others who are to take part.
        place: Where it is to happen.
    """

    makers: frozenset[str] = field(converter=some_actors, alias="parties")
    title: str
    expected: Edtf | None = field(default=None, converter=optional_edtf)
    participants: frozenset[str] = field(default=frozenset(), converter=actors)
    place: str | None = None

    @property
    def parties(self) -> frozenset[str]:
        """Those who made it, and the others who are to take part."""
        return self.makers | self.participants

    @property
    def affair_of(self) -> frozenset[str]:
        """Its only state, if it has one; else all of its parties."""
        return affair_of(self.parties)

    def __repr__(self) -> str:
        return brief(self)

    def __str__(self) -> str:
        where = f" in {self.place}" if self.place else ""
        when = in_words(self.expected) if self.expected else "no date given"
        return one_line(f"Planned: {self.title}{where} ({when})")


@frozen
class Rescheduled:
    """A plan got a new date.

    Args:
        plan: The id of the event that planned it.
        expected: The new date (EDTF).
        parties: Those who are concerned, where that is said.
    """

    plan: str
    expected: Edtf = field(converter=to_edtf)
    parties: frozenset[str] = field(default=frozenset(), converter=actors)

    @property
    def refers_to(self) -> frozenset[str]:
        """The plan."""
        return frozenset((self.plan,))

    def __str__(self) -> str:
        return one_line(
            f"Plan \u201c{self.plan}\u201d moved to {in_words(self.expected)}"
        )


@frozen
class Postponed:
    """A plan was put off, and no new date was given.

    Args:
        plan: The id of the event that planned it.
        parties: Those who are concerned, where that is said.
    """

    plan: str
    parties: frozenset[str] = field(default=frozenset(), converter=actors)

    @property
    def refers_to(self) -> frozenset[str]:
        """The plan."""
        return frozenset((self.plan,))

    def __str__(self) -> str:
        return one_line(f"Plan \u201c{self.plan}\u201d put off")


@frozen
class Cancelled:
    """A plan was given up.

    Args:
        plan: The id of the event that planned it.
        parties: Those who are concerned, where that is said.
    """

    plan: str
    parties: frozenset[str] = field(default=frozenset(), converter=actors)

    @property
    def refers_to(self) -> frozenset[str]:
        """The plan."""
        return frozenset((self.plan,))

    def __str__(self) -> str:
        return one_line(f"Plan \u201c{self.plan}\u201d cancelled")


@frozen
class Held:
    """What was planned took place.

    Args:
        plan: The id of the event that planned it.
        parties: Those who are concerned, where that is said.
    """

    plan: str
    parties: frozenset[str] = field(default=frozenset(), converter=actors)

    @property
    def refers_to(self) -> frozenset[str]:
        """The plan."""
        return frozenset((self.plan,))

    def __str__(self) -> str:
        return one_line(f"Plan \u201c{self.plan}\u201d carried out")
