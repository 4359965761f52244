"""Questions about days of knowledge, and ids, that may be slips."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import islice
from unicodedata import normalize

from attrs import evolve

from bri_timeline import Entry, Event, EventLog
from bri_timeline.edtf import in_words
from bri_timeline.extend import describe_event, given_id, iso
from bri_timeline.pages import view_of
from bri_timeline.relations import match


# Of event data without ids, most pairs of a day and a place are not one happening.
_MOST_PAIRS = 10_000
_END = "9999-12-31"
_DIGEST = re.compile("[0-9a-f]{32}").fullmatch


def too_early(log: Collection[Entry]) -> Iterator[str]:
    """Yield a question for each entry whose day of knowledge may be a slip.

    A claim that is withdrawn or corrected before it is known was never believed.

    Args:
        log: The entries; what a part of a log leaves out is not asked about.
    """
    since = {entry.position: entry.known_day for entry in log}
    for entry in log:
        day, place = entry.known_day, f"entry {entry.position}"
        target = entry.retracts if entry.supersedes is None else entry.supersedes
        if day is None:
            continue
        then = None if target is None else since.get(target)
        if then is not None and then > day:
            problem = f"{place} is known since {iso(day)}, and entry {target}, which it"
            verb = "corrects" if entry.retracts is None else "retracts"
            yield f"{problem} {verb}, since {iso(then)}: is that the right day?"
        cite = () if entry.event is None else entry.event.cite
        out = [source.known_day for source in cite]
        if out and None not in out and day < (first := min(filter(None, out))):
            problem = f"{place} is known since {iso(day)}, and its first source is of"
            yield f"{problem} {iso(first)}: which is right?"


def twins(log: EventLog) -> Iterator[str]:
    """Yield a question for what counts several times, and differs by its ids only."""
    by_content = dict[object, list[Event]]()
    view = view_of(log)
    for event in (*view.events, *view.undecided):
        content = event.what, event.when, event.where
        by_content.setdefault(content, []).append(event)
    for event, *copies in by_content.values():
        if copies:
            names = ", ".join(copy.id for copy in (event, *copies))
            what = f"{describe_event(event)} ({in_words(event.when)})"
            yield f"{what}: counts {1 + len(copies)} times, as {names}: is it one?"


def shared_digests(log: EventLog) -> Iterator[str]:
    """Yield a question for references by a digest that claims of several have."""
    view = view_of(log)
    events, asides = (*view.events, *view.undecided), view.set_aside
    counting = {event.id for event in events}
    said = [(event.digest, event.id) for event in events if _DIGEST(event.id)]
    said += [(aside.entry.claim.id, aside.event.id) for aside in asides]
    by_digest = {name: [name] for name in counting}
    for digest, name in said:
        if name in counting and name not in by_digest.setdefault(digest, []):
            by_digest[digest].append(name)
    gone = {aside.entry.position for aside in asides}
    for entry in log:
        if entry.event is not None and entry.position not in gone:
            for digest in sorted(filter(_DIGEST, entry.event.refers_to)):
                if len(names := by_digest.get(digest, ())) > 1:
                    problem = f"entry {entry.position} refers to {digest}, and claims"
                    several = f"of {len(names)} have that digest: {', '.join(names)}"
                    yield f"{problem} {several}: which is meant? refer to its id"


def split_claims(log: EventLog) -> Iterator[str]:
    """Yield a question for two claims without ids of which one only says less.

    With one id they would be one happening.
    """
    view = view_of(log)
    events = [e for e in (*view.events, *view.undecided) if given_id(e) is None]
    pairs = iter(match(events, days=0).pairs)
    for pair in islice(pairs, _MOST_PAIRS):
        both = pair.one, pair.other
        if (
            not EventLog.of(*(evolve(one, id="one") for one in both))
            .as_of(_END)
            .disputes
        ):
            what = " and ".join(
                f"{describe_event(e)} ({in_words(e.when)})" for e in both
            )
            problem = f"{what}: one only says less, and they count as two"
            yield f"{problem}: are they one? give both one id"
    if next(pairs, None) is not None:
        yield f"more than {_MOST_PAIRS:,} pairs may be one: `match` lists the rest"


def look_alike(log: Collection[Entry]) -> Iterator[str]:
    """Yield a question for ids that look the same, and are written in two ways.

    Args:
        log: The entries.
    """
    by_look = dict[str, set[str]]()
    for entry in log:
        if entry.event is not None and (name := given_id(entry.event)) is not None:
            by_look.setdefault(normalize("NFC", name), set()).add(name)
    for names in by_look.values():
        if len(names) > 1:
            problem = f"ids look the same, and are {len(names)} happenings"
            several = " and ".join(map(ascii, sorted(names)))
            yield f"{problem}: {several}: are they one? write one id, in one way (NFC)"
