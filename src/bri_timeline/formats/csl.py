"""CSL-JSON: exchange sources with reference managers.

A date of year, month and day, or an interval of two such dates, is written as numbers,
with `circa` if it is approximate. Other dates are EDTF text in `literal`. `load()`
ignores fields that `Source` lacks, such as pages.

Of the format: <https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html>.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from bri_timeline import EventLog, Source
from bri_timeline.errors import BriTimelineError
from bri_timeline.evidence import csl_item
from bri_timeline.extend import described, replaced
from bri_timeline.formats._files import (
    Faults,
    Loss,
    from_text,
    guarded,
    json_document,
    read_json,
    to_text,
)
from bri_timeline.formats._flat import (
    container_of,
    keyed,
    sources_in,
    writable,
)


__all__ = ["dump", "dumps", "load", "loads"]

_Item = Mapping[str, object]


@guarded
def dump(sources: EventLog | Iterable[Source], path: str | Path) -> tuple[Loss, ...]:
    """Write sources to a file, which is replaced as a whole or left as it was.

    Args:
        sources: The sources, or a log that cites them.
        path: The file.

    Returns:
        The losses.

    Raises:
        OutputError: The file cannot be written.
    """
    written_sources, losses = writable(keyed(sources_in(sources)), _round_trip)
    with replaced(Path(path)) as file:
        file.write(json_document([*map(csl_item, written_sources.values())]))
    return losses


@to_text(dump)
def dumps(text: str) -> str:
    """Return sources as CSL-JSON, each with its citation key as `id`.

    The arguments are those of `dump()`.
    """
    return text


def load(path: str | Path) -> tuple[Source, ...]:
    """Read the sources of a file.

    Args:
        path: At most 1 GiB.

    Raises:
        FaultsError: All faults, each with its item.
        OSError: The file cannot be read.
    """
    faults = Faults(str(path))
    items = read_json(Path(path))
    if not isinstance(items, list):
        faults.add("file", f"is {described(items)}: CSL-JSON is a list of items")
        items = []
    sources = []
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            faults.add(f"item {index + 1}", f"is {described(item)}: write an object")
            continue
        try:
            sources.append(_source(item))
        except (BriTimelineError, ValueError) as error:
            faults.add(f"item {index + 1}", error)
    faults.check()
    return tuple(sources)


@from_text(load)
def loads(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """Read sources from text.

    Raises:
        FaultsError: All faults of the text.
    """
    return sources


def _round_trip(key: str, source: Source) -> Source:
    return _source(csl_item(source))


def _source(item: _Item) -> Source:
    title = _text(item, "title")
    if title is None:
        msg = "has no title: write one"
        raise ValueError(msg)
    parts = [_text(item, name) for name in ("container-title", "volume", "issue")]
    published = item.get("issued")
    return Source(
        title,
        published=None if published is None else _published(published),
        container=container_of(parts) if parts[1] else parts[0],
        author=_author(item.get("author")),
        url=_text(item, "URL"),
    )


def _text(item: _Item, name: str) -> str | None:
    value = item.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is None or isinstance(value, str):
        return value
    msg = f"{name} is {described(value)}: write text"
    raise ValueError(msg)


def _author(names: object) -> str | None:
    if names is None:
        return None
    if not isinstance(names, list) or not all(isinstance(n, dict) for n in names):
        msg = f"author is {described(names)}: write a list of names"
        raise ValueError(msg)
    order = "literal", "given", "non-dropping-particle", "family", "suffix"
    authors = [" ".join(filter(None, (_text(n, p) for p in order))) for n in names]
    return "; ".join(authors) if authors else None


def _published(issued: object) -> str:
    """Return a date as EDTF text, from date parts or from text."""
    if isinstance(issued, str):
        return issued
    if isinstance(issued, dict):
        for name in ("literal", "raw"):
            text = issued.get(name)
            if isinstance(text, str):
                return text
        dates = issued.get("date-parts")
        if isinstance(dates, list) and all(isinstance(d, list) and d for d in dates):
            text = "/".join(map(_date, dates))
            return f"{text}~" if issued.get("circa") else text
    msg = f"issued is {described(issued)}: write date-parts, or a date of EDTF"
    raise ValueError(msg)


def _date(parts: list[object]) -> str:
    try:
        year, *rest = (int(part) for part in parts if isinstance(part, int | str))
    except ValueError:
        msg = f"issued has {parts!r:.60}: write whole numbers"
        raise ValueError(msg) from None
    text = f"-{-year:04}" if year < 0 else f"{year:04}"
    return "".join([text, *(f"-{part:02}" for part in rest)])
