"""In a browser a page claims what the library says: sentence, bins, late reports."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from attrs import evolve
from driving import AZE_CHN, opened, stops
from webdriver import Browser
from worlds import (
    eventful_log,
    memberships_log,
    owners_log,
    stakes,
    tangled_log,
)

from bri_timeline import Edtf, Entry, Event, EventLog, Projection, Source, View
from bri_timeline._calendar import iso, to_day
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.edtf import in_words
from bri_timeline.pages import html
from bri_timeline.pages._bins import counts_in
from bri_timeline.pages._marks import ClaimStatus, PictureRow, rows_of, span
from bri_timeline.pages._markup import plain_text
from bri_timeline.pages._state_values import basis_words, summary
from bri_timeline.pages._wording import (
    LANGUAGES,
    Strings,
    date_words,
    describe_event,
    kind,
    strings,
    words_for,
)
from bri_timeline.pages.html._phrases import page_phrases
from bri_timeline.relations import (
    AgreementSigned,
    Joined,
    Left,
    Met,
    ProjectStatusChanged,
    Visited,
    relationship,
)


EN = strings("en")
SAID = """
const clauses = [...document.querySelectorAll('.clause:not(.late)')];
return [document.getElementById('told'), ...clauses].map((node) => node.textContent);
"""
TABLE = """
return [...document.querySelectorAll('#claims tbody tr')].map((row) => [
  row.querySelector('th').textContent, row.querySelector('.what').textContent]);
"""
FORMS = (
    *("2015", "2015-06", "2016~", "2016%", "2015-06~", "-0044", "-0044-03-15", "0045"),
    *("2015/2017", "2015/..", "2015/", "../2015", "/2015", "2015-06/2015-08", "201X"),
    *("[..2015-09-16]", "[2015-06..]", "[2019-04-24..2019-04-26]", "[2016,2018]"),
    *("20XX", "2015-04-XX", "2015-XX", "2015-21", "2019-24", "2015-33", "2015-41"),
    *("2015?", "2019-04-24", "2019-04-24T10:00:00Z"),
)
SENTENCE = "return document.getElementById('sentence').textContent"
BINS = """
return [...document.querySelectorAll('.strip')].map((strip) => [
  strip.querySelector('.kind').textContent,
  [...strip.querySelectorAll('.bin:not([hidden])')].map((bin) => [
    Number(bin.dataset.from), Number(bin.dataset.to), bin.getAttribute('aria-label'),
    bin.getBoundingClientRect().height])]);
"""
LEFTS = """
return ['.kind', '.text', '.bars'].map((part) =>
  document.querySelector(`.strip ${part}`).getBoundingClientRect().left);
"""
# For each column of a canvas the number of rows that are painted.
TALL = """
const canvas = document.querySelector(arguments[0]);
const { width, height } = canvas;
const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
return Array.from({ length: width }, (_, x) => Array.from({ length: height }, (_, y) =>
  data[4 * (y * width + x) + 3] > 0).filter(Boolean).length);
