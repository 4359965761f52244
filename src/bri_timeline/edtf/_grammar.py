"""The grammar of whole EDTF texts: dates, intervals and sets."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from bri_timeline.edtf._dates import (
    PLAIN,
    Date,
    Scanner,
    date,
    no_time,
    plain,
    plain_bounds,
    plain_marks,
)
from bri_timeline.edtf._days import Days
from bri_timeline.edtf._shapes import (
    OPEN_END,
    Bound,
    Element,
    Extent,
    Moment,
    Several,
    Shape,
)
from bri_timeline.errors import EdtfError


class Parsed(NamedTuple):
    """Canonical text, level, marks (1 uncertain, 2 approximate) and shape of a date."""

    text: str
    level: int
    marks: int
    shape: Shape


BRACKETS = {"[": "]", "{": "}"}


class _Member(NamedTuple):
    """A date or a range of a set; members sort by their days, open ends outermost.

    Attributes:
        closed_start: It does not begin with `..`.
        open_end: It ends with `..`.
        first: Its first day.
        last: Its last day.
        text: The canonical text.
        left: The date, or the first of the range.
        right: The date, or the last of the range.
    """

    closed_start: bool
    open_end: bool
    first: float
    last: float
    text: str
    left: Date
    right: Date


def one_or_all(text: str) -> Parsed:
    """Read a set, from bracket to bracket."""
    closing = BRACKETS[text[0]]
    end = text.find(closing)
    stop = len(text) if end < 0 else end
    _open_ends_outermost(text, stop, closing)
    written = [_member(text, *place, closing) for place in _places(text, stop)]
    if end < 0:
        raise EdtfError(text, stop, f"',' or {closing!r}")
    if end + 1 < len(text):
        raise EdtfError(text, end + 1, "nothing more")
    # Sets are equal in any order, and equality is that of the canonical text.
    members = sorted({member.text: member for member in written}.values())
    marks = 0
    for member in members:
        marks |= member.left.marks | member.right.marks
    canonical = f"{text[0]}{','.join([member.text for member in members])}{closing}"
    if closing == "}":
        return Parsed(canonical, 2, marks, Several(tuple(map(_element, members))))
    # A choice from one date is that date.
    if len(members) == 1 and OPEN_END not in canonical:
        canonical = members[0].text
    return Parsed(canonical, 2, marks, Moment(Days.union(map(_days, members))))


def _open_ends_outermost(text: str, stop: int, closing: str) -> None:
    """Refuse `..` before any member but the first, and behind any but the last."""
    within = text.find(",..", 0, stop)
    if within >= 0:
        what = "a date: only the first member may begin with .."
        raise EdtfError(text, within + 1, what)
    within = text.find("..,", 0, stop)
    if within >= 0:
        what = f"{closing!r} or a date: only the last member may end with .."
        raise EdtfError(text, within + 2, what)


def _places(text: str, stop: int) -> Iterator[tuple[int, int]]:
    """Yield the start and stop of each member, without repeated ones."""
    # Equal members are read once, so that repetition in hostile text costs little.
    start, places = 1, dict[str, tuple[int, int]]()
    for written in text[1:stop].split(","):
        places.setdefault(written, (start, start + len(written)))
        start += len(written) + 1
    return iter(places.values())


def _member(text: str, start: int, stop: int, closing: str) -> _Member:
    """Read one member: a date, a range, or a range open on one side."""
    match = PLAIN.fullmatch(text, start, stop)
    if match is not None and (plain_date := plain(match)) is not None:
        days = plain_date.days
        return _Member(
            True, False, days.first, days.last, plain_date.text, plain_date, plain_date
        )
    scanner = Scanner(text, start, stop)
    open_start = scanner.skip(OPEN_END)
    left = right = no_time(scanner, date(scanner), "a set")
    open_end = False
    if not open_start and scanner.skip(OPEN_END):
        open_end = scanner.position == stop
        if not open_end:
            right = no_time(scanner, date(scanner), "a set")
    scanner.finish(f"',' or {closing!r}")
    first = -math.inf if open_start else left.days.first
    last = math.inf if open_end else right.days.last
    if first > last:
        scanner.fail("a range that ends after it starts", at=start)
    written = OPEN_END * open_start + left.text
    # A range from a date with gaps to itself also has the days between.
    same = right.text == left.text and (left is right or not left.days.has_gaps)
    if open_end or not same:
        written += OPEN_END + right.text * (not open_end)
    return _Member(not open_start, open_end, first, last, written, left, right)


def _days(member: _Member) -> Days:
    """Return all days that a member may touch."""
    if OPEN_END in member.text:
        return Days.between(member.first, member.last)
    return member.left.days


def _element(member: _Member) -> Element:
    left, right = member.left, member.right
    days = left.is_day and right.is_day
    return Element(
        days=_days(member),
        first=(left.days.first, left.days.last)
        if member.closed_start
        else (-math.inf, -math.inf),
        last=(right.days.first, right.days.last)
        if not member.open_end
        else (math.inf, math.inf),
        every_day=days and not left.masked and not right.masked,
    )


_LONGEST = 4096


def parse(text: object) -> Parsed:
    """Read *text* strictly.

    Raises:
        EdtfError: It is not text, not a date, or longer than 4,096 characters.
    """
    if not isinstance(text, str):
        raise EdtfError(text, 0, _in_place_of(text))
    # A limit on hostile input: sets are sorted and compared.
    if len(text) > _LONGEST:
        raise EdtfError(text, _LONGEST, f"at most {_LONGEST:,} characters")
    try:
        return _parse(text)
    except EdtfError as error:
        expected = error.expected + _suggestion(text)
        raise EdtfError(text, error.position, expected) from None


def _parse(text: str) -> Parsed:
    if text[:1] in BRACKETS:
        return one_or_all(text)
    if "/" in text:
        return _interval(text)
    scanner = Scanner(text)
    read = date(scanner)
    scanner.finish("nothing more, or -month, -day, a qualifier, / or a time")
    return Parsed(read.text, read.level, read.marks, Moment(read.days))


def _reads(text: str) -> bool:
    try:
        _parse(text)
    except EdtfError:
        return False
    return True


# --- intervals ---------------------------------------------------------------
_End = tuple[Days | Bound, str, int, int]  # days, canonical text, level and marks


def _interval(text: str) -> Parsed:
    slash = text.index("/")
    start, before, level, marks = _end(text, 0, slash, "/ and a second date")
    end, after, last_level, last_marks = _end(
        text, slash + 1, len(text), "nothing more"
    )
    if isinstance(start, Bound):
        if isinstance(end, Bound):
            raise EdtfError(text, slash, "a date on one side of / at least")
    elif not isinstance(end, Bound) and start.first > end.last:
        raise EdtfError(text, slash + 1, "an end that is not before the start")
    level = max(level, last_level)
    return Parsed(f"{before}/{after}", level, marks | last_marks, Extent(start, end))


def _end(text: str, start: int, stop: int, further: str) -> _End:
    """Read one end: a date, `..`, nothing, or a date with `..` on one side."""
    if start == stop:
        return Bound.UNKNOWN, "", 1, 0
    match = PLAIN.fullmatch(text, start, stop)
    if match is not None and (bounds := plain_bounds(match)) is not None:
        marks = plain_marks(match)
        return Days.between(*bounds), match[0], int(marks > 0), marks
    scanner = Scanner(text, start, stop)
    after = scanner.skip(OPEN_END)
    if after and scanner.position == stop:
        return Bound.OPEN, OPEN_END, 1, 0
    read = no_time(scanner, date(scanner), "an interval")
    before = not after and scanner.skip(OPEN_END)
    scanner.finish(further)
    if not after and not before:
        return read.days, read.text, 2 if read.masked else read.level, read.marks
    first = -math.inf if after else read.days.first
    last = math.inf if before else read.days.last
    canonical = OPEN_END * after + read.text + OPEN_END * before
    return Days.between(first, last), canonical, 2, read.marks


# --- suggestions for what is not a date -----------------------------------------------

_LONGEST_MISTYPED = 40
_NAMES = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
_NAMED = rf"(?P<named>{'|'.join(_NAMES)})[a-z]{{0,6}}[.]?"
_NUMBERED = r"(?P<month>[0-9]{1,2})"
_YEAR = r"(?P<year>[0-9]{4})"
_DAY = r"(?P<day>[0-9]{1,2})"
_DATE = r"(?P<date>[0-9]{4}(?:-[0-9]{2}){0,2})"
_UNTIL = r"(?P<until>[0-9]{4}(?:-[0-9]{2}){0,2})"
_MONTH_FORM = "{year}-{month:0>2}"
_DAY_FORM = "{year}-{month:0>2}-{day:0>2}"

# What people write, and the forms that they may have meant by it. The patterns are
# compiled when a text is refused: most programs refuse none.
_HABITS = (
    (rf"{_YEAR}[-/.]{_NUMBERED}", _MONTH_FORM),
    (rf"{_YEAR}(?P<mark>[-/.]){_NUMBERED}(?P=mark){_DAY}", _DAY_FORM),
    (rf"{_YEAR}(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})", _DAY_FORM),
    (rf"{_DAY}\.{_NUMBERED}\.{_YEAR}", _DAY_FORM),
    (rf"{_NAMED},? {_YEAR}", _MONTH_FORM),
    (rf"{_DAY}(?:st|nd|rd|th)?[ -]{_NAMED},?[ -]{_YEAR}", _DAY_FORM),
    (rf"{_NAMED} {_DAY}(?:st|nd|rd|th)?,? {_YEAR}", _DAY_FORM),
    (rf"{_DATE}[T ](?P<time>[0-9:]{{5}})(?P<zone>Z?)", "{date}T{time}:00{zone}"),
    (rf"{_DATE} (?P<time>[0-9:]{{8}}Z?)", "{date}T{time}"),
    (
        rf"{_DATE} ?(?:\.\.|[-\u2010-\u2015]|to) ?{_UNTIL}",
        "[{date}..{until}]",
        "{date}/{until}",
    ),
    (rf"(?:ca?\.?|circa|about|around|~) ?{_DATE}", "{date}~"),
    (r"(?P<decade>[0-9]{3})0'?s", "{decade}X"),
    (r"y?(?P<sign>-?)(?P<digits>[1-9][0-9]{4,})", "Y{sign}{digits}"),
)


def _suggestion(text: str) -> str:
    """Return a suggestion for the end of a message; empty if there is none."""
    # Not a date that somebody mistyped, and the patterns need not run on it.
    if len(text) > _LONGEST_MISTYPED:
        return ""
    # Only texts that EDTF has are suggested, and no season: `1938/39` is two years.
    suggestions = dict.fromkeys(
        form for form in _forms(text) if _reads(form) and not _has_season(form)
    )
    return (
        f" (did you mean {' or '.join(map(repr, suggestions))}?)" if suggestions else ""
    )


def _forms(text: str) -> Iterator[str]:
    bare = text.strip()
    if bare != text:
        yield bare
    for pattern, *forms in _HABITS:
        match = re.fullmatch(pattern, bare, re.IGNORECASE)
        if match is not None:
            parts = match.groupdict()
            if "named" in parts:
                parts["month"] = str(_NAMES.index(parts["named"].lower()) + 1)
            for form in forms:
                yield form.format_map(parts)
    yield from years_meant(bare)


def _in_place_of(value: object) -> str:
    """Return the text to write instead of a value, for the end of a message."""
    if isinstance(value, datetime.datetime):
        return "text: say which day, such as Edtf(value.date().isoformat())"
    if isinstance(value, datetime.date):
        return f"text (write Edtf({value.isoformat()!r}))"
    if isinstance(value, int) and 0 <= value <= 9999:
        return f"text (write Edtf('{value:04}'))"
    return "text, such as '2013' or '2019-04-24'"


# --- ranges of years, of which EDTF reads `1938-39` as a season -----------------------

# The patterns are compiled when they are needed: most programs refuse no date.
_ABOUT = r"(?P<about>(?:ca?\.?|circa|about|around|~) ?)?"
_JOINT = "(?:[-/.\u2010-\u2015]|to)"
_END = "['\u2019]?([0-9]{1,2}|(?<![/.])(?<![/.] )[0-9]{4})"
_RANGE = rf"{_ABOUT}([0-9]{{4}}) ?{_JOINT} ?{_END}(?P<mark>[?~%]?)"
_WITHIN = (
    r"(?<![-0-9Y])([0-9]{4})[-/\u2010-\u2015]([0-9]{2})"
    r"(?![-0-9X]|/[0-9]{1,2}(?![0-9]))"  # not the beginning of a day
)
_SEASON = r"(?<![-0-9Y])[0-9]{4}-(?:2[1-9]|3[0-9]|4[01])(?![-0-9X])"


def years_meant(text: str) -> tuple[str, ...]:
    """Return what EDTF writes for a range of years, if a text may be one.

    >>> years_meant("1938-39"), years_meant("1899/00"), years_meant("2019-04")
    (('1938/1939', '[1938..1939]'), ('1899/1900', '[1899..1900]'), ())

    A second number of one or two digits stands for a later year of the same century,
    or of the same ten years; or for the next year. `1938/1939` is EDTF, and no doubt.

    Args:
        text: A text, which may also be a month or a season of EDTF.

    Returns:
        The extent, then the choice; nothing if it is not such a text.
    """
    match = re.fullmatch(_RANGE, text.strip(), re.IGNORECASE)
    last = None if match is None else _last(match[2], match[3])
    if match is None or last is None:
        return ()
    mark = match["mark"] or ("~" if match["about"] else "")
    first, last = f"{match[2]}{mark}", f"{last}{mark}"
    return f"{first}/{last}", f"[{first}..{last}]"


def years_within(text: str) -> Iterator[tuple[str, str, str | None]]:
    """Yield the months and seasons in a date, as years, if they may be that.

    Args:
        text: A date of EDTF, or of a table.

    Yields:
        The part as it is written, its year, and the last year; None for the last if
        the part cannot be a range of years, as `2019-04`.
    """
    for match in re.finditer(_WITHIN, text):
        yield match[0], match[1], _last(match[1], match[2])


def _has_season(text: str) -> bool:
    """Return whether a text of EDTF names a season of a year of four digits."""
    return re.search(_SEASON, text) is not None


def _last(first: str, end: str) -> str | None:
    """Return the last year of a range, of which the end is abbreviated."""
    last = first[: -len(end)] + end
    if last > first:
        return last
    following = f"{int(first) + 1:04}"
    return following if following.endswith(end) else None
