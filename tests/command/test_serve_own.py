"""A session of the SDK's own client with a server of facts of somebody's own."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from mcp_session import Call, serve

from bri_timeline import Event, EventLog, Source
from bri_timeline._command import main
from bri_timeline._text import to_plain
from bri_timeline.formats import jsonl
from bri_timeline.relations import FACTS, Visited, relationship


OWN = '''
from attrs import frozen
from bri_timeline import Event, Projection, Vocabulary, projection


@frozen
class Bought:
    """A stake in a company was bought."""

    company: str
    buyer: str
    percent: int

    @property
    def parties(self):
        return frozenset({self.company, self.buyer})


@frozen
class Possessed:
    """Somebody had an object of a museum."""

    thing: str
    holder: str

    @property
    def parties(self):
        return frozenset({self.thing, self.holder})


FACTS = Vocabulary(Bought, Possessed)


@projection(initial=dict, reads=Bought)
def stakes(state, event):
    """The percent of each company that are held."""
    company = event.what.company
    return {**state, company: state.get(company, 0) + event.what.percent}


def gone(state, event):
    return {**state, event.what.thing: ""}


@projection(initial=dict, reads=Possessed, ends=gone)
def holders(state, event):
    """Who has each object."""
    return {**state, event.what.thing: event.what.holder}


def of_buyers(*buyers: str) -> Projection[int]:
    """How many purchases some buyers have made."""
    if "nobody" in buyers:
        raise ValueError("nobody buys nothing")

    @projection(initial=int, reads=Bought, parties=buyers)
    def purchases(state, event):
        return state + 1

    return purchases


@projection(initial=int)
def faulty(state, event):
    raise KeyError("oh")
'''
REGISTER = Source("Register", published="2020-03-01")
CATALOGUE = Source("Catalogue", published="2021")
NAMES = ("stakes", "holders", "of_buyers", "faulty")
PAIR = ["AZE", "CHN"]


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module of a user, with facts and projections."""
    (tmp_path / "collections_of_mine.py").write_text(OWN, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield import_module("collections_of_mine")
    del sys.modules["collections_of_mine"]


def log_of(own: Any) -> EventLog:
    """Purchases, and what became of two objects."""
    return EventLog.of(
        Event(own.Bought("C1", "alfa", 60), when="2018", cite=REGISTER, id="a"),
        Event(own.Bought("C1", "beta", 20), when="2019", cite=REGISTER, id="b"),
        Event(own.Bought("C1", "beta", 25), when="2019", cite=CATALOGUE, id="b"),
        Event(own.Bought("C2", "alfa", 10), when="2019-07", cite=CATALOGUE),
        Event(own.Possessed("inv-7", "Rosen"), when="1921/1938", cite=CATALOGUE),
        Event(own.Possessed("inv-8", "the museum"), when="1950/..", cite=CATALOGUE),
        Event(own.Bought("C3", "AZE", 5), when="2015", cite=REGISTER),
    )


def options(folder: Path, *names: str) -> list[str]:
    """The options of the facts and of projections."""
    found = ["--facts", "collections_of_mine:FACTS"]
    for name in names:
        found += ["--projection", f"collections_of_mine:{name}"]
    return found


def test_answers_about_own_facts_are_those_of_python(own: Any, tmp_path: Path) -> None:
    """Of forty questions each is answered as in Python, or refused with the reason."""
    path, log = tmp_path / "own.jsonl", log_of(own)
    jsonl.dump(log, path, own.FACTS)
    calls = list[str]()

    async def session(_: object, call: Call) -> None:
        async def right(name: str, **arguments: Any) -> Any:
            calls.append(name)
            is_error, text = await call(name, **arguments)
            assert not is_error, text
            return json.loads(text)

        async def refused(problem: str, name: str, **arguments: Any) -> None:
            calls.append(name)
            is_error, text = await call(name, **arguments)
            assert is_error, text
            assert problem in text, text
            assert "Traceback" not in text

        def plain(state: object) -> Any:
            return json.loads(json.dumps(to_plain(state)))

        listed = await right("kinds")
        kinds = {one["kind"]: one for one in listed["kinds"]}
        assert (5, 2) == (kinds["Bought"]["claims"], kinds["Possessed"]["claims"])
        assert {"company", "buyer", "percent"} == kinds["Bought"]["fields"].keys()
        assert "A stake in a company was bought." == kinds["Bought"]["about"]
        made = {one["name"]: one for one in listed["projections"]}
        assert [*NAMES, "relationship"] == [*made]
        assert "Who has each object." == made["holders"]["about"]
        assert made["of_buyers"]["of_actors"]
        assert not made["stakes"]["of_actors"]
        assert {"inv-7", "Rosen", "C1", "alfa"} <= {*listed["actors"]}

        days = ("1930-01-01", "1938-06-30", "2018-06-30", "2019-07-15", "2021-12-31")
        for day in days:
            for name, known_by in (("stakes", "2020-06-30"), ("holders", None)):
                view = log.as_of(day, known_by=known_by)
                projection = getattr(own, name)
                asked = {"projection": name, "on": day, "known_by": known_by}
                found = await right("state", **asked)
                assert plain(view.project(projection)) == found["state"]
            found = await right("state", projection="stakes", on=day, between=["C1"])
            view = log.concerning("C1").as_of(day)
            assert plain(view.project(own.stakes)) == found["state"]
            found = await right(
                "diff", projection="stakes", on="2018-01-01", other_on=day
            )
            assert (
                str(log.as_of("2018-01-01").diff(log.as_of(day), own.stakes))
                == (found["text"])
            )
        view = log.as_of("2019-12-31")
        buyers = {"projection": "of_buyers", "on": "2019-12-31"}
        found = await right("state", **buyers, between=["alfa"])
        assert (2, {}) == (found["state"], found.get("not_part", {}))
        nothing = {**buyers, "between": ["alfa"], "value": ""}
        await refused(
            "'' is not a part of the state, which has none", "explain", **nothing
        )
        for value, of in (
            ("C1", lambda state: state.get("C1")),
            (None, lambda state: state),
        ):
            found = await right(
                "explain", projection="stakes", on="2019-12-31", value=value
            )
            assert str(view.explain(own.stakes, of=of)) == found["text"]
            assert {"Possessed": 2} == found["not_part"]
        (dispute,) = (await right("disputes", on="2021-12-31"))["disputes"]
        assert "b" == dispute["id"]
        found = await right("search", on="2021-12-31", kind="Possessed")
        assert 2 == found["found"]
        assert 2 == (await right("search", on="2021-12-31", words="alfa"))["found"]
        found = await right("search", on="2021-12-31", parties=["gamma"])
        assert (0, {"Bought": 5, "Possessed": 2}) == (
            found["found"],
            found["log_has"]["claims"],
        )
        item = {"kind": "Possessed", "what": {"thing": "inv-9", "holder": "Rosen"}}
        item |= {"when": "1930", "quote": "Rosen had it"}
        found = await right(
            "propose", document="Rosen had it in 1930.", title="x", items=[item]
        )
        assert [{"proposed": 7}] == found["items"]

        # --- refused ---
        about = {"on": "2021-12-31"}
        await refused("give one of stakes, holders, of_buyers", "state", **about)
        await refused(
            "'stake' is not a projection", "state", projection="stake", **about
        )
        await refused("is a function of parties: give between", "state", **buyers)
        await refused("nobody buys nothing", "state", **buyers, between=["nobody"])
        await refused("KeyError", "state", projection="faulty", **about)
        await refused(
            "'C9' is not a part", "explain", projection="stakes", value="C9", **about
        )
        await refused(
            "fits nothing", "state", projection="stakes", between=["delta"], **about
        )
        await refused("is not a kind", "search", kind="Visited2", **about)
        named = {"projection": "stakes", "between": ["China"]}
        await refused("'China' is a name of 'CHN'", "state", **named, **about)
        states = {"projection": "relationship", "between": PAIR}
        await refused("fits nothing: the log has", "state", **states, **about)
        states["between"] = ["AZE", "inv-7"]
        await refused("UnknownActorError", "state", **states, **about)
        states["between"] = ["AZE"]
        await refused("a relationship has two", "state", **states, **about)

    serve(path, session, *options(tmp_path, *NAMES))
    assert 40 <= len(calls)


def test_no_relationship_is_told_where_other_facts_tell_of_it(
    own: Any, tmp_path: Path
) -> None:
    """An empty one would be read as "no relations", on whatever day."""
    path = tmp_path / "own.jsonl"
    lent = Event(own.Bought("AZE", "CHN", 5), when="2015", cite=REGISTER)
    jsonl.dump(EventLog.of(lent), path, own.FACTS)
    visit = Event(Visited("AZE", "CHN"), when="2016", cite=REGISTER)
    both = EventLog.of(lent, visit)
    jsonl.dump(both, tmp_path / "both.jsonl", FACTS | own.FACTS)

    async def only_own(_: object, call: Call) -> None:
        for day in ("2014-01-01", "2021-01-01"):
            for name, more in (("state", {}), ("diff", {"other_on": "2022-01-01"})):
                is_error, text = await call(name, between=PAIR, on=day, **more)
                assert is_error
                assert "relationship does not tell of what the log has" in text
                assert '"Bought": 1' in text

    async def with_shipped(_: object, call: Call) -> None:
        _, text = await call("state", between=PAIR, on="2017-01-01")
        found, expected = json.loads(text), both.as_of("2017-01-01")
        state = expected.project(relationship(*PAIR))
        assert json.loads(json.dumps(to_plain(state))) == found["state"]
        assert {"Bought": 1} == found["not_part"]
        _, text = await call("explain", between=PAIR, on="2017-01-01", value="visits")
        explained = expected.concerning(*PAIR).explain(
            relationship(*PAIR), of=attrgetter("visits")
        )
        assert str(explained) == json.loads(text)["text"]

    serve(path, only_own, *options(tmp_path))
    shipped = ("--facts", "states", *options(tmp_path))
    serve(tmp_path / "both.jsonl", with_shipped, *shipped)


def test_a_projection_that_is_none_is_a_fault_of_the_command(
    own: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is found before the first question."""
    path = tmp_path / "own.jsonl"
    jsonl.dump(log_of(own), path, own.FACTS)
    for given, problem in (
        (["nothing"], "module collections_of_mine has no name nothing"),
        (["Bought"], "its projections are: stakes, holders, of_buyers, faulty"),
        (["stakes", "stakes"], "--projection: two have one name"),
    ):
        assert 2 == main(["serve", str(path), *options(tmp_path, *given)])
        assert problem in capsys.readouterr().err
