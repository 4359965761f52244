"""In a browser axe-core finds nothing, and nothing overlaps.

It needs axe-core where it runs: `npm install --no-save axe-core@4`.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from driving import AZE_CHN, FOUND, LOG, OPEN_ALL, READ, SIZES, opened
from webdriver import Browser
from worlds import courts_log, fines, large_log

from bri_timeline import Event, EventLog, Source
from bri_timeline.pages import html
from bri_timeline.pages._wording import LANGUAGES
from bri_timeline.relations import Visited


AXE = Path("node_modules/axe-core/axe.min.js")
SCREENS = (
    *((320, 640), (390, 844), (640, 420), (768, 1024), (1024, 768), (1280, 800)),
    *((1440, 900), (1680, 1050), (1920, 1080), (2048, 1152), (2304, 1296)),
    *((2560, 1440), (3072, 1728), (3840, 2160)),
)


class TestAccess:
    """axe-core finds no violations, in light and dark, on both sizes."""

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("size", SIZES)
    def test_axe_finds_nothing(
        self, browser: Browser, pictures: Path, size: str, scheme: str
    ) -> None:
        """No rule of axe-core is violated, with everything opened."""
        path, title = pictures / "timeline.html", "Azerbaijan and China"
        html.render(LOG, projection=AZE_CHN, title=title).save(path)
        opened(browser, path, size)
        browser.prefer(scheme)
        browser.screenshot(pictures / f"timeline-{size}-{scheme}.png")
        browser.run(OPEN_ALL)
        browser.settled()
        browser.screenshot(pictures / f"timeline-{size}-{scheme}-open.png", whole=True)

        assert [] == violations(browser)

    def test_the_switch_changes_the_theme(self, page: Browser) -> None:
        """The switch goes from light to dark and back, whatever the system prefers."""
        colour = "return getComputedStyle(document.body).backgroundColor"
        light = page.run(colour)
        page.run("document.getElementById('theme').click()")
        dark = page.run(colour)
        page.run("document.getElementById('theme').click()")

        assert light != dark
        assert light == page.run(colour)

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("name", ["pair", "own", "dense", "arabic"])
    def test_at_every_width_texts_are_whole_and_apart(
        self, browser: Browser, pictures: Path, name: str, language: str
    ) -> None:
        """No text is cut or too wide, none overlap, and eight rows are in sight."""
        path = pictures / f"wide-{name}.html"
        if not path.exists():
            log, projection = {
                "pair": (LOG, AZE_CHN),
                "own": (courts_log(30), fines),
                "dense": (large_log(300), AZE_CHN),
                "arabic": (arabic_log(), None),
            }[name]
            html.render(log, projection=projection).save(path)
        opened(browser, path)
        browser.run("location.hash = arguments[0]", f"lang={language}")
        for width, height in SCREENS:
            browser.resize(width, height)
            faults, rows, there = browser.run(TEXTS)

            assert [] == faults, (width, height)
            assert rows >= min(8, there) or width < 1024, (width, height)

    def test_at_twice_the_size_nothing_is_cut(self, page: Browser) -> None:
        """At 200 percent nothing is cut without a tooltip, and nothing overlaps."""
        # A browser at twice the size has half as many pixels of CSS.
        page.devtools(
            "Emulation.setDeviceMetricsOverride",
            width=720,
            height=450,
            deviceScaleFactor=2,
            mobile=False,
        )
        page.settled()

        faults, *_ = page.run(TEXTS)
        assert [] == faults

    @pytest.mark.parametrize(
        ("size", "most"), [((1440, 900), 330), ((390, 844), 400)], ids=str
    )
    def test_the_first_screen_says_it_all(
        self, browser: Browser, pictures: Path, size: tuple[int, int], most: int
    ) -> None:
        """Title, sentence with both dates, six claims and the dispute are on it."""
        path = pictures / "first.html"
        html.render(LOG, projection=AZE_CHN, title="Azerbaijan and China").save(path)
        opened(browser, path)
        browser.resize(*size)
        browser.settled()
        browser.screenshot(pictures / f"first-{size[0]}.png")
        top, rows, sentence, dispute, floor = browser.run(FIRST_SCREEN)

        assert top < most
        assert len([bottom for bottom in rows if bottom <= floor]) >= 6
        assert "5 May 2019" in sentence
        assert dispute < floor

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_axe_finds_nothing_with_forced_colours(
        self, browser: Browser, pictures: Path, scheme: str
    ) -> None:
        """With the colours of the system no rule is violated, and marks are seen."""
        path = pictures / "forced.html"
        html.render(LOG, projection=AZE_CHN).save(path)
        opened(browser, path)
        features = [
            {"name": "forced-colors", "value": "active"},
            {"name": "prefers-color-scheme", "value": scheme},
        ]
        browser.devtools("Emulation.setEmulatedMedia", media="", features=features)
        browser.screenshot(pictures / f"forced-{scheme}.png")

        assert [] == violations(browser)
        seen = browser.run(
            "return getComputedStyle(document.querySelector('.mark')).fill"
        )
        paper = browser.run("return getComputedStyle(document.body).backgroundColor")
        assert seen != paper
        browser.devtools("Emulation.setEmulatedMedia", media="", features=[])


def arabic_log() -> EventLog:
    """Return a log whose texts are written from right to left, with Latin in them."""
    return EventLog.of(
        *(
            Event(
                Visited("AZE", "CHN", occasion=f"{ARABIC} {n} (Baku)"),
                when=f"201{n}-04-2{n}",
                cite=Source(f"{ARABIC} no. {n}", published=f"201{n}-05"),
            )
            for n in range(8)
        )
    )


ARABIC = "\u0632\u064a\u0627\u0631\u0629 \u0631\u0633\u0645\u064a\u0629"
FIRST_SCREEN = """
const bottom = (node) => node.getBoundingClientRect().bottom;
const bar = document.getElementById("dates");
const floor = getComputedStyle(bar).position === "fixed"
  ? bar.getBoundingClientRect().top : innerHeight;
