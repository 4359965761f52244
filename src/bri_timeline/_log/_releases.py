"""The entries that record a release of a dataset in a log."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property, partial
from itertools import chain, pairwise
from statistics import median
from typing import NamedTuple

import attrs

from bri_timeline._calendar import Day, as_date, iso, to_day
from bri_timeline._events import Entry, Event
from bri_timeline._events.entries import unchecked_entry
from bri_timeline._journal import Journal, resolve
from bri_timeline._journal.erasures import silenced
from bri_timeline._log._dataset import DatasetState, row_of
from bri_timeline._log._revision import (
    Amendment,
    Changes,
    Key,
    ReleaseSummary,
    Revision,
    Row,
    Rows,
    difference,
    is_covered,
    is_equal,
    keys_for,
    rows_in,
    said_in,
    unique_rows,
)
from bri_timeline._process import uncollected
from bri_timeline._scope import Covers, Release
from bri_timeline._strings import strings
from bri_timeline.errors import DayError, EntryError, SelectionError, counted, shown


class Published(NamedTuple):
    """When a release was published.

    Attributes:
        day: The number of the day.
        instant: The instant, where that is known.
    """

    day: int
    instant: datetime | None

    @classmethod
    def of(cls, given: Day | datetime) -> Published:
        """Return a day, or an instant and the day that it has where it is written.

        Raises:
            DayError: It is neither, or does not say in which time zone.
        """
        if not isinstance(given, datetime):
            return cls(to_day(given), None)
        if given.tzinfo is None:
            raise DayError(given, "has no time zone: give an aware datetime, or a day")
        return cls(given.toordinal(), given)

    def is_same(self, other: Published) -> bool:
        """Check whether two releases can only be one, told by day or by instant."""
        if self.instant is None or other.instant is None:
            return self.day == other.day
        return self.instant == other.instant

    def order(self) -> tuple[int, float]:
        """Return the key of the order of releases."""
        return self.day, 0 if self.instant is None else self.instant.timestamp()


class _Download(NamedTuple):
    """A release that is in the log, or is to be added to it.

    Attributes:
        published: When it was published.
        covers: The rows that it should contain.
        rows: Its rows by their keys.
        because: Why it revises the one before.
        unread: The ids of its rows that could not be read, sorted.
    """

    published: Published
    covers: Covers
    rows: Rows
    because: str | None
    unread: tuple[str, ...]

    def says_as(self, other: _Download) -> bool:
        """Check whether another release has the same rows, day and scope."""
        return (
            self.published.is_same(other.published)
            and self.covers == other.covers
            and self.unread == other.unread
            and self.rows.keys() == other.rows.keys()
            and all(is_equal(row, other.rows[key]) for key, row in self.rows.items())
        )


class _DatasetReleases:
    """The releases of a dataset in a log, and the entries that a further one adds.

    What others wrote about its rows is not regarded: a correction or a retraction by
    hand is not the word of the provider.

    Args:
        name: The name of the dataset.
        state: The state after them.
        read: Returns its entries, in the order of the log.
        silenced: Returns an entry without its words, if these were erased; None if
            nothing was.
    """

    def __init__(
        self,
        name: str,
        state: DatasetState,
        read: Callable[[], Sequence[Entry]],
        silenced: Callable[[Entry], Entry] | None = None,
    ) -> None:
        self._name, self._state, self._read = name, state, read
        self._silenced = silenced

    @cached_property
    def _batches(self) -> list[Sequence[Entry]]:
        """The entries of each release that counts; its own is the first of these."""
        entries, releases = self._read(), self._state.releases
        starts = [n for n, entry in enumerate(entries) if entry.position in releases]
        return [entries[start:end] for start, end in pairwise([*starts, len(entries)])]

    def revised(
        self,
        rows: Sequence[Event],
        published: Published,
        covers: Covers,
        because: str | None,
        unread: tuple[str, ...],
        position: int,
        others: Callable[[], Iterable[Entry]],
    ) -> tuple[list[Entry], Revision]:
        """Return the entries that a release adds, and what it changed.

        Args:
            rows: Its rows.
            published: When it was published.
            covers: The rows that it should contain.
            because: Why it revises the one before.
            unread: The ids of its rows that could not be read, sorted.
            position: The position of the first entry that is added.
            others: Returns the entries of the log that are not of the dataset.

        Raises:
            FaultsError: Rows of one id differ: all of them.
            DayError: Another release was published then.
            SelectionError: A release may have rows that it would withdraw.
        """
        document = f"the release of {shown(self._name)} of {iso(published.day)}"
        unique, repeated = unique_rows(rows, self._state.keys, document)
        some_rows = self._without_erased(unique)
        new = _Download(published, covers, some_rows, because, unread)
        releases = self._state.releases.values()
        days = [_published(release).order() for release in releases]
        place = bisect_right(days, published.order())
        # The rows of earlier releases are read back only if the order demands it.
        if days and published.day <= days[-1][0]:
            downloads = self._downloads()
            for download in downloads:
                if download.says_as(new):
                    return [], difference(download.rows, new.rows, covers, repeated)
                if download.published.is_same(published):
                    problem = f"is when another release of {shown(self._name)} came"
                    remedy = "give the instant of each, or one release of a day"
                    raise DayError(iso(published.day), f"{problem}: {remedy}")
            if place < len(days):
                downloads.insert(place, new)
                return self._again(downloads, place, repeated, position, others)
        entries, changes = self._applied(self._state, new, position)
        return entries, changes.revision(self._state.rows, new.rows, repeated)

    def _without_erased(self, rows: Mapping[Key, Row]) -> Rows:
        """Return rows without the words that were erased from the log."""
        new_rows: Rows = {**rows}
        for key, row in rows.items() if self._silenced else ():
            if isinstance(row, Event) and self._silenced:
                new_rows[key] = (
                    self._silenced(Entry(position=0, event=row)).erased or row
                )
        return new_rows

    def summaries(self) -> Iterator[tuple[tuple[int, float], ReleaseSummary]]:
        """Yield what each release changed, with its place in the order of releases."""
        keys: dict[int | None, Key] = {}
        rows: Rows = {}
        versions: dict[Key, int] = {}
        for release, *batch in self._batches:
            when, lags, fields = _published(release), list[int](), Counter[str]()
            added = changed = withdrawn = 0
            for entry in batch:
                row = row_of(entry)
                if row is None:
                    key = keys.get(entry.retracts)
                    withdrawn += key is not None and rows.pop(key, None) is not None
                    continue
                key = keys[entry.position] = self._state.keys.of(row)
                before, rows[key] = rows.get(key), row
                versions[key] = versions.get(key, 0) + 1
                if before is None:
                    added += 1
                    lags += _lag(row, when.day)
                else:
                    changed += 1
                    if isinstance(before, Event) and isinstance(row, Event):
                        fields.update(Amendment(before, row).fields.keys())
            lags.sort()
            counted = Counter(versions[key] for key in rows)
            yield (
                when.order(),
                ReleaseSummary(
                    self._name,
                    as_date(when.day, "published"),
                    len(rows),
                    added,
                    changed,
                    withdrawn,
                    dict(fields),
                    (lags[0], median(lags), lags[-1]) if lags else None,
                    dict(sorted(counted.items())),
                ),
            )

    def _downloads(self) -> list[_Download]:
        """Return the releases with their rows, read back from the log."""
        downloads, state = list[_Download](), DatasetState(self._state.keys)
        for batch in self._batches:
            written, entry = {*map(state.read, batch)}, batch[0]
            release = entry.release or Release()
            covers, repeats = release.covers, {*release.repeats}
            is_all, unread = covers.is_all, release.unread
            rows = {
                key: row
                for key, row in state.rows.items()
                if key in written
                or (
                    (is_all or is_covered(covers, row) or row.id in repeats)
                    # It stayed as it was.
                    and row.id not in unread
                )
            }
            when = _published(entry)
            downloads.append(_Download(when, covers, rows, entry.because, unread))
        return downloads

    def _applied(
        self, state: DatasetState, new: _Download, position: int
    ) -> tuple[list[Entry], Changes]:
        """Return the entries of a release, and the changes; the state stays."""
        name, day, covers, rows = self._name, new.published.day, new.covers, new.rows
        text, words = iso(day), strings("en")
        changed = new.because or words("reasons.changed", date=text)
        missing = new.because or words("reasons.missing", date=text)
        among, unread = state.among(covers), frozenset(new.unread)
        changes = Changes.between(state.rows, rows, covers, among, unread)
        if "" in unread and changes.gone:
            problem = f"has rows in its release of {text} of which no id could be read"
            lost = f"{counted(len(changes.gone), 'row')} of the release before"
            remedy = "mend them, or say what it should contain: covers=, --covers all"
            raise SelectionError(
                name, f"{problem}, and it lacks {lost}, which may be these: {remedy}"
            )
        repeats: list[str] = []
        if not covers.is_all:
            same = rows.keys() - {*changes.added, *changes.changed}
            outside = (rows[key] for key in same if not is_covered(covers, rows[key]))
            repeats += sorted(row.id or "" for row in outside)
        entries = [
            unchecked_entry(
                position,
                None,
                day,
                because=new.because,
                dataset=name,
                release=Release(
                    covers, tuple(repeats), new.published.instant, new.unread
                ),
            )
        ]
        places = range(position + 1, position + 1 + len(changes.added))
        new_rows = [state.first(key, rows[key]) for key in changes.added]
        entries += [
            _version(place, row, day, name)
            for place, row in zip(places, new_rows, strict=True)
        ]
        for place, key in enumerate(changes.changed, position + len(entries)):
            target = state.latest.get(key, state.originals[key])
            row = state.first(key, rows[key])
            entries.append(_version(place, row, day, name, target, changed))
        for place, key in enumerate(changes.gone, position + len(entries)):
            target = state.originals[key]
            entries.append(
                unchecked_entry(place, None, day, None, target, missing, dataset=name)
            )
        return entries, changes

    # --- an older release that comes later ------------------------------------------

    def _entries(self) -> Iterator[Entry]:
        """Yield the entries of all releases that count."""
        return chain.from_iterable(self._batches)

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
        late = iso(downloads[place].published.day)
        why = f"applied again, since the release of {late} came later"
        entries = [
            unchecked_entry(
                number, None, None, None, entry.position, why, dataset=self._name
            )
            for number, entry in enumerate(
                (e for e in self._entries() if e.supersedes is e.retracts is None),
                position,
            )
        ]
        start, revision = len(entries), Revision()
        state = DatasetState(self._state.keys)
        for number, release in enumerate(downloads):
            download = release._replace(rows=self._without_erased(release.rows))
            more, changes = self._applied(state, download, position + len(entries))
            entries += more
            if number == place:
                revision = changes.revision(state.rows, download.rows, repeated)
            for entry in more:
                state.read(entry)
        entries += self._by_hand(entries[start:], position + len(entries), others())
        return entries, revision

    def _by_hand(
        self, again: Sequence[Entry], position: int, others: Iterable[Entry]
    ) -> Iterator[Entry]:
        """Yield retractions of the rows as they stand now, where others withdrew them.

        What they correct needs no entry: it is a claim beside that of the dataset.
        """
        now: dict[tuple[object, bool], dict[int, None]] = {}
        originals: dict[int | None, int] = {}
        for said, entry in self._contents(again):
            first = originals.get(entry.supersedes, entry.position)
            originals[entry.position] = first
            for place, is_first in ((first, True), (entry.position, False)):
                now.setdefault((said, is_first), {})[place] = None
        # Who withdrew what was the first version of a row has withdrawn the row, though
        # older releases may say now how it began, and others that it was gone between.
        places: dict[int | None, list[int]] = {
            entry.position: [*now.get((said, entry.supersedes is None), ())]
            for said, entry in self._contents(self._entries())
        }
        for entry in others:
            for place in places.get(entry.retracts, ()):
                places.setdefault(entry.position, []).append(position)
                yield attrs.evolve(
                    entry, position=position, retracts=place, recorded_at=None
                )
                position += 1

    def _contents(self, entries: Iterable[Entry]) -> Iterator[tuple[object, Entry]]:
        """Yield each entry about a row, behind the key that tells it from others."""
        keys: dict[int | None, Key] = {}
        for entry in entries:
            row = row_of(entry)
            if row is not None:
                key = keys[entry.position] = self._state.keys.of(row)
                # Digests are slow: they are compared if words were erased.
                yield (key, row.words if self._silenced else said_in(row)), entry
            elif entry.retracts in keys:
                yield (keys[entry.retracts], entry.known_day), entry


def _version(
    position: int,
    row: Row,
    day: int,
    dataset: str,
    target: int | None = None,
    because: str | None = None,
) -> Entry:
    """Return the entry of a row; without words if these were erased."""
    if isinstance(row, Event):
        return unchecked_entry(
            position, row, day, target, None, because, dataset=dataset
        )
    trace = attrs.evolve(row, line=None)
    return unchecked_entry(position, None, day, target, dataset=dataset, erased=trace)


def _published(entry: Entry) -> Published:
    """Return when the release that an entry records was published."""
    instant = None if entry.release is None else entry.release.instant
    return Published(entry.known_day or 0, instant)


# --- the journal of a log -----------------------------------------------------------


def revised(
    journal: Journal,
    size: int,
    release: Iterable[object],
    *,
    dataset: str,
    published: Day | datetime,
    covers: Covers | None,
    because: str | None,
    unread: Iterable[str | None],
) -> tuple[list[Entry], Revision]:
    """Return the entries that a release adds, as `EventLog.revise()` says.

    Args:
        journal: The journal of the log.
        size: The number of its entries that are in the log.
        release: The rows.
        dataset: The name of the dataset.
        published: The day or the instant at which the release was published.
        covers: The rows that it should contain.
        because: Why it revises the one before.
        unread: The ids of its rows that could not be read.
    """
    when, scope = Published.of(published), Covers() if covers is None else covers
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
    if not rows and covers is None:
        problem = "is a release without rows, which withdraws all of the dataset"
        remedy = "say that with covers=Covers(), or --covers all"
        raise SelectionError(release, f"{problem}: {remedy}")

    def others() -> Iterable[Entry]:
        return (e for e in journal.entries[:size] if e.dataset != dataset)

    # Who says what it covers has said what is gone.
    known = {row.id for row in rows} | ({""} if covers is not None else set())
    lost = {name or "" for name in unread} - known
    without = partial(silenced, journal, size) if journal.entries.gone else None
    with uncollected(), journal.lock:  # rows and entries make no reference cycles
        return _releases_of(journal, size, dataset, rows, without).revised(
            rows, when, scope, because, tuple(sorted(lost)), size, others
        )


def _releases_of(
    journal: Journal,
    size: int,
    dataset: str,
    rows: Sequence[Event] = (),
    without: Callable[[Entry], Entry] | None = None,
) -> _DatasetReleases:
    """Return the releases of a dataset in a log, of which new entries are read.

    Args:
        journal: The journal of the log, locked.
        size: The number of its entries that are in the log.
        dataset: The name of the dataset.
        rows: The rows of a further release.
        without: Returns an entry without its words, if these were erased.
    """
    read = partial(journal.entries.of_dataset, dataset, size)
    state: DatasetState | None = journal.releases.get(dataset)
    new = [] if state is None or state.size > size else read(state.size)
    records = {entry.position for entry in new if entry.release is not None}
    if (
        state is None
        or state.size > size
        # Releases that were applied again came before, or with what voids them.
        or any(e.retracts in state.releases or e.retracts in records for e in new)
        or keys_for(filter(None, map(row_of, new)), rows) > state.keys
    ):
        journal.releases[dataset] = state = DatasetState.of(read(), rows)
    else:
        for entry in new:
            state.read(entry)
    state.size = size
    return _DatasetReleases(dataset, state, read, without)


def revisions(
    journal: Journal, size: int, dataset: str | None
) -> tuple[ReleaseSummary, ...]:
    """Return what each release changed, as `EventLog.revisions()` says.

    Args:
        journal: The journal of the log.
        size: The number of its entries that are in the log.
        dataset: The name of the dataset; None for all.

    Raises:
        SelectionError: The log has no release of the dataset.
    """
    if journal.entries.missing_count:
        problem = "this partial log may lack entries of the dataset"
        raise EntryError(dataset, f"{problem}: ask the whole log")
    names = journal.entries.datasets(size)
    if dataset is not None and dataset not in names:
        known = ", ".join(map(shown, names)) or "none"
        problem = "is not a dataset of which the log has a release"
        raise SelectionError(dataset, f"{problem}: it has {known}")
    found: list[tuple[tuple[int, float], ReleaseSummary]] = []
    for name in names if dataset is None else (dataset,):
        with journal.lock:
            found += _releases_of(journal, size, name).summaries()
    found.sort(key=lambda pair: (pair[0], pair[1].dataset))
    return tuple(summary for _, summary in found)


def _lag(row: Row, published: int) -> Iterator[int]:
    """Yield the days from the last day on which a row can have begun, if it has one."""
    if isinstance(row, Event) and abs(row.when.latest_start) < math.inf:
        yield published - int(row.when.latest_start)


def overtaken(
    journal: Journal, before: int, after: int, dataset: str
) -> tuple[Event, ...]:
    """Return the events that count since a release in place of corrections by hand.

    Args:
        journal: The journal of the log with the release.
        before: The number of entries of the log without it.
        after: The number of entries of the log with it.
        dataset: The name of the dataset.
    """
    entries, clusters = journal.entries, journal.clusters
    some = (clusters[row] for row in range(before, after) if row in clusters)
    events: list[Event] = []
    # Nothing changes where the release says nothing.
    for cluster in dict.fromkeys(some):
        rows = sorted(cluster.members)
        by_hand = {
            row
            for row in rows
            if row < before and row in entries.originals
            if entries.dataset(row) is None
            if entries.dataset(entries.originals[row]) == dataset
        }
        if not by_hand:
            continue
        old = resolve(entries[row] for row in rows if row < before)
        new = resolve(entries[row] for row in rows if row < after)
        counted = {
            e.position for happening in old.happenings for e in happening.entries
        }
        events += [
            taken.event
            for taken, rivals in new.disputes
            if any(
                entry.position in by_hand and entry.position in counted
                for rival in rivals
                for entry in rival.entries
            )
        ]
    return tuple(events)


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
    if any((record.known_day, record.release) == same for record in known):
        return True
    if known:
        problem = f"both logs have releases of {shown(dataset)}"
        remedy = "revise() one log by the releases of the other"
        raise EntryError(entry, f"{problem}, which do not add up: {remedy}")
    return False
