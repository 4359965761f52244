"""What both formats for libraries of sources have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from bri_timeline._evidence import Source
from bri_timeline._log import EventLog
from bri_timeline.errors import shown
from bri_timeline.formats._loss import Loss


__all__ = [
    "container_of",
    "kept",
    "keyed",
    "sources_in",
]


_NAMES = ("title", "published", "container", "author", "url")


def sources_in(sources: EventLog | Iterable[Source]) -> list[Source]:
    """Return sources, each once: those given, or those that a log cites."""
    if isinstance(sources, EventLog):
        claims = (entry.event for entry in sources if entry.event is not None)
        sources = (cited.source for claim in claims for cited in claim.cite)
    return list(dict.fromkeys(sources))


def keyed(sources: Iterable[Source]) -> dict[str, Source]:
    """Return sources by keys, which depend on nothing but their order."""
    return {f"source-{number}": source for number, source in enumerate(sources, 1)}


def kept(
    sources: dict[str, Source], again: Callable[[str, Source], Source | None]
) -> tuple[dict[str, Source], tuple[Loss, ...]]:
    """Return the sources that can be written, and what is lost.

    Args:
        sources: By their keys.
        again: Returns what comes back of one.
    """
    found, losses = {}, []
    for key, source in sources.items():
        back = again(key, source)
        if back is None:
            problem = f"is not written: {shown(source.title)} could not be read again"
            losses.append(Loss(key, problem))
            continue
        found[key] = source
        losses += [
            Loss(key, f"its {name} does not come back as it was")
            for name in _NAMES
            if getattr(back, name) != getattr(source, name)
        ]
    return found, tuple(losses)


def container_of(parts: Sequence[str | None]) -> str | None:
    """Return what a document appeared in: its name, volume and number."""
    name, volume, number = parts
    found = name
    if name and volume:
        found = f"{name} {volume}" + (f":{number}" if number else "")
    return found or None
