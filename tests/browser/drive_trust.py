"""In a browser hostile text does nothing."""

from __future__ import annotations

from pathlib import Path

from attacks import ATTACKS, hostile_log
from driving import (
    AZE_CHN,
    FOUND,
    LOG,
    OPEN_ALL,
    READ,
    choose,
    opened,
    requests,
    set_slider,
)
from webdriver import Browser

from bri_timeline.pages import html


class TestTrust:
    """Hostile text has no effect."""

    def test_nothing_runs(self, browser: Browser, hostile: Path) -> None:
        """No attack runs, opens a dialogue, or asks for anything, in any state."""
        browser.log("browser")
        browser.log("performance")
        opened(browser, hostile)
        browser.run(OPEN_ALL)
        for place in (0, 1):
            set_slider(browser, "day", place)
            set_slider(browser, "known", place)
        choose(browser, "by", "party")
        choose(browser, "show", "aside")
        browser.run(POKE)
        browser.settled()

        assert browser.prompt() is None
        assert browser.run("return typeof hacked") == "undefined"
        assert [] == browser.log("browser")
        assert {hostile.as_uri()} == requests(browser, hostile)

    def test_nothing_is_reordered(self, browser: Browser, hostile: Path) -> None:
        """No control of a terminal is in any text, and isolates are closed."""
        opened(browser, hostile)
        browser.run(OPEN_ALL)
        browser.settled()
        found = browser.run(
            "const bad = /[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f"
            "\\u202a-\\u202e\\u2066\\u2067]/;"
            "const open = (text) => text.split('\\u2068').length;"
            "const wrong = (text) => bad.test(text)"
            " || open(text) !== text.split('\\u2069').length;"
            "return [...document.querySelectorAll('body *')].filter((node) =>"
            " [...node.attributes].some((one) => wrong(one.value))"
            " || (!node.children.length && wrong(node.textContent))).length"
        )
        apart = browser.run(
            "return [...document.querySelectorAll("
            "'.row .what, .row .says, #sources li, bdi')]"
            ".filter((node) => !getComputedStyle(node).unicodeBidi.includes('isolate'))"
            ".map((node) => node.outerHTML)"
        )

        assert len(ATTACKS) >= 44
        assert 0 == found
        assert [] == apart

    def test_the_page_still_works(
        self, browser: Browser, hostile: Path, pictures: Path
    ) -> None:
        """Among hostile text the state is still the library's, and a search works."""
        opened(browser, hostile)
        browser.screenshot(pictures / "hostile.png")
        log = hostile_log()
        state = log.as_of("2020-01-01").project(AZE_CHN)
        values = browser.wait(READ)
        browser.run("document.getElementById('search').value = 'onbegin'")
        choose(browser, "show", "all")
        marks, rows = browser.wait(FOUND)

        assert str(len(state.visits)) == values["Visits"]
        assert str(state.agreement_count) == values["Agreements"]
        assert 0 < len(rows) < len(log)
        assert marks

    def test_its_links_are_web_addresses_or_its_own(
        self, browser: Browser, hostile: Path
    ) -> None:
        """No link leads anywhere but to the web or within the page."""
        opened(browser, hostile)
        links = browser.run(
            "return [...document.links].map((link) => link.getAttribute('href'))"
        )

        assert links
        assert all(link.startswith(("#", "https://a/")) for link in links)

    def test_the_chronicle_asks_for_nothing(
        self, browser: Browser, pictures: Path
    ) -> None:
        """The page of the chronicle loads no other file and logs no error."""
        path = pictures / "alone.html"
        html.render(LOG, projection=AZE_CHN).save(path)
        browser.log("browser")
        browser.log("performance")
        opened(browser, path)
        browser.run(OPEN_ALL)

        assert {path.as_uri()} == requests(browser, path)
        assert [] == browser.log("browser")

    def test_what_is_not_its_own_cannot_run(self, page: Browser) -> None:
        """The policy of the page stops a script that somebody smuggles in."""
        page.run(
            "const script = document.createElement('script');"
            "const text = document.createTextNode('window.hacked = 1');"
            "script.append(text); document.body.append(script);"
        )

        assert page.run("return typeof hacked") == "undefined"


# Pass the pointer and the focus over everything.
POKE = """
for (const node of document.querySelectorAll("body *")) {
  for (const type of ["mouseover", "focus", "toggle", "load", "error"]) {
    node.dispatchEvent(new Event(type));
  }
}
"""
