"""Related entries: those that count of them, limited to a selection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from bri_timeline._events import Entry, Event, resting_on
from bri_timeline._happening import content
from bri_timeline._journal._agreement import differ
from bri_timeline._journal._entries import Entries
from bri_timeline._journal._index import Cluster, Wanted
from bri_timeline._journal._resolution import Claims
from bri_timeline._journal._resolved import Resolution
from bri_timeline._scope import reached


_Counting = list[tuple[Event, Sequence[Entry]]]


def counting_of_pairs(
    entries: Entries, clusters: Iterable[Cluster], left: list[Cluster]
) -> Iterator[tuple[Event, int]]:
    """Yield what counts of pairs where everything is known.

    Most related entries are pairs: no objects are made for these.

    Args:
        entries: The entries of a journal.
        clusters: Pairs and others.
        left: Gets those of which the claims have to be compared.

    Yields:
        Each event, with the row of its first entry.
    """
    events, knowns, targets = entries.events, entries.knowns, entries.targets
    originals = entries.originals
    for cluster in clusters:
        if len(cluster.members) != 2:
            left.append(cluster)
            continue
        # A pair is made when its second entry is appended, so that comes second.
        former, latter = cluster.members
        # Events lie anywhere in memory: one that is not needed is not looked at.
        second = events[latter]
        if second is None and latter in targets and latter not in originals:
            continue  # it was retracted
        first = events[former]
        if (
            first is None
            or second is None
            or first._id is None
            or first._id != second._id
            or entries.dataset(former) != entries.dataset(latter)
        ):
            left.append(cluster)
        elif latter in targets:
            yield second, latter
        elif content(first) == content(second):
            cite = first.cite + second.cite
            if len({*cite}) < len(cite):
                cite = tuple(dict.fromkeys(cite))
            yield resting_on(first, cite), former
        elif _differ(first, second):
            is_first = knowns[former] > knowns[latter]
            yield (first, former) if is_first else (second, latter)
        else:
            left.append(cluster)


def _differ(one: Event, other: Event) -> bool:
    """Check quickly that two claims contradict each other; if unsure, they do not."""
    first, second = one.when, other.when
    return (
        type(one.what) is not type(other.what)
        or (
            not (first.is_extent or second.is_extent)
            and (
                first.latest_start < second.earliest_start
                or second.latest_start < first.earliest_start
            )
        )
        or differ(one.what, other.what)
    )


def counting_of(claims: Claims, wanted: Wanted) -> _Counting:
    """Return what counts of claims and is selected, with the entries that claim it.

    Args:
        claims: Of a complete group: with all related entries and all targets of
            references.
        wanted: The selection.
    """
    if wanted.rules and claims.has_several_names():
        happenings = chosen(claims.resolution(), wanted).happenings
        return [(happening.event, happening.entries) for happening in happenings]
    pairs = claims.taken()
    if wanted.is_all:
        return pairs
    is_wanted = _condition(wanted, [event for event, _ in pairs])
    return [pair for pair in pairs if is_wanted(*pair)]


def chosen(resolution: Resolution, wanted: Wanted) -> Resolution:
    """Return the resolution of a complete group, limited to a selection likewise."""
    asides = (aside.event for aside in resolution.set_aside)
    counting = [happening.event for happening in resolution.happenings]
    names = {h.event.id: h.names() for h in resolution.happenings if h.besides}
    return resolution.only(_condition(wanted, counting, asides, names))


def _condition(
    wanted: Wanted,
    counting: Sequence[Event],
    others: Iterable[Event] = (),
    names: Mapping[str, set[str]] | None = None,
) -> Callable[[Event, Sequence[Entry]], bool]:
    """Return a function that tells whether an event of a group is selected.

    It takes the event and the entries that it rests on.

    Args:
        wanted: The selection.
        counting: What counts of the group: any of it may be the target of a reference.
        others: Further events that the function will be called with.
        names: All names of happenings that have several, by their ids.
    """
    rules, has_datasets = wanted.rules, wanted.has_datasets

    def is_read(event: Event, entries: Sequence[Entry]) -> bool:
        datasets = {entry.dataset for entry in entries} if has_datasets else ()
        return wanted.is_read(event, datasets)

    if not rules:
        return is_read
    refers = any(event.refers_to for event in (*counting, *others))
    ids = [
        reached(counting, rule, names or {}) if refers else set[str]() for rule in rules
    ]

    def is_wanted(event: Event, entries: Sequence[Entry]) -> bool:
        return all(
            rule.holds(event) or not near.isdisjoint(event.refers_to)
            for rule, near in zip(rules, ids, strict=True)
        ) and is_read(event, entries)

    return is_wanted
