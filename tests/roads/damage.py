"""Changed bits: reading damaged files in processes of their own, which may crash."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

from scale_worlds import count

from bri_timeline import EventLog, measures, scale
from bri_timeline.errors import BriTimelineError, DatasetError
from bri_timeline.formats import arrow, jsonl
from bri_timeline.relations import FACTS
from bri_timeline.scale import Dataset
from bri_timeline.stores import SQLiteStore


__all__ = [
    "QUESTIONS",
    "Flips",
    "outcome",
]

DAY = "2030-01-01"
PAIR = ("AZE", "CHN")
# Together they read every file of a dataset.
QUESTIONS: dict[str, Callable[[Dataset], object]] = {
    "entries": lambda data: [*data.entries()],
    "among": lambda data: [*data.among(*PAIR)],
    "project": lambda data: data.project(count, *PAIR, on=DAY),
    "project_each": lambda data: data.project_each(count, on=DAY),
    "tally": lambda data: data.tally(measures.count(), on=DAY),
}


def outcome(ask: Callable[[], object], expected: object, error: type[Exception]) -> str:
    """Return `same`, `refused`, `silent`, or the foreign error that was raised.

    Args:
        ask: Reads a file or asks a dataset.
        expected: The result without damage.
        error: The error that may be raised.
    """
    try:
        return "same" if ask() == expected else "silent"
    except error:
        return "refused"
    except Exception as found:
        return f"{type(found).__module__}.{type(found).__qualname__}"


class Flips:
    """Reads files with one bit changed, in a process that is begun again if it crashes.

    It ends with the `with` block.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Flips:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.communicate(timeout=60)

    def of_file(self, path: Path, trials: int) -> Counter[str]:
        """Count the outcomes of reading a file of a log with one bit changed."""
        return self._counted("file", path, trials)

    def of_store(self, path: Path, trials: int) -> Counter[str]:
        """Count the outcomes of reading a file of SQLite with one bit changed."""
        return self._counted("store", path, trials)

    def of_dataset(self, folder: Path, trials: int) -> Counter[str]:
        """Count the outcomes of asking a dataset with one bit changed."""
        return self._counted("dataset", folder, trials)

    def _counted(self, kind: str, place: Path, trials: int) -> Counter[str]:
        found: Counter[str] = Counter()
        while found.total() < trials:
            found.update(self._outcomes([kind, str(place), found.total(), trials]))
        return found

    def _outcomes(self, asked: list[object]) -> Iterator[str]:
        """Yield what comes of each trial, up to a crash."""
        process = self._process or subprocess.Popen(
            [sys.executable, __file__],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._process = process
        assert process.stdin
        assert process.stdout
        process.stdin.write(f"{json.dumps(asked)}\n")
        process.stdin.flush()
        for line in process.stdout:
            if line == "end\n":
                return
            yield line.rstrip("\n")
        self._process = None
        assert process.wait() < 0, "it raised an error: see above"
        process.stdin.close()
        process.stdout.close()
        yield "crash"


# --- the process that may crash -------------------------------------------------------


def _flipped(data: bytes, draw: random.Random) -> bytes:
    place = draw.randrange(8 * len(data))
    changed = bytearray(data)
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)


def _of_file(path: Path, numbers: Iterable[int]) -> Iterator[str]:
    data, copy = path.read_bytes(), path.with_stem("damaged")
    load = jsonl.load if ".jsonl" in path.suffixes else arrow.load
    expected = _all_of(load(path, FACTS))
    for number in numbers:
        copy.write_bytes(_flipped(data, random.Random(number)))
        yield outcome(lambda: _all_of(load(copy, FACTS)), expected, BriTimelineError)


def _of_store(path: Path, numbers: Iterable[int]) -> Iterator[str]:
    data, copy = path.read_bytes(), path.with_stem("damaged")
    expected = _answers_of(path)
    for number in numbers:
        copy.write_bytes(_flipped(data, random.Random(number)))
        for ending in ("-wal", "-shm"):
            Path(f"{copy}{ending}").unlink(missing_ok=True)
        yield outcome(lambda: _answers_of(copy), expected, BriTimelineError)


def _answers_of(path: Path) -> object:
    """Return the answers of a store, once it was verified."""
    with SQLiteStore(path, FACTS, synchronous="NORMAL") as store:
        store.verify()
        return (
            _all_of(store.read()),
            [store.read(parties=[party]) for party in PAIR],
            store.read(parties=PAIR, on_or_before="2019-01-01"),
            store.read(kinds=["Visited"], known_by="2018-01-01"),
            store.tree_head(),
        )


def _all_of(log: EventLog) -> object:
    return [(entry, entry.recorded_at) for entry in log]


def _of_dataset(folder: Path, numbers: Iterable[int]) -> Iterator[str]:
    files = sorted(folder.iterdir())
    contents = {path: path.read_bytes() for path in files if path.stat().st_size}
    right = scale.open(folder, FACTS)
    expected = {name: ask(right) for name, ask in QUESTIONS.items()}
    for number in numbers:
        draw = random.Random(number)
        path = draw.choice([*contents])
        _replace(path, _flipped(contents[path], draw))
        name = draw.choice([*QUESTIONS])
        yield outcome(
            lambda name=name: QUESTIONS[name](scale.open(folder, FACTS, threads=1)),
            expected[name],
            DatasetError,
        )
        _replace(path, contents[path])


def _replace(path: Path, data: bytes) -> None:
    part = path.with_name(".part")
    part.write_bytes(data)
    part.replace(path)
    _clock[0] += 1
    os.utime(path, ns=(_clock[0], _clock[0]))


# Clocks of file systems are coarse: two changes could have the same time.
_clock = [10**18]


def main() -> None:
    """Print the outcomes of the trials that are asked for, one on a line."""
    kinds = {"file": _of_file, "dataset": _of_dataset, "store": _of_store}
    for line in sys.stdin:
        kind, place, start, stop = json.loads(line)
        for found in chain(kinds[kind](Path(place), range(start, stop)), ["end"]):
            sys.stdout.write(f"{found}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
