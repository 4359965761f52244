"""The verbs about many days, and about two files, say what Python says."""

from __future__ import annotations

import csv
import io
import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars
import pytest

from bri_timeline import (
    Event,
    EventLog,
    First,
    Panel,
    Source,
    answers,
    compare,
    dyads,
)
from bri_timeline._command import _asking, main
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import counted
from bri_timeline.extend import plain_data
from bri_timeline.formats import jsonl
from bri_timeline.measures import count, latest, total
from bri_timeline.relations import FACTS, Met, Visited, match, relationship


OWN = """
from attrs import frozen
from bri_timeline import Event, Vocabulary, projection


@frozen
class Price:
    amount: int


@frozen
class Bought:
    company: str
    buyer: str
    percent: int
    price: Price | None = None

    @property
    def parties(self):
        return frozenset({self.company, self.buyer})


FACTS = Vocabulary(Bought)


def years(event):
    return [int(str(event.when)[:4])]


def uneven(_event):
    return ["all", ("a", "b")]


def companies(event):
    return [event.what.company]


def paid(event):
    return event.what.price and event.what.price.amount


paid.__name__ = "price.amount"


@projection(initial=dict, reads=Bought)
def stakes(state, event):
    what = event.what
    return {**state, what.buyer: state.get(what.buyer, 0) + what.percent}
"""


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: Any
) -> Callable[..., Any]:
    """Return a function that runs a command in a folder of two domains."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "stakes_held.py").write_text(OWN, "utf-8")
    jsonl.dump(azerbaijan_china(), "article.jsonl", FACTS)

    def called(command: str, status: int = 0) -> Any:
        assert status == main(shlex.split(command))
        out, err = capfdbinary.readouterr()
        if "--format arrow" in command:
            return out
        return (out if status == 0 else err).decode()

    return called


@pytest.fixture
def own(run: Callable[..., Any]) -> Any:
    """Return the module of the second domain, with a log of it in `stakes.jsonl`."""
    import stakes_held

    def bought(buyer: str, percent: int, when: str, price: int | None = None) -> Event:
        paid = None if price is None else stakes_held.Price(price)
        what = stakes_held.Bought("Oil", buyer, percent, paid)
        return Event(what, when=when, cite=Source("Registry", published="2020"))

    log = EventLog.of(
        bought("Ann", 30, "2015", 7),
        bought("Ben", 20, "2016-05", 5),
        bought("Ann", 25, "2017-02-03"),
        Event(stakes_held.Bought("Gas", "Ben", 50), when="2018"),
    )
    jsonl.dump(log, "stakes.jsonl", stakes_held.FACTS)
    return stakes_held, log


def rows(text: str) -> list[dict[str, str]]:
    """Return the rows of CSV."""
    return [*csv.DictReader(io.StringIO(text))]


def data(answer: object) -> object:
    """Return an answer as the JSON of Python has it."""
    return json.loads(answers.dumps(answer))


SPAN = "--during 2013/2019 --every year"


def panel_of(log: EventLog, *args: Any, **more: Any) -> Panel[Any, Any]:
    days = {"start": "2013-01-01", "stop": "2019-12-31", "every": "year"}
    return log.panel(*args, **{"by": dyads, **days, **more})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (
            "article.jsonl --of visits --flow",
            lambda log, _: panel_of(
                log, relationship, of=lambda s: len(s.visits), flow=True
            ),
        ),
        (
            "article.jsonl --of agreements --keys China,AZE KAZ,CHN --rivals",
            lambda log, _: panel_of(
                log,
                relationship,
                of=lambda s: s.agreement_count,
                keys=[("AZE", "CHN"), ("CHN", "KAZ")],
                rivals=True,
            ),
        ),
        (
            "article.jsonl --count Visited Met --by actors --keys AZE CHN",
            lambda log, _: panel_of(
                log,
                count(Visited, Met),
                by=lambda e: e.parties,
                keys=["AZE", "CHN"],
            ),
        ),
        (
            (
                "article.jsonl --active --by kinds --keys Visited --no-bounds"
                " --known-after year --coverage 2015/2018"
            ),
            lambda log, _: panel_of(
                log,
                count(active=True),
                by=lambda e: [type(e.what).__name__],
                keys=["Visited"],
                bounds=False,
                known_after="year",
                coverage="2015/2018",
            ),
        ),
        (
            (
                "stakes.jsonl --facts stakes_held:FACTS --total Bought.percent"
                " --window year"
            ),
            lambda log, own: panel_of(
                log, total(own.Bought, of="percent"), window="year"
            ),
        ),
        (
            (
                "stakes.jsonl --facts stakes_held:FACTS --total Bought.price.amount"
                " --by stakes_held:companies"
            ),
            lambda log, own: panel_of(
                log,
                total(own.Bought, of=own.paid),
                by=own.companies,
            ),
        ),
        (
            (
                "stakes.jsonl --facts stakes_held:FACTS --count"
                " --by stakes_held:companies --keys Oil Gas"
            ),
            lambda log, own: panel_of(
                log, count(), by=own.companies, keys=["Oil", "Gas"]
            ),
        ),
        (
            (
                "stakes.jsonl --facts stakes_held:FACTS --count --by stakes_held:years"
                " --keys 2016 2018"
            ),
            lambda log, own: panel_of(log, count(), by=own.years, keys=[2016, 2018]),
        ),
        (
            (
                "stakes.jsonl --facts stakes_held:FACTS --projection stakes_held:stakes"
                " --of Ann"
            ),
            lambda log, own: panel_of(log, own.stakes, of=lambda s: s.get("Ann")),
        ),
    ],
)
def test_a_panel_is_that_of_python(
    asked: str,
    answer: Callable[[EventLog, Any], Panel[Any, Any]],
    run: Callable[..., Any],
    own: Any,
) -> None:
    """As text, CSV, JSON and Arrow."""
    module, log = own
    expected = answer(azerbaijan_china() if "article" in asked else log, module)
    told = run(f"panel {asked} {SPAN} --format csv")

    assert [
        (
            tuple(row[key] for key in row if key.startswith("key")),
            *(row[name] for name in ("since", "until", "value", "low", "high")),
        )
        for row in rows(told)
    ] == [
        (
            tuple(map(str, row.key if isinstance(row.key, tuple) else [row.key])),
            *map(str, (row.since, row.until)),
            *("" if n is None else str(n) for n in (row.value, row.low, row.high)),
        )
        for row in expected
    ]
    assert data(expected) == json.loads(run(f"panel {asked} {SPAN} --format json"))
    stream = run(f"panel {asked} {SPAN} --format arrow")
    assert polars.DataFrame(expected).equals(polars.read_ipc_stream(io.BytesIO(stream)))
    lines = run(f"panel {asked} {SPAN}").splitlines()
    assert len(lines) == len([*expected]) + 2
    assert lines[1].split()[-6:] == [
        "since",
        "until",
        "value",
        "low",
        "high",
        "complete",
    ]


@pytest.mark.usefixtures("own")
def test_a_key_that_no_event_has_is_said(capfdbinary: Any) -> None:
    """Its row of zeros looks like that of any other."""
    asked = "stakes.jsonl --facts stakes_held:FACTS --count --by stakes_held:years"
    main(shlex.split(f"panel {asked} --keys 2016 2061 {SPAN}"))

    assert b"no event has these keys: 1\n  2061\n" == capfdbinary.readouterr().err


@pytest.mark.parametrize("by", [None, "dyads"])
@pytest.mark.parametrize(
    ("asked", "projection"),
    [
        ("article.jsonl --count Visited", lambda _: count(Visited)),
        (
            "stakes.jsonl --facts stakes_held:FACTS --latest Bought.percent",
            lambda own: latest(own.Bought, of="percent"),
        ),
        (
            "stakes.jsonl --facts stakes_held:FACTS --projection stakes_held:stakes",
            lambda own: own.stakes,
        ),
    ],
)
def test_a_history_is_that_of_python(
    asked: str,
    projection: Callable[[Any], Any],
    by: str | None,
    run: Callable[..., Any],
    own: Any,
) -> None:
    """Of one log, and of each key."""
    module, log = own
    log = azerbaijan_china() if "article" in asked else log
    made, keys = projection(module), dyads if by else None
    expected: Any = log.history(made, by=keys) if keys else log.history(made)
    asked = f"history {asked} {f'--by {by}' if by else ''}"
    each = expected if by else {(): expected}

    assert data(expected) == json.loads(run(f"{asked} --format json"))
    told = rows(run(f"{asked} --format csv"))
    assert [
        (*key, str(period.since or ""), event.id if event else "")
        for key, periods in each.items()
        for period in periods
        for event in period.events or (None,)
    ] == [
        (*(row[key] for key in row if key.startswith("key")), row["since"], row["id"])
        for row in told
    ]
    stream = io.BytesIO(run(f"{asked} --format arrow"))
    assert polars.read_ipc_stream(stream).rows() == [
        tuple(text or None for text in row.values()) for row in told
    ]
    text = run(asked)
    assert all(str(p.since) in text for ps in each.values() for p in ps if p.since)


def test_a_history_for_people_tells_what_changed(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the last periods; a table has all of them, each with its whole state."""
    asked = "history article.jsonl --between AZE CHN"
    whole = run(asked)
    periods = azerbaijan_china().history(relationship("AZE", "CHN"))
    monkeypatch.setattr(_asking, "_MOST_PERIODS", 1)
    some = run(asked)

    assert "before      nothing\n2013-12-31  initiatives 1\n" in whole
    assert "2015-12-31  visits 1" in whole
    assert "left out" not in whole
    left_out = f"... {counted(len(periods) - 1, 'earlier period')} left out: "
    assert f"{left_out}give --format csv for all, or --of for one value\n" in some
    assert str(periods[-1].since) in some
    assert str(periods[-2].since) not in some
    assert run(f"{asked} --format json").count('"since"') == len(periods)
    Path("by_kind.py").write_text(
        "from bri_timeline import Projection\n"
        "KIND = Projection(dict, lambda s, e: {type(e.what).__name__: [e], 'n': 7})\n"
    )
    kinds = run("history article.jsonl --projection by_kind:KIND --by dyads")
    assert "left out" in kinds
    monkeypatch.setattr(_asking, "_MOST_PERIODS", 99)
    kinds = run("history article.jsonl --projection by_kind:KIND")
    assert "before      none\n" in kinds
    assert "2015-12-31  Visited 1, PositionDeclared none\n" in kinds
    assert ", Visited none" in kinds


def test_a_history_of_a_part_has_the_events_of_that_part(
    run: Callable[..., Any],
) -> None:
    """What else changed on that day is another part."""
    visits = rows(
        run("history article.jsonl --between AZE CHN --of visits --format csv")
    )
    worth = rows(run("history article.jsonl --between AZE CHN --of value --format csv"))

    assert ["", "aliyev-visit-2015", "aliyev-arrives-2019"] == [r["id"] for r in visits]
    assert ["0", "1", "2"] == [row["value"] for row in visits]
    assert {"none", "USD: 821000000"} == {row["value"] for row in worth}
    assert "ten-agreements" in {row["id"] for row in worth}
    own_part = "history article.jsonl --projection own_part:PART --of only"
    Path("own_part.py").write_text(
        "from bri_timeline import Projection\n"
        "PART = Projection(dict, lambda s, e: {'only': 1, 'rest': e.id})\n"
    )
    assert ["none", "1"] == [r["value"] for r in rows(run(f"{own_part} --format csv"))][
        :2
    ]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (
            "article.jsonl --count Visited --at-least 2 --rivals",
            lambda log, _: log.first(count(Visited), at_least=2, rivals=True),
        ),
        (
            "article.jsonl --count Met --at-most 0 --known-by 2019-04-24",
            lambda log, _: log.first(count(Met), at_most=0, known_by="2019-04-24"),
        ),
        (
            "article.jsonl --between AZE CHN --of visits --at-least 1 --limit 10",
            lambda log, _: log.first(
                relationship("AZE", "CHN"), holds=lambda s: len(s.visits) >= 1, limit=10
            ),
        ),
        (
            "article.jsonl --count --at-least 3 --by dyads",
            lambda log, _: log.first(count(), at_least=3, by=dyads),
        ),
        (
            (
                "stakes.jsonl --facts stakes_held:FACTS --total Bought.percent"
                " --at-least 74.5 --by stakes_held:companies"
            ),
            lambda log, own: log.first(
                total(own.Bought, of="percent"), at_least=74.5, by=own.companies
            ),
        ),
        (
            (
                "stakes.jsonl --facts stakes_held:FACTS --projection stakes_held:stakes"
                " --of Ann --at-most 60"
            ),
            lambda log, own: log.first(
                own.stakes, holds=lambda s: s.get("Ann", 61) <= 60
            ),
        ),
    ],
)
def test_the_first_day_is_that_of_python(
    asked: str,
    answer: Callable[[EventLog, Any], Any],
    run: Callable[..., Any],
    own: Any,
) -> None:
    """Of one log, and of each key."""
    module, log = own
    expected = answer(azerbaijan_china() if "article" in asked else log, module)
    each = {(): expected} if isinstance(expected, First) else expected

    assert data(expected) == json.loads(run(f"first {asked} --format json"))
    told = rows(run(f"first {asked} --format csv"))
    assert [(str(f.when or ""), str(f.answer)) for f in each.values()] == [
        (row["when"], row["it held"]) for row in told
    ]
    assert [f.complete for f in each.values()] == [r["complete"] == "yes" for r in told]
    stream = io.BytesIO(run(f"first {asked} --format arrow"))
    assert polars.read_ipc_stream(stream).height == len(told)
    text = run(f"first {asked}")
    assert all(str(first.answer) in text for first in each.values())


def test_a_difference_is_that_of_python(run: Callable[..., Any]) -> None:
    """Of two days, and of two days of knowledge."""
    log, asked = azerbaijan_china(), "diff article.jsonl --between AZE CHN"
    asked += " --on 2019-04-24 2019-04-24 --known-by 2019-04-24 2019-04-26"
    days = [log.as_of("2019-04-24", known) for known in ("2019-04-24", "2019-04-26")]
    expected = days[0].diff(days[1], relationship("AZE", "CHN"))

    def out(event: Event) -> object:
        return days[1].as_cited(event).as_dict()

    assert plain_data(expected, instead={Event: out}) == json.loads(
        run(f"{asked} --format json")
    )
    assert f"{expected}\n" == run(asked)
    told = rows(run(f"{asked} --format csv"))
    assert [change.after.id if change.after else "" for change in expected.changes] == [
        row["id_after"] for row in told
    ]
    stream = io.BytesIO(run(f"{asked} --format arrow"))
    assert polars.read_ipc_stream(stream).height == len(told) > 0
    ended = "diff article.jsonl --count Visited"
    assert "unrecognized arguments" in run(f"{ended} --on 2015-01-01 2016-01-01", 2)


def test_matches_are_those_of_python(run: Callable[..., Any]) -> None:
    """Of two files, and within one."""
    theirs = EventLog.of(
        Event(Visited("AZE", "CHN"), when="2019-04-25", cite=Source("Other")),
        Event(Visited("KAZ", "CHN"), when="2001"),
    )
    jsonl.dump(theirs, "theirs.jsonl", FACTS)
    for files, expected in (
        ("article.jsonl theirs.jsonl", match(azerbaijan_china(), theirs)),
        ("article.jsonl --days 0", match(azerbaijan_china(), days=0)),
    ):
        assert data(expected) == json.loads(run(f"match {files} --format json"))
        told = rows(run(f"match {files} --format csv"))
        assert [(p.one.id, p.other.id, str(p.answer)) for p in expected.pairs] == [
            (row["id"], row["other_id"], row["one happening"])
            for row in told
            if row["id"] and row["other_id"]
        ]
        assert len(told) == len(
            [*expected.pairs, *expected.only_one, *expected.only_other]
        )
        assert f": {len(expected.pairs)}\n" in run(f"match {files}")


def test_differences_of_releases_are_those_of_python(run: Callable[..., Any]) -> None:
    """Rows that are new, gone, changed, and cited otherwise."""

    def visit(name: str, when: str, **more: Any) -> Event:
        return Event(Visited(name, "CHN"), when=when, id=name, **more)

    source = Source("A list")
    old = [visit("AZE", "2015"), visit("KAZ", "2016"), visit("GEO", "2017")]
    new = [
        visit("AZE", "2015-05"),
        visit("GEO", "2017", cite=source),
        visit("TKM", "2018"),
    ]
    for name, release in (("old", old), ("new", new)):
        jsonl.dump(EventLog.of(*release), f"{name}.jsonl", FACTS)
    expected = compare(old, new)
    asked = "compare old.jsonl new.jsonl"

    assert data(expected) == json.loads(run(f"{asked} --format json"))
    told = rows(run(f"{asked} --format csv"))
    assert [
        ("added", "TKM", ""),
        ("withdrawn", "KAZ", ""),
        ("changed", "AZE", "when"),
        ("recited", "GEO", ""),
    ] == [(row["change"], row["id"], row["field"]) for row in told]
    assert str(expected) in run(asked)
    assert "AZE" in run(asked)


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        (f"panel article.jsonl {SPAN}", "a value is needed: give --count, or --of"),
        (f"panel article.jsonl {SPAN} --of visitz", "'visitz' is not there"),
        (f"panel article.jsonl {SPAN} --of visits --count", "leave one of them out"),
        (f"panel article.jsonl {SPAN} --count Visit", "'Visit' is not a kind"),
        (f"panel article.jsonl {SPAN} --total Visited.gest", "gest"),
        (f"panel article.jsonl {SPAN} --count --by pairs", "'pairs' is not there"),
        (f"panel article.jsonl {SPAN} --count --by csv:none", "has no name none"),
        (f"panel article.jsonl {SPAN} --count --by csv:QUOTE_ALL", "is not a Function"),
        (f"panel article.jsonl {SPAN} --count --keys AZE", "'AZE' is not a pair"),
        (
            f"panel article.jsonl {SPAN} --count --by actors --keys AZE,CHN",
            "--keys: 'AZE,CHN'",
        ),
        (
            f"panel article.jsonl {SPAN} --count --by kinds --keys Visitd",
            "--keys: 'Visitd' is not a kind",
        ),
        (
            f"panel article.jsonl {SPAN} --count --facts states --keys Atlantis,CHN",
            "--keys: 'Atlantis'",
        ),
        *(
            (
                f"{verb} article.jsonl --count --by stakes_held:uneven --format csv",
                "--by: 'a,b' has 2 parts, and the first key 1: give keys of one length",
            )
            for verb in (f"panel {SPAN}", "history", "first --at-least 1")
        ),
        ("panel article.jsonl --count", "required: --during"),
        ("panel article.jsonl --count --during ../2013", "give the first day too"),
        ("first article.jsonl --count", "--at-least --at-most is required"),
        ("first article.jsonl --count --at-least few", "'few' is not a number"),
        ("first article.jsonl --count Visited --at-least nan", "'nan' is not a number"),
        ("first article.jsonl --between AZE CHN --of visits --at-most sNaN", "'sNaN'"),
        ("first article.jsonl --of visits --at-least 1", "--between"),
        (
            "first article.jsonl --between AZE CHN --of value --at-most 1",
            "'value' is not a number but none",
        ),
        ("first article.jsonl --latest Visited.host --at-least 1", "1 cannot be"),
    ],
)
def test_an_option_that_names_nothing_says_what_is_there(
    asked: str, problem: str, run: Callable[..., Any]
) -> None:
    """The remedy stands in the message."""
    is_of_values = any(name in asked for name in ("gest", "--of value", "--latest"))
    told = run(asked, 1 if is_of_values else 2)

    assert problem in told


def test_a_panel_before_year_1_names_the_format_that_holds_it(
    run: Callable[..., Any],
) -> None:
    """A row has dates of Python; a column of Arrow has days of any year."""
    visit = Event(Visited("AZE", "CHN"), when="-0044")
    jsonl.dump(EventLog.of(visit), "ancient.jsonl", FACTS)
    asked = "panel ancient.jsonl --count --during -0045/-0043"
    table = polars.read_ipc_stream(run(f"{asked} --format arrow"))

    assert [1] == table["value"].to_list()
    assert "that a row can hold: read the panel as Arrow" in run(asked, 1)


@pytest.mark.parametrize("verb", ["history", "first --at-least 1"])
def test_pairs_are_a_list_also_where_none_is_left(
    verb: str, run: Callable[..., Any]
) -> None:
    """A reader need not ask which of two forms it is; of actors it is an object."""
    asked = f"{verb} article.jsonl --count Visited --among GUY --format json --by"

    assert [] == json.loads(run(f"{asked} dyads"))
    assert {} == json.loads(run(f"{asked} actors"))
    assert {} == answers.loads(run(f"{asked} dyads"), dict[tuple[str, str], object])
