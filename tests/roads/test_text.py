"""Text of others in all that is shown: it stands there, and does nothing else."""

from __future__ import annotations

import csv as table
import io
import json
import re
from pathlib import Path

import pytest
from attrs import frozen
from harmful_text import (
    HERE,
    WORST,
    harm,
    log_of,
    nasty,
)
from hypothesis import example, given
from hypothesis import strategies as st

from bri_timeline import Event, EventLog, Source, Vocabulary
from bri_timeline._command import main
from bri_timeline.errors import Fault, FaultsError, StoreError
from bri_timeline.formats import bibtex, csv, graph, ical, jsonl, timelinejs
from bri_timeline.formats._files import Loss
from bri_timeline.formats._flat import neutral, plain
from bri_timeline.pages import html, network, svg, text
from bri_timeline.relations import (
    FACTS,
    relationship,
)


encodable = nasty.filter(
    lambda text: text.isascii() or not re.search("[\ud800-\udfff]", text)
)
PLAIN = WORST.replace("\ud800", "")


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
