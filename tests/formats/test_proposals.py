"""Proposals of a model: each is proposed with its words, or refused with a reason."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import frozen
from jsonschema import Draft202012Validator

from bri_timeline import Event, EventLog, Place, Source, Vocabulary
from bri_timeline.edtf import Edtf
from bri_timeline.errors import EventError, FaultsError
from bri_timeline.evidence import Span, digest
from bri_timeline.formats import proposals
from bri_timeline.relations import FACTS, AgreementSigned, Joined, Money


TEXT = """On Thursday in Beijing, the two sides signed ten agree-
ments worth $821.5 million. Recently, Azerbaijan joined \u201cthe Bank\u201d in 2019."""
PAPER = Source("The Paper", published="2019-04-26", digest=digest(TEXT))
SIGNED = {
    "kind": "AgreementSigned",
    "what": {
        "parties": ["AZE", "CHN"],
        "title": "ten agreements",
        "count": 10,
        "value": {"amount": 821500000.0, "currency": "USD"},
    },
    "when": "2019-04-25",
    "quote": "signed ten agreements worth $821.5 million",
    "locator": "para 1",
    "id": "ten",
}
JOINED = {
    "kind": "Joined",
    "what": {"member": "AZE", "body": "the Bank"},
    "when": "2019",
    "quote": 'joined "the Bank"',
}


def checked(tmp_path: Path, *items: object) -> tuple[proposals.Checked, ...]:
    """What load() makes of some items."""
    path = tmp_path / "proposals.json"
    path.write_text(json.dumps(items), "utf-8")
    return proposals.load(path, FACTS, document=TEXT, source=PAPER)


def problems(tmp_path: Path, **change: object) -> list[str]:
    """The problems of an item that is changed; None removes a key."""
    item = {k: v for k, v in (JOINED | change).items() if v is not None}
    (found,) = checked(tmp_path, item)
    assert (found.event is None) is bool(found.problems)
    return list(map(str, found.problems))


def test_proposals_cite_the_document_with_their_words(tmp_path: Path) -> None:
    """Each has its quote, and the place where that stands in the document."""
    signed, joined = checked(tmp_path, SIGNED, JOINED)
    value = Money(Decimal(821500000), "USD")
    what = AgreementSigned(
        frozenset({"AZE", "CHN"}), title="ten agreements", count=10, value=value
    )
    quote = "signed ten agreements worth $821.5 million"
    expected = Event(what, when="2019-04-25", cite=PAPER.at("para 1", quote), id="ten")
    assert expected == signed.event
    assert signed.span is not None
    start, end = signed.span
    assert "signed ten agree-\nments worth $821.5 million" == TEXT[start:end]
    event = Event(
        Joined("AZE", "the Bank"), when="2019", cite=PAPER.at("", JOINED["quote"])
    )
    assert event == joined.event
    assert "item 2: quote at Span(" in str(joined)
    log = EventLog().propose(expected, by="a model").propose(event, by="a model")
    assert 2 == len(log.proposals)


def test_the_schema_takes_what_load_takes(tmp_path: Path) -> None:
    """A model that follows the schema is read."""
    validator = Draft202012Validator(FACTS.json_schema("proposals"))
    assert [] == list(validator.iter_errors([SIGNED, JOINED]))
    assert () == sum((one.problems for one in checked(tmp_path, SIGNED, JOINED)), ())


@pytest.mark.parametrize(
    ("where", "place"),
    [
        ("Beijing", Place("Beijing")),
        (
            {"name": "Beijing", "latitude": 39.9, "longitude": 116.4},
            Place("Beijing", 39.9, 116.4),
        ),
    ],
)
def test_a_proposal_may_say_where(tmp_path: Path, where: object, place: Place) -> None:
    """By the name of the place, or with its point; the schema takes both."""
    item = JOINED | {"where": where}
    (found,) = checked(tmp_path, item)
    assert found.event is not None
    assert place == found.event.where
    validator = Draft202012Validator(FACTS.json_schema("proposals"))
    assert [] == list(validator.iter_errors([item]))


def test_words_of_the_document_are_read_as_dates(tmp_path: Path) -> None:
    """They count from the day of publication, and must stand in the document."""
    (found,) = checked(tmp_path, JOINED | {"when": "On Thursday"})
    assert found.event is not None
    assert "[2019-04-25,2019-05-02]" == str(found.event.when)
    (problem,) = problems(tmp_path, when="Last Friday")
    assert "when: 'Last Friday' is neither EDTF nor in the document" in problem


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"quote": "joined the other Bank"}, "quote: is not in the document: 'joined"),
        ({"quote": "a "}, "quote: has fewer than 3 letters"),
        ({"quote": None}, "quote: is missing: copy the words letter by letter"),
        ({"quote": 5}, "quote: is the number 5: write text"),
        ({"when": "Recently"}, "when: "),
        ({"when": None}, "when: is missing"),
        ({"when": 5}, "when: is the number 5: write text"),
        ({"when": "{2015,2016}"}, "when: "),
        ({"what": {"member": "AZB", "body": "x"}}, "what.member: "),
        ({"what": {"member": "AZE"}}, "what.body: is missing: Joined needs it"),
        ({"what": ["AZE"]}, "what: is a list: write an object"),
        ({"kind": "Joind"}, "Did you mean 'Joined'?"),
        ({"kind": None}, "kind: is missing: write one of "),
        ({"where": 5}, "where: is the number 5: write text"),
        ({"where": {"latitude": 95, "longitude": 5}}, "where: "),
        ({"where": {"nam": "Beijing"}}, "where.nam: "),
        ({"qoute": "x"}, "qoute: is not a key of a proposal. Did you mean 'quote'?"),
        ({"sure": True}, "It has kind, what, when, where, quote, locator, id, dated."),
    ],
)
def test_an_item_says_why_it_cannot_be_proposed(
    tmp_path: Path, change: dict[str, object], problem: str
) -> None:
    """With its field, and the remedy."""
    found = problems(tmp_path, **change)
    assert any(problem in one for one in found), found


def test_all_problems_are_named_at_once(tmp_path: Path) -> None:
    """Of the items that are wrong, and of those alone."""
    wrong = {
        "kind": "Joined",
        "what": {"member": "XXQ"},
        "when": "Recently",
        "quote": "",
    }
    good, bad, odd = checked(tmp_path, JOINED, wrong, "Joined")
    assert good.problems == ()
    places = ["what.member", "what.body", "when", "quote"]
    assert sorted(places) == sorted(fault.place for fault in bad.problems)
    assert "item 3: item: is 'Joined': write an object" == str(odd)
    assert (3, None, None) == (odd.number, odd.event, odd.span)
    assert Span(1, 2) != good.span


def test_another_document_is_refused(tmp_path: Path) -> None:
    """A source that names a digest is of one text."""
    with pytest.raises(EventError, match="another digest than this text"):
        proposals.examine([], FACTS, document=f"{TEXT} ", source=PAPER)


def test_a_file_that_is_not_a_list_is_refused(tmp_path: Path) -> None:
    """The error says what is expected."""
    path = tmp_path / "proposals.json"
    path.write_text('{"kind": "Joined"}', "utf-8")
    with pytest.raises(FaultsError, match="is a table: write a list of proposals"):
        proposals.load(path, FACTS, document=TEXT, source=PAPER)


# --- a date stands in the document ------------------------------------------------


def asked(
    when: str, document: str, dated: str | None = None, published: str | None = None
) -> proposals.Checked:
    """What becomes of a date that a model says it read in a document."""
    item = JOINED | {"when": when, "quote": "joined the Bank"}
    (found,) = proposals.examine(
        [item if dated is None else item | {"dated": dated}],
        FACTS,
        document=f"Azerbaijan joined the Bank {document}.",
        source=Source("The Paper", published=published),
    )
    assert (found.event is None) is bool(found.problems)
    return found


@pytest.mark.parametrize(
    ("when", "document"),
    [
        ("2019-04-24", "on 24 April 2019"),
        ("2019-04-24", "on April 24th, 2019"),
        ("2019-04-24", "on 24.04.2019"),
        ("2019-04-24", "on 2019-04-24"),
        ("2019-04-24", "on 24 April; all of this is of 2019"),
        ("2019-04-24", "on 24 April"),
        ("2019-05-02", "yesterday"),
        ("[2019-04-21..2019-04-28]", "last week"),
        ("2019-04", "on 24 April"),
        ("2019", "in April 2019"),
        ("201X", "in April 2019"),
        ("2018-21", "in the spring of 2018"),
        ("1996", "in nineteen ninety-six"),
        ("2015/2017", "from 2015 to 2017"),
        ("2015/2017", "in 2015, and left it in 2017"),
        ("2015/..", "in 2015"),
        ("[2015,2017]", "in 2015 and in 2017"),
        ("[..2015]", "before 2016"),
        ("2016~", "around 2016"),
        ("[..2019-05-03]", "at some time"),
    ],
)
def test_a_date_that_the_document_gives_is_proposed(when: str, document: str) -> None:
    """In EDTF, digits or English words, and as exactly at least."""
    assert () == asked(when, document, published="2019-05-03").problems


@pytest.mark.parametrize(
    ("when", "document"),
    [
        ("2019-04-24", "in April 2019"),
        ("2019-04-24", "in April 2019 with 24 others"),
        ("2019-04-24", "on 25 April 2019"),
        ("2019-04-24", "last week"),
        ("2019-05-03", "recently"),
        ("2019-04", "in 2019"),
        ("2019-04", "in spring 2019"),
        ("2017", "in 2016"),
        ("2015/2017", "in 2015"),
        ("2013/..", "in 2015"),
        ("[2015,2017]", "in 2016"),
        ("[..2014]", "in 2015"),
        ("Y20190", "in 2019"),
        ("2018-04-24", "on 24 April"),
    ],
)
def test_a_date_that_a_model_invented_is_refused(when: str, document: str) -> None:
    """A day that stands nowhere is not what the document says."""
    (problem,) = asked(when, document, published="2019-05-03").problems
    said = f"when: '{when}' is not in the document, in digits or in English words"
    assert str(problem).startswith(said)


def test_words_for_a_date_in_another_language_stand_beside_it() -> None:
    """They have to be in the document, and are cited, for whoever decides."""
    document = "вчера, 24 апреля"
    found = asked("2019-04-24", document, "24 апреля")
    assert found.event is not None
    quotes = [cite.quote for cite in found.event.cite]
    assert ["joined the Bank", "24 апреля"] == quotes
    found = asked("2019", "2019", "the Bank")
    assert found.event is not None
    assert 1 == len(found.event.cite)


@pytest.mark.parametrize(
    ("dated", "problem"),
    [
        ("e", "dated: is one letter: copy the words letter by letter"),
        ("le 24 avril", "dated: is not in the document: 'le 24 avril'; copy"),
        ("in April 2019", "dated: 'in April 2019' is 2019-04, and when is 2019-04-24"),
        (5, "dated: is the number 5: write text"),
    ],
)
def test_words_for_a_date_are_checked_where_they_can_be(
    dated: object, problem: str
) -> None:
    """English words say themselves which date they give."""
    found = asked("2019-04-24", "in April 2019", dated)
    assert any(str(one).startswith(problem) for one in found.problems), found


def test_words_for_a_date_may_stand_beside_themselves() -> None:
    """What is a phrase already needs no further words, and is none the worse for it."""
    found = asked("in April 2019", "in April 2019", "April 2019")
    assert found.event is not None
    assert "2019-04" == str(found.event.when)


def test_several_items_may_give_one_date_and_none_several() -> None:
    """The document is read for dates once; several days are several events."""
    item = JOINED | {"when": "2019-04", "quote": "joined the Bank"}
    document = "Azerbaijan joined the Bank in April 2019."
    items = [item, item | {"when": "2019-05"}, item | {"when": "{2019-04-01,2019}"}]
    first, wrong, several = proposals.examine(
        items, FACTS, document=document, source=Source("The Paper")
    )
    assert first.event is not None
    assert wrong.event is several.event is None
    (problem,) = asked("{2015,2017}", "in 2015 and in 2017").problems
    assert "is several days: record one event for each" in str(problem)


# --- so does a date within a payload ----------------------------------------------


@frozen
class Term:
    """A part of a payload that has dates."""

    ends: Edtf
    names: tuple[str, ...] = ()


@frozen
class Lease:
    """A payload of somebody else, with dates of several types."""

    term: Term
    paid: tuple[Edtf, ...] = ()
    day: date | None = None
    begun: date = date(1999, 1, 1)


def planned(
    expected: str, document: str, dated: object = None, published: str | None = None
) -> proposals.Checked:
    """What becomes of the expected date of a plan that a model read in a document."""
    words = "The two agreed on 26 April 2019 to meet"
    item = {
        "kind": "Planned",
        "what": {"parties": ["AZE"], "title": "summit", "expected": expected},
        "when": "26 April 2019",
        "quote": words,
        "dated": dated,
    }
    (found,) = proposals.examine(
        [item],
        FACTS,
        document=f"{words} {document}.",
        source=Source("The Paper", published=published),
    )
    assert (found.event is None) is bool(found.problems)
    return found


@pytest.mark.parametrize(
    ("expected", "document", "published"),
    [
        ("2019-08-15", "on 15 August 2019", None),
        ("2019-08", "in August", "2019-04-29"),
        ("2019-08", "on 15 August 2019", None),
        ("2019", "in August", "2019-04-29"),
        ("2020", "next year", "2019-04-29"),
    ],
)
def test_a_date_in_a_field_that_the_document_gives_is_proposed(
    expected: str, document: str, published: str | None
) -> None:
    """As exactly at least, as `when`."""
    assert () == planned(expected, document, published=published).problems


@pytest.mark.parametrize(
    ("expected", "document"),
    [
        ("2019-08-15", "in August"),
        ("2020-08", "in August"),
        ("2021", "at some time"),
    ],
)
def test_a_date_in_a_field_that_a_model_invented_is_refused(
    expected: str, document: str
) -> None:
    """The message names the field."""
    (problem,) = planned(expected, document, published="2019-04-29").problems
    said = f"what.expected: '{expected}' is not in the document, in digits or in"
    assert str(problem).startswith(said)


def test_a_season_in_a_field_that_may_be_years_is_asked_about() -> None:
    """As one in `when` is."""
    (problem,) = planned("2020-21", "in 2020-21").problems
    assert str(problem).startswith("what.expected: '2020-21' may be years: write")


def test_words_for_a_date_in_a_field_stand_beside_it_by_name() -> None:
    """In another language; they are cited, and the schema takes them."""
    found = planned("2019-08", "в августе 2019", {"expected": "в августе"})
    assert found.event is not None
    assert "в августе" == found.event.cite[1].quote
    words = {"expected": "в августе", "when": "26 April 2019"}
    assert () == planned("2019-08", "в августе", words).problems
    validator = Draft202012Validator(FACTS.json_schema("proposals"))
    assert [] == list(validator.iter_errors([JOINED | {"dated": words}]))


@pytest.mark.parametrize(
    ("dated", "problem"),
    [
        ({"expected": "e"}, "dated.expected: is one letter: copy the words"),
        ({"expected": "en mai"}, "dated.expected: is not in the document: 'en mai'"),
        (
            {"expected": "in August"},
            "dated.expected: 'in August' is [2018-08,2019-08], and expected is 2019-09",
        ),
        ({"expected": 5}, "dated.expected: is the number 5: write text"),
        ({"expectd": "in August"}, "dated.expectd: is not a date of this item: name"),
    ],
)
def test_words_for_a_date_in_a_field_are_checked_where_they_can_be(
    dated: object, problem: str
) -> None:
    """The message names the field."""
    found = planned("2019-09", "in August", dated, published="2019-04-29")
    assert any(str(one).startswith(problem) for one in found.problems), found


def test_dates_anywhere_in_a_payload_are_looked_for() -> None:
    """In its parts and lists, and days; not what the class itself gives by default."""
    what = {"term": {"ends": "2031"}, "paid": ["2019", "2032"], "day": "2033-01-02"}
    item = {"kind": "Lease", "what": what, "when": "2019", "quote": "leased in 2019"}
    (found,) = proposals.examine(
        [item],
        Vocabulary(Lease),
        document="It was leased in 2019.",
        source=Source("The Paper"),
    )
    places = ["what.term.ends", "what.paid[2]", "what.day"]
    assert places == [fault.place for fault in found.problems]
