"""Columns of a table of which nothing is known: their dates, states and numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache

from attrs import field, frozen

from bri_timeline.edtf import Edtf, never_years, years_meant, years_within
from bri_timeline.errors import (
    EdtfError,
    MissingExtraError,
    PhraseError,
)
from bri_timeline.extend import state_names
from bri_timeline.formats.tables._cells import (
    CellError,
    DayNeededError,
    make_field,
    mark_of,
    names_in,
    number_of,
)
from bri_timeline.formats.tables._dates import Dates, DatesError, check_format, months
from bri_timeline.phrases import from_phrase


MOST_CELLS = 20
_HALF = 0.5
_MOST = 0.9
_FEW = 0.1
_SEASONS = ("21", "22", "23", "24")
NOTHING = frozenset(
    {"-", "--", "\u2013", "\u2014", "?", ".", "..", "n/a", "N/A", "NaN", "nan", "NULL"}
    | {"null", "None", "k.A.", "k. A.", "unknown", "unbekannt", "inconnu"}
)
# First days of a month are some 3 % of all: more stand for "some day of that month".
_LEAST, _OFTEN = 5, 0.1
_LANGUAGES = ("", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "tr", "uk", "zh")
_FORMATS = (
    "yyyy-mm-dd",
    "dd.mm.yyyy",
    "dd/mm/yyyy",
    "mm/dd/yyyy",
    "dd-mm-yyyy",
    "yyyy/mm/dd",
    "dd month yyyy",
    "dd. month yyyy",
    "month dd, yyyy",
    "yyyy-mm",
    "mm.yyyy",
    "mm/yyyy",
    "month yyyy",
    "yyyy",
)
# Some write the month first; with points, nobody does.
_SLASHED = {"dd/mm/yyyy", "dd-mm-yyyy"}
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEAR = re.compile("1[0-9]{3}|20[0-9]{2}")
# Words of dates in other languages, as a phrase in English has them.
_WORDS = {
    "about": "ca circa etwa um ungefaehr ungefähr env environ vers hacia около",
    "spring": "fruehjahr frühjahr fruehling frühling printemps primavera",
    "summer": "sommer été ete verano",
    "autumn": "herbst automne otoño",
    "winter": "hiver invierno",
    "early": "anfang début debut",
    "mid": "mitte milieu",
    "march": "maerz",
    "end of": "ende fin",
    "before": "vor avant",
    "after": "nach après apres",
}
_SCALES = {
    1_000: "k tsd tausend thousand thousands",
    1_000_000: "m mn mln mio million millions",
    1_000_000_000: "b bn mrd billion billions",
}
_CODES = {
    "cow": "cow ccode ccodecow cowcode",
    "gw": "gw gwno gwcode",
    "un_m49": "m49 un",
    "iso_numeric": "numeric isonum",
}


@frozen
class Column:
    """A column: its name, and how often each cell is there that says something."""

    name: str
    cells: Counter[str] = field(factory=Counter)

    @property
    def words(self) -> set[str]:
        """The words of its name, in plain letters."""
        return {*state_names.plain(self.name.replace("_", " ")).split()}

    def has(self, words: str) -> bool:
        """Check whether its name has one of some words."""
        return bool(self.words & {*state_names.plain(words).split()})

    def share(self, cells: Iterable[str]) -> float:
        """Return the share of its cells that are some of them."""
        met = sum(self.cells[cell] for cell in cells)
        return met / self.cells.total() if self.cells else 0.0


@frozen
class DateColumns:
    """The columns of a date, with what was found out about them.

    Attributes:
        columns: Their names.
        format: The formats of their cells.
        language: The language of the names of months.
        dates: The cells in words, with what they mean.
        unread: Other cells.
        doubtful: A cell of which the day may be the month, as all others.
        languages: All languages in which its months are read; none if they are English.
        firsts: How many of its days are the first of a month, where these are too many.
    """

    columns: tuple[str, ...]
    format: str
    language: str = ""
    dates: Mapping[str, str] = field(factory=dict)
    unread: tuple[str, ...] = ()
    doubtful: str = ""
    languages: tuple[str, ...] = ()
    firsts: int = 0


@frozen
class StateColumn:
    """The kind of a column of states, and the cells that are none."""

    kind: str
    language: str
    unread: tuple[str, ...]


# --- dates ----------------------------------------------------------------------------


def dates_in(column: Column) -> DateColumns | None:
    """Return the dates of a column; None if most of its cells are none."""
    cells = [*column.cells]
    found = {one: _formats_in(cells, one) for one in _known_languages()}
    counts = {one: len(set().union(*found[one].values())) for one in found}
    languages = [one for one in found if counts[one] == max(counts.values())]
    language, formats = languages[0], found[languages[0]]
    read = {cell for some in formats.values() for cell in some}
    written = {cell for cell in cells if cell not in read and _is_edtf(cell)}
    rest = [cell for cell in cells if cell not in read | written]
    meant = {cell: when for cell in rest if (when := _phrase(cell))}
    asked = {cell for cell in rest if years_meant(cell)}
    # A number of four digits is a year where all are, or the column says so.
    known = read | written | asked
    if column.share(known | {*meant}) < _HALF or not known:
        return None
    if {*formats} == {"yyyy"} and not all(map(_YEAR.fullmatch, read)):
        return None
    form = " | ".join([*formats, *["edtf"][: bool(written or not formats)]])
    unread = [cell for cell in rest if cell not in meant][:MOST_CELLS]
    doubtful, spoken = _doubtful(formats), tuple(languages) if language else ()
    days, firsts = _days(column, form, language)
    return DateColumns(
        (column.name,),
        form,
        language,
        meant,
        tuple(unread),
        doubtful,
        spoken,
        firsts if firsts >= _LEAST and firsts > _OFTEN * days else 0,
    )


def _days(column: Column, form: str, language: str) -> tuple[int, int]:
    """Return how many cells are days, and how many are the first of a month."""
    dates, days, firsts = Dates(["cell"], form, language=language), 0, 0
    for cell, count in column.cells.items():
        with suppress(DatesError):
            when = dates.read({"cell": cell}, frozenset())
            if isinstance(when, Edtf) and _DAY.fullmatch(str(when)):
                days += count
                firsts += count * str(when).endswith("-01")
    return days, firsts


def _doubtful(formats: Mapping[str, set[str]]) -> str:
    """Return a cell whose day may be the month, if all others may be so too."""
    for form in _SLASHED & formats.keys():
        other = form.replace("dd", "##").replace("mm", "dd").replace("##", "mm")
        if _read(formats[form], other, "") == formats[form]:
            return min(formats[form])
    return ""


def _formats_in(cells: Sequence[str], language: str) -> dict[str, set[str]]:
    """Return the formats of cells, each with those it alone reads."""
    rest, found = {*cells}, dict[str, set[str]]()
    by_format = {form: _read(rest, form, language) for form in _FORMATS}
    while rest:
        form = max(by_format, key=lambda form: len(by_format[form] & rest))
        read = by_format[form] & rest
        if not read or check_format(" | ".join([*found, form])):
            break
        found[form] = read
        rest -= read
    return found


def _read(cells: Iterable[str], form: str, language: str) -> set[str]:
    """Return the cells that are dates in a format."""
    dates, read = Dates(["cell"], form, language=language), set[str]()
    for cell in cells:
        with suppress(DatesError):
            if isinstance(dates.read({"cell": cell}, frozenset()), Edtf):
                read.add(cell)
    return read


def _is_edtf(cell: str) -> bool:
    """Check whether a cell is a date in EDTF, and not a range of years."""
    if years_meant(cell):
        return False
    try:
        return bool(Edtf(cell))
    except EdtfError:
        return False


def _phrase(cell: str) -> str | None:
    """Return the date in words in EDTF; None if they say none."""
    if years_meant(cell):
        return None
    words = re.findall(r"\w+|[^\w\s]", cell.lower())
    # Names of months are there in plain letters, other words as they are written.
    english = [
        _english().get(word) or _english().get(state_names.plain(word), word)
        for word in words
        if word != "."
    ]
    with suppress(PhraseError):
        return _undoubted(str(from_phrase(" ".join(english)).when))
    return None


def _undoubted(when: str) -> str | None:
    """Return another text for a date that may be two years; None if it has none."""
    for part, first, last in years_within(when):
        is_season = part[-2:] in _SEASONS and last != f"{int(first) + 1}"
        if last is not None and not is_season:
            never = never_years(part)
            if part != when and not never.endswith("XX"):
                return None
            when = when.replace(part, never)
    return when


@cache
def _english() -> Mapping[str, str]:
    """Return the words of dates in English, by those in other languages."""
    named = ["", *(name for name in months("") if len(name) > 3 or name == "may")]
    numbers = {months("")[name]: name for name in named if name}
    words = {word: meant for meant, some in _WORDS.items() for word in some.split()}
    for language in _known_languages()[1:]:
        words |= {name: numbers[number] for name, number in months(language).items()}
    return words


@cache
def _known_languages() -> Sequence[str]:
    """Return the languages whose names are known: English alone without Babel."""
    known: Sequence[str] = _LANGUAGES[:1]
    with suppress(MissingExtraError):
        known = [language for language in _LANGUAGES if months(language)]
    return known


def english_only() -> str:
    """Return why names are read in English alone, as a remark; else empty."""
    try:
        months(_LANGUAGES[1])
    except MissingExtraError as error:
        return f"names of states and months are read in English alone: {error}"
    return ""


# --- states and numbers ---------------------------------------------------------------


def states_in(column: Column) -> StateColumn | None:
    """Return the kind of the states in a column; None if most cells are none."""
    kinds = [("state", language) for language in _known_languages()]
    kinds += [("iso3", ""), ("iso2", "")]
    kinds += [(kind, "") for kind, words in _CODES.items() if column.has(words)]
    found = {pair: _meant(column, *pair) for pair in kinds}
    shares = {pair: column.share(read) for pair, read in found.items()}
    # A few names that another language has too do not show that it is in that language.
    shares["state", ""] += _FEW
    kind, language = max(shares, key=shares.__getitem__)
    read = found[kind, language]
    if column.share(read) < _HALF:
        return None
    unread = [cell for cell in column.cells if cell not in read]
    return StateColumn(kind, language, tuple(unread[:MOST_CELLS]))


def _meant(column: Column, kind: str, language: str) -> set[str]:
    """Return the cells of a column that mean a state."""
    spec = {"column": "cell", "as": kind, "language": language}
    read = set()
    for cell in column.cells:
        try:
            make_field(spec, {"cell": cell}, frozenset(), None)
        except CellError:
            continue
        except DayNeededError:  # which state it is depends on the row
            pass
        read.add(cell)
    return read


def near_state(cell: str, language: str) -> str:
    """Return the code of a state whose name is like that of a cell, or `...`."""
    names = _like_names(language) if language else state_names.like_names()
    known = state_names.actors_meant(cell)
    return names.of(cell) or (known[0] if len(known) == 1 else "...")


@cache
def _like_names(language: str) -> state_names.LikeNames:
    known, called = state_names.named_terms(), state_names.states_called
    named = [(name, called(name)) for name in known]
    own = [(name, (code,)) for name, code in names_in(language).items()]
    return state_names.LikeNames([*named, *own])


def mark_in(column: Column) -> str | None:
    """Return the decimal mark that a column of numbers shows.

    Where its name has a scale, half of its cells need be numbers.

    Returns:
        The mark; "" if none of its numbers shows one; None if it has other cells.
    """
    marks = {
        mark: [c for c in column.cells if number_of(c, mark) is not None]
        for mark in ".,"
    }
    best = max(marks, key=lambda mark: column.share(marks[mark]))
    least = _HALF if scale_in(column) else _MOST
    if not column.cells or column.share(marks[best]) < least:
        return None
    return best if best in {mark_of(cell) for cell in column.cells} else ""


def scale_in(column: Column) -> int | None:
    """Return the scale that the name of a column of numbers has, such as a million."""
    return next((one for one in _SCALES if column.has(_SCALES[one])), None)
