"""BibTeX: exchange sources with LaTeX and reference managers.

The date is written as `date` of BibLaTeX, which is EDTF, and as `year` for BibTeX. Text
is UTF-8, with the special characters of LaTeX escaped. `load()` ignores fields that
`Source` lacks, such as pages.

The module needs bibtexparser: `python -m pip install 'bibtexparser>=2'`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from bri_timeline import EventLog, Source
from bri_timeline.errors import BriTimelineError
from bri_timeline.extend import needing, one_line, replaced
from bri_timeline.formats._files import Faults, Loss, from_text, read, to_text
from bri_timeline.formats._flat import container_of, keyed, sources_in, writable


__all__ = ["dump", "dumps", "load", "loads"]

# The suffixes of its files.
NAMES = (".bib",)
_SPECIAL = {
    "\\": r"\textbackslash{}",
    # BibTeX counts braces even behind a backslash, so they need a command.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
}
_LETTERS = {code: letter for letter, code in _SPECIAL.items()}
_LETTERS |= {r"\{": "{", r"\}": "}"}
_QUIET = logging.NullHandler()
_CODE = re.compile("|".join(map(re.escape, [*_LETTERS])) + r"|[{}]")
_CONTAINERS = ("journal", "journaltitle", "booktitle", "series")
_PLAIN = re.compile(r"([0-9]{4})")
_MONTHS = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)


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
        for key, source in written_sources.items():
            file.write(_block(key, source).encode())
    return losses


@to_text(dump)
def dumps(text: str) -> str:
    """Return sources as BibTeX.

    What the format cannot hold is left out: `dump()` lists it, and has the arguments.
    """
    return text


def load(path: str | Path) -> tuple[Source, ...]:
    """Read the sources of a file.

    Args:
        path: At most 1 GiB.

    Raises:
        FaultsError: All faults, each with its line.
        OSError: The file cannot be read.
    """
    faults = Faults(str(path))
    text = read(Path(path))
    sources = _sources(text, faults)
    # bibtexparser takes any text for a comment, so a wrong file would look empty.
    if text.strip() and not sources:
        faults.add("file", "has no entry of BibTeX, such as @book{...}: is it one?")
    faults.check()
    return tuple(sources)


@from_text(load)
def loads(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """Read sources from text.

    Raises:
        FaultsError: All faults of the text.
    """
    return sources


def _block(key: str, source: Source) -> str:
    fields: dict[str, str | None] = {
        "title": source.title,
        "author": None if source.author is None else f"{{{_escaped(source.author)}}}",
        "journal": source.container,
        "url": source.url,
    }
    fields = {
        name: text if name == "author" or text is None else _escaped(text)
        for name, text in fields.items()
    }
    if source.published is not None:
        text = str(source.published)
        year = _PLAIN.match(text)
        # BibLaTeX parses the date as EDTF, where `~` has a meaning: escape braces only.
        date = "".join(_SPECIAL[c] if c in "{}" else c for c in text)
        fields |= {"date": date, "year": year[1] if year else None}
    kind = "misc" if source.container is None else "article"
    lines = [f"  {name} = {{{text}}}" for name, text in fields.items() if text]
    return f"@{kind}{{{key},\n" + ",\n".join(lines) + "\n}\n\n"


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(letter, letter) for letter in one_line(text))


def _unescaped(text: str) -> str:
    """Return text without escapes and without grouping braces."""
    return _CODE.sub(lambda found: _LETTERS.get(found[0], ""), text)


def _round_trip(key: str, source: Source) -> Source | None:
    sources = _sources(_block(key, source), Faults(key))
    return sources[0] if sources else None


def _sources(text: str, faults: Faults) -> list[Source]:
    with needing("bibtex"):
        from bibtexparser import middlewares
        from bibtexparser.entrypoint import parse_string

    # Else Python prints what the library logs, beside the faults.
    logging.getLogger("bibtexparser").addHandler(_QUIET)

    # The default steps would also decode LaTeX, which `_unescaped()` does here.
    steps = [
        middlewares.ResolveStringReferencesMiddleware(),
        middlewares.RemoveEnclosingMiddleware(),
        middlewares.NormalizeFieldKeys(),
    ]
    library = parse_string(text, parse_stack=steps)
    for block in library.failed_blocks:
        line = (block.start_line or 0) + 1
        why = f"{block.error}" or "a brace or a quote is not closed"
        faults.add(f"line {line}", f"is not BibTeX: {why}")
    sources = []
    for entry in library.entries:
        fields = {field.key: str(field.value) for field in entry.fields}
        try:
            sources.append(_source(fields))
        except (BriTimelineError, ValueError) as error:
            line = (entry.start_line or 0) + 1
            faults.add(f"line {line}, {entry.key}", error)
    return sources


def _source(fields: Mapping[str, str]) -> Source:
    texts = {name: _unescaped(text) for name, text in fields.items()}
    title = texts.get("title")
    if not title:
        msg = "has no title: write one"
        raise ValueError(msg)
    name = next((texts[name] for name in _CONTAINERS if texts.get(name)), None)
    # Reference managers use either field.
    number = texts.get("number") or texts.get("issue")
    return Source(
        title,
        published=_published(texts),
        container=container_of([name, texts.get("volume"), number]),
        author=texts.get("author"),
        url=texts.get("url"),
    )


def _published(texts: Mapping[str, str]) -> str | None:
    """Return a date as EDTF text: `date`, or else `year` and `month`."""
    if "date" in texts:
        return texts["date"]
    year, month = texts.get("year"), texts.get("month", "").lower()[:3]
    if year and month in _MONTHS:
        return f"{year}-{_MONTHS.index(month) + 1:02}"
    if year and month.isdigit():
        return f"{year}-{int(month):02}"
    return year
