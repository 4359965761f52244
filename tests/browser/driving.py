"""Open a page, move its sliders and read it."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from webdriver import Browser

from bri_timeline import Event
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.edtf import in_words
from bri_timeline.pages._state_values import told
from bri_timeline.pages._wording import describe_event
from bri_timeline.relations import Plan, Relationship, relationship


AZE_CHN = relationship("AZE", "CHN")
# What the page of the pair shows.
LOG = azerbaijan_china().concerning("AZE", "CHN")
PAIRS = (
    ("2013-01-01", "2015-09-16"),
    ("2015-12-31", "2019-05-05"),
    ("2015-12-31", "2019-04-26"),
    ("2018-09-18", "2018-09-18"),
    ("2019-04-18", "2019-04-18"),
    ("2019-04-24", "2019-04-24"),
    ("2019-04-24", "2019-05-05"),
    ("2019-04-26", "2019-04-26"),
    ("2019-04-26", "2019-05-05"),
)


SIZES = {"desktop": (1280, 800), "telephone": (390, 844)}


def opened(browser: Browser, path: Path, size: str = "desktop") -> Browser:
    """Open a page in a light screen of some size."""
    browser.prefer("light")
    browser.resize(*SIZES[size])
    browser.open(path)
    # With fifty entries a browser drops those that no person has left.
    browser.devtools("Page.resetNavigationHistory")
    browser.settled()
    return browser


def set_slider(browser: Browser, name: str, place: int) -> None:
    """Set the value of a slider and dispatch its input event."""
    browser.run(
        "const [name, place] = arguments;"
        "const slider = document.getElementById(name);"
        "slider.value = String(place);"
        "slider.dispatchEvent(new Event('input', {bubbles: true}));",
        name,
        place,
    )
    browser.settled()


def stops(browser: Browser) -> tuple[list[int], list[int]]:
    """Return the day numbers at which the sliders stop."""
    data = browser.run(
        "return JSON.parse(document.getElementById('page-data').textContent)"
    )
    return data["days"], data["known"]


def show(browser: Browser, day: str, known: str) -> None:
    """Move both sliders to a pair of days at which they stop."""
    days, knowns = stops(browser)
    set_slider(browser, "day", days.index(number(day)))
    set_slider(browser, "known", knowns.index(number(known)))


def number(day: str) -> int:
    """Return the number of a day."""
    return LOG.as_of(day).day_number


READ = """
const done = arguments[0];
for (const box of document.querySelectorAll("#state details")) box.open = true;
setTimeout(() => done(Object.fromEntries([...document.querySelectorAll("[data-value]")]
  .map((node) => [node.dataset.value, node.dataset.text]))), 0);
"""
HELD = """
const done = arguments[0];
for (const box of document.querySelectorAll("#state details")) box.open = true;
setTimeout(() => done(Object.fromEntries([...document.querySelectorAll("[data-value]")]
  .map((node) => [node.dataset.value, [...node.querySelectorAll("[data-item]")]
    .map((item) => [item.querySelector(".what").textContent,
      item.querySelector(".badge")?.textContent ?? ""])]))), 0);
"""


def shown_values(state: object) -> dict[str, str]:
    """Return the values that a page is to show of a relationship: no empty lists."""
    asked = ("Visits", "Meetings", "Agreements")
    return {
        one.label: one.text
        for one in told(state)
        if one.value != 0 or one.label in asked
    }


def values_of(browser: Browser) -> dict[str, str]:
    """Return the values that the page shows, without those that just became empty."""
    found: dict[str, str] = browser.wait(READ)
    asked = ("Visits", "Meetings", "Agreements")
    return {name: text for name, text in found.items() if text != "0" or name in asked}


def held(
    state: Relationship, day: str, ending: Collection[Event] = ()
) -> dict[str, list[list[str]]]:
    """Return what a page is to list of a relationship: what is in force, and plans.

    Args:
        state: The relationship.
        day: The day of the page.
        ending: What may have ended by then.
    """
    return {
        one.label: [_listed(item, day, ending) for item in one.items]
        for one in told(state)
        if one.items
    }


def _listed(item: Event | Plan, day: str, ending: Collection[Event]) -> list[str]:
    if isinstance(item, Event):
        return [describe_event(item), "may have ended" * (item in ending)]
    if item.unsettled_on(day):
        told = "open: dates do not tell which change came last"
        return [describe_event(item.event), told]
    expected = item.expected_on(day)
    when = "" if expected is None else f" (expected {in_words(expected)})"
    return [describe_event(item.event), f"{item.status_on(day).value}{when}"]


def choose(browser: Browser, name: str, value: str) -> None:
    """Choose from a list."""
    browser.run(
        "const [name, value] = arguments;"
        "const list = document.getElementById(name); list.value = value;"
        "list.dispatchEvent(new Event('input', {bubbles: true}));",
        name,
        value,
    )
    browser.settled()


# The rows of the chart, with folded parts, and the rows of the table.
FOUND = """
const done = arguments[0];
document.getElementById("all").open = true;
setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(() => done([
  [...document.querySelectorAll("#chart [data-claim]")].map((row) => row.dataset.claim),
  [...document.querySelectorAll("#rows tr")].map((row) => row.textContent)]))), 20);
"""


OPEN_ALL = """
for (const box of document.querySelectorAll("details")) box.open = true;
for (const fold of document.querySelectorAll("[data-fold]")) fold.click();
document.querySelector("#chart [data-claim]")?.click();
"""


def requests(browser: Browser, page: Path) -> set[str]:
    """Return the addresses of which a page asked anything."""
    rows = browser.log("performance")
    messages = (json.loads(row["message"])["message"] for row in rows)
    sent = [m["params"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    found = {p["request"]["url"] for p in sent if p["documentURL"] == page.as_uri()}
    # The browser draws its own controls with pictures that it holds itself.
    return {address for address in found if not address.startswith("data:")}
