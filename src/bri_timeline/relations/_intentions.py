"""The facts about plans."""

from __future__ import annotations

from attrs import field, frozen

from bri_timeline._evidence import to_edtf
from bri_timeline._text import one_line
from bri_timeline.edtf import Edtf, in_words
from bri_timeline.relations._actors import actors
from bri_timeline.relations._converters import optional_edtf, some_actors


__all__ = ["Cancelled", "Held", "Planned", "Postponed", "Rescheduled"]


@frozen
class Planned:
    """Something was planned: a fact about the day on which the plan was made.

    Args:
        parties: Those who made the plan.
        title: What is to happen.
        expected: When it is expected (EDTF), if that is said.
        participants: Others who are to take part.
        place: Where it is to happen.
    """

    parties: frozenset[str] = field(converter=some_actors)
    title: str
    expected: Edtf | None = field(default=None, converter=optional_edtf)
    participants: frozenset[str] = field(default=frozenset(), converter=actors)
    place: str | None = None

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

    def __str__(self) -> str:
        return one_line(f"Plan \u201c{self.plan}\u201d carried out")
