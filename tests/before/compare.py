"""Ask two libraries the same questions of the same logs; print the first difference.

`python tests/before/compare.py BEFORE_PYTHON --logs 1000 --seed 0`
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from worlds import Worlds


_TRIES = 200


class Library:
    """A process in which one of the libraries answers.

    Args:
        python: The interpreter that has it.
        source: A folder to import it from instead, such as a copy of `src`.
    """

    def __init__(self, python: str, source: str | None = None) -> None:
        # The order of sets is the same in both; a path that is set would give both the
        # same library.
        environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": source or ""}
        command = [python, str(Path(__file__).with_name("asked.py"))]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, env=environment, text=True
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input, self._output = self._process.stdin, self._process.stdout
        self.folder = self._output.readline()

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self._input.close()
        self._process.wait()

    def send(self, asked: dict[str, object]) -> None:
        """Ask, without waiting for the answer."""
        self._input.write(json.dumps(asked) + "\n")
        self._input.flush()

    def receive(self) -> Any:
        """Return the answer.

        Raises:
            RuntimeError: The process has ended.
        """
        line = self._output.readline()
        if not line:
            msg = f"{self._process.args!r} has ended: its message stands above"
            raise RuntimeError(msg)
        return json.loads(line)


class Both:
    """The library of before and that of now.

    Args:
        before: The one.
        now: The other.
        with_files: They write and read files, in place of answering questions.
    """

    def __init__(self, before: Library, now: Library, *, with_files: bool) -> None:
        self._before, self._now, self._with_files = before, now, with_files
        self.questions = 0

    def _asked(self, **asked: object) -> tuple[Any, Any]:
        if not self._with_files:
            self._before.send(asked)
            self._now.send(asked)
            return self._before.receive(), self._now.receive()
        with TemporaryDirectory() as folder:
            # Both open what the first has written.
            self._before.send({**asked, "folder": folder, "writes": True})
            before = self._before.receive()
            self._now.send({**asked, "folder": folder})
            return before, self._now.receive()

    def differ(self, days: list[str], seed: int, lines: list[str]) -> bool:
        """Check whether any answer of a log differs."""
        before, now = self._asked(lines=lines, days=days, seed=seed, whole=False)
        self.questions += before[0]
        return bool(before != now)

    def difference(self, days: list[str], seed: int, lines: list[str]) -> str:
        """Return a report of the first question whose answers differ."""
        before, now = self._asked(lines=lines, days=days, seed=seed, whole=True)
        for (question, answer), (other, found) in zip(before, now, strict=False):
            if (question, answer) != (other, found):
                return f"question: {question}\nbefore: {answer}\nnow:    {found}"
        return f"{len(before)} and {len(now)} questions; none of them differs"


def without(lines: list[str], gone: range) -> list[str]:
    """Return the lines of a log without some entries, and what names these."""
    places: dict[int, int] = {}
    kept: list[str] = []
    for number, line in enumerate(lines):
        entry = json.loads(line)
        targets = [
            (part, name)
            for part in (entry, entry.get("review", {}))
            for name in ("supersedes", "retracts", "accepts", "rejects")
            if part.get(name) is not None
        ]
        if number in gone or any(part[name] not in places for part, name in targets):
            continue
        for part, name in targets:
            part[name] = places[part[name]]
        places[entry["position"]] = entry["position"] = len(kept)
        kept.append(json.dumps(entry, ensure_ascii=False, separators=(",", ":")))
    return kept


def shrunk(lines: list[str], differ: Callable[[list[str]], bool]) -> list[str]:
    """Return as few lines as are found that still differ."""
    size, tries = max(len(lines) // 2, 1), 0
    while tries < _TRIES:
        place, before = 0, len(lines)
        while place < len(lines) and tries < _TRIES:
            fewer, tries = without(lines, range(place, place + size)), tries + 1
            if differ(fewer):
                lines = fewer
            else:
                place += size
        if size == 1 and len(lines) == before:
            break
        size = max(size // 2, 1)
    return lines


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def compared(both: Both, given: argparse.Namespace) -> int:
    """Compare logs; return how many differ."""
    worlds, differing = Worlds(given.seed), 0
    for number in range(given.first, given.first + given.logs):
        lines, days = worlds.lines(number)
        differ = partial(both.differ, days, number)
        if not differ(lines):
            continue
        differing += 1
        say(f"log {number} of seed {given.seed} differs")
        if differing == 1:
            few = shrunk(lines, differ)
            say("\n".join(("as few entries as were found:", *few)))
            say(both.difference(days, number, few))
        if given.stop:
            break
    return differing


def main(description: str, *, with_files: bool) -> int:
    """Compare, and say how much was compared; return 1 if anything differs."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("before", help="the Python that has the wheel of before")
    parser.add_argument("--now", default=sys.executable, help="the Python of now")
    parser.add_argument("--source", help="a folder to import the library of now from")
    parser.add_argument("--logs", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="number of the first log")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--stop", action="store_true", help="at the first difference")
    given, begin = parser.parse_args(), time.monotonic()
    with ExitStack() as stack:
        before = stack.enter_context(Library(given.before))
        now = stack.enter_context(Library(given.now, given.source))
        if before.folder == now.folder:
            parser.error(f"both have the library in {now.folder.strip() or 'none'}")
        both = Both(before, now, with_files=with_files)
        differing = compared(both, given)
    say(
        f"{given.logs} logs from {given.first} of seed {given.seed}, "
        f"{both.questions} questions, {differing} logs differ; "
        f"{time.monotonic() - begin:.0f} s, {sum(os.times()[:4]):.0f} s of processors"
    )
    return int(differing > 0)


if __name__ == "__main__":
    sys.exit(main(__doc__.partition("\n")[0], with_files=False))
