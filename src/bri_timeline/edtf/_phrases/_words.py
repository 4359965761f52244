"""The English words that dates are made of."""

from __future__ import annotations


__all__ = [
    "ABOUT",
    "ADVERBS",
    "COUNTS",
    "DAY_PARTS",
    "FEASTS",
    "HALVES_OF_DAYS",
    "MONTHS",
    "ORDINALS",
    "PARTS",
    "PLACES",
    "SEASONS",
    "UNITS",
    "WEEKDAYS",
    "why_not",
]


def _numbered(names: str, first: int) -> dict[str, int]:
    """Number groups of names, which commas separate."""
    groups = enumerate(names.split(","), first)
    return {name: number for number, group in groups for name in group.split()}


MONTHS = _numbered(
    "january jan,february feb,march mar,april apr,may,june jun,july jul,august aug,"
    "september sept sep,october oct,november nov,december dec",
    1,
)
WEEKDAYS = _numbered(
    "monday mon,tuesday tues tue,wednesday wed,thursday thurs thur thu,friday fri,"
    "saturday sat,sunday sun",
    0,
)
SEASONS = _numbered("spring,summer,autumn fall,winter", 21)
COUNTS = _numbered(
    "a an one,two,three,four,five,six,seven,eight,nine,ten,eleven,twelve", 1
)
# A unit and how many of it there are in one that is named.
UNITS = {
    name: (unit, count)
    for word, unit, count in (
        *((unit, unit, 1) for unit in ("hour", "day", "week", "month", "year")),
        ("decade", "decade", 1),
        ("fortnight", "week", 2),
    )
    for name in (word, f"{word}s", f"{word}s'", f"{word}'s")
}
ORDINALS = ("st", "nd", "rd", "th")
# Which one of its kind, from the first on, or from the last back.
PLACES = _numbered("first,second,third,fourth", 1) | {"last": -1, "final": -1}
PLACES |= {"1 st": 1, "2 nd": 2, "3 rd": 3, "4 th": 4}
ABOUT = ("around", "about", "approximately", "roughly", "circa", "ca", "c")
# A night belongs to two days.
DAY_PARTS = {
    **dict.fromkeys(("morning", "afternoon", "evening"), "within"),
    "night": "night",
}
HALVES_OF_DAYS = ("am", "pm", "a m", "p m")
# The first and the last day, counted from that of publication, and whether it is all of
# that day, rather than some hours.
ADVERBS = {
    "today": (0, 0, True),
    "earlier today": (0, 0, False),
    "later today": (0, 0, False),
    "tonight": (0, 1, False),
    "this morning": (0, 0, False),
    "this afternoon": (0, 0, False),
    "this evening": (0, 0, False),
    "last night": (-1, 0, False),
    "yesterday": (-1, -1, True),
    "tomorrow": (1, 1, True),
    "day before yesterday": (-2, -2, True),
    "day after tomorrow": (2, 2, True),
}
# The longer of two that begin alike comes first; the parts are those of `part_of()`.
PARTS = {
    **dict.fromkeys(("early in", "early on", "early -", "early"), "early"),
    **dict.fromkeys(("late in", "late on", "late -", "late"), "late"),
    **dict.fromkeys(("mid -", "mid"), "mid"),
    **dict.fromkeys(("beginning of", "start of"), "beginning"),
    "middle of": "mid",
    "last quarter of": "quarter 4",
    "end of": "end",
    **dict.fromkeys(("earlier in", "later in"), "within"),
    **{
        f"{word} half{of}": f"half {number}"
        for word, number in (
            ("first", 1), ("1 st", 1), ("second", 2), ("2 nd", 2), ("latter", 2)
        )
        for of in (" of", "")
    },
    **{
        f"{name}{of}": f"{word} {number}"
        for word, most in (("half", 2), ("quarter", 4))
        for number in range(1, most + 1)
        for name in (f"{word[0]} {number}", f"{number} {word[0]}")
        for of in (" of", "")
    },
    **{
        f"{word} quarter{of}": f"quarter {number}"
        for word, number in (
            ("first", 1), ("second", 2), ("third", 3), ("fourth", 4),
            ("1 st", 1), ("2 nd", 2), ("3 rd", 3), ("4 th", 4),
            ("final", 4),
        )
        for of in (" of", "")
    },
}  # fmt: skip
# The month and day of days that have a name, and the part of it that is meant. At
# Christmas may be on its eve, or the day after.
FEASTS = {
    "christmas eve": (12, 24, None),
    "christmas day": (12, 25, None),
    "christmas": (12, 25, "feast"),
    "new year's eve": (12, 31, None),
    "new year's day": (1, 1, None),
}

_VAGUE = "is no measure: take the date from another source"
_ELSEWHERE = "counts from a date outside the phrase: give that date itself"
_LASTED = "says how long, not when: give the days on which it began and ended"
_AGO = "follows a number of days, weeks, months or years: 'six months ago'"
_OTHER_YEAR = "need not run from January: give the months"
_REASONS = {
    _VAGUE: (
        "recently recent soon lately now currently presently shortly eventually few "
        "several many some couple more less fewer over under nearly almost barely "
        "dozen decades ages long most least"
    ),
    _ELSEWHERE: (
        "that then same following previous preceding subsequent earlier later "
        "thereafter meanwhile after before"
    ),
    _AGO: "ago",
    _LASTED: "for lasting throughout",
    _OTHER_YEAR: "fiscal financial season",
}
_WHY_NOT = {word: why for why, words in _REASONS.items() for word in words.split()}


def why_not(word: str) -> str | None:
    """Return why a word dates nothing; None of words that are not known."""
    return _WHY_NOT.get(word)
