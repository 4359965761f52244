"""States of all relationships on disk, brought up to date by what has changed."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec
from attrs import evolve, frozen

from bri_timeline import Edtf, Projection, __version__
from bri_timeline.edtf import end_bounds
from bri_timeline.errors import DatasetError, OutputError, translated
from bri_timeline.extend import FileLock, replaced
from bri_timeline.scale._bucket import Task
from bri_timeline.scale._dictionary import NEVER
from bri_timeline.scale._engine import (
    Database,
    Query,
    columns_in,
    engine,
    pa,
    table_of,
)
from bri_timeline.scale._executor import Runner, saved_states, write_states
from bri_timeline.scale._manifest import Manifest, Pair, digest_of, hashed
from bri_timeline.scale._needs import rules_of


S = TypeVar("S")
_NAME = "states.json"
_FILES = "states-????????-?????.parquet"
_TIMEOUT = 30.0


class StateChange(NamedTuple):
    """The change of one state, as it is saved.

    Attributes:
        pair: The two parties.
        before: The state before, as JSON has it; None if there was none.
        after: The state now; None if nothing of the relationship counts any more.
        entries: The positions of the entries that are known now and were not before, or
            the reverse, and concern the relationship: they are about it, or are related
            to one that is.
        by_day: Something of it happened, or ended, between the two days.
    """

    pair: Pair
    before: Any
    after: Any
    entries: tuple[int, ...]
    by_day: bool


@frozen
class Refreshed:
    """The result of `Dataset.refresh()`.

    Attributes:
        changes: The states that changed. None are told if all were folded anew.
        anew: Why all states were folded anew; None if only what was touched.
        folded: The number of relationships that were folded; None for all.
        files: The Parquet files of the states; others in the folder are not valid.
    """

    changes: tuple[StateChange, ...]
    anew: str | None
    folded: int | None
    files: tuple[Path, ...]


class _StateCut(NamedTuple):
    """The entries that states were folded from: known ones, of what had happened.

    Attributes:
        position: The entries before this position,
        known_day: known by this day;
        last: what had certainly happened by this day.
    """

    position: int
    known_day: int
    last: int

    @classmethod
    def of(cls, query: Query, manifest: Manifest) -> _StateCut:
        """Return what a query folds from a dataset."""
        size = manifest.size if query.before is None else query.before
        known_day = NEVER if query.known_day is None else query.known_day
        return cls(size, known_day, query.day)


class _File(NamedTuple):
    """A file of states.

    Attributes:
        name: Its name.
        digest: The digest of its bytes.
    """

    name: str
    digest: str


class _States(msgspec.Struct, forbid_unknown_fields=True):
    """The description of the states in a folder.

    Attributes:
        origin: Digests of what they were made of, by what that is.
        version: The version of the dataset.
        cut: What they were folded from.
        files: The files by bucket.
    """

    origin: dict[str, str | None]
    version: int
    cut: _StateCut
    files: dict[int, _File]


class _SealedStates(msgspec.Struct, forbid_unknown_fields=True):
    """A description as stored: with a digest of its bytes."""

    digest: str
    states: msgspec.Raw


def refresh(
    place: Path,
    runner: Runner,
    projection: Projection[S],
    query: Query,
    of: Callable[[S], object],
    progress: Callable[[int, int], object],
    *,
    version: str,
    anew: bool,
) -> Refreshed:
    """Bring the states in a folder up to date, as `Dataset.refresh()` says."""
    with closing(FileLock(place / ".lock")) as lock, lock.held(str(place), _TIMEOUT):
        origin = _origin(runner, projection, query, of, version)
        number, cut = runner.manifest.generation, _StateCut.of(query, runner.manifest)
        with translated(OutputError, place):
            former = "it was asked for" if anew else _former(place, origin, runner)
        before, why = (None, former) if isinstance(former, str) else (former, None)
        files = {} if before is None else dict(before.files)
        token = secrets.token_hex(4)
        cuts = None if before is None else (before.cut, cut)
        new = f"states-{token}"
        work = partial(refreshed, of, cuts, place, files, new)
        tasks = runner.tasks(projection, query)
        changes, folded = list[StateChange](), 0
        for bucket, told, count in runner.results(work, tasks, progress):
            changes += told
            folded += count
            if told or before is None:
                path = place / f"{new}-{bucket:05}.parquet"
                files[bucket] = _File(path.name, digest_of(path))
        origin["dataset"] = _lineage(runner, number)
        _save(place, _States(origin, number, cut, files))
        paths = (place / file.name for file in files.values())
        return Refreshed(tuple(changes), why, None if why else folded, tuple(paths))


def _origin(
    runner: Runner,
    projection: Projection[S],
    query: Query,
    of: Callable[[S], object],
    version: str,
) -> dict[str, str | None]:
    """Return digests of what states are made of, beside the dataset."""
    vocabulary = runner.vocabulary
    classes = vocabulary.classes
    rules = {
        name: (_name(classes[name]), rules_of(name, vocabulary)) for name in classes
    }
    made = {
        "projection": [_name(getattr(projection, name, None)) for name in _NAMED],
        "part of a state": _name(of),
        "vocabulary": rules,
        "policy": [repr(query.prefer), query.bounded],
    }
    digests = {
        name: hashed(msgspec.json.encode(said)).hexdigest()
        for name, said in made.items()
    }
    return {
        "version of the library": __version__,
        "version of the projection": version,
        **digests,
    }


# What names a projection; a measure says by values what it computes.
_NAMED = (
    *("name", "evolve", "reads", "parties"),
    *("aggregate", "kinds", "of", "where", "active"),
)


def _name(value: object) -> object:
    """Return plain values as they are, and functions and classes by their names."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, tuple | frozenset):
        names = [*map(_name, value)]
        return names if isinstance(value, tuple) else sorted(map(str, names))
    named = value if hasattr(value, "__qualname__") else type(value)
    return f"{named.__module__}.{named.__qualname__}"


