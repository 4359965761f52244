"""A composition is shown, told and kept as a state that is written by hand is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from fold_worlds import shown
from ties import COMPOSED, LOG, by_hand

from bri_timeline import dyads
from bri_timeline._command import main
from bri_timeline.folds import in_force, keyed, record
from bri_timeline.measures import count
from bri_timeline.pages import html, markdown, text
from bri_timeline.relations import FACTS, Joined
from bri_timeline.scale import write
from bri_timeline.stores import SQLiteStore


MEMBERS = record(
    "Members", members=keyed(in_force(Joined), by=("member", "body")), n=count(Joined)
)


def test_pages_show_a_composition_as_a_state_by_hand() -> None:
    """The same page, text and Markdown, but for the name of the projection."""
    for page in (html, markdown, text):
        composed = page.render(LOG, projection=COMPOSED)
        other = page.render(LOG, projection=by_hand)
        assert str(composed).replace("Ties", "x") == (
            str(other).replace("by_hand", "x").replace("Ties", "x")
        ), page


@pytest.mark.parametrize("verb", ["state", "history"])
def test_the_command_tells_a_composition_as_a_state_by_hand(
    verb: str, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    """Each part has its line, whatever projection it is of."""
    monkeypatch.setitem(sys.modules, "my_ties", sys.modules["ties"])
    with SQLiteStore(tmp_path / "s.db", FACTS) as store:
        store.append(LOG)
    printed = []
    for name in ("COMPOSED", "by_hand"):
        day = ["--on", "2017-01-01"] if verb == "state" else []
        asked = [verb, str(tmp_path / "s.db"), *day, "--projection", f"my_ties:{name}"]
        for form in ("text", "json"):
            more = ["--format", "json"] if form == "json" and verb == "state" else []
            assert main([*asked, *more]) == 0
        printed.append(capsys.readouterr().out.replace(name, "x").replace("Ties", "x"))
    assert printed[0] == printed[1]
    assert "stances" in printed[0]


def test_stores_and_datasets_answer_for_a_composition(tmp_path: Path) -> None:
    """As the log does, and states of datasets are saved as JSON."""
    with SQLiteStore(tmp_path / "s.db", FACTS) as store:
        store.append(LOG)
        for asked in (COMPOSED, MEMBERS, MEMBERS.among("AZE", "CHN")):
            read = store.read(projection=asked)
            for day in ("2015-12-31", "2017-01-01"):
                state = read.as_of(day).project(asked)
                assert shown(state) == shown(LOG.as_of(day).project(asked))
    data = write(LOG, tmp_path / "data", FACTS)
    for day in ("2015-12-31", "2017-01-01"):
        pair = LOG.as_of(day).concerning("AZE", "CHN")
        assert data.project(COMPOSED, "AZE", "CHN", on=day) == pair.project(COMPOSED)
        each = LOG.as_of(day).project_each(COMPOSED, by=dyads)
        assert dict(data.project_each(COMPOSED, on=day)) == dict(each)
        part = COMPOSED.part("stances", "rail")
        assert data.project(part, "AZE", "CHN", on=day) == pair.project(part)
    saved = data.save_each(COMPOSED, tmp_path / "states.parquet", on="2017-01-01")
    assert saved is not None or (tmp_path / "states.parquet").exists()