return [document.getElementById("chart").getBoundingClientRect().top,
  [...document.querySelectorAll("#chart [data-claim]")].map(bottom),
  document.getElementById("sentence").textContent,
  bottom(document.querySelector("#sentence .differ")), floor];
"""
# The lines of all texts: those that are cut or too wide, and those that overlap; how
# many rows are whole on the screen, and how many there are.
TEXTS = """
const bar = document.getElementById("dates");
const isAbove = getComputedStyle(bar).position === "fixed";
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const lines = [];
while (walk.nextNode()) {
  const text = walk.currentNode, host = text.parentElement;
  const isShown = host.checkVisibility({ visibilityProperty: true })
    && !host.closest("noscript, option, .plain, .skip, .away")
    && !(isAbove && bar.contains(host));
  if (!isShown || !text.data.trim()) continue;
  const range = document.createRange();
  range.selectNodeContents(text);
  for (const box of range.getClientRects()) if (box.width > 1) lines.push([text, box]);
}
const faults = [];
lines.forEach(([text, a], n) => {
  for (const [other, b] of lines.slice(n + 1)) {
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    // A line is less high than its letters may be.
    if (text !== other && wide > 1 && high > 4) faults.push([text.data, other.data]);
  }
  if (a.left < -1 || a.right > innerWidth + 1) faults.push(["too wide", text.data]);
  for (let box = text.parentElement; box !== document.body; box = box.parentElement) {
    const b = box.getBoundingClientRect(), { overflow } = getComputedStyle(box);
    const isCut = a.left < b.left - 5 || a.right > b.right + 5
      || a.top < b.top - 5 || a.bottom > b.bottom + 5;
    if (isCut && overflow !== "visible" && !box.closest("[title]")) {
      faults.push(["cut", text.data]);
    }
  }
});
const floor = isAbove ? bar.getBoundingClientRect().top : innerHeight;
const rows = [...document.querySelectorAll("#chart .row")];
const seen = rows.filter((row) => row.getBoundingClientRect().bottom <= floor);
return [faults, seen.length, rows.length];
"""


def violations(browser: Browser) -> list[object]:
    """Return what axe-core finds: rules, and the elements that violate them."""
    browser.run(AXE.read_text("utf-8"))
    found: list[object] = browser.wait(
        "const done = arguments[0];"
        "axe.run(document).then((result) => done(result.violations.map("
        "  (v) => [v.id, v.help, v.nodes.map((node) => node.html)])),"
        "  (error) => done([String(error)]));"
    )
    return found


WHEEL = """
const bars = document.querySelector(".bars");
const box = bars.getBoundingClientRect();
const turned = new WheelEvent("wheel", {
  deltaY: -100, clientX: box.left + box.width / 2, clientY: box.top + 5,
  bubbles: true, cancelable: true, ctrlKey: arguments[0],
});
bars.dispatchEvent(turned);
return turned.defaultPrevented;
"""
PINCH = """
const bars = document.querySelector(".bars");
const touch = (type, pointerId, clientX) => bars.dispatchEvent(
  new PointerEvent(type, { pointerId, clientX, bubbles: true }));
