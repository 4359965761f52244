"""What all pictures share: their words, the isolation of text, the sheet."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from attrs import frozen
from drawings import SVG, texts_of
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Event, EventLog, Place, Source, projection
from bri_timeline.pages import (
    _sheets,
    beliefs,
    calendar,
    drawing,
    dumbbell,
    in_force,
    network,
    panel,
    places,
    sources,
)
from bri_timeline.pages._sheets import Labels, Sheet, Strings, box, kinds_of
from bri_timeline.pages._wording import LANGUAGES, strings


GUIDE = Path(__file__).parents[2] / "examples/guides/pictures.md"
ARABIC = "\u0645\u0634\u0631\u0648\u0639"


@frozen
class _Lasting:
    parties: frozenset[str]
    text: str

    def __str__(self) -> str:
        return f"the text {self.text} - 3"


# The kind of a payload is the name of its class, in whatever script.
Lasting = frozen(type(f"Kind{ARABIC}", (_Lasting,), {}))


@projection(initial=dict)
def latest(state: dict[str, object], event: Event) -> dict[str, object]:
    """Keep the text of the last event, and how many there were."""
    what = event.what
    assert isinstance(what, _Lasting)
    number = state.get(f"no. {ARABIC} 1", 0)
    assert isinstance(number, int)
    return {f"a {ARABIC} b": f"c {what.text} d", f"no. {ARABIC} 1": number + 1}


def claim(number: int, when: str, known: str) -> Event:
    """A claim with such words in each part, whose lines begin with other letters."""
    where = Place(f"at {ARABIC} {number}", 40.0, 10.0 * number, "district")
    cite = Source(
        f"S {ARABIC} {number}",
        author=f"by {ARABIC}",
        container=f"in {ARABIC}",
        published=known,
    )
    what = Lasting(frozenset({f"a {ARABIC} x", f"b {ARABIC} y"}), f"{ARABIC} {number}")
    return Event(what, when=when, where=where, cite=cite, id="one")


LOG = EventLog.of(
    claim(1, "2015-01-01", "2015-02-01"),
    claim(2, "2015-01-03/..", "2016-02-01"),
    claim(3, "2015", "2017-02-01"),
    *(Event(claim(n, "2014", "2017").what, when="2014-06-01/..") for n in range(5)),
)
DAY, TITLE = "2017-01-01", f"On {ARABIC} - 3"
PICTURES: dict[str, Callable[[str], str]] = {
    "beliefs": lambda code: beliefs.render(
        LOG, projection=latest, on=DAY, title=TITLE, language=code
    ),
    "sources": lambda code: sources.render(LOG, title=TITLE, language=code),
    "in_force": lambda code: in_force.render(LOG, on=DAY, title=TITLE, language=code),
    "panel": lambda code: panel.render(
        LOG.panel(
            projection(initial=int)(lambda state, _: state + 1),
            by=lambda event: event.parties,
            start="2014-01-01",
            stop="2017-01-01",
            every="year",
        ),
        title=TITLE,
        language=code,
    ),
    "dumbbell": lambda code: dumbbell.render(
        LOG.as_of(DAY, "2015-03-01"),
        LOG.as_of(DAY),
        projection=latest,
        title=TITLE,
        language=code,
    ),
    "calendar": lambda code: calendar.render(LOG, title=TITLE, language=code),
    "network": lambda code: network.render(LOG, title=TITLE, language=code),
    "places": lambda code: places.render(
        LOG,
        outlines=[[(0, 0), (1, 1)]],
        outlines_from=Source(f"S {ARABIC}", published="2015"),
        title=TITLE,
        language=code,
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PICTURES)
def test_text_from_right_to_left_is_isolated(name: str, language: str) -> None:
    """Such a run reorders nothing beside it, wherever a picture inserts it."""
    root = ET.fromstring(PICTURES[name](language))
    texts = [node.text or "" for node in root.iter(f"{SVG}text")]
    bare = [re.sub("\u2068[^\u2068\u2069]*\u2069", "", text) for text in texts]

    assert sum(ARABIC in text for text in texts) > (name != "calendar")
    assert not [text for text in bare if re.search("[\u0600-\u06ff]", text)]


# Verbs of one and of many; what stands before a colon counts nothing.
VERBS = {
    "en": (
        r"\b(is|has|was|does|begins|spans)\b",
        r"(?<!may )\b(are|have|were|do|begin|span)\b",
    ),
    "de": (r"\b(ist|hat|begann|umfasst)\b", r"\b(sind|haben|begannen|umfassen)\b"),
    "ru": (r"(показано|охватывает|расходится)\b", r"(показаны|охватывают)\b"),
    "zh": ("$.", "$."),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_counts_agree_with_their_numbers(language: str) -> None:
    """One has a verb of one and no number in words; each other form has its number."""
    one, many = VERBS[language]
    for name, forms in strings(language).tables["counts"].items():
        for category, text in forms.items():
            is_one = category == "one"
            wrong = many if is_one else one
            assert not re.search(wrong, text), (name, text)
            has_number = "{n}" in text
            assert has_number or (is_one and language in ("en", "de")), (name, text)
        if language in ("en", "de"):
            assert "{n}" not in forms["one"], name
            assert forms["one"] != forms["other"].replace("{n} ", ""), name


def test_the_guide_names_what_there_is() -> None:
    """Its table has each name once, and its picture is short."""
    text = GUIDE.read_text("utf-8")
    table = text.partition("| for | names of")[2].partition("\n\n")[0]
    named = re.findall(r"`([A-Za-z_]+)`", table)
    example = text.partition("## A picture of your own")[2].partition("```python")[2]

    assert sorted(named) == sorted(drawing.__all__)
    assert example.partition("```")[0].count("\n") <= 40


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(1, 30)),
        max_size=9,
    )
)
def test_labels_do_not_hide_each_other(places: list[tuple[int, int, int]]) -> None:
    """A place is taken if none of those before overlaps it, and only then."""
    labels, taken = Labels(), list[tuple[int, int, int]]()
    for x, y, wide in places:
        is_free = not any(
            u <= x + wide and x <= u + w and abs(y - v) <= 13 for u, v, w in taken
        )
        assert labels.take(x, y, wide) == is_free
        taken += [(x, y, wide)] * is_free


def test_a_sheet_lists_what_it_cites_and_explains_what_occurs() -> None:
    """Numbers are those of the first citation; a mark that does not occur is left."""
    words: Strings = strings("en")
    sheet = Sheet("T", 480, words)
    sheet.head("It says so.")
    one, two = Source("One"), Source("Two")
    mark = box(0, -5, 26, 10, fill="none")
    sheet.legend((True, mark, "there"), (False, mark, "not there"))
    numbers = [sheet.cite(source) for source in (one, two, one)]
    sheet.sources()
    page = sheet.page()

    assert numbers == ["[1]", "[2]", "[1]"]
    assert texts_of(page)[-4:] == ["1", "\u201cOne\u201d", "2", "\u201cTwo\u201d"]
    assert "there" in texts_of(page)
    assert "not there" not in page
    assert '<desc id="bri-desc">It says so.</desc>' in page
    assert len({*kinds_of(LOG.as_of(DAY).events)}) == 1


def test_paper_is_never_dark() -> None:
    """Only screens are; on paper letters and lines are darker, and areas are not."""
    style = ET.fromstring(PICTURES["beliefs"]("en")).findtext(f"{SVG}style") or ""
    dark, _, paper = style.partition("@media print")

    assert dark.startswith("@media screen and (prefers-color-scheme:dark){")
    assert f'[fill="{_sheets.PAPER}"]' in dark
    assert f'[fill="{_sheets.PAPER}"]' not in paper
    assert f'[fill="{_sheets.MUTED}"]' in paper
    assert f'[stroke="{_sheets.GRID}"]' in paper
    assert f'[fill="{_sheets.GRID}"]' not in paper
