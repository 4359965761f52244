"""Quotes stand in a document, or they do not; an oracle of its own agrees."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bri_timeline import Citation, Event, EventLog, Source
from bri_timeline.errors import EventError
from bri_timeline.evidence import Span, check, digest, find


# Short texts, since the oracle tries every window of them.
TEXTS = {
    "Chinese": "\u963f\u585e\u62dc\u7586\u603b\u7edf\u963f\u5229\u8036\u592b\u4e8e"
    "\u56db\u6708\u4e8c\u5341\u56db\u65e5\u62b5\u8fbe\u5317\u4eac\uff0c\u51fa\u5e2d"
    "\u7b2c\u4e8c\u5c4a\u201c\u4e00\u5e26\u4e00\u8def\u201d\n\u56fd\u9645\u5408\u4f5c"
    "\u9ad8\u5cf0\u8bba\u575b\u3002 \u53cc\u65b9\u7b7e\u7f72\u4e86\u5341\u9879\u534f"
    "\u8bae\u3002",
    "Azerbaijani": "Prezident \u0130lham \u018fliyev aprelin 24-d\u0259 \u00abBir"
    " k\u0259m\u0259r,\u00a0bir yol\u00bb forumuna g\u0259ldi v\u0259 on m\u00fcqa-\n"
    "vil\u0259 imzalad\u0131; bel\u0259 dedi: \u201eHaz\u0131r\u0131q\u201d.",
    "Arabic": "\u0648\u0635\u0644 \u0627\u0644\u0631\u0626\u064a\u0633 \u0625\u0644"
    "\u0649 \u0628\u0643\u064a\u0646\u060c \u0648\u0648\u0642\u0651\u0639\n\t\u0639"
    "\u0634\u0631 \u0627\u062a\u0641\u0627\u0642\u064a\u0627\u062a \u00ab\u0627\u0644"
    "\u062d\u0632\u0627\u0645 \u0648\u0627\u0644\u0637\u0631\u064a\u0642\u00bb.",
    "Russian": "\u041f\u0440\u0435\u0437\u0438\u0434\u0435\u043d\u0442 \u043f\u0440"
    "\u0438\u0431\u044b\u043b \u0432 \u041f\u0435\u043a\u0438\u043d \u2014 \u043d\u0430"
    " \u0444\u043e\u0440\u0443\u043c \u00ab\u041e\u0434\u0438\u043d \u043f\u043e\u044f"
    "\u0441\u00bb, \u0438 \u043f\u043e\u0434\u043f\u0438\u00ad\u0441\u0430\u043b \u0441"
    "\u043e\u0433\u043b\u0430-  \n  \u0448\u0435\u043d\u0438\u044f, \u044d\u043a\u043e"
    "\u043d\u043e-\n\u043c\u0438\u043a\u0430.",
    "emoji": "Hello \U0001f44b\U0001f3fd  from \U0001f1e6\U0001f1ff to \U0001f1e8"
    "\U0001f1f3: \U0001f469\u200d\U0001f4bb it\u2019s \u201c\U0001f44d\U0001f3fd"
    "\u201d, a \U0001f91d co-\noperation, pre-\nand post\u2010\nwar \u2764\ufe0f.",
}
SINGLE = "'\u2018\u2019\u201a\u201b\u2039\u203a"
DOUBLE = '"\u00ab\u00bb\u201c\u201d\u201e\u201f\u300c\u300d\u300e\u300f'
LINE_ENDS = "\n\r\u2028"


def foldings(text: str) -> set[str]:
    """Return every text that one may stand for, letter by letter, without a pattern."""
    whole, place = [], 0
    while place < len(text):
        after = place + 1
        while after < len(text) and text[after].isspace():
            after += 1
        ends_line = any(letter in LINE_ENDS for letter in text[place + 1 : after])
        if text[place] == "\u00ad":
            place = after if ends_line else place + 1
        else:
            whole.append(text[place])
            place += 1
    choices: list[tuple[str, ...]] = []
    place = 0
    while place < len(whole):
        letter = whole[place]
        after = place + 1
        while after < len(whole) and whole[after].isspace():
            after += 1
        if letter.isspace():
            choices.append((" ",))
            place = after
            continue
        is_between = (
            0 < place < after < len(whole)
            and whole[place - 1].isalpha()
            and whole[after].isalpha()
        )
        spaces = whole[place + 1 : after]
        if letter in "-\u2010" and is_between and {*spaces} & {*LINE_ENDS}:
            choices.append(("", letter, f"{letter} "))
            place = after
            continue
        choices.append(
            ("'",) if letter in SINGLE else ('"',) if letter in DOUBLE else (letter,)
        )
        place += 1
    return {"".join(some).strip(" ") for some in product(*choices)}


def cuts_a_number(text: str, start: int, end: int) -> bool:
    """Whether a window of a text has digits at an edge that go on outside."""
    parts = text[:start], text[start:end], text[end:]
    before, within, after = (part.replace("\u00ad", "") for part in parts)
    is_mark = within in {".", ","}  # between the digits of one number
    return bool(
        is_mark and re.search("[0-9]$", before) and re.match("[0-9]", after)
    ) or any(
        re.search(f"[0-9]{left}$", one) and re.match(f"{right}[0-9]", two)
        for one, two in ((before, within), (within, after))
        for left, right in (("", "[.,]?"), ("[.,]", ""))
    )


def places(quote: str, text: str) -> Iterator[Span]:
    """Yield every window of a text that folds to what a quote folds to."""
    wanted = foldings(quote)
    longest, firsts = max(map(len, wanted)), {one[:1] for one in wanted}
    for start in range(len(text)):
        if firsts & {one[:1] for one in foldings(text[start])}:
            for end in range(start + 1, len(text) + 1):
                found = foldings(text[start:end])
                if found & wanted:
                    if not cuts_a_number(text, start, end):
                        yield Span(start, end)
                    break
                if min(map(len, found)) > longest:
                    break


def mutated(quote: str, text: str, chance: random.Random) -> str:
    """Return a quote with another letter, one more or less, or words in other order."""
    words, place = quote.split(" "), chance.randrange(len(quote))
    word = chance.randrange(len(words))
    other = chance.choice(text)
    before, after = quote[:place], quote[place + 1 :]
    return chance.choice(
        [
            before + other + after,
            before + after,
            before + other + quote[place:],
            before + quote[place : place + 2][::-1] + quote[place + 2 :],
            " ".join([*words[:word], chance.choice(text.split()), *words[word + 1 :]]),
            " ".join([*words[word:], *words[:word]]),
            " ".join(words[:word] + words[word + 1 :]),
        ]
    )


def typeset(quote: str, chance: random.Random) -> str:
    """Return a quote as another hand would type it: only what is folded differs."""
    typed = ""
    for letter in quote:
        if letter.isspace():
            typed += chance.choice([" ", "\n", "\u00a0", "  ", "\u3000\t"])
        elif letter in SINGLE:
            typed += chance.choice(SINGLE)
        elif letter in DOUBLE:
            typed += chance.choice(DOUBLE)
        else:
            typed += letter + chance.choice(["", "", "", "\u00ad"])
    return typed


@pytest.mark.full
@pytest.mark.parametrize("language", TEXTS)
def test_only_quotes_that_occur_in_a_text_are_found_and_exactly_where(
    language: str, trials: Callable[..., int]
) -> None:
    """A quote is found where the oracle finds it first, and nowhere if it does not."""
    text, chance = TEXTS[language], random.Random(language)
    accepted = absent = 0
    for _ in range(trials(5000, share=30)):
        start = chance.randrange(len(text) - 12)
        original = text[start : start + chance.randint(6, 24)]
        quote, is_changed = original, chance.random() < 0.7
        while is_changed and (quote == original or not quote.strip()):
            quote = mutated(original, text, chance)
        quote = typeset(quote, chance) if chance.random() < 0.5 else quote
        expected = next(places(quote, text), None)
        assert find(quote, text) == expected, quote
        accepted += expected is not None
        absent += is_changed and expected is None
    assert accepted > trials(5000, share=30) // 4
    # In five texts: at least 10,000 changed quotes that do not occur.
    assert absent > trials(5000, share=30) * 2 // 5


LETTERS = st.text("aB\u00e9-\u2010\u00ad \n\u2019'\"\u00ab\u4e2d1.", max_size=9)


@given(LETTERS, LETTERS)
@example(".", "1.1")
@example(".", "1. 1")
def test_quotes_of_a_few_letters_are_found_where_an_oracle_finds_them(
    quote: str, text: str
) -> None:
    """Any quote and any text of letters that are folded agree with the oracle."""
    is_empty = foldings(quote) == {""}
    assert find(quote, text) == (None if is_empty else next(places(quote, text), None))


@pytest.mark.parametrize(
    ("quote", "text", "found"),
    [
        (
            "it's \u201cready\u201d",
            "He said it\u2019s \u00abready\u00bb.",
            "it\u2019s \u00abready\u00bb",
        ),
        ("ten  agreements", "ten\n\tagreements", "ten\n\tagreements"),
        ("agreements", "agree-\n  ments", "agree-\n  ments"),
        ("well-known", "well-\nknown", "well-\nknown"),
        ("pre- and post-war", "pre-\nand post-war", "pre-\nand post-war"),
        ("well-\nknown", "well-known", "well-known"),
        ("agree-\nments", "agreements", "agreements"),
        ("agreements", "agree\u00ad\nments", "agree\u00ad\nments"),
        (" ten ", "often", "ten"),
    ],
)
def test_quotes_may_differ_by_typesetting(quote: str, text: str, found: str) -> None:
    """Quotation marks, white space and hyphens at line ends may differ."""
    span = find(quote, text)
    assert span is not None
    assert text[span.start : span.end] == found


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("", "text"),
        (" \u00ad", "text"),
        ("Ten", "ten"),
        ("cafe", "caf\u00e9"),
        ("caf\u00e9", "cafe\u0301"),
        ("2019-2020", "2019-\n2020"),
        ("2019 2020", "2019-\n2020"),
        ("wellknown", "well-known"),
        ("a - b", "a \u2013 b"),
        ("\u4e00\u4e8c", "\u4e00\n\u4e8c"),
        ("\u0661", "1"),
        ("'x'", '"x"'),
        ("\U0001f1e6\U0001f1ff", "\U0001f1e8\U0001f1f3"),
    ],
)
def test_nothing_else_is_folded(quote: str, text: str) -> None:
    """Case, accents, digits, dashes and parts of emoji may not differ."""
    assert find(quote, text) is None


ARTICLE = "Its value was $821 million.\nThey signed ten agreements."
PAPER = Source("The Paper", digest=digest(ARTICLE), url="https://paper.example/1")
OTHER = Source("Another")


def log_of(*cite: Citation) -> EventLog:
    return EventLog.of(Event("a deal", when="2019", cite=cite))


def test_check_tells_which_quotes_stand_and_where() -> None:
    """Each quote stands, is missing, or was not looked for."""
    good, bad = PAPER.at("p. 1", "signed ten"), PAPER.at("p. 1", "signed eleven")
    found = check(
        log_of(good, bad, OTHER.at("", "said"), OTHER.at("p. 2")), {PAPER: ARTICLE}
    )
    (standing,), (missing,), (unread,) = found.standing, found.missing, found.unread
    assert (good, Span(33, 43)) == (standing.citation, standing.span)
    assert (bad, None) == (missing.citation, missing.span)
    assert (0, "said") == (unread.position, unread.citation.quote)
    assert "entry 0: \u201csigned eleven\u201d" == str(missing)
    assert found.changed == ()


@pytest.mark.parametrize("key", [PAPER, "The Paper", "https://paper.example/1"])
def test_a_document_that_has_changed_is_named(key: Source | str) -> None:
    """A text with another digest than its source names is another text."""
    log = log_of(PAPER.at("p. 1"), OTHER.at("", "ten"))
    texts = {key: f"{ARTICLE} "}
    assert (PAPER,) == check(log, texts).changed
    assert () == check(log, {"Another": "often"}).changed
    assert 1 == len(check(log, {"Another": "often"}).standing)


def test_withdrawn_quotes_are_checked_too() -> None:
    """A claim that does not count has its quotes checked."""
    log = log_of(PAPER.at("", "ten")).retract(0, because="wrong")
    assert 1 == len(check(log, {PAPER: ARTICLE}).standing)


@pytest.mark.parametrize("wrong", ["", " \n"])
def test_a_quote_without_words_is_refused(wrong: str) -> None:
    """White space is not a quote."""
    with pytest.raises(EventError, match="has no words"):
        PAPER.at("p. 1", wrong)


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ("title", None),
        ("title", 1),
        *((name, 1) for name in ("container", "author", "url", "archived", "digest")),
    ],
)
def test_a_detail_of_a_source_that_is_not_text_is_refused(
    part: str, wrong: object
) -> None:
    """No file and no store could keep it: it is named where it is given."""
    details: Any = {"title": "x", part: wrong}
    with pytest.raises(EventError, match=f"{wrong} is not text: give the {part} as"):
        Source(**details)


@pytest.mark.parametrize(
    ("place", "part"), [((4,), "locator"), ((None,), "locator"), (("p. 1", 4), "quote")]
)
def test_a_place_that_is_not_text_is_refused(place: Any, part: str) -> None:
    """As a number of a page is not."""
    with pytest.raises(EventError, match=f"is not text: give the {part} as text"):
        PAPER.at(*place)


def test_a_digest_that_is_not_one_is_refused() -> None:
    """A digest has one form."""
    with pytest.raises(EventError, match="is not a digest: give what"):
        Source("x", digest="sha256:12")


def test_a_quote_after_no_locator_is_shown_by_its_name() -> None:
    """The text of a citation evaluates back, whichever parts it has."""
    citation = Citation(OTHER, quote="ten")
    assert "Citation(Source('Another'), quote='ten')" == repr(citation)
    assert citation == eval(repr(citation))
    assert "Citation(Source('Another'), 'p. 1', 'ten')" == repr(OTHER.at("p. 1", "ten"))


def test_one_report_keeps_its_quote() -> None:
    """Citations that are united have several quotes, of which none is shown."""
    twice = [OTHER.at("p. 1", "a"), OTHER.at("p. 1", "b"), OTHER.at("p. 2")]
    (one,) = Event("x", when="2019", cite=twice[:1]).reports
    (united,) = Event("x", when="2019", cite=twice).reports
    assert "a" == one.quote
    assert ("p. 1; p. 2", None) == (united.locator, united.quote)


@pytest.mark.parametrize(
    ("quote", "text", "start"),
    [
        ("Los 4", "Los 45 and Los 4.5", None),
        ("Los 4", "Los 45, Los 4.", 8),
        ("5 pacts", "15 pacts, 1.5 pacts, 1,5 pacts", None),
        (".5 pacts", "1.5 pacts", None),
        ("5 pacts", "no. 1 5 pacts", 6),
        ("pacts 5", "pacts 5\n6", 0),
        ("821", "821. 5", 0),
        ("2016", "In 20167 or 2016, 3", 12),
        ("$8", "$8\u00ad21", None),
        ("4", "4", 0),
    ],
)
def test_a_quote_ends_in_no_number(quote: str, text: str, start: int | None) -> None:
    """Lot 4 is not lot 45: such words are looked for further on."""
    found = find(quote, text)
    assert start == (None if found is None else found.start)
