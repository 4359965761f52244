"""In a browser everything can be reached, found, printed, and read without script."""

from __future__ import annotations

from pathlib import Path

from driving import AZE_CHN, FOUND, LOG, choose, opened, set_slider
from webdriver import ENTER, ESCAPE, RIGHT, TAB, Browser
from worlds import eventful_log

from bri_timeline.pages import html


class TestKeyboard:
    """Everything can be reached and used by keys."""

    def test_tab_reaches_every_mark(self, page: Browser) -> None:
        """Tab moves through every mark, and each has a complete accessible name."""
        names = page.run(
            "return [...document.querySelectorAll('#chart [data-claim]')]"
            ".map((mark) => mark.getAttribute('aria-label'))"
        )
        page.run("document.querySelector('#lanes button:last-child').focus()")
        reached = []
        for _ in names:
            page.press(TAB)
            reached.append(
                page.run("return document.activeElement.getAttribute('aria-label')")
            )

        assert names == reached
        assert len(names) == len(LOG)
        assert all(": " in name and ". " in name for name in names)

    def test_enter_shows_the_citations(self, page: Browser) -> None:
        """Enter on a mark opens its citations; Escape closes them and returns."""
        page.run("document.querySelector('#chart [data-claim]').focus()")
        page.press(RIGHT)
        focus = "return document.activeElement.dataset.claim"
        before = page.run(focus)
        page.press(ENTER)
        shown = page.run("return document.activeElement.innerText")
        page.press(ESCAPE)

        assert "Who says so" in shown
        assert "Eurasia Daily Monitor 16:62" in shown
        assert page.run("return document.getElementById('detail').hidden")
        assert before == page.run(focus) is not None

    def test_who_says_so_is_as_known(self, browser: Browser, pictures: Path) -> None:
        """The citations of a chosen claim are those known by the day of knowledge."""
        path = pictures / "eventful.html"
        html.dump(eventful_log(), path, projection=AZE_CHN)
        opened(browser, path)
        counts = []
        for place in (0, 2):
            set_slider(browser, "known", place)
            browser.run(
                "const name = 'visits China';"
                "[...document.querySelectorAll('#chart [data-claim]')]"
                ".find((mark) => mark.getAttribute('aria-label').includes(name))"
                ".dispatchEvent(new MouseEvent('click', {bubbles: true}));"
            )
            counts.append(
                browser.run("return document.querySelectorAll('#detail li').length")
            )

        assert [1, 2] == counts

    def test_keys_zoom_and_search(self, page: Browser) -> None:
        """Plus zooms in, zero shows all again, a slash goes to the search."""
        count = "return document.querySelectorAll('#chart [data-claim]').length"
        before = page.run(count)
        page.press("+", "+", "+")
        page.settled()
        zoomed = page.run(count)
        page.press("0")
        page.settled()
        again = page.run(count)
        page.press("/")

        assert zoomed < before == again
        assert page.run("return document.activeElement.id") == "search"


class TestFinding:
    """Search, filter, lanes."""

    def test_search_leaves_what_matches(self, page: Browser) -> None:
        """A search leaves the marks and the rows that hold the words."""
        page.run("document.getElementById('search').focus()")
        page.press(*"railway")
        marks, rows = page.run(FOUND)

        assert (1, 1) == (len(marks), len(rows))
        assert "Baku-Tbilisi-Kars railway" in rows[0]

    def test_a_filter_leaves_disputes(self, page: Browser) -> None:
        """The filter for disputes leaves both claims about the meeting."""
        choose(page, "show", "flagged")
        marks, rows = page.run(FOUND)

        assert (2, 2) == (len(marks), len(rows))

    def test_lanes_can_be_turned_off_and_changed(self, page: Browser) -> None:
        """A lane can be hidden, and lanes can be by party."""
        count = "return document.querySelectorAll('#chart [data-claim]').length"
        before = page.run(count)
        page.run("document.querySelector('#lanes button').click()")
        page.settled()
        after = page.run(count)
        choose(page, "by", "parties")
        lanes = page.run(
            "return [...document.querySelectorAll('.lane-title')]"
            ".map((title) => title.textContent)"
        )

        assert after < before
        assert "Azerbaijan and China" in lanes


class TestPaper:
    """Without a script, and on paper."""

    def test_it_prints(self, page: Browser, pictures: Path) -> None:
        """The page prints, with its marks and every claim, on a few pages."""
        page.resize(1000, 1300)
        printed = page.printed()
        (pictures / "chronicle.pdf").write_bytes(printed)
        pages = printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ")

        assert printed.startswith(b"%PDF-")
        assert 1 <= pages <= 7

    def test_it_is_a_table_without_script(
        self, browser: Browser, pictures: Path
    ) -> None:
        """Without script the table of claims is there, and no dead control."""
        path = pictures / "still.html"
        html.dump(LOG, path, projection=AZE_CHN)
        browser.devtools("Emulation.setScriptExecutionDisabled", value=True)
        try:
            browser.open(path)
            browser.screenshot(pictures / "without-script.png")
            text = browser.run("return document.body.innerText")
            shown = browser.run(
                "return [...document.querySelectorAll('input, select, button')]"
                ".filter((node) => node.checkVisibility()).length"
            )
        finally:
            browser.devtools("Emulation.setScriptExecutionDisabled", value=False)

        assert shown == 0
        assert text.count("Eurasia Daily Monitor 16:62") >= len(LOG)
        assert "set aside: another claim is taken" in text
        assert "how it stands on 1 September 2019, and who says so" in text
        assert "choose a mark" not in text
