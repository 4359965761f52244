"""Events, dates and sources in words, and the words of pages in several languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import cast

import pendulum
from attrs import frozen

from bri_timeline import Citation, Event, Source
from bri_timeline._queries.explanation import day_words
from bri_timeline.edtf import Edtf, in_words
from bri_timeline.errors import PictureError
from bri_timeline.extend import describe_event, iso
from bri_timeline.pages._markup import (
    Markup,
    element,
    isolated,
    joined,
    web_address,
)
from bri_timeline.relations import among, kind_of, named


__all__ = [
    "LANGUAGES",
    "Strings",
    "among",
    "citations",
    "civil",
    "claim_line",
    "count_of",
    "date_words",
    "dated",
    "day_words",
    "describe_event",
    "kind",
    "named",
    "numbered",
    "source_line",
    "source_words",
    "sources_list",
    "strings",
]

LANGUAGES = ("en", "de", "ru", "zh")

_LEAP_YEAR = 2000
_HOLE = re.compile(r"\{([a-z]+)\}")


def civil(number: int) -> tuple[int, int, int]:
    """Return year, month and day of a day number of any size."""
    year, month, day = iso(number).rsplit("-", 2)
    return int(year), int(month), int(day)


def _one_other(number: int) -> str:
    return "one" if number == 1 else "other"


def _other(_number: int) -> str:
    return "other"


def _east_slavic(number: int) -> str:
    last, teens = number % 10, number // 10 % 10 == 1
    if last == 1 and not teens:
        return "one"
    return "few" if last in (2, 3, 4) and not teens else "many"


# The plural categories of whole numbers (Unicode CLDR, plural rules).
_PLURALS: dict[str, Callable[[int], str]] = {
    "one-other": _one_other,
    "other": _other,
    "east-slavic": _east_slavic,
}


@frozen
class Strings:
    """The words of one language.

    Attributes:
        tables: By section and key: a text, or the forms of a text for a number.
    """

    tables: Mapping[str, Mapping[str, object]]

    @property
    def code(self) -> str:
        """The language, as a BCP 47 tag."""
        return str(self.tables["language"]["code"])

    def __call__(self, key: str, **values: str | int) -> str:
        """Return a text with its holes filled.

        Args:
            key: The section and the name: `page.search`.
            values: What to fill in, by the name in braces.
        """
        section, _, name = key.partition(".")
        return _filled(str(self.tables[section][name]), values)

    def known(self, section: str, name: str) -> str:
        """Return the text for a name that need not be in the table: then the name."""
        return str(self.tables[section].get(name, name))

    def count(self, name: str, number: int, **values: str | int) -> str:
        """Return a number with its noun, in words where the language has them.

        Args:
            name: A key of the section `counts`: `visits`.
            number: The number.
            values: What else to fill in.
        """
        language = self.tables["language"]
        forms = cast("Mapping[str, str]", self.tables["counts"][name])
        numerals = cast("list[str]", language["numerals"])
        written = numerals[number] if number < len(numerals) else f"{number:,}"
        form = forms[_PLURALS[str(language["plural"])](number)]
        return _filled(form, {"n": written, **values})

    def day(self, number: int) -> str:
        """Return a day in words, by its number."""
        year, month, day = civil(number)
        if year < 1:
            return iso(number)
        # pendulum ends at the year 9999; months and days are the same in any leap year.
        pattern = str(self.tables["language"]["day"]).replace("YYYY", f"[{year}]")
        return pendulum.Date(_LEAP_YEAR, month, day).format(pattern, locale=self.code)

    def listed(self, parts: list[str]) -> str:
        """Return parts as a list in a sentence: `a, b and c`."""
        comma, last = self("sentence.comma"), self("sentence.and")
        return last.join([comma.join(parts[:-1]), parts[-1]] if parts[1:] else parts)

    def keys(self) -> Iterator[str]:
        """Yield all keys."""
        for section, table in self.tables.items():
            yield from (f"{section}.{name}" for name in table)


def _filled(text: str, values: Mapping[str, str | int]) -> str:
    # In one pass: a value can contain braces too.
    return _HOLE.sub(lambda hole: str(values.get(hole[1], hole[0])), text)


def strings(language: str) -> Strings:
    """Return the words of a language.

    Args:
        language: One of `LANGUAGES`.

    Raises:
        PictureError: The language has no table.
    """
    if language not in LANGUAGES:
        problem = f"is not a language of pages: give one of {', '.join(LANGUAGES)}"
        raise PictureError(language, problem)
    return _read(language)


# The files of an installed package do not change while it runs.
@cache
def _read(language: str) -> Strings:
    # Imported here: only what is drawn needs the tables.
    import tomllib

    text = files(__package__).joinpath("strings", f"{language}.toml").read_text("utf-8")
    return Strings(tomllib.loads(text))


# --- imprecise dates in words ------------------------------------------------------

_DATE = re.compile(
    r"(?P<year>-?[0-9]{4})(?:-(?P<month>0[1-9]|1[0-2])(?:-(?P<day>[0-9]{2}))?)?"
    r"(?P<mark>[?~%]?)"
)
_DECADE = re.compile(r"([0-9]{1,3})X+")


def date_words(when: Edtf, words: Strings) -> str:
    """Return a date in words; its EDTF text where the table has none for it.

    Args:
        when: The date.
        words: The strings of a language.
    """
    # English has more words: seasons, quarters, times of day.
    if words.code == "en":
        return in_words(when)
    text = str(when)
    if "/" in text:
        start, _, end = text.partition("/")
        phrase = _extent(_name(start, words), _name(end, words), end, words)
    elif text.startswith("[") and ".." in text and "," not in text:
        start, _, end = text[1:-1].partition("..")
        phrase = _range(_name(start, words), _name(end, words), words)
    else:
        phrase = _name(text, words)
    return phrase or text


def _extent(first: str, last: str, end: str, words: Strings) -> str:
    if first and last:
        return words("dates.span", start=first, end=last)
    if first:
        return words("dates.since" if end == ".." else "dates.open_end", date=first)
    return words("dates.until", date=last) if last else ""


def _range(first: str, last: str, words: Strings) -> str:
    if first and last:
        return words("dates.between", start=first, end=last)
    if first:
        return words("dates.from", date=first)
    return words("dates.by", date=last) if last else ""


def _name(text: str, words: Strings) -> str:
    """Return the words of one date; nothing if the table has none."""
    decade = _DECADE.fullmatch(text)
    if decade is not None:
        first, last = f"{decade[1]:0<4}", f"{decade[1]:9<4}"
        return words("dates.between", start=first, end=last)
    match = _DATE.fullmatch(text)
    if match is None:
        return ""
    year = int(match["year"])
    written = str(year) if year > 0 else words("dates.bc", year=1 - year)
    if match["day"] is not None:
        pattern = words("language.day").replace("YYYY", f"[{written}]")
        day = pendulum.Date(_LEAP_YEAR, int(match["month"]), int(match["day"]))
        written = day.format(pattern, locale=words.code)
    elif match["month"] is not None:
        # pendulum has the forms that follow a day, which differ in Slavic languages.
        names = cast("list[str]", words.tables["markdown"]["months"])
        month = names[int(match["month"]) - 1]
        written = words("markdown.month", month=month, year=written)
    if match["mark"] in ("~", "%"):
        written = words("dates.around", date=written)
    doubtful = match["mark"] in ("?", "%")
    return words("dates.uncertain", date=written) if doubtful else written


def kind(event: Event) -> str:
    """Return the kind of an event, which titles the lane in which it is drawn."""
    return kind_of(event.what)


def count_of(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: `1 claim`, `2 claims`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


# Few sources are cited by many claims, and dates are slow to word.
@lru_cache(4096)
def dated(source: Source) -> str:
    """Return a source in short, with its date: `Eurasia Daily Monitor 16:62 (2019)`."""
    title = source.container or source.title
    return title if source.published is None else f"{title} ({_when(source)})"


def _when(source: Source) -> str:
    return "" if source.published is None else in_words(source.published)


def source_line(source: Source) -> str:
    """Return a source in full form: author, title, container and date."""
    parts = [source.author, f"\u201c{source.title}\u201d", source.container]
    return ", ".join(part for part in (*parts, _when(source)) if part)


def source_words(source: Source, words: Strings) -> str:
    """Return a source as parts that do not reorder each other."""
    title = f"\u201c{isolated(source.title)}\u201d"
    parts = [title]
    if source.author:
        parts.insert(0, isolated(source.author))
    if source.container:
        parts.append(isolated(source.container))
    if source.published is not None:
        parts.append(date_words(source.published, words))
    return ", ".join(parts)


def claim_line(event: Event, status: str = "") -> str:
    """Return a claim in one line: date, payload, status and citations.

    Args:
        event: The claim.
        status: Its status, in words.
    """
    cites = "; ".join(_cited(c) for c in event.cite) or "no source"
    stands = f" {status[:1].upper()}{status[1:]}." if status else ""
    return f"{in_words(event.when)}: {describe_event(event)}.{stands} [{cites}]"


def _cited(citation: Citation) -> str:
    where = f", {citation.locator}" if citation.locator else ""
    return f"{dated(citation.source)}{where}"


def numbered(events: Iterable[Event]) -> dict[Source, int]:
    """Return the sources of some events, numbered from 1 in order of first citation."""
    # dict.fromkeys() keeps the order of first citation, so numbers are stable.
    cited = (citation.source for event in events for citation in event.cite)
    return {source: n for n, source in enumerate(dict.fromkeys(cited), start=1)}


def citations(event: Event, numbers: Mapping[Source, int], words: Strings) -> Markup:
    """Return a list item for each citation.

    Args:
        event: The claim.
        numbers: The numbers of the sources.
        words: The language.
    """
    if not event.cite:
        return element("li", words("status.no_source"))
    return joined(
        element("li", *_cited_as(citation, numbers)) for citation in event.cite
    )


def _cited_as(citation: Citation, numbers: Mapping[Source, int]) -> tuple[Markup, str]:
    source, where = citation.source, citation.locator
    link = element("a", dated(source), href=f"#s{numbers[source]}")
    return link, f", {where}" if where else ""


def sources_list(numbers: Mapping[Source, int]) -> Markup:
    """Return the list of sources, with links to those that have a web address."""
    return element(
        "ol",
        *(element("li", _source(s), id=f"s{n}") for s, n in numbers.items()),
        class_="sources",
    )


def _source(source: Source) -> Markup:
    line, url = source_line(source), web_address(source.url)
    if url is None:
        return joined([line])
    # The linked site must not learn from which page a reader comes.
    link = element("a", url, href=url, rel="noopener noreferrer")
    return joined([line, link], ", ")
