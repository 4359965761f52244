"""In a browser everything can be reached, found, printed, and read without script."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from driving import AZE_CHN, FOUND, LOG, choose, opened, set_slider
from webdriver import ENTER, ESCAPE, Browser
from worlds import eventful_log, large_log

from bri_timeline.pages import html


DOWN, END, SPACE = "\ue015", "\ue010", "\ue00d"
ACTIVE = "return document.activeElement.dataset.group"
ROWS = "return document.querySelectorAll('#chart [data-claim]').length"
# How many rows have marks, how many the line of the day, and what lies beside the axis.
DRAWN = """
const axis = document.querySelector("#axis .axis").getBoundingClientRect();
const isBeside = (node) => {
  const { left, right } = node.getBoundingClientRect();
  return left < axis.left - 7 || right > axis.right + 7;
};
const all = (names) => [...document.querySelectorAll(`#chart .row ${names}`)];
const rowsOf = (names) => new Set(all(names).map((node) => node.closest(".row"))).size;
return [rowsOf(":is(.marks > :not(.now), .bin:not([hidden]))"), rowsOf(".now"),
  all(":is(.marks > *, .bin:not([hidden]), .now)").filter(isBeside).length,
  all(".count").every((node) => {
    const { left, right } = node.getBoundingClientRect();
    return Math.abs(left - axis.right - 10) < 1 && right <= innerWidth;
  })];
