"""Two releases of a dataset, compared row by row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import NamedTuple, TypeAlias

import attrs
from attrs import field, frozen

from bri_timeline import _pendulum
from bri_timeline._events import Entry, Event, check_sayable
from bri_timeline._events.entries import Erased
from bri_timeline._events.rows import InRows, columns
from bri_timeline._happening import content
from bri_timeline._journal import Claims
from bri_timeline._payload import is_digest
from bri_timeline._scope import Covers, kind_name
from bri_timeline._text import AsDict
from bri_timeline.errors import EventError, Fault, FaultsError, counted, shown


_MOST = 1000
Key: TypeAlias = "str | tuple[object, object, object]"
# What is left of it stands for a row whose words were erased from the log.
Row: TypeAlias = "Event | Erased"
Rows: TypeAlias = dict[Key, Row]
Given: TypeAlias = Mapping[Key, Row]
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

        `when` is the date, `where` the place, `kind` the class of the payload, `what` a
        payload without fields; all others are fields of the payload.
        """
        old, new = self.before, self.after
        changes: dict[str, tuple[object, object]] = {}
        if old.when != new.when:
            changes["when"] = old.when, new.when
        if old.where != new.where:
            changes["where"] = old.where, new.where
        before, after = old.what, new.what
        cls: type = type(before)
        if cls is not type(after):
            changes["kind"] = kind_name(before), kind_name(after)
        elif attrs.has(cls):
            names = [part.name for part in attrs.fields(cls) if part.eq]
            pairs = {
                name: (getattr(before, name), getattr(after, name)) for name in names
            }
            changes |= {
                name: pair for name, pair in pairs.items() if pair[0] != pair[1]
            }
        elif before != after:
            changes["what"] = before, after
        return changes

    def _plain_data(self) -> dict[str, object]:
        fields = {
            name: {"before": before, "after": after}
            for name, (before, after) in self.fields.items()
        }
        named = {"id": self.after.id, "fields": fields}
        return {**named, "before": self.before, "after": self.after}


@frozen
class Revision(AsDict):
    """The differences between a release and the one before it.

    Attributes:
        added: The rows that are new.
        withdrawn: The rows that are gone, and that the release should contain.
        changed: A tuple of `Amendment`: the rows of one id whose content differs.
        recited: The rows of which only the citations differ, as they are now. That is
            no change of what they say, and is not recorded.
        overtaken: The rows, as they are now, that count instead of a correction by hand
            that did before: see `View.disputes`.
        equal: The number of rows that are as they were, citations included.
        repeated: The number of rows that repeat what another row of the release says.
        erased: The number of rows whose words were erased from the log: they are
            recorded without these, and are in none of the others. A row that says
            something where an erased one stood before is among those added.
        unread: The rows that stay as they were in the release before, since those of
            this one could not be read.
    """

    added: tuple[Event, ...] = ()
    withdrawn: tuple[Event, ...] = ()
    changed: tuple[Amendment, ...] = ()
    recited: tuple[Event, ...] = ()
    overtaken: tuple[Event, ...] = field(default=(), kw_only=True)
    equal: int = field(default=0, kw_only=True)
    repeated: int = field(default=0, kw_only=True)
    erased: int = field(default=0, kw_only=True)
    unread: tuple[Event, ...] = field(default=(), kw_only=True)

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
            f"{counted(len(self.added), 'row')} added",
            f"{len(self.withdrawn):,} withdrawn",
            f"{len(self.changed):,} changed" + (f" ({fields})" if fields else ""),
            f"{self.equal + len(self.recited):,} as before",
        ]
        if self.overtaken:
            count = len(self.overtaken)
            parts.append(f"{count:,} overtake a correction by hand")
        if self.repeated:
            parts.append(f"{self.repeated:,} repeat what another says")
        if self.erased:
            parts.append(f"{self.erased:,} left without the words that were erased")
        if self.unread:
            parts.append(f"{len(self.unread):,} could not be read and stay as before")
        return ", ".join(parts)


@frozen
class ReleaseSummary(AsDict, InRows):
    """The changes of a release of a dataset, its delay, and how often rows changed.

    Attributes:
        dataset: The dataset.
        published: The day of the release.
        rows: The number of rows that count after it.
        added: The number of rows that were new.
        changed: The number of rows with other content than before.
        withdrawn: The number of rows that were gone.
        fields: The names of the fields that changed, as `Amendment.fields` has them,
            each with the number of rows.
        lag: How many days after the last day on which they can have begun the new rows
            were published: the least, the median and the most. None if there is none of
            which the date has such a day. It is negative for what was to come.
        versions: How many of the rows have had one version until then, two, or more.
    """

    _NOUN = ("release",)
    _COLUMNS = columns(
        dataset=str, published=date, rows=int, added=int, changed=int, withdrawn=int,
        fields=object, lag=tuple[float, ...], versions=object,
    )  # fmt: skip
    dataset: str
    published: _pendulum.Date
    rows: int
    added: int
    changed: int
    withdrawn: int
    fields: dict[str, int] = field(factory=dict)
    lag: tuple[int, float, int] | None = None
    versions: dict[int, int] = field(factory=dict)


