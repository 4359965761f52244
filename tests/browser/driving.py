"""Open a page, move its sliders and read it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from webdriver import Browser

from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.edtf import in_words
from bri_timeline.pages._wording import describe_event
from bri_timeline.relations import Money, Relationship, relationship


AZE_CHN = relationship("AZE", "CHN")
LOG = azerbaijan_china()
PAIRS = (
    ("2013-01-01", "2015-09-16"),
    ("2015-12-31", "2019-05-05"),
    ("2015-12-31", "2019-04-26"),
    ("2018-09-18", "2018-09-18"),
    ("2019-04-18", "2019-04-18"),
    ("2019-04-24", "2019-04-24"),
    ("2019-04-24", "2019-05-05"),
    ("2019-04-26", "2019-04-26"),
    ("2019-08-01", "2019-05-05"),
    ("2019-09-01", "2019-05-05"),
)


SIZES = {"desktop": (1280, 800), "telephone": (390, 844)}


def opened(browser: Browser, path: Path, size: str = "desktop") -> Browser:
    """Open a page in a light screen of some size."""
    browser.prefer("light")
    browser.resize(*SIZES[size])
    browser.open(path)
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
    told = browser.run(
        "return JSON.parse(document.getElementById('page-data').textContent)"
    )
    return told["days"], told["known"]


def show(browser: Browser, day: str, known: str) -> None:
    """Move both sliders to a pair of days at which they stop."""
    days, knowns = stops(browser)
    set_slider(browser, "day", days.index(number(day)))
    set_slider(browser, "known", knowns.index(number(known)))


def number(day: str) -> int:
    """Return the number of a day."""
    return LOG.as_of(day).day_number


READ = """
const values = Object.fromEntries([...document.querySelectorAll("[data-value]")]
  .map((node) => [node.dataset.value, node.textContent]));
const what = (node) => node.querySelector(".what").textContent;
const sections = Object.fromEntries([...document.querySelectorAll("[data-section]")]
  .map((box) => [box.dataset.section, [...box.querySelectorAll("[data-item]")].map(
    (item) => [what(item), item.querySelector(".badge")?.textContent ?? ""])])
  .filter(([, items]) => items.length));
return [values, sections];
"""


def told(state: Relationship, day: str) -> list[dict[str, Any]]:
    """Return what a page is to say of a state."""
    worth = [str(Money(a, c)) for c, a in sorted(state.agreed_value.items())]
    values = {
        "Visits": str(len(state.visits)),
        "Meetings": str(len(state.meetings)),
        "Agreements": str(state.agreement_count),
        "Agreed value": " + ".join(worth) or "none stated",
        "Agreements of unstated value": str(len(state.agreements_without_value)),
    }
    parts = {
        "Memberships": state.memberships.values(),
        "Positions": state.positions.values(),
        "Projects": state.projects.values(),
        "Status of agreements": state.agreement_statuses.values(),
        "Figures": state.indicators.values(),
        "Agreements": state.agreements,
        "Visits": state.visits,
        "Meetings": state.meetings,
        "Initiatives": state.initiatives,
    }
    sections = {
        t: [[describe_event(event), ""] for event in part] for t, part in parts.items()
    }
    sections["Plans"] = [
        [
            describe_event(plan.event),
            plan.status_on(day).value
            + (f" (expected {in_words(expected)})" if expected else ""),
        ]
        for plan in state.plans.values()
        for expected in [plan.expected_on(day)]
    ]
    return [values, {title: items for title, items in sections.items() if items}]


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


FOUND = """
const marks = [...document.querySelectorAll("#chart [data-claim]")];
const rows = [...document.querySelectorAll("#claims tbody tr")]
  .filter((row) => !row.hidden);
return [marks.map((mark) => mark.dataset.claim), rows.map((row) => row.textContent)];
"""


OPEN_ALL = """
for (const box of document.querySelectorAll("details")) box.open = true;
document.querySelector("#chart [data-claim]")
  ?.dispatchEvent(new MouseEvent("click", {bubbles: true}));
"""


def requests(browser: Browser, page: Path) -> set[str]:
    """Return the addresses of which a page asked anything."""
    rows = browser.log("performance")
    messages = (json.loads(row["message"])["message"] for row in rows)
    sent = [m["params"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    found = {p["request"]["url"] for p in sent if p["documentURL"] == page.as_uri()}
    # The browser draws its own controls with pictures that it holds itself.
    return {address for address in found if not address.startswith("data:")}