"""


class TestKeyboard:
    """Everything can be reached and used by keys."""

    def test_arrows_reach_every_row(self, page: Browser) -> None:
        """One stop of Tab leads to the rows, and arrows to each of them in turn."""
        rows = page.run(
            "return [...document.querySelectorAll('#chart button')]"
            ".map((row) => row.dataset.group ?? row.dataset.fold)"
        )
        stops = page.run(
            "return [...document.querySelectorAll('#chart button')]"
            ".filter((row) => row.tabIndex === 0).length"
        )
        page.run("document.querySelector('#chart button[tabindex=\"0\"]').focus()")
        reached = []
        for _ in rows:
            reached.append(
                page.run(
                    "const it = document.activeElement.dataset;"
                    "return it.group ?? it.fold"
                )
            )
            page.press(DOWN)

        assert stops == 1
        assert rows == reached

    def test_a_page_has_fewer_than_twenty_stops(self, page: Browser) -> None:
        """Without the links of its sources a page has fewer than 20 stops for Tab."""
        stops = page.run(
            "return [...document.querySelectorAll("
            "'button, input, select, a[href], summary, [tabindex]')]"
            ".filter((node) => node.tabIndex >= 0 && node.checkVisibility()"
            " && !node.closest('table, #sources')).length"
        )

        assert stops < 20

    def test_enter_shows_the_citations(self, page: Browser) -> None:
        """Enter on a row opens its citations; Escape closes them and returns."""
        page.run("document.querySelector('#chart [data-claim]').focus()")
        page.press(DOWN)
        before = page.run(ACTIVE)
        page.press(ENTER)
        shown = page.run("return document.activeElement.innerText")
        address = page.run("return location.hash")
        page.press(ESCAPE)

        assert "Says who" in shown
        assert "Eurasia Daily Monitor 16:62" in shown
        assert address.startswith("#day=2019-04-26&known=2019-05-05&state=")
        assert address.endswith("&claim=aliyev-arrives-2019")
        assert page.run("return document.getElementById('detail').hidden")
        assert before == page.run(ACTIVE) is not None

    def test_who_says_so_is_as_known(self, browser: Browser, pictures: Path) -> None:
        """The citations of a chosen claim are those known by the day of knowledge."""
        path = pictures / "eventful.html"
        html.render(eventful_log(), projection=AZE_CHN).save(path)
        opened(browser, path)
        counts = []
        for place in (1, 3):
            set_slider(browser, "known", place)
            browser.run(
                "const row = [...document.querySelectorAll('#chart [data-claim]')]"
                ".find((one) => one.textContent.includes('visits China'));"
                "if (row.getAttribute('aria-expanded') === 'false') row.click();"
            )
            browser.settled()
            counts.append(
                browser.run("return document.querySelectorAll('#detail li').length")
            )

        assert [1, 2] == counts

    def test_keys_zoom_search_and_step(self, page: Browser) -> None:
        """Plus zooms in, zero shows all again, a bracket steps, a slash searches."""
        before = page.run(ROWS)
        page.press("+", "+", "+")
        page.settled()
        zoomed = page.run(ROWS)
        page.press("0")
        page.settled()
        again = page.run(ROWS)
        page.press("[")
        stepped = page.run("return location.hash")
        page.press("/")

        assert zoomed < before == again
        assert "known=" in stepped
        assert page.run("return document.activeElement.id") == "search"

    def test_the_focus_is_never_lost(self, page: Browser) -> None:
        """After each of forty journeys by keys the focus is on a control."""
        lost = []
        for name, prepare, keys in JOURNEYS:
            page.run("location.hash = ''")
            page.settled()
            page.run(prepare)
            page.settled()
            page.press(*keys)
            page.settled()
            where = page.run("return document.activeElement.tagName")
            if where in ("BODY", "HTML"):
                lost.append(name)

        assert len(JOURNEYS) == 40
        assert [] == lost


def _journeys() -> list[tuple[str, str, tuple[str, ...]]]:
    """Return journeys: where the focus begins, and the keys that are pressed."""
    row = "document.querySelector('#chart [data-claim]').focus()"
    starts = {
        "row": row,
        "fold": "document.querySelector('[data-fold]').focus()",
        "value": "document.querySelector('#state summary').focus()",
        "step": "document.querySelector('.step').focus()",
        "point": "document.getElementById('point').focus()",
        "zoom": "document.getElementById('in').focus()",
        "day": "document.getElementById('edit-day').focus()",
        "known": "document.getElementById('edit-known').focus()",
    }
    keys: tuple[tuple[str, ...], ...] = (
        (ENTER,),
        (ENTER, ESCAPE),
        ("+", "-", "0"),
        ("[", "]"),
        (END, ENTER),
    )
    return [
        (f"{name} {place}", start, pressed)
        for name, start in starts.items()
        for place, pressed in enumerate(keys)
    ]


JOURNEYS = _journeys()


class TestFinding:
    """Search, filter, lanes."""

    def test_search_leaves_what_matches(self, page: Browser) -> None:
        """A search leaves the rows that hold the words, in chart and table."""
        page.run("document.getElementById('search').focus()")
        page.press(*"railway")
        marks, rows = page.wait(FOUND)

        assert (1, 1) == (len(marks), len(rows))
        assert "Baku-Tbilisi-Kars railway" in rows[0]

    def test_a_filter_leaves_disputes(self, page: Browser) -> None:
        """The filter for disputes leaves the meeting: one row, two claims."""
        choose(page, "show", "differ")
        marks, rows = page.wait(FOUND)

        assert (1, 2) == (len(marks), len(rows))
        assert "sources differ: AzerNews 25 Apr (taken), Turan 24 Apr" in page.run(
            "return document.querySelector('.row .says').textContent"
        )
        assert page.run("return document.querySelectorAll('#chart .ghost').length") == 1

    def test_rows_can_be_by_party(self, page: Browser) -> None:
        """Rows can be grouped by party, and one pair can be chosen."""
        choose(page, "by", "party")
        lanes = page.run(
            "return [...document.querySelectorAll('.kind:not(.again)')]"
            ".map((title) => title.textContent)"
        )
        before = page.run(ROWS)
        page.run("document.querySelector('.pair').click()")
        page.settled()

        assert "Azerbaijan and China" in lanes
        assert 0 < page.run(ROWS) < before
        assert "pair=" in page.run("return location.hash")

    def test_parts_are_folded_under_their_bundle(self, page: Browser) -> None:
        """Parts stand folded in two lines, of what is and of what may be of it."""
        folds = page.run(
            "return [...document.querySelectorAll('[data-fold]')]"
            ".map((row) => row.textContent)"
        )
        before = page.run(ROWS)
        page.run("document.querySelector('[data-fold]').click()")
        page.settled()

        assert [
            "\u25b8 of them: three parts named",
            "\u25b8 perhaps of them: three parts named",
        ] == folds
        assert page.run(ROWS) == before + 3

    def test_a_step_outlines_what_is_new(self, page: Browser) -> None:
        """A step marks the rows that changed, and says by how much a value did."""
        page.run("location.hash = 'day=2019-04-18&known=2019-04-18'")
        page.settled()
        page.run(
            "[...document.querySelectorAll('.step')]"
            ".find((step) => step.textContent.includes('24 Apr ')).click()"
        )
        page.settled()
        changed = page.run(
            "return [...document.querySelectorAll('.changed .what')]"
            ".map((what) => what.textContent)"
        )
        delta = page.run(
            "return document.querySelector('[data-value=Agreements] .delta')"
            ".textContent"
        )

        assert delta == "+10"
        assert any("ten cooperation agreements" in what for what in changed)
        assert not any("railway" in what for what in changed)


class TestAddress:
    """The address holds everything that is shown."""

    HASH = (
        "day=2019-04-24&known=2019-04-26&claim=aliyev-arrives-2019&without=Plans&by=kind"
        "&find=a&zoom=2015-01-01/2019-12-31&scale=time&lang=de"
    )
    LOADED = "return performance.getEntriesByType('navigation')[0].type"
    SHOWN = (
        "return [document.getElementById('sentence').textContent,"
        " document.getElementById('chart').textContent,"
        " document.getElementById('detail').textContent,"
        " document.documentElement.lang]"
    )

    def test_a_reload_loses_nothing(self, page: Browser) -> None:
        """What a link to a state shows, is shown again after a reload."""
        page.run("location.hash = arguments[0]", self.HASH)
        page.settled()
        before = page.run(self.SHOWN)
        page.run("location.reload()")
        for _ in range(100):  # what was loaded before can still be there
            if page.run(self.LOADED) == "reload":
                break
            time.sleep(0.1)
        page.settled()

        assert page.run(self.LOADED) == "reload"
        assert before == page.run(self.SHOWN)
        assert before[3] == "de"
        assert before[0].startswith("Bis zum 24. April 2019")

    def test_back_returns_to_the_state_before(self, page: Browser) -> None:
        """The back button goes from step to step, and at last to the first state."""
        first = page.run(self.SHOWN)
        page.run("document.querySelectorAll('.step')[1].click()")
        page.settled()
        second = page.run(self.SHOWN)
        page.wait("setTimeout(arguments[0], 500)")
        page.run("document.querySelectorAll('.step')[2].click()")
        page.settled()
        for expected in (second, first):
            page.run("history.back()")
            for _ in range(30):  # the browser goes back when it has the time
                page.wait("setTimeout(arguments[0], 100)")
                if page.run(self.SHOWN) == expected:
                    break

            assert page.run(self.SHOWN) == expected

    def test_a_citation_names_the_state(self, page: Browser) -> None:
        """Text, CSL-JSON and BibTeX name both dates and the address."""
        page.run("location.hash = 'day=2019-04-24'")
        page.settled()
        page.run("document.getElementById('cite').click()")
        page.settled()
        text, csl, bibtex = page.run(
            "return [...document.querySelectorAll('#cite-sheet pre')]"
            ".map((node) => node.textContent)"
        )

        assert "state on 24 April 2019, as reported by 5 May 2019" in text
        assert "#day=2019-04-24" in text
        assert '"type": "webpage"' in csl
        assert bibtex.startswith("@online{timeline,")


class TestPaper:
    """Without a script, and on paper."""

    def test_thousands_of_claims_print_on_few_pages(
        self, browser: Browser, pictures: Path
    ) -> None:
        """The last that count on the day are listed; a line says how many there are."""
        path = pictures / "printed.html"
        html.render(large_log(5_000), projection=AZE_CHN).save(path)
        opened(browser, path)
        printed = browser.printed()
        (pictures / "large.pdf").write_bytes(printed)
        browser.run("dispatchEvent(new Event('beforeprint'))")
        found, rows = browser.run(
            "return [document.getElementById('found').textContent,"
            " document.querySelectorAll('#rows tr').length]"
        )
        browser.run("dispatchEvent(new Event('afterprint'))")
        browser.settled()
        pages = printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ")

        assert 3 < pages <= 20
        assert rows == 600
        assert "4,400 more claims are in this record" in found
        assert 0 == browser.run("return document.querySelectorAll('#rows tr').length")

    def test_it_prints(self, page: Browser, pictures: Path) -> None:
        """The page prints, with its marks and every claim, on a few pages."""
        page.resize(1000, 1300)
        printed = page.printed()
        (pictures / "chronicle.pdf").write_bytes(printed)
        pages = printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ")

        assert printed.startswith(b"%PDF-")
        assert 1 <= pages <= 7

    @pytest.mark.parametrize("name", ["pair", "dense"])
    @pytest.mark.parametrize("window", [390, 768, 1280, 2560])
    def test_paper_shows_each_mark_within_its_axis(
        self, browser: Browser, pictures: Path, window: int, name: str
    ) -> None:
        """And the line of the day, on A4 and Letter; the paper is no window."""
        path = pictures / f"paper-{name}.html"
        html.render(LOG if name == "pair" else large_log(400), projection=AZE_CHN).save(
            path
        )
        opened(browser, path)
        browser.resize(window, 800)
        rows = browser.run("return document.querySelectorAll('.row:not(.fold)').length")
        # Paper has its size when all is drawn, and nothing is drawn after.
        browser.run(
            "window.frame = requestAnimationFrame;"
            "window.requestAnimationFrame = () => 0;"
            "dispatchEvent(new Event('beforeprint'))"
        )
        browser.prefer("light", media="print")
        found = []
        for wide in (718, 740):
            size = {"width": wide, "height": 1000, "deviceScaleFactor": 1}
            browser.devtools("Emulation.setDeviceMetricsOverride", mobile=False, **size)
            found.append(browser.run(DRAWN))
        browser.run("window.requestAnimationFrame = window.frame")
        browser.prefer("light")

        assert [[rows, rows, 0, True]] * 2 == found

    def test_it_is_a_table_without_script(
        self, browser: Browser, pictures: Path
    ) -> None:
        """Without script the table of claims is there, and no dead control."""
        path = pictures / "still.html"
        html.render(LOG, projection=AZE_CHN).save(path)
        browser.devtools("Emulation.setScriptExecutionDisabled", value=True)
        try:
            browser.open(path)
            browser.screenshot(pictures / "without-script.png")
            text = browser.run("return document.body.innerText")
            shown = browser.run(
                "return [...document.querySelectorAll('input, select, button')]"
                ".filter((node) => node.checkVisibility()).length"
            )
            rows = browser.run("return document.querySelectorAll('tbody tr').length")
        finally:
            browser.devtools("Emulation.setScriptExecutionDisabled", value=False)

        assert shown == 0
        assert rows == len(LOG)
        assert "another claim is taken" in text
        assert "its status on 26 April 2019, and who says so" in text
