"""Answers that a language model can read: a part of each list, and how much more."""

from __future__ import annotations

import json
from collections.abc import Mapping

from attrs import field, frozen


# The most items of a list, and lines of a text, in one answer, and the most characters
# of it: some 8,000 tokens. Fewer items are shown if they are long.
MOST_LISTED = 50
_MOST = 30_000
_FEWER = MOST_LISTED, 20, 8, 3, 1


def limited(found: Mapping[str, object], start: int) -> str:
    """Return an answer as JSON of limited length.

    What its lists have beyond is told by `more`: of each how many items there are, and
    the number to ask for next.

    Args:
        found: The answer, of plain data.
        start: How many items of each list to leave out: those seen before.
    """
    text = ""
    for most in _FEWER:
        cut = _Cut(start, most)
        answer = {name: cut.part(name, value) for name, value in found.items()}
        told = {**answer, "more": cut.more} if cut.more else answer
        text = json.dumps(told, ensure_ascii=False, allow_nan=False)
        if len(text) <= _MOST:
            break
    return text


@frozen
class _Cut:
    """Cuts the outermost lists of an answer, and notes which have more.

    Attributes:
        start: How many items are left out at first.
        most: How many items are kept.
        more: Place of a list -> how many items it has, and what comes next.
    """

    start: int
    most: int
    more: dict[str, dict[str, int]] = field(factory=dict, init=False)

    def part(self, place: str, value: object) -> object:
        """Return a part of an answer.

        Args:
            place: The names that lead to it.
            value: What is there.
        """
        if isinstance(value, list):
            self._note(place, len(value))
            return value[self._shown]
        if isinstance(value, dict):
            # The fields of a record are few; what has as many keys as there are events
            # is a list.
            items = [*value.items()]
            if len(items) > MOST_LISTED:
                self._note(place, len(items))
                return dict(items[self._shown])
            return {key: self.part(f"{place}.{key}", item) for key, item in items}
        if isinstance(value, str) and "\n" in value:
            lines = value.splitlines()
            self._note(place, len(lines))
            return "\n".join(lines[self._shown])
        return value

    @property
    def _shown(self) -> slice:
        return slice(self.start, self.start + self.most)

    def _note(self, place: str, length: int) -> None:
        following = self.start + self.most
        if length > following:
            self.more[place] = {"items": length, "start": following}
