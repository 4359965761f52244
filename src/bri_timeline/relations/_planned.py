"""Facts about plans."""

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
    """A plan was made; the event has the date on which it was made.

    Args:
        parties: The actors who made the plan; their attribute is `makers`.
        title: The planned activity.
        expected: The expected date (EDTF), if stated.
        participants: Other actors who are to take part.
        place: The expected place.
    """

    makers: frozenset[str] = field(converter=some_actors, alias="parties")
    title: str
    expected: Edtf | None = field(default=None, converter=optional_edtf)
    participants: frozenset[str] = field(default=frozenset(), converter=actors)
    place: str | None = None

    @property
    def parties(self) -> frozenset[str]:
        """The actors who made it, and those who are to take part."""
        return self.makers | self.participants

    @property
    def affair_of(self) -> frozenset[str]:
        """The only state among its parties; without a single one, all parties."""
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
        parties: The actors concerned, if stated.
    """

    plan: str
    expected: Edtf = field(converter=to_edtf)
    parties: frozenset[str] = field(default=frozenset(), converter=actors)

    @property
    def refers_to(self) -> frozenset[str]:
        """The id of the plan."""
        return frozenset((self.plan,))

    def __str__(self) -> str:
        return one_line(
            f"Plan \u201c{self.plan}\u201d moved to {in_words(self.expected)}"
        )


@frozen
class Postponed:
    """A plan was postponed without a new date.

    Args:
        plan: The id of the event that planned it.
        parties: The actors concerned, if stated.
    """

    plan: str
    parties: frozenset[str] = field(default=frozenset(), converter=actors)

    @property
    def refers_to(self) -> frozenset[str]:
        """The id of the plan."""
        return frozenset((self.plan,))

    def __str__(self) -> str:
        return one_line(f"Plan \u201c{self.plan}\u201d put off")


@frozen
class Cancelled:
    """A plan was cancelled.

    Args:
        plan: The id of the event that planned it.
        parties: The actors concerned, if stated.
    """

    plan: str
    parties: frozenset[str] = field(default=frozenset(), converter=actors)

    @property
    def refers_to(self) -> frozenset[str]:
        """The id of the plan."""
        return frozenset((self.plan,))

    def __str__(self) -> str:
        return one_line(f"Plan \u201c{self.plan}\u201d cancelled")


@frozen
class Held:
    """A planned activity took place.

    Args:
        plan: The id of the event that planned it.
        parties: The actors concerned, if stated.
    """

    plan: str
    parties: frozenset[str] = field(default=frozenset(), converter=actors)

    @property
    def refers_to(self) -> frozenset[str]:
        """The id of the plan."""
        return frozenset((self.plan,))

    def __str__(self) -> str:
        return one_line(f"Plan \u201c{self.plan}\u201d carried out")
