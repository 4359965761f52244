"""Dates in the words of the news, read from the day of publication."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Literal, get_args

from attrs import frozen

from bri_timeline._calendar import day_number
from bri_timeline.edtf import Edtf
from bri_timeline.errors import DayError, PhraseError
from bri_timeline.phrases._dates import FIRST_YEAR, LAST_YEAR
from bri_timeline.phrases._found import candidates, needs_year
from bri_timeline.phrases._grammar import (
    EACH,
    LASTING,
    ONCE,
    Statement,
    statement,
)
from bri_timeline.phrases._periods import PhrasePeriod, each_of, end_of, one_of
from bri_timeline.phrases._rules import (
    Context,
    Meaning,
    Tense,
    UndatedError,
    fits,
)
from bri_timeline.phrases._words import Words


__all__ = ["Phrase", "dates_in", "from_phrase"]

WeekStart = Literal["monday", "sunday"]

_WEEK_STARTS = {"monday": (0,), "sunday": (6,), None: (0, 6)}
_FIRST_DAY = day_number(FIRST_YEAR, 1, 1)
_LAST_DAY = day_number(LAST_YEAR, 12, 31)
_MOST_DAYS = 3 * 366


@frozen
class Phrase:
    """A date phrase with the date that it gives.

    Attributes:
        text: The phrase, as in the document.
        published: The date of publication; None if it is not known.
        when: The date, as imprecise as the phrase leaves it.
    """

    text: str
    published: Edtf | None
    when: Edtf


def from_phrase(
    text: str,
    *,
    published: Edtf | str | date | None = None,
    tense: Tense | None = None,
    week_starts: WeekStart | None = None,
) -> Phrase:
    """Read an English phrase as a careful reader of the news would, or refuse it.

    Nothing is guessed. Where a phrase can mean several days, the date has all of them;
    where it gives no bound ("recently"), or counts from a date outside the phrase ("two
    days later"), it is refused.

    >>> from_phrase("in August", published="2019-04-30", tense="future").when
    Edtf('2019-08')
    >>> from_phrase("in August", published="2019-04-30").when
    Edtf('[2018-08,2019-08]')

    **Once or lasting.** A date, "in", "on", "between" date what happened once: any day
    of `[2015..2017]`. "Since 2015" is `2015/..`, "until 2017" `/2017`, "from 2015 to
    2017" and "April 24-25" an extent: both days are included. "In 2015-2017"
    may be either and is refused. EDTF writes an end of an extent as one date, such as
    `2019-40` for "early 2019". A start that has none is widened to the month around its
    days, or the year around its months: "since last week" is `2019-04/..`. All else is
    refused, as "until Friday", which without a tense may be either of two.
    "2015 and 2017" is `{..}`. "Starting next month" and "from next year" have no end.

    **Bounds.** "By 2020" is `[..2020]`, and so are "by the end of 2020" and "before the
    end of 2020"; "before 2016" is `[..2015]`, "after 2016" `[2017..]`. "Before" and
    "after" exclude the whole date that follows: they are refused where its first or
    last day is not certain, as of hours, of "mid-2018", or of "Thursday" without a
    tense. "As of 2016" may mean from then on, or up to then, and is refused.

    **Parts.** "Early" and "late" are the first and the second half, "mid" the half in
    the middle, "the beginning" and "the end" the first and the last quarter: no writer
    calls a day in the second half early, and no narrower rule holds for all writers.
    Of a week, a season or a day, the whole is taken. "The first week of May" is the
    first seven days, what May has of the week around its first day, or the first whole
    week: `[2019-05-01..2019-05-12]`. A night belongs to two days. Christmas is 24 to 26
    December. "The end of the month" is that of this month behind "by", "since" and
    "until", and in the future tense, its beginning in the past tense too; else the
    month may be another, and is refused. "The first days" and "the last days" are at
    most sixteen. Quarters are those of the calendar year. A decade may end with the
    year 0: "by the end of the decade" of 2019 is `[..2020]`.

    **Doubt.** "Around 1998" is `1998~`, "possibly in 1998" `1998?`.

    **No year.** "In August", "April 24", "the third quarter" is the last one begun by
    publication, or the next one not over. *tense* decides; else both are given. But no
    writer leaves out the year of a date twelve months back, or eleven ahead: on 30
    April, "April 24" is six days ago. A date whose year stands elsewhere in the
    document needs it: give it.

    **Days of the week.** "On Thursday" is the last up to publication (past), or the
    next from it on (future): that day itself, if it is one. "Last", "this", "next"
    Thursday may be the nearest, or that of last, this, next week: both are given. The
    same holds of months and seasons. A weekday beside a date is checked.

    **Weeks** begin on Monday (ISO 8601) or Sunday (North America): a week is eight days
    wide unless *week_starts* says which.

    **Ago.** Days are exact, and hours from any hour of the day of publication: "36
    hours ago" is one of two days. Longer units are rounded by some and counted in full
    by others: "two weeks ago" is from half a week less (of a month: 15 days) to just
    under a week more, and all of that calendar week. A decade is half of one less to
    half of one more. "From now" mirrors that. "More than two years ago" ends with the
    day two years ago; "less than" begins with it. "Nearly two years ago" may be less,
    but not more, except by the calendar: in 2017, of 2019. "In the past two weeks"
    reaches from the first day of the calendar week two weeks ago to publication. Above
    twelve (of hours, 72), numbers are round, and refused.

    **Past and to come.** What is over by its words ("ago", "last", "past", "as early
    as") never lies after publication; what is to come by its words never before it.

    **Refused besides.** Dates in numbers that may be two days (04/05/2019; 25.04.2019
    is one), two-digit years, "the year" without saying which, financial years,
    languages other than English. "The 2000s" may be ten years or a hundred and is
    `20XX`; "winter 2018" may begin or end in that year and is both. Seasons are those
    of the north, as everywhere in EDTF here.

    Args:
        text: At most 200 characters: the date alone. Case and spacing do not matter.
        published: When the document appeared. If that is imprecise, so is what is
            counted from it: all days are tried, at most three years of them.
        tense: `"past"` or `"future"`: of the verb that the phrase belongs to. It is
            that of what is dated: in "agreed to meet in August", of the meeting.
        week_starts: `"monday"` or `"sunday"`, where the document's habit is known.

    Returns:
        The date, with the phrase beside it.

    Raises:
        PhraseError: No date can be relied on: names the place and the remedy.
        EdtfError: *published* is not a date of EDTF.
        DayError: *published* is an instant.
    """
    _check(text, tense, week_starts)
    issued = _issued(published)
    stated = statement(Words(text), tense)
    reader = Context(None, tense, _WEEK_STARTS[week_starts])
    # First without the day of publication: a date that does not depend on it is not
    # read once for each day on which the document may have appeared.
    try:
        meanings = _independent(stated, stated.read(reader), issued, tense)
    except UndatedError:
        meanings = _counted(stated, _days(text, issued), reader)
    if not meanings:
        raise PhraseError(text, 0, _nothing(tense))
    return Phrase(text, issued, Edtf(_edtf_text(text, stated.kind, meanings)))


def dates_in(
    text: str,
    *,
    published: Edtf | str | date | None = None,
    year: int | None = None,
) -> Iterator[Phrase]:
    """Yield the dates that a text gives in English words or digits, each phrase once.

    It is for checks: whether a date that somebody took from a text stands there. A
    phrase whose date depends on the tense is given with each. Some are none to a
    reader, such as the month "may".

    >>> [str(one.when) for one in dates_in("They met in Baku on 24 April 2019.")]
    ['2019-04-24', '2019-04', '2019']

    Args:
        text: Of any length.
        published: As for `from_phrase()`; without it, or where it says too little, no
            phrase is read that counts from it.
        year: A year from elsewhere, for months, seasons and quarters without one.

    Raises:
        EdtfError: *published* is not a date of EDTF.
        DayError: *published* is an instant.
    """
    issued = _issued(published)
    tried, dates = dict[str, bool](), set[Edtf]()
    for longest_first in candidates(text):
        for phrase in longest_first:
            words = phrase.casefold()
            if words in tried:
                if tried[words]:
                    break
                continue
            found = [*_readings(phrase, issued, year)]
            tried[words] = bool(found)
            new = {one.when: one for one in found if one.when not in dates}
            dates.update(new)
            yield from new.values()
            if found:
                break


def _readings(phrase: str, issued: Edtf | None, year: int | None) -> Iterator[Phrase]:
    """Yield the meanings of a phrase in each tense, or in a year."""
    tenses: tuple[Tense | None, ...] = (None, *get_args(Tense))
    words = phrase
    if year is not None and needs_year(phrase):
        words, tenses = f"{phrase} {year}", (None,)
    for tense in tenses:
        try:
            read = from_phrase(words, published=issued, tense=tense)
        except PhraseError:
            continue
        yield Phrase(phrase, issued, read.when)


def _check(text: object, tense: str | None, week_starts: str | None) -> None:
    if not isinstance(text, str):
        raise PhraseError(text, 0, "a phrase is text, such as 'last week'")
    if tense is not None and tense not in get_args(Tense):
        raise PhraseError(text, 0, f"tense is {tense!r}: give 'past' or 'future'")
    if week_starts not in _WEEK_STARTS:
        problem = f"week_starts is {week_starts!r}: give 'monday' or 'sunday'"
        raise PhraseError(text, 0, problem)


def _issued(published: Edtf | str | date | None) -> Edtf | None:
    # Before `date`, of which it is a subclass.
    if isinstance(published, datetime):
        problem = "is an instant: say which day, such as value.date()"
        raise DayError(published, problem)
    if isinstance(published, date):
        return Edtf(published.isoformat())
    return Edtf(published) if isinstance(published, str) else published


def _nothing(tense: Tense | None) -> str:
    if tense is None:
        return "no day near the publication fits: check the dates, or give the year"
    return f"no day near the publication fits and is {tense}: check the tense and year"


# --- with and without a day of publication ------------------------------------------


def _independent(
    stated: Statement,
    found: Iterable[Meaning],
    issued: Edtf | None,
    tense: Tense | None,
) -> list[Meaning]:
    """Return the meanings that do not depend on the publication, if it allows them."""
    decided = stated.tense or tense
    day = None
    if issued is not None:
        # The day that excludes least: the publication may be any of its days.
        day = issued.last_day if decided == "past" else issued.first_day
    return _allowed(stated, found, Context(day, decided))


def _allowed(
    stated: Statement, found: Iterable[Meaning], context: Context
) -> list[Meaning]:
    """Return the meanings that the tense allows; past ones end at publication."""
    meanings = [
        meaning
        for meaning in found
        if fits(meaning, context, each=stated.kind != LASTING)
    ]
    if stated.kind != ONCE or stated.tense != "past" or context.published is None:
        return meanings
    return [
        tuple(part.until(context.published) for part in meaning) for meaning in meanings
    ]


def _days(text: str, issued: Edtf | None) -> range:
    """Return all days on which the document may have appeared."""
    if issued is None:
        raise PhraseError(
            text, 0, "it counts from the day of publication: give published="
        )
    first, last = issued.first_day, issued.last_day
    if first is None or last is None or last - first >= _MOST_DAYS:
        problem = f"published in {issued} says too little to count from: narrow it"
        raise PhraseError(text, 0, problem)
    if first < _FIRST_DAY or last > _LAST_DAY:
        problem = f"it is read for the years {FIRST_YEAR} to {LAST_YEAR}: give the date"
        raise PhraseError(text, 0, problem)
    return range(first, last + 1)


def _counted(stated: Statement, days: Iterable[int], reader: Context) -> list[Meaning]:
    """Return the meanings of a phrase for each possible day of publication."""
    tense = stated.tense or reader.tense
    meanings = [
        meaning
        for day in days
        for meaning in _allowed(
            stated, stated.read(reader._replace(published=day)), Context(day, tense)
        )
    ]
    return list(dict.fromkeys(meanings))


def _edtf_text(text: str, kind: str, found: Iterable[Meaning]) -> str:
    """Write all meanings as one date."""
    if kind == EACH:
        # Several days are one fact: two readings of it cannot be joined in one set.
        written = {each_of(meaning) for meaning in found}
        if len(written) == 1 and (several := written.pop()) is not None:
            return several
        raise PhraseError(text, 0, "EDTF has no one date for both: read each alone")
    if kind == LASTING:
        starts, ends = zip(*found, strict=True)
        return f"{_end(text, starts, widened=True)}/{_end(text, ends, widened=False)}"
    return one_of(period for meaning in found for period in meaning)


def _end(text: str, periods: Iterable[PhrasePeriod], *, widened: bool) -> str:
    """Write one end of an extent."""
    end = end_of(periods, widened=widened)
    if end is None:
        problem = (
            f"an end of it may be {one_of(periods)}, which EDTF cannot write as one"
        )
        raise PhraseError(text, 0, f"{problem}: give the day, the year or the tense")
    return end