"""


def dated(*dates: str, parties: tuple[str, str] = ("AZE", "CHN")) -> EventLog:
    """Return visits of some dates, each reported in the year after the next."""
    return EventLog.of(
        *(
            Event(
                Visited(*parties, occasion=f"occasion {n}"),
                when=when,
                cite=Source("Yearbook", published=f"{int(when[:4]) + 2}-03-05"),
            )
            for n, when in enumerate(dates)
        )
    )


def visit(when: str) -> Event:
    """Return a visit of a date."""
    return Event(Visited("AZE", "CHN"), when=when)


YEARS = dated(*(f"{2000 + n % 20}" for n in range(400)))


def drawn(
    browser: Browser,
    folder: Path,
    log: EventLog,
    projection: Projection[Any] | None = AZE_CHN,
) -> None:
    """Open the page of a log."""
    path = folder / "claims.html"
    html.render(log, projection=projection).save(path)
    opened(browser, path)


def without_amounts(log: EventLog) -> EventLog:
    """Return a log whose agreements have no value: a browser words money by itself."""

    def changed(entry: Entry) -> Entry:
        event = entry.event
        if event is None or not isinstance(event.what, AgreementSigned):
            return entry
        what, key = evolve(event.what, value=None), event._key
        name = key if isinstance(key, str) else None
        return evolve(
            entry, event=Event(what, when=event.when, cite=event.cite, id=name)
        )

    return EventLog(map(changed, log))


def ended_log() -> EventLog:
    """Return memberships that are over, for certain or perhaps, by leaving too."""
    facts: tuple[tuple[object, str], ...] = (
        (Joined("UZB", "CSTO"), "2006-08-16"),
        (Left("UZB", "CSTO"), "2012-01-02/2012-01-04"),
        (Left("UZB", "CIS"), "[2010..2014]"),
        (Left("UZB", "org:sco"), "2013"),
        (Visited("UZB", "CHN"), "2007-01-02/2007-01-04"),
        (ProjectStatusChanged(("UZB", "CHN"), "A", "begun"), "2001/2002"),
        (ProjectStatusChanged(("UZB", "CHN"), "A", "built"), "2009"),
        (ProjectStatusChanged(("UZB", "CHN"), "B", "begun"), "2001/2002"),
        (ProjectStatusChanged(("UZB", "CHN"), "B", "built"), "2002/2003"),
    )
    source = Source("Chronicle", published="2008")
    return memberships_log().extend(
        Event(what, when=when, cite=source) for what, when in facts
    )


def by_library(
    view: View, projection: Projection[Any] | None, words: Strings
) -> list[str]:
    """Return what the sentence of a picture says after its dates, and its clauses."""
    told = plain_text(summary(view, projection, None, words))
    dates = {"day": words.day(view.day_number), "known": basis_words(view, words)}
    start, end = words("sentence.known", **dates, what="\0").split("\0")
    parts = told.removeprefix(start).removesuffix(end)
    return parts.casefold().split(words("sentence.clause"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_is_that_of_a_picture(
    browser: Browser, pictures: Path, language: str
) -> None:
    """On any day, as known on any other, but for late reports: a view has none."""
    random, words = Random(language), strings(language)
    for log in map(without_amounts, (eventful_log(), tangled_log(60), ended_log())):
        for projection in (AZE_CHN, None):
            drawn(browser, pictures, log, projection)
            days, knowns = stops(browser)
            for _ in range(4):
                day, known = iso(random.choice(days)), iso(random.choice(knowns))
                there = f"day={day}&known={known}&lang={language}"
                browser.run("location.hash = arguments[0]", there)
                browser.settled()
                view = log.as_of(day, known_by=known)
                said = [part.casefold() for part in browser.run(SAID)]

                assert by_library(view, projection, words) == said, there


@pytest.mark.parametrize("language", LANGUAGES)
def test_claims_and_dates_have_the_words_of_the_library(
    browser: Browser, pictures: Path, language: str
) -> None:
    """Each claim of the chronicle, and dates of many forms, in the table of a page."""
    browser.log("browser")  # what other tests left
    forms = (visit(form) for form in FORMS)
    log = azerbaijan_china().extend(forms)
    drawn(browser, pictures, log, None)
    browser.run(
        "location.hash = arguments[0]; document.getElementById('all').open = true",
        f"lang={language}",
    )
    browser.settled()
    events = [entry.event for entry in log if entry.event is not None]
    # The page names no two states, so that agreements do.
    ever = words_for(language, log.as_of("9999-12-31"))
    said = page_phrases(ever.plans, between=True)
    phrases = [(event, *said(event, language)) for event in events]

    assert {*map(tuple, browser.run(TABLE))} == {
        (in_words(event.when, language), pattern.format_map(values))
        for event, pattern, values in phrases
    }
    assert browser.log("browser") == []


def test_each_step_has_a_sentence_that_names_what_is_new(page: Browser) -> None:
    """Play through the chronicle: the kind of what is new is one of those counted."""
    events = [entry.event for entry in azerbaijan_china() if entry.event is not None]
    kinds = [(describe_event(event), kind(event)) for event in events]
    cards = page.run("return document.querySelectorAll('.step').length")
    for place in range(cards):
        note = page.run(
            "const card = document.querySelectorAll('.step')[arguments[0]];"
            "card.click(); return card.querySelector('.note').textContent",
            place,
        )
        page.settled()
        said = page.run(SENTENCE)
        named = {kind for what, kind in kinds if what in note} or {note.split()[-1]}

        assert "nothing is reported" not in said
        assert [kind for kind in named if kind.lower().rstrip("s") in said], note
    assert cards == 6


def test_late_is_what_could_have_been_known_earlier(
    browser: Browser, pictures: Path
) -> None:
    """What ended is told in time with its end; the years are told of what mostly is."""
    late = (
        "return [...document.querySelectorAll('.late')].map((one) => one.textContent)"
    )
    drawn(browser, pictures, memberships_log(), relationship("UZB", "CHN"))
    assert [] == browser.run(late)
    drawn(browser, pictures, memberships_log(), None)
    assert [] == browser.run(late)
    drawn(browser, pictures, owners_log(), stakes)
    assert ["One has late sources, by five years or more"] == browser.run(late)
    books = dated("2001", "2002", "2019").extend(
        event
        for event in (
            entry.claim.cited(Source("History", published="2021-05"))
            for entry in dated(*(f"{year}" for year in range(1950, 1990)))
        )
    )
    drawn(browser, pictures, books)
    assert ["Mostly from sources of 2021"] == browser.run(late)


def test_a_report_is_dated_as_its_source_is(browser: Browser, pictures: Path) -> None:
    """No day is invented for a book of a year, and it is the first of these sources."""
    for date, code in product(("2003", "[2003-02..2003-12]"), LANGUAGES):
        book, words = Source("A history", published=date), strings(code)
        visit = Event(Visited("AZE", "CHN"), when="1989", cite=book)
        drawn(browser, pictures, EventLog.of(visit), None)
        browser.run("location.hash = arguments[0]", f"lang={code}")
        browser.settled()
        browser.run("document.querySelector('#chart [data-claim]').click()")
        browser.settled()
        says, panel, told = browser.run(
            "return ['.says', '#detail dl', '.late'].map("
            "(name) => document.querySelector(name).textContent)"
        )
        last, years = words.day(to_day("2003-12-31")), words.count("years", 13)
        since = date_words(Edtf(date), words)
        if date != "2003":
            since = words("status.by", known=last)
        assert words("status.first_late", known=since, years=years) == says
        assert since in panel
        assert (last in panel) is (last in since)
        assert told.lower() == words.count("late", 1, years=years).lower()


def test_clauses_are_about_no_more_than_is_counted(
    browser: Browser, pictures: Path
) -> None:
    """Of what is late, and of what sources differ about, there is not more than all."""
    random = Random(6)
    drawn(browser, pictures, tangled_log(120))
    days, knowns = stops(browser)
    seen = 0
    for _ in range(14):
        day, known = iso(random.choice(days)), iso(random.choice(knowns))
        browser.run("location.hash = arguments[0]", f"day={day}&known={known}&lang=zh")
        browser.settled()
        told, *_ = browser.run(SAID)
        clauses = browser.run(
            "return [...document.querySelectorAll('.differ, .late')]"
            ".map((node) => node.textContent).filter((one) => !one.includes('多据'))"
        )
        counted = sum(
            map(int, re.findall("[0-9]+", re.sub("\uff08.*?\uff09", "", told)))
        )
        numbers = [int(re.findall("[0-9]+", text)[0]) for text in clauses]
        seen += len(numbers)

        assert all(n <= counted for n in numbers), (day, known)
    assert seen > 5


class TestBins:
    """Claims that are too many for rows."""

    def test_no_bin_invents_days(self, browser: Browser, pictures: Path) -> None:
        """Dates of years lie in no shorter bin for certain, and are flat."""
        drawn(browser, pictures, YEARS)
        [(_, bins)] = browser.run(BINS)
        name, number, bars = browser.run(LEFTS)
        heights = [height for *_, height in bins]
        strip = [tall for tall in browser.run(TALL, "#overview canvas") if tall]

        assert len(bins) == 40
        # So many there are: beside the bins it would be the number of a source.
        assert name == number < bars
        assert all("0 certainly, up to 20 from" in label for _, _, label, _ in bins)
        assert max(heights) <= 1.05 * min(heights)
        assert max(strip) <= 1.05 * min(strip)
        browser.screenshot(pictures / "years.png")

    def test_each_kind_has_its_own_scale(
        self, browser: Browser, pictures: Path
    ) -> None:
        """The most of a kind are as high as those of another, and one is seen."""
        met = (f"{2004 + n // 3}-02-0{n + 1}" for n in range(4))
        few = EventLog.of(*(Event(Met(("AZE", "CHN")), when=day) for day in met))
        drawn(browser, pictures, dated(*["2010-05-05"] * 199, "2001-03-03") + few)
        bins = {lane: {high for *_, high in bins} for lane, bins in browser.run(BINS)}
        said = browser.run(
            "return [...document.querySelectorAll('.strip .text')]"
            ".map((node) => node.textContent)"
        )

        assert bins == {"Visits": {30, 1}, "Meetings": {30, 10}}
        assert ["200; at most 199 in a bar", "4; at most 3 in a bar"] == said

    def test_years_are_certain_in_their_years(
        self, browser: Browser, pictures: Path
    ) -> None:
        """Where there is room for years only, each date lies in its bin."""
        drawn(browser, pictures, dated(*(f"{1700 + n}" for n in range(220))))
        [(_, bins)] = browser.run(BINS)

        assert all(re.search(": [0-9]+ claims from", label) for _, _, label, _ in bins)

    def test_bins_have_the_numbers_of_a_picture(
        self, browser: Browser, pictures: Path
    ) -> None:
        """Between the same days as many lie there as in `svg`, also after a zoom."""
        log = tangled_log(480)
        drawn(browser, pictures, log)
        day, known = "2015-06-01", iso(stops(browser)[1][-1])
        for zoom in ("", "&zoom=2001-03-05/2018-08-09"):
            browser.run("location.hash = arguments[0]", f"day={day}{zoom}")
            browser.settled()
            view = log.as_of(day, known_by=known).concerning("AZE", "CHN")
            lanes: dict[str, list[PictureRow]] = {}
            for row in rows_of(view, AZE_CHN, "kind", EN):
                if row.counts:
                    lanes.setdefault(row.lane, []).append(row)
            drawn_bins = browser.run(BINS)
            for lane, bins in drawn_bins:
                dates = [
                    (span(row.event.when), row.status is ClaimStatus.CERTAIN)
                    for row in lanes[lane]
                ]
                for first, last, label, _ in bins:
                    [low], [high] = counts_in([first, last + 1], dates)

                    assert (low, high) == numbers_in(label), (lane, label)
            assert drawn_bins

    def test_a_span_is_a_line_of_the_plane(
        self, browser: Browser, pictures: Path
    ) -> None:
        """A date of a year is as wide as its year in the picture of what was known."""
        drawn(browser, pictures, dated("2010", "2015-05-05", "2016-06-06"))
        columns = browser.run(TALL, "#plane canvas")
        widest = max(len(run) for run in "".join(
            "x" if 0 < tall <= 4 else " " for tall in columns).split())  # fmt: skip

        assert widest >= 20

    def test_small_multiples_are_flat_too(
        self, browser: Browser, pictures: Path
    ) -> None:
        """Of each pair what may lie there is pale, and all years are as tall."""
        other = dated(*(f"{2000 + n % 20}" for n in range(60)), parties=("AZE", "GEO"))
        few = EventLog.of(Event(Met(("GEO", "CHN")), when="2003"))
        drawn(browser, pictures, YEARS + other + few, None)
        cards = browser.run(
            "return [...document.querySelectorAll('.pair')].map((card) =>"
            " [...card.querySelectorAll('rect')].map((one) =>"
            " [one.getAttribute('height'), one.getAttribute('class')]))"
        )
        heights = [
            {height for height, name in card if float(height) and "wide" in name}
            for card in cards
        ]

        assert [1, 1, 1] == [*map(len, heights)]


def numbers_in(label: str) -> tuple[int, int]:
    """Return how many a bin says lie in it, for certain and at most."""
    label = label.replace("one claim", "1 claim")
    found = re.search(
        r": (?:(\d+) certainly, up to )?(\d+)( claim| on a later)?", label
    )
    assert found is not None
    if found[3] == " on a later":
        return 0, 0
    return int(found[1] or found[2]), int(found[2])