def rows_in(release: Iterable[object]) -> list[Event]:
    """Return the rows of a release: events, or what counts in a log of them.

    Raises:
        EventError: Something else is among them.
    """
    if isinstance(release, Event | Entry | str) or not isinstance(release, Iterable):
        problem = "is not a release: give a log, or the events of its rows"
        raise EventError(release, problem)
    rows = list(release)
    entries = [entry for entry in rows if isinstance(entry, Entry)]
    if entries and len(entries) == len(rows):
        if all(entry._is_plain for entry in entries):
            return [entry.claim for entry in entries]
        claims = Claims()
        for entry in entries:
            claims.add(entry)
        return [entry.claim for entry in claims.counting()]
    events = [row for row in rows if isinstance(row, Event)]
    if len(events) < len(rows):
        odd = next(row for row in rows if not isinstance(row, Event))
        raise EventError(odd, "is not an event: write Event(payload, when=...)")
    for event in events:
        check_sayable(event)
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
    old_rows, new_rows = rows_in(old), rows_in(new)
    keys = keys_for(old_rows, new_rows)
    before, _ = unique_rows(old_rows, keys, "the old release")
    after, repeated = unique_rows(new_rows, keys, "the new release")
    return difference(before, after, Covers(), repeated)


class Keys(NamedTuple):
    """The rule that tells rows apart: by id, or else by content."""

    by_digest: bool

    def of(self, row: Row) -> Key:
        if isinstance(row, Erased):
            return row.id or ""
        event = row
        if self.by_digest:
            return event.id
        name = event._id
        return content(event) if name is None else name


def keys_for(*several: Iterable[Row]) -> Keys:
    # An id that looks like a digest may be that of a row without an id.
    ids = (
        row.id if isinstance(row, Erased) else row._id
        for rows in several
        for row in rows
    )
    return Keys(any(name and len(name) == 32 and is_digest(name) for name in ids))


def unique_rows(
    rows: Iterable[Event], keys: Keys, name: str
) -> tuple[dict[Key, Event], int]:
    """Return rows by their keys, and the number of repeated ones.

    Raises:
        FaultsError: A key has rows with different content: all such keys.
    """
    by_key: dict[Key, Event] = {}
    repeated, faults = 0, list[Fault]()
    for row in rows:
        key = keys.of(row)
        first_row = by_key.setdefault(key, row)
        if first_row is row:
            continue
        if not is_equal(first_row, row):
            fields = ", ".join(Amendment(first_row, row).fields)
            problem = f"stands there twice, and differs by {fields}: {_REMEDY}"
            faults.append(Fault(f"id {shown(row.id)}", problem))
            if len(faults) == _MOST:
                break
        repeated += 1
        by_key[key] = first_row.cited((*first_row.cite, *row.cite))
    if faults:
        raise FaultsError(name, faults)
    return by_key, repeated


def is_equal(one: Row, other: Row) -> bool:
    if one is other:
        return True
    if isinstance(one, Erased) or isinstance(other, Erased):
        return one.words == other.words
    return (one.when, one.what, one.where) == (other.when, other.what, other.where)


def said_in(row: Row) -> tuple[object, ...]:
    return content(row) if isinstance(row, Event) else (row.words,)


class Changes(NamedTuple):
    """The keys of rows that were added, changed or withdrawn; how many are equal."""

    added: list[Key]
    changed: list[Key]
    gone: list[Key]
    recited: list[Key]
    equal: int
    unread: list[Key]

    @classmethod
    def between(
        cls,
        before: Given,
        after: Given,
        covers: Covers,
        among: Iterable[Key] | None = None,
        unread: Collection[str] = (),
    ) -> Changes:
        """Return the changes of the rows from one release to another.

        Args:
            before: The rows of the one.
            after: The rows of the other.
            covers: The rows that the other should contain.
            among: The keys of those *before* that may be such; by default of all.
            unread: The ids of rows of the other that could not be read.
        """
        changes = cls([], [], [], [], 0, [])
        equal = 0
        for key, row in after.items():
            old = before.get(key)
            if old is None:
                changes.added.append(key)
            elif not is_equal(old, row):
                changes.changed.append(key)
            elif isinstance(old, Erased) or isinstance(row, Erased):
                pass  # it is counted among all whose words were erased
            elif old.cite == row.cite:
                equal += 1
            else:
                changes.recited.append(key)
        among, is_all = before if among is None else among, covers.is_all
        gone = [key for key in among if key not in after]
        for key in gone:
            if is_all or is_covered(covers, before[key]):
                stays = before[key].id in unread
                (changes.unread if stays else changes.gone).append(key)
        return changes._replace(equal=equal)

    def revision(self, before: Given, after: Given, repeated: int) -> Revision:
        """Return them as an answer."""
        pairs = [(before[key], after[key]) for key in self.changed]
        added = [after[key] for key in self.added]
        added += [row for old, row in pairs if isinstance(old, Erased)]
        return Revision(
            tuple(_events(added)),
            tuple(_events(before[key] for key in self.gone)),
            tuple(
                Amendment(old, row)
                for old, row in pairs
                if isinstance(old, Event) and isinstance(row, Event)
            ),
            tuple(_events(after[key] for key in self.recited)),
            equal=self.equal,
            repeated=repeated,
            erased=sum(isinstance(row, Erased) for row in after.values()),
            unread=tuple(_events(before[key] for key in self.unread)),
        )


def is_covered(covers: Covers, row: Row) -> bool:
    """Check whether a release should certainly contain a row.

    Of one whose words were erased that is not known, unless it covers everything.
    """
    return covers.is_all if isinstance(row, Erased) else covers.includes(row)


def _events(rows: Iterable[Row]) -> list[Event]:
    return [row for row in rows if isinstance(row, Event)]


def difference(before: Given, after: Given, covers: Covers, repeated: int) -> Revision:
    changes = Changes.between(before, after, covers)
    return changes.revision(before, after, repeated)
