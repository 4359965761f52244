"""Yes, no or maybe: the three answers that an imprecise date can give."""

from __future__ import annotations

from enum import Enum
from typing import NoReturn


class Answer(Enum):
    """An answer about something that is known only in part.

    `YES` when it is so however the unknown turns out, `NO` when it is not so however
    it turns out, `MAYBE` otherwise. `&`, `|` and `~` are and, or and not of Kleene's
    strong logic (S. C. Kleene, Introduction to Metamathematics, 1952, section 64).

    An answer has no truth value: `if when.on(day):` would have to treat a maybe as one
    of the other two. Write which you mean: `is Answer.YES`, or `is not Answer.NO`.

    >>> Answer.YES & Answer.MAYBE
    Answer.MAYBE
    >>> ~Answer.NO | Answer.MAYBE
    Answer.YES
    """

    NO = 0
    MAYBE = 1
    YES = 2

    def __and__(self, other: Answer) -> Answer:
        """Return the lesser of two answers: YES only when both are."""
        if not isinstance(other, Answer):
            return NotImplemented
        return self if self.value <= other.value else other

    def __or__(self, other: Answer) -> Answer:
        """Return the greater of two answers: NO only when both are."""
        if not isinstance(other, Answer):
            return NotImplemented
        return self if self.value >= other.value else other

    def __invert__(self) -> Answer:
        """Return the answer to the opposite question; a maybe stays one."""
        # The values are ordered, so and, or, not are least, greatest, and mirrored.
        return Answer(2 - self.value)

    def __bool__(self) -> NoReturn:
        """Raise: an answer is not true or false.

        Raises:
            TypeError: Always.
        """
        msg = (
            f"{self!r} has no truth value: write `is Answer.YES` or `is not Answer.NO`"
        )
        raise TypeError(msg)

    def __repr__(self) -> str:
        return f"Answer.{self.name}"

    def __str__(self) -> str:
        return self.name.lower()

    def _plain_data(self) -> str:
        return str(self)
