"""What the benchmarks share: times taken in turn, memory held, tables of ratios."""

from __future__ import annotations

import argparse
import gc
import os
import platform
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

from attrs import frozen

from bri_timeline import EventLog, Projection


__all__ = [
    "Table",
    "absent",
    "arguments",
    "first_fold",
    "held",
    "in_turn",
    "least_used",
    "machine",
    "medians",
    "percentile",
    "run_parts",
    "seconds",
    "used",
]

Q = TypeVar("Q")
T = TypeVar("T")


def seconds(work: Callable[[], object]) -> float:
    """Return how long one call takes, on a heap without garbage."""
    gc.collect()
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def used(work: Callable[[], object], rounds: int = 5) -> float:
    """Return the median time that the processor worked: others may use it too."""
    times = []
    for _ in range(rounds):
        gc.collect()
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return median(times)


def least_used(
    rounds: int, *works: Callable[[], object], clock: Callable[[], float] | None = None
) -> list[float]:
    """Return the least time that the processor worked for each, of rounds in turn.

    Args:
        rounds: How often each is called.
        works: What is timed.
        clock: Returns the seconds that processors have worked; by default those of
            this process.
    """
    now = clock or time.process_time
    times: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, taken in zip(works, times, strict=True):
            gc.collect()
            begin = now()
            work()
            taken.append(now() - begin)
    return [*map(min, times)]


def first_fold(log: EventLog, day: date, projection: Projection[Any]) -> float:
    """Return the least time of the processor that a first question to a log takes."""
    logs = iter([log.with_cache(1 << 19) for _ in range(3)])
    return least_used(3, lambda: next(logs).as_of(day).project(projection))[0]


def in_turn(
    questions: Iterable[Q],
    *works: Callable[[Q], object],
    block: int = 1,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[list[float], ...]:
    """Return how long each work takes for each question, in seconds.

    All works answer a block of questions before any meets the next, so that whatever
    slows the machine down for a while slows all of them.

    Args:
        questions: What each work is called with.
        works: What is timed.
        block: How many questions in a row each is asked: more than one where a work
            goes through so much memory that it would leave a cold cache to the next.
        clock: Returns seconds; by default those that pass.
    """
    times: tuple[list[float], ...] = tuple([] for _ in works)
    remaining = iter(questions)
    while some := [*islice(remaining, block)]:
        for work, taken in zip(works, times, strict=True):
            for question in some:
                begin = clock()
                work(question)
                taken.append(clock() - begin)
    return times


def medians(rounds: int, *works: Callable[[], object]) -> list[float]:
    """Return the median time of each work, in seconds, over rounds taken in turn."""
    alone = [lambda _, work=work: work() for work in works]
    return [median(taken) for taken in in_turn(range(rounds), *alone)]


def percentile(times: Sequence[float], percent: float) -> float:
    """Return the least of some times that *percent* of 100 do not exceed."""
    ordered = sorted(times)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(0, int(rank) - 1)]


def held(make: Callable[[], T]) -> tuple[int, T]:
    """Return how many bytes are held by what *make* returns, and what it returns.

    Counted by `tracemalloc`: every block that Python allocated for it and that is still
    in use, with what the allocator rounds up left out.
    """
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    made = make()
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return after - before, made


# --- what is printed ----------------------------------------------------------------


def arguments(text: str | None, **options: str | Sequence[str]) -> argparse.Namespace:
    """Read the command line: `--quick`, and *options* with their defaults.

    Args:
        text: What the script is for, shown by `--help`.
        options: A positional argument for each, by its name; one that may be given
            several times if its default is several.
    """
    first, _, _ = (text or "").partition("\n")
    parser = argparse.ArgumentParser(description=first)
    parser.add_argument(
        "--quick", action="store_true", help="tiny sizes: only to see that it runs"
    )
    parser.add_argument(
        "--only", default="", help="the part of the tables that has this name"
    )
    for name, default in options.items():
        times = "?" if isinstance(default, str) else "*"
        parser.add_argument(name, nargs=times, default=default)
    return parser.parse_args()


def absent(*packages: str) -> list[str]:
    """Return those of *packages* that are not installed."""
    missing = []
    for package in packages:
        try:
            version(package)
        except PackageNotFoundError:
            missing.append(package)
    return missing


def machine(*packages: str) -> None:
    """Print what it was measured on: processor, cores, Python, versions."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    missing = absent(*packages)
    versions = [
        f"{name} {'absent' if name in missing else version(name)}" for name in packages
    ]
    parts = [_processor(), f"{os.cpu_count()} cores", python, *versions]
    print("; ".join(parts))


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text("utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


@frozen
class Table:
    """Rows of measured values, each held against its bar.

    Attributes:
        judged: Whether to say which bars are met; they are about full sizes only.
    """

    judged: bool

    def heading(self, text: str) -> None:
        """Print what the rows that follow are about."""
        print(f"\n{text}")

    def row(
        self,
        what: str,
        value: float,
        unit: str = "x",
        *,
        most: float | None = None,
        least: float | None = None,
        note: str = "",
    ) -> None:
        """Print a measured value, its bar if it has one, and whether that is met."""
        bar = verdict = ""
        if most is not None:
            bar = f"at most {_number(most)}"
            verdict = "ok" if value <= most else "MISSED"
        if least is not None:
            bar = f"at least {_number(least)}"
            verdict = "ok" if value >= least else "MISSED"
        text = f"  {what:48}{f'{_number(value)} {unit}':>12}{bar:>15}"
        verdict = verdict if self.judged else ""
        print(f"{text}  {verdict:8}{note}".rstrip(), flush=True)


def _number(value: float) -> str:
    size = abs(value)
    digits = 0 if size >= 100 or value == int(value) else 1 if size >= 10 else 2
    return f"{value:,.{digits}f}" if size >= 0.01 or not size else f"{value:.2g}"


def run_parts(
    text: str | None,
    parts: Sequence[Callable[..., None]],
    full: Sequence[int],
    quick: Sequence[int],
) -> None:
    """Print the tables of all parts, or of those that the command line names.

    Args:
        text: What the script is for, shown by `--help`.
        parts: Each is called with a table and the sizes.
        full: The sizes that the bars are about.
        quick: Those of `--quick`.
    """
    names = [part.__name__ for part in parts]
    options = arguments(text, parts=names)
    table = Table(judged=not options.quick)
    machine()
    wanted = {options.only} if options.only else {*options.parts}
    unknown = wanted - {*names}
    if unknown:
        sys.exit(f"no such part: {', '.join(sorted(unknown))}")
    for part in parts:
        if part.__name__ in wanted:
            part(table, *(quick if options.quick else full))
