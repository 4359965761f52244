"""Answers to language models have a limit, and a way to the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp import ClientSession
from mcp_session import Call, serve

from bri_timeline import Event, EventLog, Source
from bri_timeline._command._limits import MOST_LISTED, limited
from bri_timeline.formats import jsonl
from bri_timeline.relations import FACTS, Met, Visited


PAIR = ["AZE", "CHN"]
MANY = 130
LONGEST = 30_000
ITEMS = st.lists(st.text(max_size=300) | st.integers(), max_size=130)
WIDE = st.dictionaries(st.text(max_size=9), st.integers(), max_size=130)
ANSWERS = st.dictionaries(
    st.sampled_from("abcd"), ITEMS | WIDE | st.fixed_dictionaries({"e": ITEMS})
)


def at(answer: Any, place: str) -> Any:
    """Return what is at a place of an answer."""
    for name in place.split("."):
        answer = answer[name]
    return answer


@given(ANSWERS)
def test_what_is_asked_for_until_nothing_is_left_is_all(found: dict[str, Any]) -> None:
    """Each list comes in parts, in its order, and none is left out."""
    whole = json.loads(limited(found, 0))
    waiting = whole.pop("more", {})
    places = {name: one["items"] for name, one in waiting.items()}
    read = {name: [*at(whole, name)] for name in waiting}
    for name in places:
        start = waiting[name]["start"]
        while start is not None:
            part = json.loads(limited(found, start))
            read[name] += at(part, name)
            start = part.get("more", {}).get(name, {}).get("start")

    assert {name: [*at(found, name)] for name in places} == read
    assert places == {name: len(one) for name, one in read.items()}
    assert {name: found[name] for name in found if name not in str(places)} == {
        name: whole[name] for name in found if name not in str(places)
    }


def test_an_answer_has_a_limit() -> None:
    """Of many short items 50 are shown, of long ones fewer, of a huge one that one."""
    short = json.loads(limited({"a": [*range(200)], "b": 1, "text": "x\n" * 60}, 100))
    assert [*range(100, 150)] == short["a"]
    assert {"items": 200, "start": 150} == short["more"]["a"]
    long = limited({"a": ["x" * 2_000] * 200, "c": {"b": ["y" * 2_000] * 200}}, 0)
    assert len(long) <= LONGEST
    assert 3 == len(json.loads(long)["a"])
    assert {"a", "c.b"} == {*json.loads(long)["more"]}
    wide = json.loads(limited({"a": {f"{n}": n for n in range(60)}}, 50))
    assert {f"{n}": n for n in range(50, 60)} == wide["a"]
    huge = json.loads(limited({"a": ["x" * LONGEST] * 2}, 1))
    assert {"a": ["x" * LONGEST]} == huge


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log of a pair with more visits, and meetings, than an answer holds."""
    paper = Source("The Paper", published="2016-01-01")
    whats = (
        *(Visited("AZE", "CHN", occasion=f"visit {n}") for n in range(MANY)),
        *(Met(frozenset(PAIR), occasion=f"meeting {n}") for n in range(MANY)),
    )
    log = EventLog.of(*(Event(what, when="2015-05-01", cite=paper) for what in whats))
    path = tmp_path / "log.jsonl"
    jsonl.dump(log, path, FACTS)
    return path


@pytest.mark.slow
def test_no_tool_answers_more_than_a_model_can_read(path: Path) -> None:
    """By the part of a state that it asks for, and by start, it gets to all."""
    about = {"between": PAIR, "on": "2016-01-01"}

    async def session(client: ClientSession, call: Call) -> None:
        async def right(name: str, **arguments: Any) -> Any:
            is_error, text = await call(name, **arguments)
            assert not is_error, text
            assert len(text) <= LONGEST
            return json.loads(text)

        found = await right("state", **about)
        assert {"state.visits", "state.meetings"} == {*found["more"]}
        assert MANY == found["more"]["state.visits"]["items"]
        seen, start = [], 0
        while start is not None:
            found = await right("state", value="visits", start=start, **about)
            assert {"visits"} == {*found["state"]}
            seen += found["state"]["visits"]
            start = found.get("more", {}).get("state.visits", {}).get("start")
        assert MANY == len({event["id"] for event in seen}) == len(seen)

        found = await right("search", on="2016-01-01", words="visit", start=120)
        assert (MANY, 10, False) == (
            found["found"],
            len(found["claims"]),
            "more" in found,
        )
        found = await right("explain", value="visits", **about)
        assert {"text", "steps"} == {*found["more"]}
        found = await right(
            "diff", other_on="2016-01-01", between=PAIR, on="2015-01-01"
        )
        assert found["more"]
        found = await right("disputes", on="2016-01-01", start=5)
        assert [] == found["disputes"]

        # --- proposals: what was proposed already is told again, and adds nothing ---
        good = {
            "kind": "Met",
            "what": {"parties": PAIR},
            "when": "2016",
            "quote": "They met in 2016.",
        }
        wrong = {f"wrong {n}": n for n in range(20)}
        items = [{**good, **wrong, f"item {n}": n} for n in range(40)] + [good]
        paper = {"document": good["quote"], "title": "x", "items": items}
        told, start = [], 0
        while start is not None:
            found = await right("propose", start=start, **paper)
            assert 1 == found["waiting"]
            told += found["items"]
            assert len(told) <= len(items)
            start = found.get("more", {}).get("items", {}).get("start")
        assert len(told) == len(items)
        assert all(f"item {n}" in str(one) for n, one in enumerate(told[:-1]))
        assert [{"proposed": "again"}] == told[40:]

        is_error, text = await call("search", on="2016-01-01", start=-1)
        assert is_error, text
        is_error, text = await call("state", value="_early", **about)
        assert is_error
        assert "is not a part of the state" in text

    serve(path, session)
    assert MOST_LISTED == 50