def _former(
    place: Path, origin: Mapping[str, str | None], runner: Runner
) -> _States | str:
    """Return the description of the states there are, or why they are of no use."""
    try:
        data = (place / _NAME).read_bytes()
    except FileNotFoundError:
        return "there were no states"
    try:
        sealed = msgspec.json.decode(data, type=_SealedStates)
        states = msgspec.json.decode(sealed.states, type=_States)
    except msgspec.MsgspecError:
        return f"{_NAME} is damaged"
    if sealed.digest != hashed(sealed.states).hexdigest():
        return f"{_NAME} is damaged"
    now = {**origin, "dataset": _lineage(runner, states.version)}
    for name, digest in now.items():
        if states.origin.get(name) != digest:
            return f"the {name} is another than that of the states"
    if states.version < runner.manifest.renewed:
        return "words of entries were erased since"
    for file in states.files.values():
        path = place / file.name
        if not path.exists() or digest_of(path) != file.digest:
            return f"{file.name} is missing or damaged"
    return states


def _save(place: Path, states: _States) -> None:
    """Replace the description: this commits the new files, and others are deleted."""
    data = msgspec.json.encode(states)
    sealed = _SealedStates(hashed(data).hexdigest(), msgspec.Raw(data))
    with replaced(place / _NAME) as file:
        file.write(msgspec.json.encode(sealed))
    names = {file.name for file in states.files.values()}
    # Also what an interrupted call has left.
    for path in (*place.glob(_FILES), *place.glob(f".{_FILES}.*")):
        if path.name not in names:
            path.unlink()


def _lineage(runner: Runner, version: int) -> str | None:
    """Return a digest of an earlier version of a dataset; None if it is not there."""
    manifest = runner.manifest
    if version > manifest.generation:
        return None
    if version < manifest.generation:
        try:
            manifest = Manifest.load(runner.folder, version)
        except DatasetError:
            return None
    return hashed(msgspec.json.encode(manifest)).hexdigest()


# --- one bucket -----------------------------------------------------------------------


def refreshed(
    of: Callable[[S], object],
    cuts: tuple[_StateCut, _StateCut] | None,
    place: Path,
    files: Mapping[int, _File],
    name: str,
    task: Task[S],
    within: Database | None = None,
) -> tuple[int, list[StateChange], int]:
    """Fold again what was touched; return the bucket, changes, and number folded.

    The file is written if a state changed, or if all are folded.

    Args:
        of: Selects the part of a state to save.
        cuts: What the states were folded from, and are to be; None to fold all.
        place: The folder of the states.
        files: Their files, by bucket.
        name: How the name of a new file begins.
        task: The bucket and the query.
        within: A database to work in; None to open one.
    """
    path = place / f"{name}-{task.bucket:05}.parquet"
    if cuts is None:
        write_states(path, saved_states(task, of, within))
        return task.bucket, [], 0
    touched = _touched(task, *cuts, within)
    if not touched:
        return task.bucket, [], 0
    former = files.get(task.bucket)
    states = {} if former is None else _read(place / former.name)
    only = evolve(task, only=frozenset(touched))
    new = dict(saved_states(only, of, within))
    changes = [
        StateChange(pair, _value(states, pair), _value(new, pair), *touched[pair])
        for pair in sorted(touched)
        if states.get(pair) != new.get(pair)
    ]
    if changes:
        unchanged = {
            pair: state for pair, state in states.items() if pair not in touched
        }
        write_states(path, (unchanged | new).items())
    return task.bucket, changes, len(touched)


