"""A range of years, as people write it, is never read as a season or a month."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from bri_timeline import Edtf, Event, EventLog, Source
from bri_timeline._command._checks import log_problems, table_problems
from bri_timeline.errors import EdtfError, Fault
from bri_timeline.formats import proposals, tables
from bri_timeline.relations import FACTS, Joined


FIRST = (
    1504,
    1824,
    1899,
    1900,
    1904,
    1911,
    1914,
    1915,
    1920,
    1924,
    1936,
    1938,
    1940,
    2010,
)
LATER = (1, 2, 4)
WRITTEN = (
    "{0}-{1:02}",
    "{0}/{1:02}",
    "{0}\u2013{1:02}",
    "{0} - {1:02}",
    "{0}-'{1:02}",
    "{0} to {1:02}",
    "c. {0}/{1:02}",
    "ca. {0}-{1:02}",
)
# Beside their first year and the last one.
RANGES = [
    (written.format(first, last % 100), first, last)
    for first, more, written in product(FIRST, LATER, WRITTEN)
    if (last := first + more) // 100 == first // 100 or more == 1
]
SEASON = re.compile("[0-9]{4}-(?:2[1-9]|3[0-9]|4[01])(?![-0-9])")
MONTH_OR_SEASON = re.compile("[0-9]{4}-(?:0[1-9]|1[0-2]|2[1-9]|3[0-9]|4[01])")
MONTH = re.compile("[0-9]{4}-(?:0[1-9]|1[0-2])")
DAY = {"column": "d", "format": "yyyy-mm"}
RULE = {"kind": "Joined", "when": DAY, "fields": {"member": "AZE", "body": "B"}}
BY_MONTH = tables.declared({"title": "T", "source": {"title": "S"}, "events": [RULE]})


def _asked(*whens: str) -> list[str]:
    source = Source("S", published="2020")
    log = EventLog.of(*(Event(Joined("AZE", "B"), when=w, cite=source) for w in whens))
    return [text for text in log_problems(log) if "may be two years" in text]


def _problems(when: str, document: str) -> tuple[Fault, ...]:
    what = {"member": "AZE", "body": "B"}
    item = {"kind": "Joined", "what": what, "when": when, "quote": "joined"}
    (found,) = proposals.examine(
        [item], FACTS, document=document, source=Source("Catalogue")
    )
    assert (found.event is None) is bool(found.problems)
    return found.problems


def test_a_chronicle_asks() -> None:
    """A range is refused, with what to write for it; or read, and `doctor` asks.

    Of one that is a season too, and not of two years that follow each other, it asks
    where there are others beside it: alone, it is what is written for the season.
    """
    assert 300 <= len(RANGES)
    for text, first, last in RANGES:
        if MONTH_OR_SEASON.fullmatch(text):
            if text[5] == "2" and text[6] < "5" and last > first + 1:
                assert [] == _asked(text) == _asked(text, "2019-04")
                (asked,) = _asked(text, "1938-39")
                assert "2 dates such as 1938-39 may be two years" in asked
                continue
            (asked,) = _asked(text)
            assert f"is {first}/{last} or [{first}..{last}] meant?" in asked
            # What it names for whoever means the month or the season is not asked.
            alone = asked.partition("(")[2].removesuffix(" is never years)")
            assert Edtf(alone).first_day == Edtf(text).first_day
            assert [] == _asked(alone)
            continue
        with pytest.raises(EdtfError) as found:
            Edtf(text)
        mark = "~" if text.startswith("c") else ""
        assert f"'{first}{mark}/{last}{mark}'" in found.value.expected
        assert f"'[{first}{mark}..{last}{mark}]'" in found.value.expected
        assert SEASON.search(found.value.expected) is None


def test_a_column_of_months_has_twelve() -> None:
    """A cell is refused, unless its second number is that of a month."""
    for text, first, last in RANGES:
        # Of a table of which no row can be read, nothing else would be told.
        found = tables.loads(f"d\n2019-04\n{text}\n", BY_MONTH, FACTS)
        _, *read = [str(entry.event.when) for entry in found.log if entry.event]
        if MONTH.fullmatch(text):
            assert [text] == read
        elif text == f"{first}-00":  # an unknown month, in tables
            assert [text[:4]] == read
        else:
            assert [] == read
            if re.fullmatch("[0-9]{4}-[1-9][0-9]", text):
                assert f"are these years, {first}/{last} or" in found.rejected[0].reason
    (beyond,) = tables.loads("d\n2019-04\n1938-20\n", BY_MONTH, FACTS).rejected
    assert "'1938-20' is not an existing month; say" in beyond.reason


def test_a_proposal_asks() -> None:
    """Whether the model copies the words, or writes them as EDTF would a month."""
    for text, first, last in RANGES:
        for when in (text, f"{first}-{last % 100:02}"):
            document = f"Azerbaijan joined in {text}."
            assert {"when"} == {fault.place for fault in _problems(when, document)}


@pytest.mark.parametrize(
    ("when", "document", "alone"),
    [
        ("1938-39", "He joined from September to December 1938.", "[1938-09..1938-12]"),
        ("1904-05", "He joined in 1904/5, that is May 1904.", "1904-05-XX"),
        (
            "1936-39/1940",
            "He joined in 1936 to 1939, from September 1936 to December 1936.",
            "[1936-09..1936-12]",
        ),
    ],
)
def test_a_question_says_what_is_never_years(
    when: str, document: str, alone: str
) -> None:
    """So that whoever means the month or the season can say so."""
    (asked,) = _problems(when, document)
    assert f"or {alone}, which is never years" in str(asked)
    assert () == _problems(alone, document)


@pytest.mark.parametrize(
    ("when", "document"),
    [
        ("1904-05", "Azerbaijan joined in May 1904."),
        ("1904-05", "Azerbaijan joined on 1904-05-12."),
        ("2016-21", "Azerbaijan joined in spring 2016."),
        ("2019-04", "Azerbaijan joined in 2019-04."),
    ],
)
def test_a_month_that_is_none_of_years_is_proposed(when: str, document: str) -> None:
    """What the document says in words, or as no range can be, is not asked about."""
    assert () == _problems(when, document)


def test_months_that_lie_anywhere_are_not_asked_about() -> None:
    """But for one that is the next year too; years alone are told from months."""
    joined = Joined("AZE", "B")
    months = EventLog.of(*(Event(joined, when=f"2001-0{n}") for n in (1, 5, 9)))
    assert [] == [one for one in log_problems(months) if "years" in one]
    # One of twelve months is that of the next year by chance, and no more of them.
    others = [f"{year}-{month:02}" for year in (1991, 2018) for month in range(1, 7)]
    assert [] == _asked("2005-06", *others)
    assert _asked("2005-06", *others[2:])
    assert _asked("2005-06", "2006-07", *others)
    assert _asked("1938-39", "2005-06", *others)
    (asked,) = _asked("2001-05")
    assert "dates: 1 date such as 2001-05 may be two years" in asked
    assert [] == _asked("1911-24")
    (asked,) = _asked("1911-25")  # a season that few know of
    assert "such as 1911-25" in asked
    (asked,) = _asked("2020-21/2022-04-24")
    assert "such as 2020-21" in asked
    assert "([2020-03..2020-05] is never years)" in asked


def test_a_table_is_asked_about_its_years(tmp_path: Path) -> None:
    """In whatever way they are joined; days, and other texts, are not met."""
    path = tmp_path / "a.csv"
    path.write_text(
        "when,day,code\n1938/39,2019/04/24,A/38-39\n1924\u201325,,\n1920-24,,\n",
        "utf-8",
    )
    asked = [one for one in table_problems(path) if "years" in one]
    meant = "is 1938/1939 or [1938..1939] meant?"
    text = "column 'when': 3 dates such as 1938/39 may be two years"
    assert [f"{text}: {meant}"] == asked
