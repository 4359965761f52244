"""The dates that stand in a text, as far as they are written in English or digits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import takewhile

from bri_timeline.phrases._grammar import OPENING_WORDS
from bri_timeline.phrases._words import (
    ABOUT,
    ADVERBS,
    COUNTS,
    DAY_PARTS,
    FEASTS,
    MONTHS,
    NEARLY,
    ORDINAL_DAYS,
    ORDINALS,
    PARTS,
    PLACES,
    SEASONS,
    SPOKEN,
    UNITS,
    WEEKDAYS,
)


_TOKEN = re.compile(r"[0-9]+|[A-Za-z]+(?:['\u2019][A-Za-z]*)?|[-\u2010-\u2015,/.:]")
_YEAR = re.compile(r"(?<![0-9])[12][0-9]{3}(?![0-9])")
_MOST_TOKENS = 12
_YEARLY = {*MONTHS, *SEASONS, "quarter", "half"}


def _words(*phrases: Iterable[str]) -> frozenset[str]:
    return frozenset(
        word for group in phrases for phrase in group for word in phrase.split()
    )


# A date has one of these, or a number.
_STRONG = _words(
    *(MONTHS, WEEKDAYS, SEASONS, UNITS, FEASTS, ORDINAL_DAYS, SPOKEN),
    *(("weekend overnight tonight today yesterday tomorrow night morning",),),
    *(("afternoon evening quarter half decade century q h",),),
)
_ALL = _STRONG | _words(
    *(COUNTS, ORDINALS, PLACES, ABOUT, NEARLY, DAY_PARTS, ADVERBS, PARTS),
    OPENING_WORDS,
    ("the of and or to until till through ago from now hence this last next past",),
    ("coming current before after s later earlier onward onwards at latest earliest",),
)


def candidates(text: str) -> Iterator[list[str]]:
    """Yield, for each place of a text, what may be a date there, the longest first."""
    tokens = [
        (match.start(), match.end(), match[0].replace("\u2019", "'").lower())
        for match in _TOKEN.finditer(text)
    ]
    for place, (start, _, first) in enumerate(tokens):
        if not first[0].isalnum():
            continue
        window = tokens[place : place + _MOST_TOKENS]
        run = [*takewhile(lambda token: _may_be_part(token[2]), window)]
        ends = [
            (end, word[0].isdigit() or word in _STRONG)
            for _, end, word in run
            if word[0].isalnum()
        ]
        strong = [number for number, (_, is_strong) in enumerate(ends) if is_strong]
        if strong:
            yield [text[start:end] for end, _ in reversed(ends[strong[0] :])]


def _may_be_part(word: str) -> bool:
    return word in _ALL or not word[0].isalpha()


def needs_year(phrase: str) -> bool:
    """Check whether a phrase has a month, a season or a quarter, but no year."""
    words = phrase.casefold().split()
    return not _YEAR.search(phrase) and any(word in _YEARLY for word in words)
