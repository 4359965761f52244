"""A page is read without its header: axis, dates and groups stay in sight."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import AZE_CHN, LOG, opened
from webdriver import Browser
from worlds import Ruled, courts_log, fines, large_log, memberships_log, plans_log

from bri_timeline import Event, EventLog, Projection, Source
from bri_timeline.pages import html
from bri_timeline.relations import Joined, Left, Planned, Rescheduled, Visited


SCREENS = [((1440, 900), 0.45), ((1024, 768), 0.40)]
# The rows that are whole on the screen, below what stays in sight.
SEEN = """
const box = (node) => node.getBoundingClientRect();
const top = box(document.getElementById("top"));
const rows = [...document.querySelectorAll("#chart [data-claim]")];
const isWhole = (row) => box(row).top >= top.bottom && box(row).bottom <= innerHeight;
const whole = rows.filter(isWhole);
const lanes = [...document.querySelectorAll("#chart .lane")]
  .filter((lane) => box(lane).top >= top.bottom - 2 && box(lane).bottom <= innerHeight);
const inScreen = (id) => box(document.getElementById(id)).top >= 0
  && box(document.getElementById(id)).bottom <= innerHeight;
return [whole.length, lanes.length, ["axis", "day", "known"].filter(inScreen),
  rows.length ? box(rows[0].querySelector(".marks")).width / innerWidth : 0];
"""
CUT = """
return [...document.querySelectorAll("#sentence, #steps *, #picture *, #beside *")]
  .filter((node) => {
    const style = getComputedStyle(node);
    const isHidden = node.namespaceURI !== "http://www.w3.org/1999/xhtml"
      || style.clipPath !== "none" || !node.checkVisibility() || !node.textContent;
    const isCut = style.overflow !== "visible" && style.overflow !== "auto"
      && (node.scrollWidth > node.clientWidth + 1
        || node.scrollHeight > node.clientHeight + 1);
    return !isHidden && (isCut || style.textOverflow === "ellipsis");
  }).map((node) => [node.className, node.textContent]);
