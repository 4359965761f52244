"""In a browser every number and date that a page names is the library's.

The pages of many logs are opened in frames of one page, and asked there for their
sentence, link, citation, and exports on random days, as known on others.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date, timedelta
from io import StringIO
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree

import pytest
from attrs import frozen
from driving import AZE_CHN
from pages_reader import read
from webdriver import Browser
from worlds import courts_log, fines, tangled_log

from bri_timeline import Event, EventLog, Projection, Source, View
from bri_timeline._calendar import iso
from bri_timeline.measures import count
from bri_timeline.pages import html
from bri_timeline.pages._marks import EVERYTHING, can_ask, concerning, view_of
from bri_timeline.pages._state_values import Told, summary, told
from bri_timeline.pages._wording import strings
from bri_timeline.pages.html._page_data import PageData, page_data_of
from bri_timeline.relations import PlanStatus, Relationship, Visited


WORDS = strings("en")
PAIRS = 3
AT_ONCE = 20
Asked = tuple[str, str]


@frozen
class World:
    """A log or a view, with a projection and the pairs of days that are asked."""

    log: EventLog
    shown: EventLog | View
    projection: Projection[Any]
    asked: tuple[Asked, ...]

    @property
    def page(self) -> str:
        """The page."""
        return html.render(self.shown, projection=self.projection)

    @property
    def data(self) -> PageData:
        """What the page holds."""
        return page_data_of(concerning(self.shown, self.projection))

    @property
    def addresses(self) -> list[str]:
        """What its addresses say of the pairs."""
        if isinstance(self.shown, View):
            return [f"day={day}" for day, _ in self.asked]
        return [f"day={day}&known={known}" for day, known in self.asked]


def worlds(number: int) -> Iterator[World]:
    """Yield random logs, and of every eighth a view, with random pairs of days."""
    for seed in range(number):
        draw = Random(seed)
        log, projection = random_log(draw)
        days = [_day(draw) for _ in range(2 * PAIRS)]
        asked = tuple(zip(days[:PAIRS], days[PAIRS:], strict=True))
        if seed % 8:
            yield World(log, log, projection, asked)
        else:
            last, known = max(days[:PAIRS]), days[PAIRS]
            pairs = tuple((day, known) for day in days[:PAIRS])
            yield World(log, log.as_of(last, known_by=known), projection, pairs)


def random_log(draw: Random) -> tuple[EventLog, Projection[Any]]:
    """Return a log of some claims, and a projection that suits it."""
    size = draw.randrange(1, 16)
    if draw.random() < 0.25:
        return courts_log(size, draw.random()), fines
    log = tangled_log(size, draw.random())
    if draw.random() < 0.3:
        always = Visited("AZE", "CHN", occasion="in no dated source")
        log = log.append(Event(always, when="2004-02"))
    for entry in [*log][::3]:
        # Another witness, years later, in the same entry.
        if entry.event is not None and draw.random() < 0.5:
            late = Source(f"Book on {entry.position}", published=_day(draw))
            event = Event(
                Visited("AZE", "CHN", occasion=f"twice told {entry.position}"),
                when=_day(draw),
                cite=[*entry.event.cite, late],
            )
            log = log.append(event)
    return log, draw.choice((AZE_CHN, AZE_CHN, count(Visited)))


def _day(draw: Random) -> str:
    return f"{date(1998, 1, 1) + timedelta(days=draw.randrange(9500))}"


# --- what a page says ----------------------------------------------------------------

ASK = r"""
const [pages, done] = arguments;
const answersOf = ([page, asked]) => new Promise((found) => {
  const frame = document.createElement("iframe");
  frame.style.cssText = "width: 1280px; height: 800px";
  frame.srcdoc = page;
  frame.onload = () => {
    const [w, d] = [frame.contentWindow, frame.contentDocument];
    const taken = [];
    w.Blob = class { constructor(parts) { taken.push(parts[0]); } };
    w.URL.createObjectURL = () => "#";
    w.HTMLAnchorElement.prototype.click = () => {};
    const clipboard = { writeText: async (text) => { taken.push(text); } };
    Object.defineProperty(w.navigator, "clipboard", { value: clipboard });
    const after = (name) => {
      d.getElementById(name).click();
      return taken.pop();
    };
    const textsOf = (those) =>
      [...d.querySelectorAll(those)].map((one) => one.textContent);
    const answers = asked.map((hash, n) => {
      w.location.hash = hash;
      w.dispatchEvent(new w.PopStateEvent("popstate"));
      const answer = {
        sentence: d.getElementById("sentence").textContent,
        notice: d.getElementById("notice").textContent,
        listed: textsOf(".sources li:not([hidden])"),
        link: after("link"),
      };
      after("cite");
      answer.cite = textsOf("#cite-sheet pre");
      after("download");
      for (const kind of n ? ["csv", "json"] : ["csv", "json", "svg"]) {
        answer[kind] = after(`download-${kind}`);
      }
      return answer;
    });
    frame.remove();
    found(answers);
  };
  document.body.append(frame);
});
(async () => {
  const all = [];
  for (const page of pages) all.push(await answersOf(page));
  done(all);
})();
"""


def answers(
    browser: Browser, pages: Sequence[tuple[str, list[str]]]
) -> list[list[dict[str, Any]]]:
    """Return what pages say at their addresses."""
    found: list[list[dict[str, Any]]] = browser.command(
        "execute/async", script=ASK, args=[pages]
    )
    return found


# --- what the library says -----------------------------------------------------------

NUMBERS = {name: n for n, name in enumerate(WORDS.tables["language"]["numerals"])}
COUNTED = re.compile(
    r"(\w[\w,]*) (visit|meeting|agreement|position|project|membership|figure|plan)s?\b"
)
CLAUSES = {
    "differ": re.compile(r"[Ss]ources differ about (\w[\w,]*) of them"),
    "maybe": re.compile(r"(\w[\w,]*) more may have happened"),
    "overdue": re.compile(r"(\w[\w,]*) plans? (?:is|are) overdue"),
}
WORTH = re.compile(r" worth (?:US)?\$([\d,]+)")


def number(text: str) -> int:
    """Return a number that a sentence writes in words or in digits."""
    text = text.lower()
    return NUMBERS[text] if text in NUMBERS else int(text.replace(",", ""))


def check_sentence(world: World, view: View, sentence: str, known: str) -> None:
    """Check dates and numbers of a sentence."""
    day = WORDS.day(view.day_number)
    head = f"By {day}, {known}: "
    assert sentence.startswith(head)
    what = sentence[len(head) :]
    state = view.project(world.projection)
    values = {value.label: value for value in told(state)}
    is_empty = state == world.projection.initial()
    assert is_empty is what.startswith("nothing is reported"), what
    if isinstance(state, Relationship):
        check_relationship(what, values)
    elif not is_empty:
        check_values(what, values)
    picture = summary(view, world.projection, None, WORDS)
    for name, pattern in CLAUSES.items():
        found, there = pattern.search(what), pattern.search(picture)
        assert (found is None) == (there is None), (name, what)
        if found and there:
            assert number(found[1]) == number(there[1]), (name, what)


def check_relationship(what: str, values: dict[str, Told]) -> None:
    """Check what a sentence counts of a relationship."""
    counted = what.split(".", maxsplit=1)[0]
    found = {noun: number(n) for n, noun in COUNTED.findall(counted)}
    numbers = {noun: values[f"{noun.title()}s"].value for noun in found}
    assert numbers == found, what
    for noun in ("visit", "meeting", "agreement"):
        assert found.get(noun, 0) == values[f"{noun.title()}s"].value, what
    worth = WORTH.search(what)
    assert values["Agreed value"].amounts == (
        ((worth[1].replace(",", ""), "USD"),) if worth else ()
    )


def check_values(what: str, values: dict[str, Told]) -> None:
    """Check the values that a sentence tells of any other state: of five at most."""
    said = [f"{one.label} {one.text}".strip() for one in values.values() if one.text]
    found = re.split(r", | and ", what.split(".", maxsplit=1)[0])
    if len(said) > 5:
        assert number(found.pop().removesuffix(" more")) == len(said) - 5, what
    assert set(found) <= set(said), what
    assert len(found) == min(len(said), 5), what


def check_claims(world: World, view: View, answer: dict[str, Any]) -> None:
    """Check status, bounds and sources of the claims in the exports."""
    data = world.data
    said = json.loads(answer["json"])
    rows = [*csv.DictReader(StringIO(answer["csv"].removeprefix("\ufeff")))]
    state = view.project(world.projection)
    values = {one.label or "value": plain(one) for one in told(state) if one.text}
    assert values == {name: one for name, one in said["values"].items() if one != ""}

    ever = world.log.as_of(EVERYTHING, known_by=view.basis)
    ever = view_of(ever, world.projection)
    is_of = {n: {"unknown", "later"} for n in own(world, data)}
    several = ever._facts.resolution().several
    for event in (entry.claim for one in several for entry in one.entries):
        with suppress(KeyError):
            is_of[data.number(event)] = {"aside"}
    for event in chain(ever.events, ever.undecided):
        with suppress(KeyError):
            is_of[data.number(event)] = {"unknown", "later"}
    asides = [aside.event for aside in ever.set_aside]
    for event in chain(asides, *(dispute.others for dispute in ever.disputes)):
        with suppress(KeyError):
            is_of[data.number(event)] = {"aside"}
    is_of |= {data.number(event): {"perhaps"} for event in view.undecided}
    is_of |= {data.number(event): {"certain"} for event in view.events}
    sources = cited(world, view, ever)
    for n, told_of, row in zip(sorted(is_of), said["claims"], rows, strict=True):
        claim = data.claims[n]
        assert told_of["status"] == row["status"]
        assert STATUS_OF.get(told_of["status"], "aside") in is_of[n], (n, told_of)
        assert str(claim.event.when) == told_of["when"] == row["when"]
        bounds = [claim.event.when.earliest_start, claim.event.when.latest_start]
        dates = [iso(int(day)) if can_ask(day) else "" for day in bounds]
        assert dates == [row["earliest"], row["latest"]]
        titles = [source["title"] for source in told_of["sources"]]
        assert sorted(sources.get(n, [])) == sorted(titles), (n, told_of)
        assert len(titles) == len([*filter(None, row["sources"].split("; "))])


def own(world: World, data: PageData) -> Iterator[int]:
    """Yield the claims of a page that concern its parties, reported or not."""
    for entry in world.log:
        event = entry.event
        if event and len(concerning(EventLog.of(event), world.projection)):
            with suppress(KeyError):
                yield data.number(event)


def plain(value: Told) -> object:
    """Return a value as the data of a page has it: numbers as numbers."""
    if value.amounts:
        return [{"amount": float(n), "currency": code} for n, code in value.amounts]
    return value.text if isinstance(value.value, str) else float(value.value)


# What a status in a file means; all others are reasons why a claim is set aside.
STATUS_OF = {
    "not reported yet": "unknown",
    "after this day": "later",
    "may have happened": "perhaps",
    "reported": "certain",
    **{status.name.lower(): "certain" for status in PlanStatus},
}


def cited(world: World, view: View, ever: View) -> dict[int, list[str]]:
    """Return the titles of what is cited for each claim, each from its own day on."""
    data, found = world.data, dict[int, list[str]]()
    # What claims say together cites what each of them does.
    together = {
        entry.position: one.event
        for one in ever._facts.resolution().several
        for entry in one.entries
    }
    for entry in world.log:
        if entry.event is None or not out(entry.known_day, view):
            continue
        titles = [c.source.title for c in entry.event.cite if out(c.known_day, view)]
        # What comes after the day of a view is not on its page.
        with suppress(KeyError):
            said = together.get(entry.position, entry.event)
            for n in {data.number(entry.event), data.number(said)}:
                found.setdefault(n, []).extend(titles)
    return found


def out(day: int | None, view: View) -> bool:
    """Tell whether a report of a day was out by the basis of a view."""
    return day is None or iso(day) <= view.basis


def check_description(world: World, page: str) -> None:
    """Check the sentence, how many claims and sources there are, and their dates."""
    [text] = [
        attributes["content"]
        for tag, attributes in read(page).tags
        if tag == "meta" and attributes.get("name") == "description"
    ]
    claims = [claim.event for claim in world.data.claims]
    names = {(e.what, str(e.when)) for e in claims}
    sources = {c.source for m in world.data.mentions for c in m.event.cite}
    days = [day for e in claims for day in (e.when.first_day, e.when.last_day)]
    dated = [day for day in days if day is not None]
    pattern = r"By .+\. (\w+) claims? and (\w+) sources?, from (.+) to (.+)"
    found = re.fullmatch(pattern, text or "")
    assert found is not None, text
    assert (len(names), len(sources)) == (number(found[1]), number(found[2]))
    assert (WORDS.day(min(dated)), WORDS.day(max(dated))) == (found[3], found[4])


@pytest.mark.full
def test_every_number_and_date_is_the_librarys(
    browser: Browser, pictures: Path, trials: Callable[..., int]
) -> None:
    """Sentence, link, citation and exports are those of the dates that they name."""
    host = pictures / "host.html"
    host.write_text("<!doctype html><title>Pages in frames</title><body>")
    browser.open(host)
    browser.log("browser")
    # The page of a log without claims has no days to go to.
    some_worlds = worlds(trials(1_000, share=40))
    todo = [w for w in some_worlds if w.shown is not w.log or w.data.claims]
    for start in range(0, len(todo), AT_ONCE):
        some = todo[start : start + AT_ONCE]
        pages = [(world.page, world.addresses) for world in some]
        for world, (page, _), said in zip(
            some, pages, answers(browser, pages), strict=True
        ):
            if world.shown is world.log:
                check_description(world, page)
            for (day, known), answer in zip(world.asked, said, strict=True):
                check(world, day, known, answer)
    assert [] == browser.log("browser")


def check(world: World, day: str, known: str, answer: dict[str, Any]) -> None:
    """Check everything that a page says of a day, as known by another."""
    view = view_of(world.log.as_of(day, known_by=known), world.projection)
    words = f"as reported by {WORDS.day(world.log.as_of(known).day_number)}"
    if not any(entry.known_day is not None for entry in world.log):
        words = "with all that is known"
    assert answer["notice"] == ""
    check_sentence(world, view, answer["sentence"], words)
    check_claims(world, view, answer)
    dates = f"state on {WORDS.day(view.day_number)}, {words}"
    link = parse_qs(answer["link"].removeprefix("#"))
    said = json.loads(answer["json"])
    assert [day] == link["day"] == [said["day"]]
    if words.startswith("as"):
        assert [known] == link["known"] == [said["known_by"]]
    text, csl, bibtex = answer["cite"]
    for citation in (text, csl, bibtex):
        assert dates in citation.replace("State", "state") or "known" not in link
    if "svg" in answer:
        drawn = "".join(ElementTree.fromstring(answer["svg"]).itertext())
        assert answer["sentence"].replace(" ", "") in drawn.replace(" ", "")
