"""What the library says of shipped facts and dates, in each of its languages."""

from __future__ import annotations

import json
import re
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree as ET

import attrs
import pytest
from drawings import SVG
from effort import at_most
from fact_strategies import facts
from hypothesis import given
from log_strategies import Fact
from pages_model import content_of
from pages_reader import read

from bri_timeline import Event, EventLog, Place, Source, View, dyads
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.edtf import Edtf, in_words
from bri_timeline.errors import PictureError
from bri_timeline.extend import event_phrase
from bri_timeline.measures import count
from bri_timeline.pages import (
    beliefs,
    calendar,
    describe_event,
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
from bri_timeline.pages._state_values import told_as, value_words
from bri_timeline.pages._wording import (
    LANGUAGES,
    because_words,
    event_words,
    strings,
)
from bri_timeline.relations import (
    AgreementSigned,
    IndicatorObserved,
    Joined,
    Met,
    Money,
    Plan,
    Planned,
    PositionDeclared,
    Visited,
    named,
    relationship,
)
from bri_timeline.relations._describing import _told


AZE_CHN = relationship("AZE", "CHN")
FORMS = (
    *("2015", "2015-06", "2016~", "2016?", "2016%", "2015-06~", "-0044", "0045"),
    *("2015/2017", "2015/..", "2015/", "../2015", "/2015", "2015-06/2015-08"),
    *("[..2015-09-16]", "[2015-06..]", "[2019-04-24..2019-04-26]", "[2016,2018]"),
    *("{2012,2016..2018}", "{2015-04-01..}", "{..2015-04}", "201X", "20XX"),
    *("2015-04-XX", "2015-XX", "2015-21", "2019-24", "2015-33", "2019-04-24"),
)
# The words that German and English have in common.
SHARED = {
    *("april", "august", "september", "china", "iran"),
    *("jan", "feb", "apr", "jun", "jul", "aug", "sep", "nov"),
    *("filter", "in", "link", "plan", "so", "was"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@at_most(60)
@given(fact=facts)
def test_every_fact_is_described(language: str, fact: Any) -> None:
    """No template fails or keeps a hole, and all that it fills in is there."""
    said = describe_event(Event(fact, when="2019", where=Place("Baku")), language)
    pattern, values = event_phrase(fact, language)
    holes = set(re.findall(r"\{(\w+)\}", pattern))

    assert not re.search(r"[{}\[\]|]", said)
    assert holes <= values.keys()
    assert all(values[hole] and values[hole] in said for hole in holes)
    assert said == said.strip()
    assert said.endswith("Baku")
    assert language != "en" or said.startswith(str(fact))


@given(fact=facts)
@at_most(60)
def test_every_language_says_the_same(fact: Any) -> None:
    """The same fields are told in all languages."""
    told = [event_phrase(fact, language)[0] for language in LANGUAGES]

    assert len({frozenset(re.findall(r"\{\w+\}", pattern)) for pattern in told}) == 1


@pytest.mark.parametrize(
    ("number", "german"),
    [
        (1300, "1.300"),
        (1300.5, "1.300,5"),
        (Decimal("1.5E+3"), "1.500"),
        (Fraction(1300, 3), "1300/3"),
    ],
)
def test_numbers_have_the_marks_of_the_language(
    number: Decimal | Fraction | float, german: str
) -> None:
    """Numbers of any kind that a state can have are told; fractions as they are."""
    assert strings("de").number(number) == german


def test_facts_are_told_in_other_languages() -> None:
    """States have their names of CLDR, numbers and dates are those of the language."""
    visit = Visited("AZE", "CHN", who="person:ilham-aliyev", official=True)
    deal = AgreementSigned(("AZE",), "X", value=Money("821000000", "USD"))
    share = IndicatorObserved(("CHN",), "X", "1300.5", "percent", period="2015")

    assert [describe_event(visit, language) for language in LANGUAGES[1:]] == [
        "Offizieller Besuch: Ilham Aliyev (Aserbaidschan), Gastgeber: China",
        "Официальный визит: Ilham Aliyev (Азербайджан), принимающая сторона — Китай",
        "阿塞拜疆的Ilham Aliyev正式访问中国",
    ]
    assert [describe_event(deal, language) for language in LANGUAGES[1:]] == [
        *("Abkommen: X, Wert: 821 Mio. USD", "Соглашение: X, сумма: 821\u00a0млн USD"),
        "协议：X，金额8.21亿 USD",
    ]
    # One is equal to what is true, as the visit was said to be official.
    assert describe_event(attrs.evolve(share, value=1), "de") == "X: 1 percent (2015)"
    assert [describe_event(share, language) for language in LANGUAGES[1:]] == [
        "X: 1.300,5 percent (2015)",
        "X: 1\u00a0300,5 percent (2015\u00a0г.)",
        "X：1,300.5 percent（2015年）",
    ]


def test_facts_that_extend_others_are_told_as_these() -> None:
    """A class of one's own has the words of the class that it extends, or its own."""

    class Called(Visited):
        """A visit."""

    class Named(Visited):
        """A visit with words of its own."""

        def __str__(self) -> str:
            return "own words"

    assert describe_event(Called("AZE", "CHN"), "zh") == "阿塞拜疆访问中国"
    assert describe_event(Named("AZE", "CHN"), "zh") == "own words"
    with pytest.raises(PictureError, match="'xx' is not a language"):
        describe_event("own", "xx")


def test_states_have_english_names_without_babel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A page needs no extra: only the names of states then stay in English."""
    monkeypatch.setitem(sys.modules, "babel", None)
    for cached in (named, _told):
        cached.cache_clear()
    said = describe_event(Visited("AZE", "DEU"), "de")
    for cached in (named, _told):
        cached.cache_clear()

    assert said == "Besuch: Azerbaijan, Gastgeber: Germany"
    assert named("state:yugoslavia", "de") == "Yugoslavia"
    assert named("no id", "de") == "no id"


def test_what_is_filled_in_does_not_reorder_the_sentence() -> None:
    """Fields with letters from right to left are isolated where text is drawn."""
    arabic, said = "مشروع (A) [3]", "لا تعارض — 100%"
    fact = PositionDeclared("RUS", arabic, said)

    assert (
        event_words(fact, strings("en"))
        == f"Russia on \u2068{arabic}\u2069: \u2068{said}\u2069"
    )
    assert describe_event(fact) == f"Russia on {arabic}: {said}"
    assert event_words(Visited("AZE", "CHN"), strings("en")).isascii()


ARABIC = "\u0635\u062d\u064a\u0641\u0629"


def in_arabic() -> EventLog:
    """Return a log in which all that an author writes is Arabic, with numbers."""
    parties = frozenset({"UZB", ARABIC})
    cited = [
        Source(f"{ARABIC} {n}", author=ARABIC, container=f"{ARABIC} ({n})",
               published=f"2016-02-0{n}")
        for n in range(1, 5)
    ]  # fmt: skip
    where = Place(f"{ARABIC} 7", 40.0, 50.0, "country")
    fact = Fact(ARABIC, parties)
    joined = Joined("UZB", ARABIC)
    return EventLog.of(
        Event(joined, when="2015-01-01/..", where=where, cite=cited[0]),
        Event(fact, when="2015-03-01", where=where, cite=cited[1:3], id="x"),
        Event(fact, when="2015-03-02", cite=cited[3], id="x"),
        Event(Fact("b", parties), when="2015-03-02", cite=cited[3]),
    )


def test_no_picture_lets_letters_from_right_to_left_reorder_a_line() -> None:
    """Beside other words they are isolated, so that "[1]" stays behind its name."""
    log, state = in_arabic(), count()
    view, early = log.as_of("2016-01-01"), log.as_of("2016-01-01", "2016-02-01")

    def tell(number: object) -> dict[str, object]:
        return {f"{ARABIC} {number}": number, ARABIC: f"{ARABIC} {number}"}

    by_pair = log.panel(
        state, by=dyads, start="2015-01-01", stop="2016-01-01", every="year"
    )
    drawn = {
        "beliefs": beliefs.render(log, projection=state, tell=tell),
        "sources": sources.render(log),
        "in_force": in_force.render(log),
        "dumbbell": dumbbell.render(early, view, projection=state, tell=tell),
        "calendar": calendar.render(view),
        "network": network.render(view, projection=state, tell=tell),
        "places": places.render(view),
        "panel": panel.render(by_pair),
        "svg": svg.render(view),
    }
    for name, drawing in drawn.items():
        lines = [node.text or "" for node in ET.fromstring(drawing).iter(f"{SVG}text")]
        assert any(ARABIC in line for line in lines) == (name != "calendar")
        for line in lines:
            rest = re.sub("\u2068[^\u2068\u2069]*\u2069", "", line)
            has_others = re.search(r"[A-Za-z0-9()\[\]]", line)
            assert not (has_others and ARABIC in rest), (name, ascii(line))


def test_reasons_of_the_library_are_told_in_the_language() -> None:
    """What a release leaves out is told as such; other reasons are an author's."""
    told = {
        "not in the release of 2019-05-01": "nicht in der Ausgabe vom 1. Mai 2019",
        "changed in the release of 2019-05": "geändert in der Ausgabe vom Mai 2019",
        "not in the release of spring": "not in the release of spring",
        "misread": "misread",
    }

    assert told == {why: because_words(why, strings("de")) for why in told}


def test_values_are_told_in_the_language() -> None:
    """Events and plans that a state holds, money, numbers, and texts that are known."""
    plan = Event(Planned(("AZE",), "summit"), when="2019")
    values = {
        Event(Joined("DEU", "X"), when="2019"): "Вступление: Германия — X",
        Plan(plan): "Планируется: summit (дата не указана)",
        Money("1500000", "USD"): "1,5\u00a0млн USD",
        1234: "1\u00a0234",
        "none stated": "не указана",
        "own": "own",
    }
    words = strings("ru")

    assert values == {v: value_words(told_as("", v), words) for v in values}


def test_a_position_is_named_in_the_language() -> None:
    """A view by a position of the log says so."""
    view = azerbaijan_china().as_of("2019-04-26", known_by=4)

    assert "berichtet bis zum Eintrag 4:" in text.render(view, language="de")


# --- no other language in a page ----------------------------------------------------


def own(value: object) -> object:
    """Return what an author wrote without its words: digits instead."""
    if isinstance(value, frozenset):
        return frozenset(map(own, value))
    if isinstance(value, str):
        is_state = re.fullmatch("[A-Z]{3}", value)
        is_actor = re.fullmatch("[a-z]+:[a-z0-9-]+", value)
        return value if is_state else "person:7" if is_actor else "7"
    return value


def without_words(log: EventLog) -> EventLog:
    """Return a log in which no text is an author's, but for the ids of events."""
    source, kept = Source("7", published="2019-05-01"), EventLog()
    for entry in log:
        assert entry.event is not None
        what, fields = entry.event.what, attrs.fields_dict(type(entry.event.what))
        told = {
            (fields[name].alias or name): value if name == "part_of" else own(value)
            for name, value in attrs.asdict(what, recurse=False).items()
        }
        key = entry.event.id
        event = Event(type(what)(**told), when=entry.event.when, cite=source, id=key)
        kept = kept.append(event)
    kept = kept.retract(3, because="not in the release of 2019-05-01")
    kept = kept.append(Event(Visited("AZE", "CHN"), when="2014"))
    met = Event(Met({"AZE", "CHN"}), when="2014-03")
    return kept.append(
        met, supersedes=5, because="changed in the release of 2019-05-02"
    )


LOG = without_words(azerbaijan_china())


def outputs(language: str) -> dict[str, str]:
    """Return the text of all that is drawn and written of a log, by its kind."""
    view, early = LOG.as_of("2019-12-31"), LOG.as_of("2018-01-01", known_by=12)
    page = html.render(LOG, projection=AZE_CHN, language=language)
    data = json.loads(re.findall(r'id="page-data">(.*?)</script>', page, re.S)[0])
    [table] = [t for t in data["languages"] if t["language"]["code"] == language]
    told = json.dumps(table["patterns"] + table["terms"] + data["dates"][language],
                      ensure_ascii=False)  # fmt: skip
    found = {
        "text": text.render(view, projection=AZE_CHN, language=language),
        "svg": svg.render(view, projection=AZE_CHN, language=language),
        "chronology": markdown.render(view, language=language).split("\n---\n")[1],
        "network": network.render(view, projection=relationship, language=language),
        "page": page,
        "told": re.sub(r"\{\d+\}", " ", told),
        "strings": " ".join(table["page"].values())
        + " ".join(table["status"].values()),
    }
    found |= pictures(early, view, language)
    return {name: visible(words) for name, words in found.items()}


def pictures(early: View, view: View, language: str) -> dict[str, str]:
    """Return the pictures of one question."""
    about: Any = {"projection": AZE_CHN, "language": language}
    where = Place("7", 40.4, 49.9, "country")
    there = EventLog.of(*(attrs.evolve(event, where=where) for event in view.events))
    years = LOG.panel(
        count(), by=dyads, start="2013-01-01", stop="2020-01-01", every="year"
    )
    return {
        "beliefs": beliefs.render(LOG, **about),
        "sources": sources.render(LOG, **about),
        "in_force": in_force.render(LOG, **about),
        "dumbbell": dumbbell.render(early, view, **about),
        "calendar": calendar.render(view, **about),
        "places": places.render(there, **about),
        "panel": panel.render(years, language=language),
    }


def visible(words: str) -> str:
    """Return the text that a reader sees."""
    if words.startswith(("<svg", "<!doctype")):
        texts = read(words).texts
        words = " ".join(
            t for tag in texts.keys() - {"script", "style"} for t in texts[tag]
        )
    # Keys of citations, holes, keyboard keys, measures and codes are no words.
    codes = r"@[\w-]+|count\(\)|\{\w+\}|USD|\b(Tab|Enter|Esc|VII|SHA|[A-Z]{3})\b"
    return re.sub(codes, " ", words)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["ru", "zh"])
def test_no_latin_word_is_in_a_page_of_another_script(language: str) -> None:
    """All that the library writes of a log is in the language, in each output."""
    found = {
        name: set(re.findall(r"[A-Za-z]{2,}", words))
        for name, words in outputs(language).items()
    }

    assert not {name: words for name, words in found.items() if words}


@pytest.mark.slow
def test_no_english_word_is_in_a_german_page() -> None:
    """What a German page and an English one have in common are names."""
    english, german = outputs("en"), outputs("de")
    found = {
        name: words_of(german[name]) & words_of(english[name]) - SHARED
        for name in german
    }

    assert not {name: words for name, words in found.items() if words}


def words_of(said: str) -> set[str]:
    """Return the words of a text."""
    return set(re.findall(r"[a-zäöüß]{2,}", said.lower()))


def test_a_page_has_the_words_of_the_library_for_each_date() -> None:
    """Dates of all forms, in four languages; days by the pattern of the page."""
    # No event has a set of dates, nor is a source from one.
    forms = [form for form in FORMS if not form.startswith("{")]
    visits = (Event(Visited("AZE", "CHN"), when=form) for form in forms)
    data = content_of(html.render(EventLog.of(*visits)))
    for table in data["languages"]:
        code, when = table["language"]["code"], table["when"]
        told = dict(zip(data["texts"], data["dates"][code], strict=True))
        day = when["day"].format(
            day=24, month=when["months_of"][3], year=when["year"].format(year=2019)
        )

        assert {**told, "2019-04-24": day} == {
            form: in_words(Edtf(form), code) for form in forms
        }
