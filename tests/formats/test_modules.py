"""Formats are alike: two functions, the same arguments, losses said."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from format_strategies import FEW
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from log_strategies import logs

from bri_timeline import Event, EventLog, Source, Vocabulary, answers
from bri_timeline.errors import FaultsError, SelectionError, VocabularyError
from bri_timeline.formats import (
    Loss,
    arrow,
    bibtex,
    chronicle,
    csl,
    csv,
    geojson,
    graph,
    ical,
    jsonl,
    proposals,
    tables,
    timelinejs,
    xlsx,
)
from bri_timeline.relations import FACTS, Joined


LOGS_OUT = [
    *(arrow, chronicle, csv, geojson, graph, ical, jsonl, timelinejs, xlsx),
]
LOGS_IN = [arrow, chronicle, csv, jsonl, timelinejs]
SOURCES = [bibtex, csl]
WHOLE = [arrow, chronicle, csv, jsonl]
ALL_OF_A_LOG = [*WHOLE, xlsx]
WORDS = FACTS | Vocabulary(timelinejs.Slide)
LOG = EventLog.of(Event(Joined("AZE", "x"), when="2015", cite=Source("The Paper")))


def named(module: ModuleType) -> str:
    """The name of a format."""
    return module.__name__.rpartition(".")[2]


def arguments(function: object) -> list[str]:
    """The arguments that a function must be given."""
    assert callable(function)
    given = inspect.signature(function).parameters.values()
    return [p.name for p in given if p.kind is not p.KEYWORD_ONLY]


@pytest.mark.parametrize("module", LOGS_OUT, ids=named)
def test_every_format_for_logs_dumps_alike(module: ModuleType, tmp_path: Path) -> None:
    """`dump(log, path, vocabulary)` writes a file and returns the losses."""
    path = tmp_path / "file"
    losses = module.dump(LOG, str(path), WORDS)

    assert ["log", "path", "vocabulary"] == arguments(module.dump)
    assert path.stat().st_size
    assert [path] == list(tmp_path.iterdir())
    assert all(type(loss) is Loss for loss in losses)
    assert (module in ALL_OF_A_LOG) is (losses == ())


@pytest.mark.parametrize("module", LOGS_OUT, ids=named)
def test_every_format_for_logs_refuses_what_is_not_one(
    module: ModuleType, tmp_path: Path
) -> None:
    """A view, events or a payload class are refused before a file is made."""
    path, wrong = tmp_path / "file", {"path": tmp_path / "file", "vocabulary": WORDS}
    with pytest.raises(SelectionError, match="is not a log: give the log that it is"):
        module.dump(LOG.as_of("2020-01-01"), path, WORDS)
    with pytest.raises(SelectionError, match=r"is not a log: give EventLog.of\(...\)"):
        module.dump(log=[LOG[0].claim], **wrong)
    for log in (LOG, EventLog()):
        with pytest.raises(VocabularyError, match=r"give Vocabulary\(Joined\)"):
            module.dump(log, path, Joined)
    with pytest.raises(VocabularyError, match=r"5 is not a .*: give Vocabulary\(...\)"):
        module.dump(LOG, path, vocabulary=5)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("module", LOGS_IN, ids=named)
def test_every_reader_of_logs_refuses_what_is_not_a_vocabulary(
    module: ModuleType, tmp_path: Path
) -> None:
    """It is refused of an empty file too, in which no kind is looked up."""
    for log in (LOG, EventLog()):
        module.dump(log, tmp_path / "file", WORDS)
        with pytest.raises(VocabularyError, match=r"give Vocabulary\(Joined\)"):
            module.load(tmp_path / "file", Joined)


def test_what_else_takes_a_vocabulary_refuses_what_is_not_one() -> None:
    """Tables, proposals and graphs are as alike."""
    source, wrong = Source("x"), "give Vocabulary"
    rule = tables.Rule("Joined", (tables.Dates(["d"], "yyyy"),), {})
    table = tables.Declaration("T", (rule,), {"title": "S"})
    any_class: Any = Joined
    calls: list[Callable[[], object]] = [
        lambda: tables.loads("d", table, any_class),
        lambda: proposals.examine([], any_class, document="", source=source),
        lambda: graph.to_networkx(LOG.as_of("2020-01-01"), any_class),
        lambda: arrow.to_arrow(LOG, any_class),
        lambda: arrow.from_arrow(arrow.to_arrow(LOG, WORDS), any_class),
        lambda: answers.loads("1", int, any_class),
    ]
    for call in calls:
        with pytest.raises(VocabularyError, match=wrong):
            call()


@pytest.mark.parametrize("module", LOGS_IN, ids=named)
def test_every_format_for_logs_loads_alike(module: ModuleType) -> None:
    """`load(path, vocabulary)` returns a log."""
    assert ["path", "vocabulary"] == arguments(module.load)
    assert "EventLog" == inspect.signature(module.load).return_annotation


@pytest.mark.parametrize("module", WHOLE, ids=named)
def test_load_reads_the_log_that_dump_wrote_without_losses(
    module: ModuleType, tmp_path: Path
) -> None:
    """A format that returns no losses reads the log that it wrote."""
    module.dump(LOG, tmp_path / "file", WORDS)

    assert LOG == module.load(tmp_path / "file", WORDS)


@pytest.mark.parametrize("module", WHOLE, ids=named)
@given(log=logs(max_size=6), party=st.sampled_from(["AAA", "BBB", "CCC"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_selection_says_what_it_leaves_out_and_its_answers_rest_on(
    tmp_path: Path, module: ModuleType, log: EventLog, party: str
) -> None:
    """A selection that is written counts what it counted, or a loss says why not."""
    selection, path = log.among(party), tmp_path / "file"
    losses = module.dump(selection, path, FEW)
    again = module.load(path, FEW).among(party)

    counted, written = (
        Counter((event.what, event.when, event.where) for event in view.events)
        for view in (one.as_of("2100-01-01") for one in (selection, again))
    )
    places = [loss.place for loss in losses if "without it" in loss.problem]
    assert places == [f"entry {entry.position}" for entry in selection.left_out]
    assert places or counted == written
    assert log.left_out == ()


@pytest.mark.parametrize("module", SOURCES, ids=named)
def test_every_format_for_sources_is_alike(module: ModuleType, tmp_path: Path) -> None:
    """`dump(sources, path)` takes sources or a log, `load(path)` gives sources."""
    assert () == module.dump(LOG, str(tmp_path / "file"))
    assert (Source("The Paper"),) == module.load(str(tmp_path / "file"))
    assert ["sources", "path"] == arguments(module.dump)
    assert ["path"] == arguments(module.load)


TEXT = [module for module in LOGS_OUT if module not in (arrow, xlsx)]


@pytest.mark.parametrize("module", TEXT, ids=named)
def test_dumps_gives_the_text_that_dump_writes(
    module: ModuleType, tmp_path: Path
) -> None:
    """`dumps(log, vocabulary)` has the same bytes, and the same options."""
    module.dump(LOG, tmp_path / "file", WORDS)
    options = {
        name: parameter.default
        for name, parameter in inspect.signature(module.dump).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }

    assert (tmp_path / "file").read_bytes() == module.dumps(LOG, WORDS).encode()
    assert ["log", "vocabulary"] == arguments(module.dumps)
    assert options == {
        name: parameter.default
        for name, parameter in inspect.signature(module.dumps).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }


@pytest.mark.parametrize("module", [m for m in LOGS_IN if m in TEXT], ids=named)
def test_loads_reads_the_text_of_dumps(module: ModuleType, tmp_path: Path) -> None:
    """`loads(text, vocabulary)` is what `load` reads from such a file."""
    module.dump(LOG, tmp_path / "file", WORDS)
    text = module.dumps(LOG, WORDS)

    assert module.load(tmp_path / "file", WORDS) == module.loads(text, WORDS)
    with pytest.raises(FaultsError, match="fault") as caught:
        module.loads("\ud800" if module is not chronicle else "=", WORDS)
    assert "/" not in caught.value.document


@pytest.mark.parametrize("module", SOURCES, ids=named)
def test_sources_are_text_too(module: ModuleType) -> None:
    """`loads(dumps(sources))` gives the sources of a log."""
    text = module.dumps(LOG)

    assert (Source("The Paper"),) == module.loads(text)
    assert module.dumps(module.loads(text)) == text


@pytest.mark.parametrize("module", [*LOGS_IN, *SOURCES], ids=named)
def test_a_missing_file_is_an_error_of_the_system(module: ModuleType) -> None:
    """What is not there is a `FileNotFoundError`, and no fault of a file."""
    rest = [] if module in SOURCES else [WORDS]
    with pytest.raises(FileNotFoundError):
        module.load("nothing/here", *rest)


@pytest.mark.slow
def test_no_format_loads_what_it_does_not_need() -> None:
    """Libraries for other formats are imported when a file is written or read."""
    names = ", ".join(map(named, [*LOGS_OUT, *LOGS_IN, *SOURCES]))
    others = (
        "pyarrow",
        "networkx",
        "icalendar",
        "bibtexparser",
        "pandas",
        "polars",
        "tomli_w",
    )
    code = f"import sys; from bri_timeline.formats import {names}\n"
    code += f"print([name for name in {others} if name in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert "[]" == found.stdout.strip()
