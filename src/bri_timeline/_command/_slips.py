"""Questions about days of knowledge that may be slips."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bri_timeline import Entry
from bri_timeline.extend import iso


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
