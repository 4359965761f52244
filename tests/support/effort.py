"""What tests may cost: examples of a slow one, and work that is counted."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from hypothesis import settings

import bri_timeline


# Four, and what sorting adds; a quadratic question would take sixteen times as much.
MOST = 5.5
ROOT = str(Path(bri_timeline.__file__).parent)


def at_most(count: int) -> settings:
    """Return the settings of the profile, with no more examples than *count*.

    A number given as it is would be tried by the quick profile too.
    """
    return settings(max_examples=min(count, settings().max_examples))


class Work:
    """What is done while a question is answered.

    Attributes:
        lines: The lines of the library that were run.
        calls: How often each of some functions was called.
    """

    def __init__(self, **watched: CodeType) -> None:
        self.lines = 0
        self.calls = Counter(dict.fromkeys(watched, 0))
        self._names = {code: name for name, code in watched.items()}

    def of(self, question: Callable[[], object]) -> dict[str, int]:
        """Return how much there was of each."""
        before = sys.gettrace()
        sys.settrace(self._called)
        try:
            question()
        finally:
            sys.settrace(before)
        return {**self.calls, "lines": self.lines}

    def _called(self, frame: FrameType, event: str, argument: object) -> Any:
        name = self._names.get(frame.f_code)
        if name is not None:
            self.calls[name] += 1
        return self._line if frame.f_code.co_filename.startswith(ROOT) else None

    def _line(self, frame: FrameType, event: str, argument: object) -> Any:
        self.lines += event == "line"
        return self._line
