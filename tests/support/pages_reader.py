"""Parse a page, and provide hostile text for one."""

from __future__ import annotations

from html.parser import HTMLParser

from attrs import frozen

from bri_timeline import Event, EventLog, Source
from bri_timeline.relations import Visited


HOSTILE = "</script><script>x</script><img src=x onerror=x>\"'&\x00\x1b[2J\u2028\u202e"


@frozen
class Hostile:
    """A payload whose text is hostile."""

    text: str = HOSTILE
    parties: frozenset[str] = frozenset({HOSTILE, "AZE"})


def hostile_log() -> EventLog:
    """Return a log with hostile text wherever a log has text."""
    source = Source(HOSTILE, author=HOSTILE, container=HOSTILE, url=HOSTILE)
    event = Event(Hostile(), when="2015", cite=source.at(HOSTILE), id=HOSTILE)
    log = EventLog.of(
        event, Event(Visited("AZE", "CHN", occasion=HOSTILE), when="2015")
    )
    return log.retract(1, because=HOSTILE)


class Reader(HTMLParser):
    """Reads a page as a browser does."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of an element."""
        self.inside = tag
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Take note of text."""
        self.texts.setdefault(self.inside, []).append(data)


def read(page: str) -> Reader:
    """Return what a page consists of."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader
