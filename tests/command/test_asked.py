"""What a selection is, and what it leaves in, is said beside the answer."""

from __future__ import annotations

import json
import shlex
from argparse import ArgumentError
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from attrs import evolve, frozen

from bri_timeline import Event, EventLog, Place, Source
from bri_timeline._command import main
from bri_timeline._command._checks import log_problems
from bri_timeline._command._values import _refuse_money
from bri_timeline.edtf import in_words
from bri_timeline.formats import jsonl
from bri_timeline.pages import markdown
from bri_timeline.relations import (
    FACTS,
    AgreementSigned,
    Joined,
    Met,
    Money,
    Planned,
    Visited,
    relationship,
)


Told = Callable[[str], tuple[str, str]]
BOOK = Source("A book", published="2020")
UNDATED = "claims count whatever --known-by says, as no source of theirs is dated: 1"
OWN = """
from collections import Counter

from attrs import frozen
from bri_timeline import Event, Vocabulary, projection


@frozen
class Bought:
    company: str
    buyer: str
    percent: int

    @property
    def parties(self):
        return frozenset({self.company, self.buyer})


FACTS = Vocabulary(Bought)


@projection(initial=dict, reads=Bought)
def stakes(state, event):
    what = event.what
    return {**state, what.company: state.get(what.company, 0) + what.percent}
"""


@pytest.fixture
def told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Told:
    """Return a function that runs a command in a folder, and returns what it prints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)

    def run(command: str) -> tuple[str, str]:
        assert 0 == main(shlex.split(command))
        out, err = capsys.readouterr()
        return out, err

    return run


@pytest.mark.parametrize(
    "verb",
    [
        "state {0} --between AZE CHN --on 2019-12-31",
        "explain {0} visits --between AZE CHN --on 2019-12-31",
        "timeline {0} --on 2019-12-31 -o a.svg",
        "export {0} -o b.csv",
    ],
)
def test_a_day_of_knowledge_without_effect_says_so(verb: str, told: Told) -> None:
    """Where no source is dated all was known all along, in the eyes of every verb."""
    visit = Event(Visited("AZE", "CHN"), when="2019-04-24", cite=Source("Undated"))
    jsonl.dump(EventLog.of(visit), "a.jsonl", FACTS)
    dated = Event(Visited("AZE", "CHN"), when="2019-04-24", cite=BOOK)
    jsonl.dump(EventLog.of(dated), "dated.jsonl", FACTS)
    cut = f"{verb} --known-by 2020-12-31"
    assert f"{UNDATED}\n  entry 0\n" in told(cut.format("a.jsonl"))[1]
    assert UNDATED not in told(verb.format("a.jsonl"))[1]
    assert UNDATED not in told(cut.format("dated.jsonl"))[1]


def test_a_state_of_a_selection_says_so(told: Told) -> None:
    """In text and in tables: it looked like the whole."""
    Path("registers_of_stakes.py").write_text(OWN, "utf-8")
    own = import_module("registers_of_stakes")
    log = EventLog.of(
        Event(own.Bought("C1", "alfa", 60), when="2019", cite=BOOK),
        Event(own.Bought("C1", "beta", -20), when="2019", cite=BOOK),
    )
    jsonl.dump(log, "own.jsonl", own.FACTS)
    asked = "own.jsonl --on 2020-06-30 --facts registers_of_stakes:FACTS"
    asked += " --projection registers_of_stakes:stakes"
    named = asked.replace("own.jsonl", "own.jsonl C1")
    whole, _ = told(f"state {asked}")
    assert "Only what" not in whole
    part, _ = told(f"state {asked} --among alfa")
    assert part.startswith("stakes\nOn 30 June 2020\nOnly what involves alfa\n\n")
    both, _ = told(f"explain {named} --among C1 alfa --any-of beta alfa")
    assert "\nOnly what involves C1 and alfa, and beta or alfa\n" in both
    rows, _ = told(f"state {asked} --any-of beta --format csv")
    assert "Selection,Only what involves beta,,,\n" in rows
    assert "Selection" not in told(f"state {asked} --format csv")[0]


def test_rows_that_look_alike_are_asked_about() -> None:
    """Two places of one source count once, if no ids say that they are two."""
    joined, places = Joined("AZE", "B"), [BOOK.at("p. 3"), BOOK.at("p. 9")]
    rows = [Event(joined, when="2019", cite=place) for place in places]

    def asked(log: EventLog) -> list[str]:
        return [one for one in log_problems(log) if "of one source" in one]

    (question,) = asked(EventLog.of(*rows))
    assert "2 entries (0, 1) of one source: Azerbaijan joins B, counts once" in question
    assert [] == asked(EventLog.of(*rows).retract(1, because="misread"))
    assert [] == asked(EventLog.of(Event(joined, when="2019", cite=places)))
    other = Event(joined, when="2019", cite=Source("Another").at("p. 3"))
    assert [] == asked(EventLog.of(rows[0], other))
    named = [Event(joined, when="2019", cite=c, id="one") for c in places]
    assert [] == asked(EventLog.of(*named))


def test_who_says_what_is_told_on_every_road(told: Told) -> None:
    """Where claims agree, and each says less than all: by the command and in pages."""
    blog = Source("A blog", published="2019")
    log = EventLog.of(
        Event(Visited("AZE", "CHN", "org:silk"), when="2017", cite=blog, id="v"),
        Event(
            Visited("AZE", "CHN", occasion="a forum"), when="2017-05", cite=BOOK, id="v"
        ),
    )
    jsonl.dump(log, "a.jsonl", FACTS)
    view = log.as_of("2020-12-31")
    explained = view.explain(relationship("AZE", "CHN"), of=lambda state: state.visits)
    (step,) = explained.steps
    said = [str(wording) for wording in step.wordings]
    text, _ = told("explain a.jsonl visits --between AZE CHN --on 2020-12-31")
    found, _ = told(
        "explain a.jsonl visits --between AZE CHN --on 2020-12-31 --format json"
    )
    (answered,) = json.loads(found)["steps"]
    page = str(markdown.render(view))

    assert [
        *("when 2017: A blog (2019)", "who org:silk: A blog (2019)"),
        *("when 2017-05: A book (2020)", "occasion a forum: A book (2020)"),
    ] == said
    for line in said:
        assert f"    {line}\n" in f"{text}\n"
        assert f"    {line}\n" in f"{explained}\n"
        assert f">{line}<" in explained._repr_html_()
        part, source = line.split(": A ")
        if part.startswith("when "):
            part = in_words(part[5:])
        key = f"[@a-{source[:4]}"
        assert any(
            f"{part} {key}" in note for note in page.replace("\\\\", "").split("; ")
        )
    assert ["when", "who", "when", "occasion"] == [
        wording["part"] for wording in answered["wordings"]
    ]


INSTANT = "2019-04-24T12:00Z"


def test_what_had_been_recorded_by_an_instant_is_asked_for(
    told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in Python, by each verb that takes what was known."""
    noon = datetime.fromisoformat(INSTANT)
    entries = EventLog.of(
        *(Event(Visited("AZE", "CHN"), when=f"201{n}", cite=BOOK) for n in (5, 8))
    )
    log = EventLog(
        evolve(entry, recorded_at=noon + timedelta(hours=entry.position))
        for entry in entries
    )
    jsonl.dump(log, "a.jsonl", FACTS)
    asked = f"a.jsonl --between AZE CHN --on 2020-12-31 --known-by {INSTANT}"
    state, err = told(f"state {asked}")
    cut = f"a.jsonl --count Visited --by dyads --known-by {INSTANT}"
    first, _ = told(f"first {cut} --at-least 1 --format csv")
    history, _ = told(f"history {cut} --format csv")
    panel, _ = told(f"panel {cut} --during 2015/2019 --format csv")
    days = f"--on 2020-12-31 2020-12-31 --known-by {INSTANT} 2021-01-01"
    difference, _ = told(f"diff a.jsonl --between AZE CHN {days} --format csv")
    told(f"export a.jsonl -o b.jsonl --known-by {INSTANT}")
    told(f"export a.jsonl -o c.jsonl --known-by {INSTANT.replace('12', '13')}")
    told(f"timeline {asked} -o a.txt")
    told(f"export a.jsonl -o a.geojson --on 2020-12-31 --known-by {INSTANT}")

    assert "On 31 December 2020, as known by position 0\n" in state
    assert ["Visits", "1"] == state.splitlines()[3].split()
    assert "" == err
    for answer in (first, history, panel):
        assert ["2015" in answer, "2018" in answer] == [True, False]
    assert "2018" in difference
    assert log[:1] == jsonl.load("b.jsonl", FACTS)[:]
    assert log == jsonl.load("c.jsonl", FACTS)
    assert "2015" in Path("a.txt").read_text("utf-8")
    shown = Path("a.geojson").read_text("utf-8")
    assert [True, False] == ["2015" in shown, "2018" in shown]
    for wrong in ("2019-04-24T12:00", "2019-04-24Tea"):
        assert 2 == main(["state", "a.jsonl", *shlex.split(asked)[1:-1], wrong])
        assert "with its time zone, as 2019-04-24T12:00Z" in capsys.readouterr().err
    jsonl.dump(entries, "d.jsonl", FACTS)
    assert 1 == main(shlex.split(f"export d.jsonl -o e.jsonl --known-by {INSTANT}"))
    assert "entry 0 does not say when it was recorded" in capsys.readouterr().err


LATE = Source("Late", published="2020")
EXPORTS = {
    "export": ("a.geojson", "a.graphml", "a.ics"),
    "timeline": ("a.md", "a.txt", "a.svg"),
}


@pytest.mark.parametrize("verb", EXPORTS)
def test_no_file_that_shows_a_day_cites_a_source_that_was_not_out(
    told: Told, verb: str
) -> None:
    """What is told as known on a day rests on what was out by then."""
    cite = [Source("Early", published="2018"), LATE]
    planned = Planned(frozenset({"AZE", "CHN"}), "a summit", expected="2019-06-01")
    events = [
        Event(what, when="2017-05-01", where=Place("Baku", 40.4, 49.9), cite=cite)
        for what in (Visited("AZE", "CHN", occasion="a visit"), planned)
    ]
    jsonl.dump(EventLog.of(*events), "a.jsonl", FACTS)
    for output in EXPORTS[verb]:
        asked, path = f"{verb} a.jsonl --on 2019-12-31 -o {output}", Path(output)

        told(f"{asked} --known-by 2019-12-31")
        then = path.read_text().replace("\n ", "")
        told(asked)
        now = path.read_text().replace("\n ", "")

        assert ("Early" in then, "Late" in then, output) == (True, False, output)
        assert ("Early" in now, "Late" in now, output) == (True, True, output)


ASKED = {
    "state": "state a.jsonl --on 2019-12-31",
    "explain": "explain a.jsonl visits --on 2019-12-31",
    "history": "history a.jsonl --of visits",
    "history of pairs": "history a.jsonl --of visits --by dyads",
    "diff": "diff a.jsonl --on 2014-12-31 2019-12-31",
}


@pytest.mark.parametrize("verb", ASKED)
def test_a_source_that_was_not_out_is_not_printed(told: Told, verb: str) -> None:
    """Of an event that has an earlier one too, nor as one who says so."""
    cite = [Source("Early", published="2018").at("p. 1"), LATE]
    visit = Visited("AZE", "CHN", occasion="a visit")
    bare = Visited("AZE", "CHN")
    visits = (
        Event(visit, when="2017", cite=cite, id="v"),
        Event(bare, when="2017-05", cite=cite, id="v"),
    )
    jsonl.dump(EventLog.of(*visits), "a.jsonl", FACTS)
    asked = f"{ASKED[verb]} --between AZE CHN"
    known_by = " ".join(["--known-by", *["2019-12-31"] * (1 + (verb == "diff"))])

    # The text of a difference has entries, and no sources.
    for form in ("csv", "json") if verb == "diff" else ("text", "csv", "json"):
        then = told(f"{asked} {known_by} --format {form}")[0]
        now = told(f"{asked} --format {form}")[0]

        assert ["Early" in then, "p. 1" in then, "Late" in then] == [True, True, False]
        assert ["Early" in now, "Late" in now] == [True, True]


@pytest.mark.parametrize(
    "verb",
    [
        "panel --count --during 2014/2016",
        "history --count Joined --by dyads",
        "first --count Joined --at-least 1 --by dyads",
    ],
)
def test_events_without_a_key_are_said_to_have_none(told: Told, verb: str) -> None:
    """A membership has one actor, and no pair."""
    joined = Event(Joined("AZE", "org:bank"), when="2015", cite=BOOK)
    jsonl.dump(EventLog.of(joined), "a.jsonl", FACTS)
    name, _, rest = verb.partition(" ")
    for by, is_told in (("dyads", True), ("actors", False)):
        asked = rest.replace(" --by dyads", "")
        _, err = told(f"{name} a.jsonl {asked} --by {by} --format csv")
        assert ("no event of these has a key" in err, by) == (is_told, by)


def test_pairs_of_which_a_selection_has_a_part_have_no_row(told: Told) -> None:
    """`--between` leaves all facts of its own pairs, and only some of others."""
    pairs = [("AZE", "CHN", "RUS"), ("CHN", "RUS"), ("CHN", "RUS")]
    met = [Met(frozenset(pair), occasion=str(n)) for n, pair in enumerate(pairs)]
    jsonl.dump(
        EventLog.of(*(Event(m, when="2017-05-01", cite=BOOK) for m in met)),
        "a.jsonl",
        FACTS,
    )
    days = "--during 2017"
    for verb, extra in (
        ("panel", f"--count {days}"),
        ("panel", f"--of meetings {days}"),
        ("history", "--of meetings --by dyads"),
        ("first", "--of meetings --by dyads --at-least 2"),
    ):
        asked = f"{verb} a.jsonl {extra} --format csv"
        rows = told(asked)[0].splitlines()
        kept = told(f"{asked} --between CHN RUS")[0].splitlines()

        assert rows[0] == kept[0]
        assert [row for row in rows if row.startswith("CHN,RUS,")] == kept[1:]
        assert any(row.startswith("AZE,CHN,") for row in rows)


@pytest.fixture
def ancient(told: Told) -> str:
    """The name of a file with a visit before year 1."""
    visit = Event(Visited("AZE", "CHN"), when="-0044", cite=BOOK)
    jsonl.dump(EventLog.of(visit), "ancient.jsonl", FACTS)
    return "ancient.jsonl"


@pytest.mark.parametrize("on", ["--on=-0040-01-01", "--on -0040-01-01"])
def test_a_state_before_year_1_is_printed(told: Told, ancient: str, on: str) -> None:
    """No date of Python holds the day; it may stand behind a space, like any other."""
    out, _ = told(f"state {ancient} --between AZE CHN {on}")

    assert "On 1 January 41 BC" in out
    assert "  some time in 45 BC: Azerbaijan visits China [1]" in out


def test_days_before_year_1_are_compared(told: Told, ancient: str) -> None:
    """None of the two is taken for an option."""
    out, _ = told(f"diff {ancient} --between AZE CHN --on -0050-01-01 -0040-01-01")

    assert out.startswith("visits 0 -> 1 (1 change)")


def test_money_is_not_added_by_a_field(
    told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    """Amounts have currencies, and can be parts: `--of value` knows both."""
    signed = [
        AgreementSigned({"AZE", "CHN"}, "one", value=Money(5, "USD")),
        AgreementSigned({"AZE", "CHN"}, "two", value=Money(7000, "JPY")),
    ]
    events = [Event(what, when="2017-05-01", cite=BOOK) for what in signed]
    jsonl.dump(EventLog.of(*events), "a.jsonl", FACTS)
    asked = "panel a.jsonl --during 2017"

    assert 2 == main(shlex.split(f"{asked} --total AgreementSigned.value.amount"))
    assert "ask --of value, or a --projection" in capsys.readouterr().err
    assert "JPY: 7000; USD: 5" in told(f"{asked} --of value")[0]
    assert "2017-12-31  0 " in told(f"{asked} --total AgreementSigned.count")[0]


@frozen
class Priced:
    """A thing with a price that is not optional."""

    price: Money
    count: int = 1


@frozen
class Ordered:
    """An order of a thing."""

    thing: Priced | None


@pytest.mark.parametrize(
    ("cls", "path", "is_money"),
    [
        (Priced, "price.amount", True),
        (Ordered, "thing.price.amount", True),
        (Ordered, "thing.count", False),
        (Priced, "price.currency", False),
        (Priced, "nothing.amount", False),
        (Priced, "count", False),
    ],
)
def test_money_is_found_along_a_path(cls: type, path: str, is_money: bool) -> None:
    """Also where it is not optional, or a part of a part."""
    with pytest.raises(ArgumentError) if is_money else nullcontext():
        _refuse_money(cls, path)


def test_a_day_before_all_reports_is_told(
    told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    """Zeros of a day on which nothing was known yet are no answer about the world."""
    log = EventLog.of(Event(Visited("AZE", "CHN"), when="2017", cite=BOOK))
    jsonl.dump(log, "a.jsonl", FACTS)
    asked = "state a.jsonl --between AZE CHN --on 2019-12-31 --known-by"
    nothing = "all entries became known after 2019-12-31: 1\n  entry 0, on 2020-12-31\n"

    assert nothing == told(f"{asked} 2019-12-31")[1]
    assert "" == told(f"{asked} 2020-12-31")[1]


def test_doctor_asks_about_days_of_knowledge_that_may_be_slips() -> None:
    """What is withdrawn before it is known, and known before its sources, is a slip."""
    visit = Event(Visited("AZE", "CHN"), when="2017", cite=BOOK)
    log = EventLog.of(visit)
    typo = log.retract(0, because="a typo", known="1920-12-31")
    slip = EventLog().append(visit, known="2002-12-31")
    right = log.retract(0, because="it was none", known="2021-01-01")

    gone = "entry 1 is known since 1920-12-31, and entry 0, which it retracts, since"
    early = "entry 0 is known since 2002-12-31, and its first source is of 2020-12-31:"
    assert [f"{gone} 2020-12-31: is that the right day?"] == [*log_problems(typo)]
    assert [f"{early} which is right?"] == [*log_problems(slip)]
    assert [] == [*log_problems(right)]
