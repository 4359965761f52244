"""Text of others in all that is shown: it stands there, and does nothing else."""

from __future__ import annotations

import csv as table
import io
import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import frozen
from effort import at_most
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bri_timeline import Event, EventLog, Source, Vocabulary
from bri_timeline._command import main
from bri_timeline._text import harmless, one_line
from bri_timeline.errors import Fault, FaultsError, StoreError
from bri_timeline.extend import describe_event
from bri_timeline.formats import bibtex, csv, graph, ical, jsonl, timelinejs
from bri_timeline.formats._files import Loss
from bri_timeline.formats._flat import neutral, plain
from bri_timeline.pages import html, network, svg, text
from bri_timeline.relations import (
    FACTS,
    AgreementSigned,
    AgreementStatusChanged,
    Cancelled,
    Held,
    IndicatorObserved,
    InitiativeLaunched,
    Joined,
    Left,
    Met,
    Planned,
    PositionDeclared,
    Postponed,
    ProjectStatusChanged,
    Rescheduled,
    Visited,
    relationship,
)


TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
SIGNS = "a}{;|=+-@,\\'\" <>&%\t\n\r\v\x00\x1b\x7f\x85\x9b"
SIGNS += "\u202a\u202e\u2066\u2069\u2028\ufffe\u05d0"
nasty = st.text(st.sampled_from(SIGNS) | st.characters(), min_size=1, max_size=12)
encodable = nasty.filter(
    lambda text: text.isascii() or not re.search("[\ud800-\udfff]", text)
)
HERE = settings(
    at_most(40), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
WORST = "\x1b[2J\x9b31m\u202egnp\u2066}{;=1+1|@x\x07\ud800"
PLAIN = WORST.replace("\ud800", "")


def is_harmful(letter: str) -> bool:
    """Whether a character acts on whoever shows it; by the tables of Unicode."""
    category = unicodedata.category(letter)
    is_control = category == "Cc" and letter not in "\n\t"
    is_turning = unicodedata.bidirectional(letter) in TURNING
    # Deprecated in Unicode: they switched the shapes of letters and digits.
    is_turning |= "\u206a" <= letter <= "\u206f"
    code = ord(letter)
    is_nothing = 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
    return is_control or is_turning or is_nothing or category in {"Cs", "Zl", "Zp"}


def harm(shown: str) -> list[str]:
    """The characters in a text that do something."""
    return [f"U+{ord(letter):04X}" for letter in shown if is_harmful(letter)]


def facts(said: str) -> list[object]:
    """Each of the shipped facts, with a text wherever it has one."""
    parties = ("AZE", "CHN")
    return [
        InitiativeLaunched(said, "CHN", said),
        Joined("AZE", said),
        Left("AZE", said),
        Visited("AZE", "CHN", occasion=said, described_as=said),
        Met(parties, place=said, occasion=said, about=said),
        AgreementSigned(parties, said, between=said),
        AgreementStatusChanged(parties, said, said),
        PositionDeclared("CHN", said, said),
        IndicatorObserved(parties, said, 1, said),
        ProjectStatusChanged(parties, said, said),
        Planned(parties, said, place=said, expected="2019-05"),
        Rescheduled(said, "2020"),
        Postponed(said),
        Cancelled(said),
        Held(said),
    ]


def log_of(said: str) -> EventLog:
    """A log that says a text in every place."""
    source = Source(said, published="2019", container=said, author=said, url=said)
    log = EventLog()
    for number, fact in enumerate(facts(said)):
        name = f"{said} {number}"
        log = log.append(Event(fact, when="2019-04-24", cite=source.at(said), id=name))
    right = Event(Joined("AZE", said), when="2019", cite=source)
    log = log.append(right, supersedes=1, because=said)
    return log.retract(2, because=said, known="2020-01-01")


def shown_in(log: EventLog) -> Iterator[str]:
    """The text of everything in a log that has one, a line each."""
    view = log.as_of("2019-12-31")
    for entry in log:
        if entry.event is not None:
            yield str(entry.event.what)
            for cited in entry.event.cite:
                yield str(cited)
                yield str(cited.source)
    both = relationship("AZE", "CHN")
    explained = view.explain(both, of=lambda state: len(state.positions))
    yield from str(explained).splitlines()
    yield from map(str, explained.steps)
    yield str(view.outcomes(both, of=lambda state: tuple(state.positions)))
    yield from map(str, log.contradictions())


# --- the rule -------------------------------------------------------------------------


@given(nasty)
@example(WORST)
@example("\r\n")
@example("\u206a\u206f\ufdd0\ufdef\uffff\U0001fffe\U0010ffff")
def test_harmless_text_has_no_character_that_acts(said: str) -> None:
    """Controls and what reorders are replaced; all else stays."""
    assert not harm(harmless(said))
    assert not harm(one_line(said))
    assert len(one_line(said).splitlines()) <= 1
    assert harmless(harmless(said)) == harmless(said)
    if not harm(said):
        assert said == harmless(said)


def test_letters_of_all_scripts_stay() -> None:
    """Hebrew and Arabic, marks, joiners, and spaces that do not break."""
    said = (
        "\u05e9\u05dc \u0633\u0644\u0627\u0645\u200c \U0001f468\u200d\u2695 1\u00a0000"
    )

    assert said == harmless(said) == one_line(said)


# --- texts ----------------------------------------------------------------------------


@HERE
@given(nasty)
@example(WORST)
def test_the_text_of_a_value_is_harmless(said: str) -> None:
    """`str()` of facts, sources, citations, explanations, outcomes: one line each."""
    for line in shown_in(log_of(said)):
        assert not harm(line)
        assert "\n" not in line


@given(nasty)
@example(WORST)
def test_the_text_of_an_error_is_harmless(said: str) -> None:
    """Messages of errors, faults and losses show no text of others raw."""
    errors = [
        FaultsError(said, [Fault(said, said)]),
        StoreError(said, said),
        Fault(said, said),
        Loss(said, said),
    ]
    for error in errors:
        assert not harm(str(error))


@frozen
class Own:
    """A payload of somebody's own, whose words are raw."""

    said: str

    def __str__(self) -> str:
        return self.said


def test_the_words_of_a_payload_of_ones_own_are_made_harmless() -> None:
    """A class may return anything as its `str()`; what we show of it is harmless."""
    log = EventLog.of(Event(Own(WORST), when="2019"))

    for shown in (text.render(log), html.render(log), log._repr_html_()):
        assert not harm(shown)


# --- pictures, pages, notebooks, the terminal -----------------------------------------


# FIRST STRONG ISOLATE to POP DIRECTIONAL ISOLATE, as pictures put around a text.
ISOLATED = re.compile("\u2068([^\u2066-\u2069]*)\u2069")


@HERE
@given(nasty)
@example(WORST)
@example("\u0590")
def test_pictures_and_pages_are_harmless(said: str) -> None:
    """In no picture, page or notebook does a text act, but pictures may isolate it."""
    log = log_of(said)
    view = log.as_of("2019-12-31")
    both = relationship("AZE", "CHN")
    shown = {
        "text": text.render(log),
        "svg": svg.render(log),
        "html": html.render(log, projection=both),
        "network": network.render(view),
        "log": log._repr_html_(),
        "view": view._repr_html_(),
        "event": log[0].claim._repr_html_(),
        "state": view.project(both)._repr_html_(),
    }
    for name, picture in shown.items():
        assert not harm(ISOLATED.sub(r"\1", picture)), name


@HERE
@given(said=encodable)
@example(said=PLAIN)
def test_the_command_shows_no_text_raw(
    said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing that a file says acts on a terminal."""
    path = str(tmp_path / "log.jsonl")
    jsonl.dump(log_of(said), path, FACTS)
    for arguments in (
        ["state", path, "--between", "AZE", "CHN"],
        ["timeline", path],
        ["explain", path, "positions", "--between", "AZE", "CHN"],
        ["verify", path],
        ["doctor", path],
    ):
        main(arguments)
        captured = capsys.readouterr()
        assert not harm(captured.out + captured.err), arguments


# --- formats for others' programs -----------------------------------------------------


@HERE
@given(said=encodable)
@example(said=PLAIN)
def test_files_for_other_programs_are_harmless(said: str, tmp_path: Path) -> None:
    """Calendars, graphs and timelines hold no character that acts."""
    log, path = log_of(said), tmp_path / "out"
    for module, suffix in (
        (ical, ".ics"),
        (timelinejs, ".json"),
        (graph, ".graphml"),
        (graph, ".gexf"),
    ):
        file = path.with_suffix(suffix)
        module.dump(log, file, FACTS)
        written = file.read_bytes().decode().replace("\r\n", "\n")
        assert not harm(written), module.__name__


@given(said=encodable)
@example(said='"><img src=x onerror=alert(1)>')
@HERE
def test_slides_bring_no_markup_into_a_page(said: str, tmp_path: Path) -> None:
    """Every text of a slide is escaped: its id is an attribute, its group is HTML."""
    path = tmp_path / "slides.json"
    slide = timelinejs.Slide(said, text=said, group=said, caption=said, credit=said)
    log = EventLog.of(Event(slide, when="2019", id=said))
    losses = timelinejs.dump(log, path, Vocabulary(timelinejs.Slide))
    [written] = json.loads(path.read_text())["events"]

    for part in (written["unique_id"], written["group"], written["text"]["headline"]):
        assert not re.search("<(?!br>)|>(?<!<br>)", part)
    assert '"' not in written["unique_id"]
    assert "'" not in written["unique_id"]
    if not losses:
        assert log == timelinejs.load(path, Vocabulary(timelinejs.Slide))


# --- CSV ------------------------------------------------------------------------------


@given(st.text(st.sampled_from("a1.'\"=+-@;|,\t\r\n \uff1d")) | nasty)
@example("a;=cmd")
@example("'=x;'=y")
@example("-5")
@example("'-5")
def test_a_neutral_cell_comes_back(cell: str) -> None:
    """Whatever stands in a cell, `plain()` undoes `neutral()`."""
    assert cell == plain(neutral(cell))


@given(
    st.lists(
        st.lists(st.text(st.sampled_from("a'\"=+-@;|,\t\n ")), min_size=2, max_size=2),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from(";\t|,"),
)
@example([["x", "a;=cmd"]], ";")
@example([["x", 'a;"=cmd']], ";")
@example([["x", "a\n=cmd"]], ";")
def test_no_cell_is_a_formula_by_whatever_delimiter(
    rows: list[list[str]], delimiter: str
) -> None:
    """Opened with another delimiter, no cell of the file begins as a formula does."""
    file = io.StringIO(newline="")
    table.writer(file).writerows([map(neutral, row) for row in rows])
    file.seek(0)
    for row in table.reader(file, delimiter=delimiter):
        for cell in row:
            assert not re.match(r'["\s]*[-=+@]', cell), row


@HERE
@given(said=encodable.filter(lambda said: "\x00" not in said))
@example(said="a;=cmd")
def test_a_table_comes_back_from_neutral_cells(said: str, tmp_path: Path) -> None:
    """What is neutral in the file is what it was in the log."""
    path = tmp_path / "log.csv"
    log = log_of(said)
    csv.dump(log, path, FACTS)

    assert log == csv.load(path, FACTS)


# --- BibTeX ---------------------------------------------------------------------------


def fields_of(written: str) -> list[str]:
    """The entries of a file as BibTeX itself divides it: it only counts braces."""
    entries, depth, start = [], 0, 0
    for place, letter in enumerate(written):
        if letter == "{":
            start = place if depth == 0 else start
            depth += 1
        elif letter == "}":
            depth -= 1
            assert depth >= 0
            if depth == 0:
                entries.append(written[start : place + 1])
    assert depth == 0
    return entries


@HERE
@given(titles=st.lists(encodable, min_size=1, max_size=3, unique=True))
@example(titles=["}, note = {x", "{", "}\n@misc{evil, title={x}}"])
@example(titles=["a\\", "\\}", "%", "a@b\n@comment{"])
def test_a_title_ends_no_field_of_bibtex(titles: list[str], tmp_path: Path) -> None:
    """Braces are balanced, one entry a source, and each comes back or is a loss."""
    path = tmp_path / "sources.bib"
    sources = [Source(title, author=title, container=title) for title in titles]
    losses = bibtex.dump(sources, path)
    entries = fields_of(path.read_text())
    found = bibtex.load(path)

    unwritten = [loss for loss in losses if "not written" in loss.problem]
    assert len(sources) == len(entries) + len(unwritten) == len(found) + len(unwritten)
    if not losses:
        assert sources == [*found]


def test_ordinary_titles_of_bibtex_lose_nothing(tmp_path: Path) -> None:
    """Braces, backslashes and signs of LaTeX come back as they were."""
    path = tmp_path / "sources.bib"
    sources = [Source("a } b"), Source("{"), Source("50 % of $ {x} \\ ~ ^ _ # &")]

    assert () == bibtex.dump(sources, path)
    assert sources == [*bibtex.load(path)]


def test_a_field_without_a_value_is_not_told() -> None:
    """Nobody says that there is a seller called None."""

    @frozen
    class Bought:
        thing: str
        seller: str | None = None

    told = describe_event(Event(Bought("x"), when="2015"))
    assert "Bought: thing x" == told
    assert "Bought: thing x, seller y" == describe_event(Bought("x", "y"))