"""


@pytest.fixture
def chronicle(pictures: Path) -> Path:
    """Return the page of the chronicle."""
    path = pictures / "reading.html"
    html.render(LOG, projection=AZE_CHN, title="Azerbaijan and China").save(path)
    return path


class TestFirstScreen:
    """What is seen at once."""

    @pytest.mark.parametrize(("size", "least"), SCREENS, ids=str)
    def test_it_has_sliders_axis_and_eight_rows(
        self, browser: Browser, chronicle: Path, size: tuple[int, int], least: float
    ) -> None:
        """Both sliders, the axis and eight rows, whose marks have half of the width."""
        opened(browser, chronicle)
        browser.resize(*size)
        browser.settled()
        rows, _, there, share = browser.run(SEEN)

        assert ["axis", "day", "known"] == there
        assert rows >= 8
        assert share >= least
        assert not browser.run("return document.getElementById('all').open")

    @pytest.mark.parametrize(
        "size", [(1440, 900), (1024, 768), (700, 900), (390, 844), (320, 700)], ids=str
    )
    def test_no_text_is_cut(
        self, browser: Browser, chronicle: Path, size: tuple[int, int]
    ) -> None:
        """On each of the steps, with the parts of a bundle opened too."""
        opened(browser, chronicle)
        browser.resize(*size)
        browser.settled()
        assert [] == browser.run(CUT)
        for step in range(6):
            browser.run(
                "document.querySelectorAll('.step')[arguments[0]].click()", step
            )
            browser.settled()
            assert [] == browser.run(CUT)
        browser.run(
            "for (const fold of document.querySelectorAll('.fold')) fold.click()"
        )
        browser.settled()
        assert [] == browser.run(CUT)


class TestScrolled:
    """What stays in sight."""

    @pytest.mark.parametrize(("size", "_least"), SCREENS, ids=str)
    def test_axis_and_group_are_in_view(
        self, browser: Browser, chronicle: Path, size: tuple[int, int], _least: float
    ) -> None:
        """Wherever the chart is scrolled to."""
        opened(browser, chronicle)
        browser.resize(*size)
        browser.settled()
        top, high = browser.run(
            "const box = document.getElementById('chart').getBoundingClientRect();"
            "return [box.top, box.height]"
        )
        for part in range(1, 10):
            browser.run(
                "scrollTo({top: arguments[0], behavior: 'instant'})",
                top + high * part / 10 - 100,
            )
            browser.settled()
            _, lanes, there, _ = browser.run(SEEN)
            assert ["axis", "day", "known"] == there
            assert lanes


class TestRows:
    """What rows say by themselves."""

    def test_dates_are_in_words_under_the_text(
        self, browser: Browser, chronicle: Path
    ) -> None:
        """Each row has its date, seen."""
        opened(browser, chronicle)
        rows = browser.run(
            "return [...document.querySelectorAll('#chart .row.day')].map((row) => {"
            " const [what, when] = ['.what', '.when'].map((name) =>"
            "   row.querySelector(name).getBoundingClientRect());"
            " return [when.top >= what.bottom - 1, when.height > 0,"
            "   row.querySelector('.when').textContent]; })"
        )

        assert rows
        assert all(below and seen and text for below, seen, text in rows)

    def test_what_is_not_in_the_state_is_grey_below(
        self, browser: Browser, chronicle: Path
    ) -> None:
        """On the first step one row counts, and all others are also in the record."""
        opened(browser, chronicle)
        browser.run("document.querySelectorAll('.step')[0].click()")
        browser.settled()
        order = browser.run(
            "return [...document.querySelectorAll('#chart li')].map((item) =>"
            " item.classList.contains('lane') ? item.textContent"
            " : item.querySelector('.also') ? 'also' : 'row')"
        )
        weights = browser.run(
            "return [...document.querySelectorAll('#chart .what')]"
            ".map((what) => getComputedStyle(what).fontWeight)"
        )

        assert ["Positions", "row", "Also in this record"] == order[:3]
        assert {"also"} == {*order[3:]}
        assert {"400"} == {*weights}

    def test_what_changed_a_plan_is_folded_under_it(
        self, browser: Browser, pictures: Path
    ) -> None:
        """It is told by what is planned; of a plan nobody reported, by its id."""
        path = pictures / "moved.html"
        plan = Planned(("AZE", "CHN"), "25 % on list 3", "2016")
        log = plans_log().append(Event(plan, when="2015-01-01", id="rise"))
        log = log.append(Event(Rescheduled("rise", "2019-03-02"), when="2015-02-01"))
        html.render(log).save(path)
        opened(browser, path)
        folds = browser.run(
            "return [...document.querySelectorAll('.fold')]"
            ".map((fold) => [fold.textContent, fold.title])"
        )
        browser.run("document.querySelectorAll('.fold')[1].click()")
        browser.settled()
        rows = browser.run(
            "return [...document.querySelectorAll('#chart .what')]"
            ".map((what) => what.textContent)"
        )

        assert [text for text, _ in folds] == ["▸ two changes", "▸ one change"]
        assert folds[1][1] == "Plan “25 % on list 3” moved to 2 March 2019"
        assert folds[1][1] in rows
        assert "Plan “fair” cancelled" in rows
        assert not [row for row in rows if "summit”" in row]

    def test_the_legend_has_what_occurs_only(
        self, browser: Browser, chronicle: Path
    ) -> None:
        """It stands above the chart; a claim of a later day adds to it, a fold not."""
        opened(browser, chronicle)
        read = (
            "return [[...document.querySelectorAll('#legend li')].map("
            "(item) => item.textContent),"
            " document.getElementById('legend').getBoundingClientRect().bottom"
            " <= document.getElementById('axis').getBoundingClientRect().top]"
        )
        end, above = browser.run(read)
        browser.run("location.hash = 'day=2019-04-18&known=2019-05-05'")
        browser.settled()
        earlier, _ = browser.run(read)

        assert above
        assert "sources differ, \u25cf is taken" in end
        assert "after the day shown" in {*earlier} - {*end}
        assert "perhaps part of it" not in end

    def test_each_kind_has_its_colour(self, browser: Browser, pictures: Path) -> None:
        """Plans, visits and a kind of one's own are told apart."""
        path = pictures / "colours.html"
        log = EventLog.of(
            Event(Planned(("AZE", "CHN"), "a summit"), when="2015-01-01"),
            Event(Visited("AZE", "CHN"), when="2015-02-01"),
            Event(Ruled("court", 1, "upheld"), when="2015-03-01"),
        )
        html.render(log).save(path)
        opened(browser, path)
        colours = browser.run(
            "return [...document.querySelectorAll('#chart .mark')]"
            ".map((mark) => getComputedStyle(mark).getPropertyValue('--lane'))"
        )

        assert len(colours) == len({*colours}) == 3

    def test_what_goes_on_does_not_fade(self, browser: Browser, pictures: Path) -> None:
        """A membership of today is as solid as one that has ended."""
        path = pictures / "lasting.html"
        html.render(memberships_log()).save(path)
        opened(browser, path)
        widths = browser.run(
            "return [...document.querySelectorAll('#chart .bar')]"
            ".map((bar) => bar.getBoundingClientRect().width)"
        )

        assert 4 == len(widths)
        assert max(widths) == widths[0] > 300
        assert not browser.run("return document.querySelectorAll('.fade').length")