def _read(path: Path) -> dict[Pair, str]:
    table = columns_in(path, ("one", "other", "state"))
    columns = (column.to_pylist() for column in table.columns)
    return {(one, other): state for one, other, state in zip(*columns, strict=True)}


def _value(states: Mapping[Pair, str], pair: Pair) -> object:
    return msgspec.json.decode(states[pair]) if pair in states else None


_ROWS = "select distinct rel, position from {} where rel >= 0 and {}"
_CAME = "select cluster, position from related where {}"
_MEMBERS = (
    "select distinct rel, cluster from {} rows join related using (position)"
    " where rel >= 0 and cluster in (select cluster from came)"
)
_MARKED = "select distinct rel from {} where rel >= 0 and {}"
_EXTENTS = """select distinct "when" from {} where contains("when", '/')"""


def _touched(
    task: Task[Any], old: _StateCut, new: _StateCut, within: Database | None
) -> dict[Pair, tuple[tuple[int, ...], bool]]:
    """Return the relationships of a bucket that may have changed, and why.

    Those of an entry that is known under one cut only, and of all that is related to
    it; and those of a claim that has a mark between the two days.
    """
    bucket, entries = task.opened(), defaultdict[int, set[int]](set)
    rows = table_of(part.file(task.folder) for part in task.manifest.parts)
    low, high = sorted((old.last, new.last))
    with engine(task.limits, task.folder, within) as connection:
        related = bucket.related.table(("position", "known_day"))
        connection.register("related", related)
        for condition in _known_under_one(old, new):
            numbered = connection.sql(_ROWS.format(rows, condition)).fetchall()
            for number, position in numbered:
                entries[number].add(position)
            came = connection.sql(_CAME.format(condition)).to_arrow_table()
            connection.register("came", came)
            positions = defaultdict[int, list[int]](list)
            columns = (column.to_pylist() for column in came.columns)
            for cluster, position in zip(*columns, strict=True):
                positions[cluster].append(position)
            members = connection.sql(_MEMBERS.format(rows)) if positions else None
            for number, cluster in members.fetchall() if members else ():
                entries[number].update(positions[cluster])
        condition = "last > {0} and last <= {1}"
        bounded, projection = task.query.bounded, task.projection
        if bounded or projection.ends:
            # What ends others does so a day later; reports bound what began before.
            condition = f"last >= {{0}} and {'first' if bounded else 'last'} <= {{1}}"
            texts = connection.sql(_EXTENTS.format(rows)).fetchall()
            ended = [text for (text,) in texts if _ends_between(text, low, high)]
            connection.register(
                "ended", pa.table({"text": pa.array(ended, pa.string())})
            )
            condition = f'({condition}) or "when" in (from ended)'
        marked = _MARKED.format(rows, f"({condition.format(low, high)})")
        by_day = (
            {n for (n,) in connection.sql(marked).fetchall()} if low < high else set()
        )
    return {
        pair: (tuple(sorted(entries.get(number, ()))), number in by_day)
        for pair, number in bucket.numbers.items()
        if pair[0] != pair[1] and (number in entries or number in by_day)
    }


def _known_under_one(old: _StateCut, new: _StateCut) -> Iterator[str]:
    """Yield conditions for the entries that are known under one of two cuts only."""
    is_known = " <> ".join(
        f"(position < {cut.position} and known_day <= {cut.known_day})"
        for cut in (old, new)
    )
    for name, ends in (
        ("position", (old.position - 1, new.position - 1)),
        ("known_day", (old.known_day, new.known_day)),
    ):
        if min(ends) < max(ends):
            # Parquet knows the least and the largest number of many rows.
            yield f"{name} > {min(ends)} and {name} <= {max(ends)} and {is_known}"


def _ends_between(text: str, low: int, high: int) -> bool:
    """Check whether an extent is over since a day after *low*, until *high*."""
    bounds = end_bounds(Edtf(text))
    return bounds is not None and low < bounds[1] + 1 <= high
