"""In a browser axe-core finds nothing, and nothing overlaps.

It needs axe-core where it runs: `npm install --no-save axe-core@4`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import AZE_CHN, FOUND, LOG, OPEN_ALL, READ, SIZES, choose, opened
from webdriver import Browser
from worlds import large_log

from bri_timeline.pages import comparison, html


AXE = Path("node_modules/axe-core/axe.min.js")


class TestAccess:
    """axe-core finds no violations, in light and dark, on both sizes."""

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("size", SIZES)
    @pytest.mark.parametrize("kind", ["timeline", "comparison"])
    def test_axe_finds_nothing(
        self, browser: Browser, pictures: Path, kind: str, size: str, scheme: str
    ) -> None:
        """No rule of axe-core is violated, with everything opened."""
        path = pictures / f"{kind}.html"
        if kind == "timeline":
            html.dump(LOG, path, projection=AZE_CHN, title="Azerbaijan and China")
        else:
            early = LOG.as_of("2019-04-24", known_by="2019-04-24")
            comparison.dump(early, LOG.as_of("2019-09-01"), path, projection=AZE_CHN)
        opened(browser, path, size)
        browser.prefer(scheme)
        browser.screenshot(pictures / f"{kind}-{size}-{scheme}.png")
        browser.run(OPEN_ALL)
        browser.settled()
        browser.screenshot(pictures / f"{kind}-{size}-{scheme}-open.png", whole=True)

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

    @pytest.mark.parametrize("size", SIZES)
    def test_nothing_is_wider_than_the_screen(
        self, browser: Browser, pictures: Path, size: str
    ) -> None:
        """Nothing has to be scrolled sideways."""
        path = pictures / "wide.html"
        html.dump(LOG, path, projection=AZE_CHN)
        opened(browser, path, size)
        wide, screen = browser.run(
            "return [document.documentElement.scrollWidth, innerWidth]"
        )

        assert wide <= screen

    @pytest.mark.parametrize("size", SIZES)
    def test_labels_do_not_overlap(
        self, browser: Browser, pictures: Path, size: str
    ) -> None:
        """No label of a mark lies on another label, or beyond the picture."""
        path = pictures / "labels.html"
        html.dump(LOG, path, projection=AZE_CHN)
        opened(browser, path, size)
        overlapping = browser.run(OVERLAPS)

        assert [] == overlapping


OVERLAPS = """
const boxes = [...document.querySelectorAll("#chart .label, #chart .lane-title")]
  .map((node) => [node.textContent, node.getBoundingClientRect()]);
const chart = document.querySelector("#chart svg").getBoundingClientRect();
const found = [];
boxes.forEach(([text, a], n) => {
  const beyond = a.left < chart.left - 1 || a.right > chart.right + 1;
  if (beyond) found.push([text, "beyond"]);
  for (const [other, b] of boxes.slice(n + 1)) {
    const apart = a.right <= b.left || b.right <= a.left
      || a.bottom <= b.top + 1 || b.bottom <= a.top + 1;
    if (!apart) found.push([text, other]);
  }
});
return found;
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


class TestLarge:
    """Logs of hundreds and thousands of claims."""

    def test_thousands_of_claims_can_be_used(
        self, browser: Browser, pictures: Path
    ) -> None:
        """A page of 5,000 claims opens, says what it leaves out, and finds one."""
        path = pictures / "large.html"
        log = large_log(5_000)
        html.dump(log, path, projection=AZE_CHN)
        opened(browser, path)
        browser.screenshot(pictures / "large.png")
        before = browser.run(READ)[0]
        browser.run("document.getElementById('search').value = 'occasion 4320'")
        choose(browser, "show", "all")
        marks, rows = browser.run(FOUND)
        state = log.as_of("2030-01-01").project(AZE_CHN)

        assert path.stat().st_size < 5_000_000
        assert (1, 1) == (len(marks), len(rows))
        assert f"{len(state.visits):,}" == before["Visits"]
        assert "This log is large" in browser.run(
            "return document.getElementById('state').textContent"
        )