@pytest.mark.parametrize(
    ("log", "across", "up"),
    [(LOG, "2013", "16 Sept 2015"), (large_log(500), "2010", "2010")],
    ids=["even", "true to time"],
)
def test_the_plane_has_dates_on_both_axes(
    browser: Browser, pictures: Path, log: EventLog, across: str, up: str
) -> None:
    """Happened across, reported upwards: each label stands at its day."""
    path = pictures / "plane.html"
    html.render(log, projection=AZE_CHN).save(path)
    opened(browser, path)
    texts = [
        browser.run(
            "return [...document.querySelectorAll(arguments[0])]"
            ".map((tick) => tick.textContent)",
            f"#plane g .tick{which}",
        )
        for which in (":not(.up)", ".up")
    ]

    assert all(len(found) >= 2 for found in texts)
    assert across in texts[0]
    assert up in texts[1]


class TestSteps:
    """What a step says."""

    def test_a_step_says_what_it_adds(self, browser: Browser, chronicle: Path) -> None:
        """By how much each count grew, or what is remarkable about it."""
        opened(browser, chronicle)

        assert notes(browser) == [
            "+1 position",
            "+3 projects",
            "+2 figures, +1 position",
            "+10 agreements, +1 visit and two more",
            "another claim: one meeting",
            "comes to light: one initiative and one visit",
        ]

    def test_what_is_over_adds_nothing(self, browser: Browser, pictures: Path) -> None:
        """Three memberships of five had ended when they were reported."""
        path = pictures / "over.html"
        source = Source("Papers of the SCO", published="2009")
        last = Event(Joined("UZB", "SCO"), when="2001-06-15/..", cite=source)
        html.render(memberships_log().append(last)).save(path)
        opened(browser, path)

        assert notes(browser) == ["+1 membership", "+1 membership"]

    def test_leaving_takes_a_membership_away(
        self, browser: Browser, pictures: Path
    ) -> None:
        """It is no membership, and neither is what came with its own end."""
        reports = (
            (Joined("UZB", "SCO"), "2001-06-15", "2001"),
            (Joined("UZB", "CSTO"), "2006-08-16", "2006"),
            (Left("UZB", "CSTO"), "2012-12-19", "2012"),
            (Left("UZB", "CSTO"), "2012-12-19", "2013"),
            (Joined("UZB", "EurAsEC"), "2014-01-25", "2014"),
            (Left("UZB", "EurAsEC"), "2014-11-12", "2014"),
            # It may have left before it joined.
            (Joined("UZB", "CIS"), "2015-06", "2015"),
            (Left("UZB", "CIS"), "2015", "2016"),
        )
        path = pictures / "left.html"
        log = EventLog.of(
            *(
                Event(what, when=when, cite=Source(f"Note {n}", published=published))
                for n, (what, when, published) in enumerate(reports)
            )
        )
        html.render(log).save(path)
        opened(browser, path)

        expected = ["+1 membership", "+1 membership", "\u22121 membership"]
        assert notes(browser) == [*expected, "+1 membership"]

    def test_changes_of_a_plan_add_no_plan(
        self, browser: Browser, pictures: Path
    ) -> None:
        """A step has something to say: there is none of the day of a change."""
        path = pictures / "plans.html"
        html.render(plans_log()).save(path)
        opened(browser, path)

        assert notes(browser) == ["+1 plan", "+1 plan", "+3 events of kind Ruled"]

    @pytest.mark.parametrize("projection", [AZE_CHN, fines], ids=["pair", "own"])
    def test_steps_of_large_logs_have_a_reason(
        self, browser: Browser, pictures: Path, projection: Projection[object]
    ) -> None:
        """Of logs in which each day brings little, they are parts of equal size."""
        path = pictures / "large-steps.html"
        log = large_log(500) if projection is AZE_CHN else courts_log(500)
        html.render(log, projection=projection).save(path)
        opened(browser, path)
        said = notes(browser)

        assert len(said) == 6
        assert all("+" in note for note in said)


def notes(browser: Browser) -> list[str]:
    """Return what the steps say."""
    found: list[str] = browser.run(
        "return [...document.querySelectorAll('.step')].map((step) =>"
        " step.querySelector('.note')?.textContent.replaceAll('\\u00a0', ' '))"
    )
    return found
