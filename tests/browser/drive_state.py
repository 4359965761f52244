"""In a browser the sliders show the states, rows and reasons of the library."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from random import Random

import pytest
from driving import (
    AZE_CHN,
    HELD,
    LOG,
    PAIRS,
    held,
    number,
    opened,
    set_slider,
    show,
    shown_values,
    stops,
    values_of,
)
from webdriver import LEFT, Browser
from worlds import ODD_LOGS, eventful_log, large_log, tangled_log

from bri_timeline import EventLog, Projection
from bri_timeline._calendar import iso
from bri_timeline.measures import count
from bri_timeline.pages import html
from bri_timeline.pages._marks import open_ends
from bri_timeline.relations import Relationship, Visited


class TestSliders:
    """The two sliders and what they redraw."""

    def test_every_state_is_that_of_the_library(self, page: Browser) -> None:
        """For every pair of slider stops the page shows the state of the library."""
        days, knowns = stops(page)
        for place, stop in product(range(len(days)), range(len(knowns))):
            day, known = iso(days[place]), iso(knowns[stop])
            set_slider(page, "day", place)
            set_slider(page, "known", stop)
            state = LOG.as_of(day, known_by=known).project(AZE_CHN)

            assert shown_values(state) == values_of(page)

    @pytest.mark.parametrize(("day", "known"), PAIRS)
    def test_rows_stand_as_in_the_library(
        self, page: Browser, day: str, known: str
    ) -> None:
        """As many rows are certain and undecided as happenings in the view."""
        show(page, day, known)
        view = LOG.as_of(day, known_by=known)
        page.run(
            "for (const fold of document.querySelectorAll('[data-fold]')) fold.click()"
        )
        page.settled()
        drawn = page.run(
            "return [...document.querySelectorAll('#chart [data-claim]')]"
            ".map((row) => row.dataset.status)"
        )
        differ = page.run("return document.querySelectorAll('.row.differs').length")

        assert len(view.events) == drawn.count("certain")
        assert len(view.undecided) == drawn.count("perhaps")
        ever = LOG.as_of("9999-12-31", known_by=known)
        assert len(ever.disputes) == differ

    @pytest.mark.parametrize(
        ("day", "known"), [*PAIRS[1::4], ("2015-01-01", "2019-05-05")]
    )
    def test_explanations_are_those_of_the_library(
        self, page: Browser, day: str, known: str
    ) -> None:
        """The steps of a value are the library's, and what may be one."""
        show(page, day, known)
        view = LOG.as_of(day, known_by=known)
        why = view.explain(AZE_CHN, of=lambda state: len(state.visits))
        badges = [badge for _, badge in page.wait(HELD)["Visits"]]

        expected = [f"{step.before} \u2192 {step.after}" for step in why.steps]
        expected += [f"? {step.before} \u2192 {step.after}" for step in why.undecided]
        assert expected == badges

    def test_what_is_in_force_is_listed(self, page: Browser) -> None:
        """The lists of a value are the claims that the state holds, and its plans."""
        show(page, "2019-04-26", "2019-05-05")
        state = LOG.as_of("2019-04-26", known_by="2019-05-05").project(AZE_CHN)
        lists = page.wait(HELD)

        for label, items in held(state, "2019-04-26").items():
            assert items == lists[label]

    def test_changes_of_every_kind_are_shown(
        self, browser: Browser, pictures: Path
    ) -> None:
        """Removed, moved, corrected and retracted claims are shown as in a view."""
        path = pictures / "eventful.html"
        log = eventful_log()
        html.render(log, projection=AZE_CHN).save(path)
        opened(browser, path)
        days, knowns = stops(browser)
        for place, stop in product(range(len(days)), range(len(knowns))):
            day, known = iso(days[place]), iso(knowns[stop])
            set_slider(browser, "day", place)
            set_slider(browser, "known", stop)
            view = log.as_of(day, known_by=known)
            state, ending = view.project(AZE_CHN), open_ends(view, AZE_CHN)

            assert shown_values(state) == values_of(browser)
            lists = browser.wait(HELD)
            for label, items in held(state, day, ending).items():
                assert items == lists[label]

    @pytest.mark.full
    @pytest.mark.parametrize(
        "log", [large_log(5_000), tangled_log(200)], ids=["5,000 events", "entangled"]
    )
    def test_two_hundred_positions_are_those_of_the_library(
        self,
        browser: Browser,
        pictures: Path,
        trials: Callable[[int], int],
        log: EventLog,
    ) -> None:
        """In 200 positions the state is the library's."""
        path = pictures / "many.html"
        html.render(log, projection=AZE_CHN).save(path)
        opened(browser, path)
        days, knowns = stops(browser)
        random = Random(19)
        for _ in range(trials(200)):
            day, stop = random.choice(days), random.randrange(len(knowns))
            browser.run(
                "location.hash = arguments[0]",
                f"day={iso(day)}&known={iso(knowns[stop])}",
            )
            browser.settled()
            state = log.as_of(iso(day), known_by=iso(knowns[stop])).project(AZE_CHN)

            assert shown_values(state) == values_of(browser), (day, stop)

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
        html.render(ODD_LOGS[name], projection=projection).save(path)
        browser.log("browser")
        opened(browser, path)
        rows = browser.run(
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

        assert len(ODD_LOGS[name]) == rows
        assert 0 == broken
        assert [] == browser.log("browser")

    def test_keys_move_a_slider(self, page: Browser) -> None:
        """An arrow key moves the slider that has the focus by one change."""
        days, _ = stops(page)
        before = page.run("return Number(document.getElementById('day').value)")
        page.run("document.getElementById('day').focus()")
        page.press(LEFT)

        assert f"day={iso(days[before - 1])}" in page.run("return location.hash")

    def test_both_dates_of_the_sentence_can_be_edited(self, page: Browser) -> None:
        """A day between two stops shows the state of that day, also in the sentence.

        What is not a day, as 31 February, is said, and changes nothing.
        """
        page.run("document.getElementById('edit-day').click()")
        page.settled()
        page.run(
            "const set = (id, value) => {"
            " const node = document.getElementById(id); node.value = value;"
            " node.dispatchEvent(new Event('change', {bubbles: true})); };"
            "set('editor-year', 2016); "
        )
        page.settled()
        page.run(
            "const set = (id, value) => {"
            " const node = document.getElementById(id); node.value = value;"
            " node.dispatchEvent(new Event('change', {bubbles: true})); };"
            "set('editor-month', 2); "
        )
        page.settled()
        for day, notice in (
            ("31", "This page cannot show such a day."),
            ("", "This page cannot show such a day."),
            ("29", ""),
        ):
            page.run(
                "const node = document.getElementById('editor-day');"
                " node.value = arguments[0];"
                " node.dispatchEvent(new Event('change', {bubbles: true}));",
                day,
            )
            page.settled()
            assert notice == page.run(
                "return document.getElementById('notice').textContent"
            )
        state = LOG.as_of("2016-02-29").project(AZE_CHN)

        assert shown_values(state) == values_of(page)
        assert "By 29 February 2016, as reported by 5 May 2019: one visit" in page.run(
            "return document.getElementById('sentence').textContent"
        )

    def test_a_view_has_no_choice_of_knowledge(
        self, browser: Browser, pictures: Path
    ) -> None:
        """The page of a view shows its state, and has no slider for knowledge."""
        path = pictures / "view.html"
        view = LOG.as_of("2019-04-26", known_by="2019-04-26")
        html.render(view, projection=AZE_CHN).save(path)
        opened(browser, path)

        assert shown_values(view.project(AZE_CHN)) == values_of(browser)
        assert browser.run("return document.getElementById('known') === null")
        assert "as reported by 26 April 2019" in browser.run(
            "return document.getElementById('sentence').textContent"
        )

    def test_the_point_of_the_plane_sets_both_dates(self, page: Browser) -> None:
        """Keys on the point move the day across and the day known upwards."""
        days, knowns = stops(page)
        page.run("location.hash = 'day=2019-04-24&known=2019-04-24'")
        page.settled()
        page.run("document.getElementById('point').focus()")
        page.press("\ue013", "\ue014")
        place, stop = (
            days.index(number("2019-04-24")),
            knowns.index(number("2019-04-24")),
        )

        assert page.run("return location.hash").startswith(
            f"#day={iso(days[place + 1])}&known={iso(knowns[stop + 1])}&"
        )
        assert page.run("return document.activeElement.id") == "point"

    def test_any_projection_feeds_the_page(
        self, browser: Browser, pictures: Path
    ) -> None:
        """The state is what the function of the author tells of it."""
        path = pictures / "own.html"
        visits = count(Visited)
        html.render(LOG, projection=visits, tell=lambda n: {"Trips": n}).save(path)
        opened(browser, path)
        for day in ("2014-12-31", "2015-12-31", "2019-04-24"):
            browser.run("location.hash = arguments[0]", f"day={day}")
            browser.settled()
            state = LOG.as_of(day, known_by="2019-05-05").project(visits)

            assert {"Trips": str(state)} == browser.wait(
                "arguments[0](Object.fromEntries("
                "[...document.querySelectorAll('[data-value]')]"
                ".map((n) => [n.dataset.value, n.dataset.text])))"
            )
            said = f"Trips {state}" if state else "nothing is reported"
            assert said in browser.run(
                "return document.getElementById('sentence').textContent"
            )
