"""Who says what is read back from its picture."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date

import pytest
from drawings import groups, texts_of, words_of
from hypothesis import example, given
from log_strategies import Fact, known_by_days, logs, view_days

from bri_timeline import Event, EventLog, Place, Reason, Source, View
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.pages import sources
from bri_timeline.pages._sheets import COLOURS, PAPER
from bri_timeline.pages._wording import LANGUAGES, strings
from bri_timeline.relations import relationship


AGREES, LESS = "agrees with what is taken", "says less"
DIFFERS = "differs in the date, the place or a value"
SILENT, NOT_YET = "silent", "not out yet"


def said(view: View) -> dict[str, dict[str, set[str]]]:
    """Return by happening what sources say that were out, from the view itself."""
    cited, found = view.as_cited, dict[str, dict[str, set[str]]]()
    for event in (*view.events, *view.undecided):
        by_source = found.setdefault(event.id, {})
        for citation in cited(event).cite:
            by_source.setdefault(citation.source.title, set()).add("counts")
    for aside in view.set_aside:
        if aside.reason is Reason.DISPUTED and aside.event.id in found:
            for citation in cited(aside.event).cite:
                by_source = found[aside.event.id]
                by_source.setdefault(citation.source.title, set()).add(DIFFERS)
    return found


def begun(view: View) -> dict[str, float]:
    """Return by happening the first day on which it may have begun, as anybody says."""
    asides = [a.event for a in view.set_aside if a.reason is Reason.DISPUTED]
    cited, found = view.as_cited, dict[str, float]()
    for event in (
        *view.events,
        *view.undecided,
        *filter(lambda e: cited(e).cite, asides),
    ):
        day = event.when.earliest_start
        found[event.id] = min(day, found.get(event.id, day))
    return found


def claim(when: str, title: str, text: str = "a") -> Event:
    """A claim of one happening."""
    cite = Source(title, published="2016-02-01")
    return Event(Fact(text), when=when, cite=cite, id="x")


DISPUTED = EventLog.of(claim("2016-01-05", "One"), claim("2016-01-04", "Two", "b"))


def released(log: EventLog) -> dict[str, float]:
    """Return by source the day it was out; without a date it may be any."""
    cites = [entry.event.cite for entry in log if entry.event is not None]
    some = [citation.source for cite in cites for citation in cite]
    return {s.title: math.inf if s.known_day is None else s.known_day for s in some}


@given(logs(), view_days(), known_by_days())
@example(DISPUTED, date(2016, 3, 1), date(2017, 1, 1))
@example(DISPUTED, date(2016, 3, 1), date(2016, 1, 31))
def test_each_cell_is_what_the_source_says_in_the_view(
    log: EventLog, day: date, known: date
) -> None:
    """Who is cited by what counts agrees or says less; who is set aside differs."""
    view, ever = log.as_of(day, known), said(log.as_of(day))
    since, out = begun(view), released(log)
    wanted: list[tuple[float, dict[str, set[str]]]] = []
    for name, by_source in said(view).items():
        row = {**{s: {NOT_YET} for s in ever.get(name, {})}, **by_source}
        if len(row) > 1:
            wanted.append((since[name], row))
    columns = {source for _, row in wanted for source in row}
    drawing = sources.render(log, on=day, known_by=known)
    cells = [(g.told[0], {*g.told[2:]}) for g in groups(drawing)]
    found = Counter(
        (source, frozenset({"counts"} if k in (AGREES, LESS) else {k}))
        for source, told in cells
        for k in told & {AGREES, LESS, DIFFERS, SILENT, NOT_YET}
    )

    assert found == Counter(
        (source, frozenset({kind}))
        for first, row in wanted
        for source in columns
        # What was out before it could tell nothing of it: that is no silence.
        for kind in row.get(source, {SILENT} if out[source] >= first else ())
    )


def test_what_was_out_before_says_nothing_of_it() -> None:
    """An article of 2015 is not silent about a meeting of 2016."""
    first, other = (
        Event(Fact(name), when=when, cite=[Source(t, published=d) for t, d in cite])
        for name, when, cite in (
            ("a", "2014", [("Early", "2015-12-31"), ("Late", "2016-01-05")]),
            ("b", "2016-01-05", [("On the day", "2016-01-05"), ("Book", "2017")]),
        )
    )
    cells = groups(sources.render(EventLog.of(first, other)))
    said = [(c.told[0], c.told[-1]) for c in cells if "b" in str(c.told[1])]

    assert ("Late", SILENT) in said
    assert "Early" not in [name for name, _ in said]


def kinds_of(drawing: str) -> dict[str, list[str]]:
    """Return what each source says of the only happening."""
    return {group.told[0]: group.told[2:] for group in groups(drawing)}


def test_a_source_that_says_less_agrees_with_less() -> None:
    """A year beside a day says less; another day differs, with its date."""
    log = EventLog.of(claim("2016-01-05", "Day"), claim("2016", "Year"))
    less = kinds_of(sources.render(log))
    other = sources.render(log.append(claim("2016-01-06", "Other", "b")))

    assert less == {"Day": [AGREES], "Year": [LESS]}
    full, half = (
        [mark.get("fill") for mark in group.marks("path")]
        for group in groups(sources.render(log))
    )
    assert (full, half) == ([COLOURS[0]], [PAPER, COLOURS[0]])
    assert kinds_of(other) == {
        "Other": [AGREES],
        "Day": [DIFFERS, "5 January 2016"],
        "Year": [DIFFERS, "some time in 2016"],
    }
    assert "\u2260" in words_of(other)


def test_places_and_names_are_compared_too() -> None:
    """Who leaves out the place says less."""
    where = Event(
        Fact("a"),
        when="2016-01-05",
        where=Place("Baku"),
        cite=Source("Where", published="2016-02-01"),
        id="x",
    )
    log = EventLog.of(where, claim("2016-01-05", "No place"))

    assert kinds_of(sources.render(log)) == {"Where": [AGREES], "No place": [LESS]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chronicle_before_its_article_was_out(language: str) -> None:
    """The article that is cited by all is not out yet; the dispute comes first."""
    drawing = sources.render(
        azerbaijan_china(),
        projection=relationship("AZE", "CHN"),
        on="2019-04-25",
        known_by="2019-04-26",
        width=480,
        language=language,
    )
    first, *_ = drawn = groups(drawing)
    words = strings(language)

    assert "Xi Jinping" in first.told[1]
    assert sum(words("pictures.not_yet") in g.told for g in drawn) == 19
    assert words.count("differing", 1) in drawing


def test_what_is_left_out_is_counted() -> None:
    """Of more happenings, and of more sources than have room, the first are drawn."""
    cite = [Source(f"{'long ' * 40}{n}") for n in range(30)]
    log = EventLog.of(
        *(Event(Fact("a"), when=f"20{n}", cite=cite) for n in range(10, 40))
    )
    drawing = sources.render(log, most=3)

    assert "27 events left out" in drawing
    # What has one source only is not drawn, so it is left out too.
    log = log.append(Event(Fact("b"), when="2009", cite=cite[:1]))
    assert "one has a single report; 28 events left out" in sources.render(log, most=3)
    assert len(groups(drawing)) == 3 * 24
    assert "nothing is reported" in sources.render(EventLog())


@pytest.mark.parametrize(("number", "width"), [(2, 960), (5, 960), (24, 480)])
def test_sources_of_one_title_are_told_apart_by_their_dates(
    number: int, width: int
) -> None:
    """Issues of one paper are not as many witnesses of one name; a book has its own."""
    paper = [
        Source(f"{n}", container="The Long Daily Paper of the Capital",
               published=f"2016-01-{n + 1:02}")
        for n in range(number - 1)
    ]  # fmt: skip
    cite = [*paper, Source("A book", published="2016-02-01")]
    drawing = sources.render(EventLog.of(Event(Fact("a"), when="2015", cite=cite)),
                             width=width)  # fmt: skip
    heads = words_of(drawing).partition("Sources")[0]

    for source in paper if number > 2 else ():
        date = strings("en").day(source.known_day or 0)
        assert date in heads
    assert ("1 January 2016" in heads) is (number > 2)
    assert "1 February 2016" not in heads


def test_a_rival_says_in_what_it_differs() -> None:
    """In a date, in a place or in a value: what is the same is not repeated."""
    ganja = Place("Ganja")
    taken = Event(Fact("a"), when="2016-01-01", where=ganja, cite=Source("A"), id="x")
    rivals = {
        "\u2260 2 January 2016 [": Event(Fact("a"), when="2016-01-02", id="x"),
        "\u2260 Fact: value b": Event(Fact("b"), when="2016-01-01", id="x"),
        "\u2260 2 January 2016, Fact: value b": Event(
            Fact("b"), when="2016-01-02", id="x"
        ),
        "\u2260 Fact: value a, parties ; place: Baku [": Event(
            Fact("a"), when="2016-01-01", where=Place("Baku"), id="x"
        ),
    }
    for told, rival in rivals.items():
        log = EventLog.of(rival.cited((Source("B"),)), taken)
        (found,) = (t for t in texts_of(sources.render(log)) if "\u2260 " in t)
        assert told in found


REPORTS = {
    "en": ("several reports", "ource"),
    "de": ("mehrere Berichte", "uelle"),
    "ru": ("несколькими сообщениями", "сточник"),
    "zh": ("多篇报道", "来源"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_articles_of_one_newspaper_are_several_reports(language: str) -> None:
    """They are not several sources: that they rest on one author is not excluded."""
    issues = [Source(f"Issue {n}", container="Daily", published=f"2016-01-0{n}")
              for n in range(1, 5)]  # fmt: skip
    event = Event(Fact("a"), when="2015", cite=issues, id="x")
    one = Event(Fact("b"), when="2014", cite=issues[0])
    rival = Event(Fact("c"), when="2015", cite=issues[1], id="x")
    drawing = sources.render(EventLog.of(event, one, rival), language=language)
    said = drawing.partition("</desc>")[0].rpartition(">")[2]
    reports, source = REPORTS[language]

    assert reports in said
    assert source not in said
