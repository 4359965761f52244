"""What tests may cost: examples of a slow one, and work that is counted."""

from __future__ import annotations

import sys
import tracemalloc
from collections import defaultdict
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, TypeAlias, TypeVar

from hypothesis import settings

import bri_timeline
from bri_timeline._form._structs import Kept


T = TypeVar("T")
Cached = type(lru_cache(len))
Place: TypeAlias = tuple[str, int]
_Tracer: TypeAlias = Callable[[FrameType, str, object], Any]
# A longer log is four times as long. Sorting adds a little to four times the work; what
# is quadratic takes sixteen times as much.
TIMES = 4
MOST = 5.5
SIZE = 24
# A step to twice the entries is twice the step before, or a little more if they are
# sorted; it is four times as much if the work is quadratic. Some may be linear.
STEEP = 2.8
# The library, and what attrs writes for it: comparisons of events are there.
OURS = str(Path(bri_timeline.__file__).parent), "<attrs generated"


def at_most(count: int) -> settings:
    """Return the settings of the profile, with *count* of each hundred of its examples.

    A number given as it is would be tried by the quick profile too, and by the thorough
    one, which looks hardest.
    """
    return settings(max_examples=max(2, settings().max_examples * count // 100))


def forget() -> None:
    """Empty the caches of texts and dates: they hold what was asked before."""
    for name, module in [*sys.modules.items()]:
        if name.partition(".")[0] == bri_timeline.__name__:
            for one in vars(module).values():
                if isinstance(one, Kept):
                    one.clear()
                elif isinstance(one, Cached) and one.cache_parameters()["maxsize"]:
                    one.cache_clear()


class Work:
    """What the library does while a question is answered, line by line.

    A line may do much at once: copy a list, join texts. So bytes are counted as well,
    also those that are given back at once. What neither shows is a search that compares
    numbers or texts within a list, and what moves when one is inserted or deleted.

    Args:
        also: Functions elsewhere whose lines are counted with those of the library.

    Attributes:
        lines: Of each line that was run how often, and the bytes that it took.
    """

    def __init__(self, *also: CodeType) -> None:
        self.lines = defaultdict[Place, list[int]](lambda: [0, 0])
        self._also = also

    @property
    def total(self) -> int:
        """How many lines were run."""
        return sum(runs for runs, _ in self.lines.values())

    def of(self, question: Callable[[], object], *, memory: bool = False) -> Work:
        """Count the work of a question, with its memory or without."""
        forget()
        before = sys.gettrace()
        if memory:
            tracemalloc.start()
        sys.settrace(self._weigher() if memory else self._counter())
        try:
            question()
        finally:
            sys.settrace(before)
            if memory:
                tracemalloc.stop()
        return self

    def _counter(self) -> _Tracer:
        """Return what counts the runs of lines."""

        def of_places(places: _Places) -> _Tracer:
            def line(frame: FrameType, event: str, argument: object) -> Any:
                if event == "line":
                    places[frame.f_lineno][0] += 1
                return line

            return line

        return self._called(of_places)

    def _weigher(self) -> _Tracer:
        """Return what counts the bytes that lines take.

        It takes most of the time: each object that it makes itself is traced.
        """
        lines = self.lines
        read, reset = tracemalloc.get_traced_memory, tracemalloc.reset_peak
        outside = [0, 0]
        last, held = outside, 0

        def of_places(places: _Places) -> _Tracer:
            def line(frame: FrameType, event: str, argument: object) -> Any:
                nonlocal last, held
                # What was taken since the last event belongs to the line of that one.
                now, most = read()
                if most > held:
                    last[1] += most - held
                held, known = now, len(lines)
                if event == "line":
                    last = places[frame.f_lineno]
                elif event == "return":
                    back, last = frame.f_back, outside
                    if back is not None and back.f_trace in tracers:
                        last = lines[back.f_code.co_filename, back.f_lineno]
                reset()
                if len(lines) > known:
                    held, _ = read()
                return line

            tracers.add(line)
            return line

        tracers = set[object]()
        return self._called(of_places)

    def _called(self, of_places: Callable[[_Places], _Tracer]) -> _Tracer:
        """Return what traces the lines of those functions that are counted."""
        tracers: dict[str, _Tracer] = {}
        ours: dict[str, bool] = {}

        def called(frame: FrameType, event: str, argument: object) -> Any:
            code = frame.f_code
            name = code.co_filename
            if name not in ours:
                ours[name] = name.startswith(OURS)
            if not ours[name] and code not in self._also:
                return None
            if name not in tracers:
                tracers[name] = of_places(_Places(self.lines, name))
            return tracers[name]

        return called


class _Places(dict[int, list[int]]):
    """The lines of a file, with what is counted of each."""

    def __init__(self, lines: dict[Place, list[int]], file: str) -> None:
        super().__init__()
        self._lines, self._file = lines, file

    def __missing__(self, number: int) -> list[int]:
        self[number] = found = self._lines[self._file, number]
        return found


def growth(
    ask: Callable[[T], object],
    make: Callable[[int], T],
    *also: CodeType,
    size: int = SIZE,
) -> dict[str, list[int]]:
    """Return the lines whose work grows more than what a question is asked of.

    Args:
        ask: The question. It is asked twice: what is kept is used the second time.
        make: Returns what it is asked of, with a number of entries.
        also: Functions elsewhere whose lines are counted too.
        size: The least number of entries; there are questions of twice, and of four
            times, as many.

    Returns:
        The lines with their runs, or bytes, of all three: those that take ever more for
        an entry.
        A line that is run once an entry, or takes 100 bytes an entry, is never one.
    """
    # What is imported or compiled when it is first needed.
    ask(make(size))
    found = steep_lines(ask, make, *also, size=size)
    # Tables take their memory in jumps: what is steep between other sizes too is so.
    again = steep_lines(ask, make, *also, size=size, times=1.4) if found else {}
    return {line: much for line, much in found.items() if line in again}


def steep_lines(
    ask: Callable[[T], object],
    make: Callable[[int], T],
    *also: CodeType,
    size: int,
    times: float = 1,
) -> dict[str, list[int]]:
    """Return the lines whose work rises steeply between three sizes, as `growth()`.

    Args:
        ask: The question.
        make: Returns what it is asked of.
        also: Functions elsewhere whose lines are counted too.
        size: The least number of entries.
        times: How many times the entries are taken that `growth()` says.
    """
    found = {}
    count = int(size * times)
    for unit, rounds, each in ("runs", 2, 1), ("bytes", 1, 100):

        def lines(one: T, unit: str = unit) -> dict[Place, int]:
            work = Work(*also).of(partial(ask, one), memory=unit == "bytes")
            return {place: much[unit == "bytes"] for place, much in work.lines.items()}

        shorter, longer = make(count), make(TIMES * count)
        for earlier in range(rounds):
            first, third = lines(shorter), lines(longer)
            steep = {
                place
                for place, much in third.items()
                if much > max(6 * first.get(place, 0), each * TIMES * count)
                # What sets in between the sizes is next to nothing at first.
                and first.get(place, 0) > each * count / 8
            }
            if not steep:
                continue
            middle = make(2 * count)
            for _ in range(earlier):
                lines(middle)
            second = lines(middle)
            for place in steep:
                much = [one.get(place, 0) for one in (first, second, third)]
                if much[1] > 2.4 * much[0] and (
                    much[2] - much[1] > STEEP * (much[1] - much[0])
                ):
                    found[f"{place[0]}, line {place[1]}, {unit}"] = much
        # To count bytes takes ten times as long: they are counted once, and of as many
        # entries as that many lines allow.
        least = max(min(size // 2, 8), size // 4)
        allowed = max(least, count * 8_000 // sum(third.values()))
        count = int(times * min(allowed, size))
    return found
