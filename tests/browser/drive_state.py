"""In a browser the sliders show the states, marks and reasons of the library."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from driving import (
    AZE_CHN,
    LOG,
    PAIRS,
    READ,
    number,
    opened,
    set_slider,
    show,
    stops,
    told,
)
from webdriver import LEFT, Browser
from worlds import ODD_LOGS, eventful_log

from bri_timeline import Projection
from bri_timeline._calendar import iso
from bri_timeline.pages import html
from bri_timeline.pages._wording import describe_event
from bri_timeline.relations import Relationship


class TestSliders:
    """The two sliders and what they redraw."""

    @pytest.mark.parametrize(("day", "known"), PAIRS)
    def test_the_state_is_that_of_the_library(
        self, page: Browser, day: str, known: str
    ) -> None:
        """For a day and a day of knowledge the page shows the state of the library."""
        show(page, day, known)
        state = LOG.as_of(day, known_by=known).project(AZE_CHN)

        assert told(state, day) == page.run(READ)

    def test_every_state_is_that_of_the_library(self, page: Browser) -> None:
        """For every pair of slider stops the page shows the state of the library."""
        days, knowns = stops(page)
        for place, stop in product(range(len(days)), range(len(knowns))):
            day, known = iso(days[place]), iso(knowns[stop])
            set_slider(page, "day", place)
            set_slider(page, "known", stop)
            state = LOG.as_of(day, known_by=known).project(AZE_CHN)

            assert told(state, day) == page.run(READ)

    @pytest.mark.parametrize(("day", "known"), PAIRS)
    def test_marks_stand_as_in_the_library(
        self, page: Browser, day: str, known: str
    ) -> None:
        """As many marks are certain, undecided and set aside as claims in the view."""
        show(page, day, known)
        view = LOG.as_of(day, known_by=known)
        ever = LOG.as_of("9999-12-31", known_by=known)
        drawn = page.run(
            "return [...document.querySelectorAll('#chart [data-claim]')]"
            ".map((mark) => mark.dataset.status)"
        )

        assert len(view.events) == drawn.count("certain")
        assert len(view.undecided) == drawn.count("perhaps")
        assert len(ever.disputes) == drawn.count("aside")

    @pytest.mark.parametrize(
        ("day", "known"), [*PAIRS[1::4], ("2015-01-01", "2019-05-05")]
    )
    def test_explanations_are_those_of_the_library(
        self, page: Browser, day: str, known: str
    ) -> None:
        """The steps of a value are the library's, with as many citations."""
        show(page, day, known)
        view = LOG.as_of(day, known_by=known)
        why = view.explain(AZE_CHN, of=lambda state: len(state.visits))
        steps = page.run(
            "return [...document.querySelectorAll('[data-title=Visits] .steps > li')]"
            ".map((step) => [step.className, step.querySelector('.change').textContent,"
            " step.querySelectorAll('.cites li').length])"
        )

        expected = [
            ["sure", f"\u2713 {step.before} \u2192 {step.after}", len(step.event.cite)]
            for step in why.steps
        ]
        expected += [
            ["maybe", f"? perhaps {s.before} \u2192 {s.after}", len(s.event.cite)]
            for s in why.undecided
        ]
        assert expected == steps

    def test_a_value_says_that_it_is_open(self, page: Browser) -> None:
        """Beside a value it is said how many undecided claims would change it."""
        show(page, "2015-01-01", "2019-05-05")
        told_of = (
            "return document.querySelector(`[data-title=${arguments[0]}] .open`)"
            "?.textContent ?? null"
        )

        assert "? 1 claim undecided" == page.run(told_of, "Visits")
        assert page.run(told_of, "Agreements") is None

    def test_changes_of_every_kind_are_shown(
        self, browser: Browser, pictures: Path
    ) -> None:
        """Removed, moved, corrected and retracted claims are shown as in a view."""
        path = pictures / "eventful.html"
        log = eventful_log()
        html.dump(log, path, projection=AZE_CHN)
        opened(browser, path)
        days, knowns = stops(browser)
        for place, stop in product(range(len(days)), range(len(knowns))):
            day, known = iso(days[place]), iso(knowns[stop])
            set_slider(browser, "day", place)
            set_slider(browser, "known", stop)
            view = log.as_of(day, known_by=known)
            cites = browser.run(CITES)

            assert told(view.project(AZE_CHN), day) == browser.run(READ)
            for event in view.events:
                assert len(event.cite) == cites[describe_event(event)]

    @pytest.mark.parametrize("projection", [AZE_CHN, None], ids=["state", "no state"])
    @pytest.mark.parametrize("name", ODD_LOGS)
    def test_odd_logs_can_be_used(
        self,
        browser: Browser,
        pictures: Path,
        name: str,
        projection: Projection[Relationship] | None,
    ) -> None:
        """Logs of nothing, of far days and of open dates are drawn without an error."""
        path = pictures / f"{name}.html"
        html.dump(ODD_LOGS[name], path, projection=projection)
        browser.log("browser")
        opened(browser, path)
        marks = browser.run(
            "return document.querySelectorAll('#chart [data-claim]').length"
        )
        browser.run(
            "for (const name of ['in', 'in', 'left', 'out', 'right', 'day-back'])"
            " document.getElementById(name).click();"
        )
        browser.settled()
        broken = browser.run(
            "return [...document.querySelectorAll('#chart *')].filter((node) =>"
            " [...node.attributes].some((a) => /NaN|Infinity/.test(a.value))).length"
        )

        assert len(ODD_LOGS[name]) == marks
        assert 0 == broken
        assert [] == browser.log("browser")

    def test_keys_move_a_slider(self, page: Browser) -> None:
        """An arrow key moves the slider that has the focus by one change."""
        page.run("document.getElementById('day').focus()")
        page.press(LEFT)
        days, _ = stops(page)
        shown = page.run("return document.getElementById('day-pick').value")

        assert days[-2] == number(shown)

    def test_a_day_can_be_picked(self, page: Browser) -> None:
        """A day between two stops shows the state of that day."""
        page.run(
            "const pick = document.getElementById('day-pick');"
            "pick.value = '2016-02-29';"
            "pick.dispatchEvent(new Event('change', {bubbles: true}));"
        )
        page.settled()
        state = LOG.as_of("2016-02-29").project(AZE_CHN)

        assert told(state, "2016-02-29") == page.run(READ)
        assert "29 February 2016" in page.run(
            "return document.getElementById('summary').textContent"
        )

    def test_a_view_has_no_choice_of_knowledge(
        self, browser: Browser, pictures: Path
    ) -> None:
        """The page of a view shows its state, and has no slider for knowledge."""
        path = pictures / "view.html"
        view = LOG.as_of("2019-04-26", known_by="2019-04-26")
        html.dump(view, path, projection=AZE_CHN)
        opened(browser, path)

        assert told(view.project(AZE_CHN), "2019-04-26") == browser.run(READ)
        assert browser.run("return document.getElementById('known') === null")


CITES = """
const shown = (row) => [...row.querySelectorAll("li[data-t]")]
  .filter((item) => !item.hidden);
return Object.fromEntries([...document.querySelectorAll("#claims tbody tr")]
  .map((row) => [row.cells[1].textContent, shown(row).length]));
"""
