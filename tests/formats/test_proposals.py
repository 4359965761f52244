"""Proposals of a model: each is proposed with its words, or refused with a reason."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from bri_timeline import Event, EventLog, Place, Source
from bri_timeline.errors import EventError, FaultsError
from bri_timeline.evidence import Span, digest
from bri_timeline.formats import proposals
from bri_timeline.relations import FACTS, AgreementSigned, Joined, Money


TEXT = """On Thursday in Beijing, the two sides signed ten agree-
ments worth $821.5 million. Recently, Azerbaijan joined \u201cthe Bank\u201d."""
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
        ({"sure": True}, "It has kind, what, when, where, quote, locator, id."),
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
