"""What the entries of a chronicle are called, and which one a name means."""

from __future__ import annotations

from functools import cached_property

from bri_timeline._codec._nearby import Nearby
from bri_timeline._codec._wording import described, near
from bri_timeline.errors import shown


__all__ = ["FAULTY", "Names"]

FAULTY = -1
_SHOWN = 5


class Names:
    """The labels and ids of the entries of a file.

    Attributes:
        of: The name of each entry, empty if it has none.
        positions: The position in the log of each entry that was recorded; `FAULTY` for
            the others, so that what refers to them is not at fault.

    Args:
        entries: The entries, as they were parsed.
    """

    def __init__(self, entries: list[object] | None = None) -> None:
        self.of: list[str] = []
        self.positions: list[int] = []
        self._labels: dict[str, list[int]] = {}
        self._ids: dict[str, list[int]] = {}
        for index, entry in enumerate(entries or ()):
            table = entry if isinstance(entry, dict) else {}
            names = [table.get("label"), table.get("id")]
            for name, known in zip(names, (self._labels, self._ids), strict=True):
                if isinstance(name, str):
                    known.setdefault(name, []).append(index)
            self.of.append(next((n for n in names if isinstance(n, str)), ""))
            self.positions.append(FAULTY)

    @cached_property
    def _nearby(self) -> Nearby:
        return Nearby([*self._labels, *self._ids])

    def target(self, index: int, name: object) -> tuple[int | None, str]:
        """Return the position that a name means at an entry, and what is wrong.

        Args:
            index: The entry that refers to another.
            name: A label, or else an id.
        """
        if not isinstance(name, str):
            return None, f"is {described(name)}: write a label or an id in quotes"
        found = self._labels.get(name) or self._ids.get(name, [])
        above = [other for other in found if other < index]
        if not above:
            return None, self._missing(index, name, found)
        positions = {self.positions[other] for other in above}
        if FAULTY in positions:
            return FAULTY, ""
        if len(positions) > 1:
            entries = " and ".join(str(other + 1) for other in above[:_SHOWN])
            entries += " and more" * (len(above) > _SHOWN)
            return None, (
                f"{shown(name)} may mean entries {entries}:"
                " give the one that is meant a label of its own, and name that"
            )
        return positions.pop(), ""

    def _missing(self, index: int, name: str, found: list[int]) -> str:
        below = [other + 1 for other in found if other > index]
        if below:
            return (
                f"{shown(name)} is entry {below[0]}, which stands below:"
                " put it above this one"
            )
        if found:
            return f"{shown(name)} is this entry itself: name one above"
        hint = near(name, self._nearby)
        return f"{shown(name)} is the label or id of no entry above.{hint}"
