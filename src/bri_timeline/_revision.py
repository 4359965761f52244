"""Releases of a dataset: what each changed, and the entries that record it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import attrs
from attrs import field, frozen

from bri_timeline._calendar import Day, iso, to_day
from bri_timeline._events import Entry, Event, unchecked_entry, uncollected
from bri_timeline._journal import Journal, counting_claims, is_digest
from bri_timeline._scope import Covers, Release, kind_name
from bri_timeline._text import AsDict
from bri_timeline.errors import (
    EntryError,
    EventError,
    Fault,
    FaultsError,
    SelectionError,
    shown,
)


__all__ = [
    "Amendment",
    "Revision",
    "compare",
    "has_release",
    "revised",
]

_MOST = 1000
_Key: TypeAlias = "str | tuple[object, object]"
_Rows: TypeAlias = dict[_Key, Event]
_REMEDY = "give each row an id of its own, or name more columns as its key"


@frozen
class Amendment(AsDict):
    """One row that a release changed.

    Attributes:
        before: The event as it was.
        after: The event as it is now.
    """

    before: Event
    after: Event

    @property
    def fields(self) -> dict[str, tuple[object, object]]:
        """The fields that changed, each with its values before and after.

        `when` is the date, `kind` the class of the payload, `what` a payload without
        fields; all others are fields of the payload.
        """
        old, new = self.before, self.after
        found: dict[str, tuple[object, object]] = {}
        if old.when != new.when:
            found["when"] = old.when, new.when
        one, other = old.what, new.what
        cls: type = type(one)
        if cls is not type(other):
            found["kind"] = kind_name(one), kind_name(other)
        elif attrs.has(cls):
            names = [part.name for part in attrs.fields(cls) if part.eq]
            pairs = {name: (getattr(one, name), getattr(other, name)) for name in names}
            found |= {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        elif one != other:
            found["what"] = one, other
        return found

    def _plain_data(self) -> dict[str, object]:
        fields = {
            name: {"before": before, "after": after}
            for name, (before, after) in self.fields.items()
        }
        return {"id": self.after.id, "fields": fields}


@frozen
class Revision(AsDict):
    """The differences between a release and the one before it.

    Attributes:
        added: The rows that are new.
        withdrawn: The rows that are gone, and that the release should contain.
        changed: A tuple of `Amendment`: the rows of one id whose content differs.
        recited: The rows of which only the citations differ, as they are now. That is
            no change of what they say, and is not recorded.
        equal: The number of rows that are as they were, citations included.
        repeated: The number of rows that repeat what another row of the release says.
    """

    added: tuple[Event, ...] = ()
    withdrawn: tuple[Event, ...] = ()
    changed: tuple[Amendment, ...] = ()
    recited: tuple[Event, ...] = ()
    equal: int = field(default=0, kw_only=True)
    repeated: int = field(default=0, kw_only=True)

    def __bool__(self) -> bool:
        """Check whether any row was added, withdrawn or changed."""
        return bool(self.added or self.withdrawn or self.changed)

    def __str__(self) -> str:
        names: dict[str, int] = {}
        for amendment in self.changed:
            for name in amendment.fields:
                names[name] = names.get(name, 0) + 1
        fields = ", ".join(f"{name} {count:,}" for name, count in names.items())
        parts = [
            f"{len(self.added):,} rows added",
            f"{len(self.withdrawn):,} withdrawn",
            f"{len(self.changed):,} changed" + (f" ({fields})" if fields else ""),
            f"{self.equal + len(self.recited):,} as before",
        ]
        if self.repeated:
            parts.append(f"{self.repeated:,} repeat what another says")
        return ", ".join(parts)


def rows_in(release: Iterable[object]) -> list[Event]:
    """Return the rows of a release: events, or what counts in a log of them.

    Raises:
        EventError: Something else is among them.
    """
    if isinstance(release, Event | Entry | str) or not isinstance(release, Iterable):
        problem = "is not a release: give a log, or the events of its rows"
        raise EventError(release, problem)
    given = list(release)
    entries = [one for one in given if isinstance(one, Entry)]
    if entries and len(entries) == len(given):
        if all(entry.is_plain for entry in entries):
            return [entry.claim for entry in entries]
        return [entry.claim for entry in counting_claims(entries)]
    events = [one for one in given if isinstance(one, Event)]
    if len(events) < len(given):
        odd = next(one for one in given if not isinstance(one, Event))
        raise EventError(odd, "is not an event: write Event(payload, when=...)")
    return events


def compare(old: Iterable[object], new: Iterable[object]) -> Revision:
    """Return the differences between two releases of one dataset, row by row.

    Rows with one id are compared, field by field; rows without an id by their content.
    Nothing is recorded: `EventLog.revise()` does that.

    Args:
        old: The events of the rows, or a log of them, of which those that count.
        new: Likewise.

    Raises:
        EventError: Something else is among them.
        FaultsError: Rows of one id differ within a release: all of them.
    """
    one, other = rows_in(old), rows_in(new)
    keys = _keys(one, other)
    before, _ = _unique(one, keys, "the old release")
    after, repeated = _unique(other, keys, "the new release")
    return _difference(before, after, Covers(), repeated)


class _Keys(NamedTuple):
    """The rule that tells rows apart: by id, or else by content."""

    by_digest: bool

    def of(self, event: Event) -> _Key:
        if self.by_digest:
            return event.id
        name = event._id
        return (event.what, event.when) if name is None else name


def _keys(*several: Iterable[Event]) -> _Keys:
    # An id that looks like a digest may be that of a row without an id.
    ids = (event._id for some in several for event in some)
    return _Keys(any(name and len(name) == 32 and is_digest(name) for name in ids))


def _unique(rows: Iterable[Event], keys: _Keys, name: str) -> tuple[_Rows, int]:
    """Return rows by their keys, and the number of repeated ones.

    Raises:
        FaultsError: A key has rows with different content: all such keys.
    """
    found: _Rows = {}
    repeated, faults = 0, list[Fault]()
    for row in rows:
        key = keys.of(row)
        other = found.setdefault(key, row)
        if other is row:
            continue
        if not _is_equal(other, row):
            fields = ", ".join(Amendment(other, row).fields)
            problem = f"stands there twice, and differs by {fields}: {_REMEDY}"
            faults.append(Fault(f"id {shown(row.id)}", problem))
            if len(faults) == _MOST:
                break
        repeated += 1
        found[key] = other.cited((*other.cite, *row.cite))
    if faults:
        raise FaultsError(name, faults)
    return found, repeated


def _is_equal(one: Event, other: Event) -> bool:
    return one is other or (one.when == other.when and one.what == other.what)


class _Changes(NamedTuple):
    """The keys of rows, by what became of them; and how many are as they were."""

    added: list[_Key]
    changed: list[_Key]
    gone: list[_Key]
    recited: list[_Key]
    equal: int

    @classmethod
    def between(cls, before: _Rows, after: _Rows, covers: Covers) -> _Changes:
        """Return what became of the rows of one release in another."""
        found = cls([], [], [], [], 0)
        equal = 0
        for key, row in after.items():
            old = before.get(key)
            if old is None:
                found.added.append(key)
            elif not _is_equal(old, row):
                found.changed.append(key)
            elif old.cite == row.cite:
                equal += 1
            else:
                found.recited.append(key)
        gone, is_all = [key for key in before if key not in after], covers.is_all
        some = [key for key in gone if is_all or covers.includes(before[key])]
        return found._replace(gone=some, equal=equal)

    def revision(self, before: _Rows, after: _Rows, repeated: int) -> Revision:
        """Return them as an answer."""
        return Revision(
            tuple(after[key] for key in self.added),
            tuple(before[key] for key in self.gone),
            tuple(Amendment(before[key], after[key]) for key in self.changed),
            tuple(after[key] for key in self.recited),
            equal=self.equal,
            repeated=repeated,
        )


def _difference(before: _Rows, after: _Rows, covers: Covers, repeated: int) -> Revision:
    changes = _Changes.between(before, after, covers)
    return changes.revision(before, after, repeated)


class _Download(NamedTuple):
    """A release that is in the log, or is to be added to it.

    Attributes:
        published: The number of the day on which it was published.
        covers: The rows that it should contain.
        rows: Its rows by their keys.
        because: Why it revises the one before.
    """

    published: int
    covers: Covers
    rows: _Rows
    because: str | None

    def says_as(self, other: _Download) -> bool:
        """Check whether another release has the same day, scope and rows."""
        return (
            (self.published, self.covers) == (other.published, other.covers)
            and self.rows.keys() == other.rows.keys()
            and all(_is_equal(row, other.rows[key]) for key, row in self.rows.items())
        )


class _State(NamedTuple):
    """The rows of a dataset that count in the log, by their keys.

    Attributes:
        rows: What they say.
        originals: The positions of their first versions.
        latest: The positions of the versions that count, if these are others.
    """

    rows: _Rows
    originals: dict[_Key, int]
    latest: dict[_Key, int]

    @classmethod
    def empty(cls) -> _State:
        """Return the state before the first release."""
        return cls({}, {}, {})

    def write(self, key: _Key, row: Event, position: int) -> None:
        """Put a version of a row in place."""
        if key in self.rows:
            self.latest[key] = position
        else:
            self.originals[key] = position
        self.rows[key] = row

    def withdraw(self, key: _Key) -> int:
        """Remove a row, and return the position of its first version."""
        del self.rows[key]
        self.latest.pop(key, None)
        return self.originals.pop(key)


class _Dataset:
    """The releases of a dataset in a log, and the entries that a further one adds.

    What others wrote about its rows is not regarded: a correction or a retraction by
    hand is not the word of the provider.

    Args:
        name: The name of the dataset.
        entries: Its entries, in the order of the log.
        rows: The rows of the further release.
    """

    def __init__(
        self, name: str, entries: Sequence[Entry], rows: Sequence[Event]
    ) -> None:
        self._name = name
        self._keys = _keys((e.event for e in entries if e.event is not None), rows)
        void = {e.retracts for e in entries if e.event is None}
        starts = [
            place
            for place, entry in enumerate(entries)
            if entry.release is not None and entry.position not in void
        ]
        # What stands before the first release that counts was applied again after it.
        self._entries = entries[starts[0] :] if starts else ()
        self._releases = [entries[place] for place in starts]
        self._batches = [
            entries[start:end] for start, end in pairwise([*starts, len(entries)])
        ]

    def revised(
        self,
        rows: Sequence[Event],
        published: int,
        covers: Covers,
        because: str | None,
        position: int,
        others: Callable[[], Iterable[Entry]],
    ) -> tuple[list[Entry], Revision]:
        """Return the entries that a release adds, and what it changed.

        Args:
            rows: Its rows.
            published: The number of the day on which it was published.
            covers: The rows that it should contain.
            because: Why it revises the one before.
            position: The position of the first entry that is added.
            others: Returns the entries of the log that are not of the dataset.

        Raises:
            FaultsError: Rows of one id differ: all of them.
        """
        document = f"the release of {shown(self._name)} of {iso(published)}"
        unique, repeated = _unique(rows, self._keys, document)
        new = _Download(published, covers, unique, because)
        days = [_day(release) for release in self._releases]
        place = bisect_right(days, published)
        # The rows of earlier releases are read back only if the order demands it.
        if days and published <= days[-1]:
            downloads = self._downloads()
            for one in downloads:
                if one.says_as(new):
                    return [], _difference(one.rows, unique, covers, repeated)
            if place < len(days):
                downloads.insert(place, new)
                return self._again(downloads, place, repeated, position, others)
        state = _State.empty()
        for _ in self._states(state):
            pass
        before = dict(state.rows)
        entries, changes = self._applied(state, new, position)
        return entries, changes.revision(before, unique, repeated)

    def _states(self, state: _State) -> Iterator[tuple[Entry, set[_Key]]]:
        """Yield each release and the keys that it wrote, with the state after it."""
        keys: dict[int | None, _Key] = {}
        key_of, write = self._keys.of, state.write
        for release, batch in zip(self._releases, self._batches, strict=True):
            written = set[_Key]()
            for entry in batch[1:]:
                event = entry.event
                if event is not None:
                    key = key_of(event)
                    written.add(key)
                    keys[entry.position] = key
                    write(key, event, entry.position)
                elif entry.retracts in keys:
                    state.withdraw(keys[entry.retracts])
            yield release, written

    def _downloads(self) -> list[_Download]:
        """Return the releases with their rows, read back from the log."""
        found, state = list[_Download](), _State.empty()
        for entry, written in self._states(state):
            release = entry.release or Release()
            covers, repeats = release.covers, {*release.repeats}
            is_all = covers.is_all
            rows = {
                key: row
                for key, row in state.rows.items()
                if is_all
                or key in written
                or covers.includes(row)
                or (repeats and row.id in repeats)
            }
            found.append(_Download(_day(entry), covers, rows, entry.because))
        return found

    def _applied(
        self, state: _State, new: _Download, position: int
    ) -> tuple[list[Entry], _Changes]:
        """Return the entries of a release, and bring the state up to date."""
        name, day, covers, rows = self._name, new.published, new.covers, new.rows
        text = iso(day)
        changed = new.because or f"changed in the release of {text}"
        missing = new.because or f"not in the release of {text}"
        changes = _Changes.between(state.rows, rows, covers)
        repeats: list[str] = []
        if not covers.is_all:
            same = rows.keys() - {*changes.added, *changes.changed}
            outside = (rows[key] for key in same if not covers.includes(rows[key]))
            repeats += sorted(row.id for row in outside)
        found = [
            unchecked_entry(
                position,
                None,
                day,
                because=new.because,
                dataset=name,
                release=Release(covers, tuple(repeats)),
            )
        ]
        places = range(position + 1, position + 1 + len(changes.added))
        new_rows = [rows[key] for key in changes.added]
        found += [
            unchecked_entry(place, row, day, dataset=name)
            for place, row in zip(places, new_rows, strict=True)
        ]
        state.rows.update(zip(changes.added, new_rows, strict=True))
        state.originals.update(zip(changes.added, places, strict=True))
        for place, key in enumerate(changes.changed, position + len(found)):
            target = state.latest.get(key, state.originals[key])
            found.append(
                unchecked_entry(
                    place, rows[key], day, target, None, changed, dataset=name
                )
            )
            state.write(key, rows[key], place)
        for place, key in enumerate(changes.gone, position + len(found)):
            target = state.withdraw(key)
            found.append(
                unchecked_entry(place, None, day, None, target, missing, dataset=name)
            )
        return found, changes

    # --- an older release that comes later ------------------------------------------

    def _again(
        self,
        downloads: Sequence[_Download],
        place: int,
        repeated: int,
        position: int,
        others: Callable[[], Iterable[Entry]],
    ) -> tuple[list[Entry], Revision]:
        """Withdraw what the releases added, and apply all of them in their order.

        Args:
            downloads: All releases, in the order of publication.
            place: The number of the new one among them.
            repeated: How many of its rows repeat another one.
            position: The position of the first entry that is added.
            others: Returns the entries of the log that are not of the dataset.
        """
        late = iso(downloads[place].published)
        why = f"applied again, since the release of {late} came later"
        found = [
            unchecked_entry(
                number, None, None, None, entry.position, why, dataset=self._name
            )
            for number, entry in enumerate(
                (e for e in self._entries if e.supersedes is e.retracts is None),
                position,
            )
        ]
        start, state, revision = len(found), _State.empty(), Revision()
        for number, download in enumerate(downloads):
            before = dict(state.rows) if number == place else {}
            more, changes = self._applied(state, download, position + len(found))
            found += more
            if number == place:
                revision = changes.revision(before, download.rows, repeated)
        found += self._by_hand(found[start:], position + len(found), others())
        return found, revision

    def _by_hand(
        self, again: Sequence[Entry], position: int, others: Iterable[Entry]
    ) -> Iterator[Entry]:
        """Yield what others wrote about the rows, about the rows as they stand now."""
        now: dict[object, int] = {}
        for content, entry in self._contents(again):
            now.setdefault(content, entry.position)
        places = {
            entry.position: now[content]
            for content, entry in self._contents(self._entries)
            if content in now
        }
        for entry in others:
            target = entry.retracts if entry.supersedes is None else entry.supersedes
            if target in places:
                corrects = entry.supersedes is not None
                places[entry.position] = position
                yield attrs.evolve(
                    entry,
                    position=position,
                    supersedes=places[target] if corrects else None,
                    retracts=None if corrects else places[target],
                    recorded_at=None,
                )
                position += 1

    def _contents(self, entries: Iterable[Entry]) -> Iterator[tuple[object, Entry]]:
        """Yield what tells an entry about a row from others, and the entry."""
        keys: dict[int | None, _Key] = {}
        for entry in entries:
            if entry.event is not None:
                key = keys[entry.position] = self._keys.of(entry.event)
                yield (key, entry.event.what, entry.event.when), entry
            elif entry.retracts in keys:
                yield (keys[entry.retracts], entry.known_day), entry


def _day(release: Entry) -> int:
    """Return the number of the day on which a release was published."""
    return release.known_day or 0


# --- the journal of a log -----------------------------------------------------------


def revised(
    journal: Journal,
    size: int,
    release: Iterable[object],
    *,
    dataset: str,
    published: Day,
    covers: Covers | None,
    because: str | None,
) -> tuple[list[Entry], Revision]:
    """Return the entries that a release adds, as `EventLog.revise()` says.

    Args:
        journal: The journal of the log.
        size: The number of its entries that are in the log.
        release: The rows.
        dataset: The name of the dataset.
        published: The day on which the release was published.
        covers: The rows that it should contain.
        because: Why it revises the one before.
    """
    day, scope = to_day(published), Covers() if covers is None else covers
    if not (isinstance(dataset, str) and dataset):
        problem = "is not the name of a dataset: write dataset='ucdp-ged'"
        raise SelectionError(dataset, problem)
    if not isinstance(scope, Covers):
        problem = "is not what a release covers: write covers=Covers(days='2018')"
        raise SelectionError(covers, problem)
    if journal.entries.missing_count:
        problem = "this partial log may lack entries of the dataset"
        raise EntryError(dataset, f"{problem}: revise the whole log")
    rows = rows_in(release)

    def others() -> Iterable[Entry]:
        return (e for e in journal.entries[:size] if e.dataset != dataset)

    with uncollected():  # rows and entries make no reference cycles
        own = journal.of_dataset(dataset, size)
        return _Dataset(dataset, own, rows).revised(
            rows, day, scope, because, size, others
        )


def has_release(journal: Journal, size: int, entry: Entry) -> bool:
    """Check whether a log has the release that an entry of another log records.

    Args:
        journal: The journal of the log.
        size: The number of its entries that are in the log.
        entry: The entry of the other log.

    Raises:
        EntryError: It has other releases of the dataset only.
    """
    dataset = entry.dataset or ""
    known = journal.of_dataset(dataset, size)
    same = entry.known_day, entry.release
    if any((one.known_day, one.release) == same for one in known):
        return True
    if known:
        problem = f"both logs have releases of {shown(dataset)}"
        remedy = "revise() one log by the releases of the other"
        raise EntryError(entry, f"{problem}, which do not add up: {remedy}")
    return False