touch("pointerdown", 11, 100);
touch("pointerdown", 12, 200);
touch("pointermove", 12, 260);
touch("pointerup", 11, 100);
touch("pointerup", 12, 260);
"""
WINDOW = """
document.getElementById("overview").dispatchEvent(
  new KeyboardEvent("keydown", { key: "ArrowUp", bubbles: true }));
"""


class TestLarge:
    """Logs of hundreds and thousands of claims."""

    def test_thousands_of_claims_can_be_used(
        self, browser: Browser, pictures: Path
    ) -> None:
        """A page of 5,000 claims opens, says what it leaves out, and finds one."""
        path = pictures / "large.html"
        log = large_log(5_000)
        html.render(log, projection=AZE_CHN).save(path)
        opened(browser, path)
        browser.screenshot(pictures / "large.png")
        before = browser.wait(READ)
        high = browser.run(
            "return document.getElementById('chart').getBoundingClientRect().height"
        )
        browser.run(
            "const search = document.getElementById('search');"
            "search.value = 'occasion 4320';"
            "search.dispatchEvent(new Event('input', {bubbles: true}));"
        )
        browser.settled()
        marks, rows = browser.wait(FOUND)
        state = log.as_of("2019-04-30").project(AZE_CHN)

        assert path.stat().st_size < 5_000_000
        assert (1, 1) == (len(marks), len(rows))
        assert str(len(state.visits)) == before["Visits"].replace(",", "")
        assert high < 900

    def test_wheel_pinch_and_window_zoom(
        self, browser: Browser, pictures: Path
    ) -> None:
        """The wheel with its key, two fingers, and keys on the overview zoom."""
        path = pictures / "zoomed.html"
        html.render(large_log(1_000), projection=AZE_CHN).save(path)
        opened(browser, path)
        zooms = []
        assert not browser.run(WHEEL, False), "the wheel does not scroll the page"
        for act in (WHEEL, PINCH, WINDOW):
            browser.run(act, True)
            browser.settled()
            found = browser.run(
                "return new URLSearchParams(location.hash.slice(1)).get('zoom')"
            )
            first, _, last = (found or "").partition("/")
            zooms.append(date.fromisoformat(last) - date.fromisoformat(first))

        assert zooms[0] > zooms[1] > zooms[2]

    def test_bins_open_by_a_zoom(self, browser: Browser, pictures: Path) -> None:
        """Enter on a bin zooms to its days, until claims are rows again."""
        path = pictures / "bins.html"
        html.render(large_log(1_000), projection=AZE_CHN).save(path)
        opened(browser, path)
        for _ in range(2):
            browser.run(
                "[...document.querySelectorAll('.bin:not([hidden])')].at(5)?.click()"
            )
            browser.settled()

        assert "zoom=" in browser.run("return location.hash")
        assert browser.run("return document.querySelectorAll('.bin').length") == 0
        assert browser.run("return document.querySelectorAll('[data-claim]').length")
