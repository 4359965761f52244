"""No language says another number or date than English, in any output."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, cast
from xml.etree import ElementTree as ET

import attrs
import pytest
from drawings import SVG
from edtf_model import dates
from effort import at_most
from hypothesis import example, given
from hypothesis import strategies as st
from pages_model import relation_logs

from bri_timeline import Event, EventLog, Place, Source, dyads
from bri_timeline.edtf import Edtf, in_words
from bri_timeline.errors import EdtfError
from bri_timeline.measures import count
from bri_timeline.pages import (
    beliefs,
    calendar,
    dumbbell,
    html,
    in_force,
    markdown,
    network,
    panel,
    places,
    sources,
    svg,
    text,
)
from bri_timeline.pages._wording import LANGUAGES, Strings, strings
from bri_timeline.relations import (
    AgreementSigned,
    IndicatorObserved,
    Money,
    relationship,
)


PAIR = relationship("AZE", "CHN")
DAYS = [date(2016, 2, 29), date(2019, 4, 25), date(2025, 12, 31)]

# Chinese counts by ten thousands, and German has another comma.
DEAL = Event(
    AgreementSigned(("AZE", "CHN"), "deal", value=Money("3200000000", "USD")),
    when="2015-03-17",
    cite=Source("Daily", published="2018-05"),
)
LATE = Event(
    IndicatorObserved(("AZE", "CHN"), "trade", "12345.67", "tonnes", period="2014"),
    when="[2015-12-28..2016-02-29]",
    cite=Source("Review", published="2019"),
)


@pytest.fixture(autouse=True, scope="module")
def digits_for_numbers() -> Iterator[None]:
    """Small numbers are digits too: "no" and "one" have other uses than to count."""
    with pytest.MonkeyPatch.context() as patch:
        for code in LANGUAGES:
            patch.setitem(cast("Any", strings(code).tables["language"]), "numerals", [])
        yield


def _in_full(power: int, found: re.Match[str]) -> str:
    return f"{Decimal(found[1].replace(',', '.')).scaleb(power):f}"


def numbers_of(said: str, words: Strings) -> Counter[str]:
    """Return the numbers in a text, those of months and of amounts among them."""
    table = words.tables
    group, point = (re.escape(str(table["language"][n])) for n in ("group", "decimal"))
    said = re.sub(
        rf"(?<!\d)\d{{1,3}}(?:{group}\d{{3}})+(?!\d)",
        lambda found: re.sub(r"\D", "", found[0]),
        said,
    )
    for power, word in cast("list[tuple[int, str]]", table["money"]["words"]):
        amount = rf"(\d+(?:{point}\d+)?)\s?{re.escape(word)}"
        said = re.sub(amount, partial(_in_full, power), said)
    for name in ("months", "months_of"):
        for n, month in enumerate(cast("list[str]", table["when"][name]), start=1):
            if month.isalpha():
                # "May have happened" is no month.
                said = re.sub(rf"\b{month}\b(?! have)", f" {n} ", said)
    numbers = Counter(number.lstrip("0") for number in re.findall(r"\d+", said))
    # One is an article in some languages, and zero is "no".
    del numbers[""], numbers["1"]
    return numbers


# By language: what says "around", and what says that a date is uncertain.
DOUBTS = {
    "en": ("around", "uncertain"),
    "de": ("etwa", "unsicher"),
    "ru": ("примерно", "неточно"),
    "zh": ("前后", "不确定"),
}


def single_dates() -> st.SearchStrategy[str]:
    """Dates with masks and marks, but no quarters: some languages have words for 2."""
    few = dates().map(lambda one: one.text)
    return few.filter(lambda text: not re.search(r"-(3[3-9]|4[01])", text))


@given(
    st.sampled_from(["{}", "[{}..{}]", "[..{}]", "[{},{}]", "{}/{}", "{}/..", "/{}"]),
    st.lists(single_dates(), min_size=2, max_size=2),
)
@example("[{}..{}]", ["2015?", "2016?"])
@example("[{}..{}]", ["2015-04~", "2015-06?"])
@example("{}/{}", ["2015-12-31", "2016-02-29"])
def test_each_language_tells_a_date_as_english_does(form: str, ends: list[str]) -> None:
    """Numbers and doubts are as many in all, and none leaves what English words."""
    try:
        when = Edtf(form.format(*sorted(ends)))
    except EdtfError:
        return
    told = dict[str, object]()
    for code in LANGUAGES:
        said = in_words(when, code)
        doubts = tuple(said.count(doubt) for doubt in DOUBTS[code])
        # A month or a year that both ends share may be named once.
        numbers = {*numbers_of(said, strings(code))}
        has_no_words = re.search(r"[][X]|[.][.]", said) is not None
        told[code] = str(when) if has_no_words else (numbers, doubts)

    assert all(one == told["en"] for one in told.values())


def told_in(drawing: str) -> list[str]:
    """Return the description of a picture, and what each mark stands for.

    What is drawn beside them depends on the room that words need.
    """
    root = ET.fromstring(drawing)
    found = [
        node.text or "" for tag in ("desc", "title") for node in root.iter(SVG + tag)
    ]
    return [words for words in found if words != root.findtext(f"{SVG}title")]


def outputs(log: EventLog, day: date, language: str) -> dict[str, list[str]]:
    """Return all that is said of a log, by the kind of output."""
    view, early = log.as_of(day), log.as_of(day, known_by="2019-04-24")
    about: Any = {"projection": PAIR, "language": language}
    where = Place("7", 40.4, 49.9, "country")
    there = EventLog.of(*{attrs.evolve(e, where=where): 0 for e in view.events})
    years = log.panel(
        count(), by=dyads, start="2013-01-01", stop="2020-01-01", every="year"
    )
    pictures = {
        "svg": svg.render(view, **about),
        "beliefs": beliefs.render(log, on=day, **about),
        "sources": sources.render(log, on=day, language=language),
        "in_force": in_force.render(log, on=day, language=language),
        "dumbbell": dumbbell.render(early, view, **about),
        "calendar": calendar.render(view, language=language),
        "network": network.render(view, projection=relationship, language=language),
        "places": places.render(there, language=language),
        "panel": panel.render(years, language=language),
    }
    page = html.render(log, **about)
    data = json.loads(re.findall(r'id="page-data">(.*?)</script>', page, re.S)[0])
    return {
        **{name: told_in(drawing) for name, drawing in pictures.items()},
        "text": [text.render(view, **about)],
        "markdown": markdown.render(view, language=language).split("\n---\n")[1:],
        "dates": data["dates"][language],
    }


@at_most(15)
@given(relation_logs(), st.sampled_from(DAYS))
def test_each_language_has_the_numbers_of_english(log: EventLog, day: date) -> None:
    """Text by text: what a mark, a line or a sentence says has the same numbers."""
    log = log.extend([DEAL, LATE])
    found = {}
    for language in LANGUAGES:
        words = strings(language)
        found[language] = {
            name: sorted(sorted(numbers_of(one, words).elements()) for one in said)
            for name, said in outputs(log, day, language).items()
        }
    for language in LANGUAGES[1:]:
        for name, said in found[language].items():
            assert said == found["en"][name], (language, name)
