"""What is drawn can be read at a glance: marks, legend, knob, steps and values."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import AZE_CHN, LOG, opened
from webdriver import Browser
from worlds import courts_log, fines, memberships_log, owners_log, plans_log, visits

from bri_timeline import Event, EventLog, Projection, Source
from bri_timeline.extend import describe_event
from bri_timeline.pages import html
from bri_timeline.pages._wording import LANGUAGES
from bri_timeline.relations import Cancelled, Held, Joined, Planned, Visited


SIZES = [(1440, 900), (1024, 768), (700, 900), (390, 844), (320, 700)]
# The controls of the steps that are not whole on the screen, and words that are broken.
BROKEN = """
const isWhole = ({ left, right }) => left >= 0 && right <= innerWidth;
const boxes = [...document.querySelectorAll("#steps button")]
  .filter((box) => box.checkVisibility());
const words = [...document.querySelectorAll("#steps .note")].flatMap((note) => {
  const text = note.firstChild;
  return [...text.data.matchAll(/[^ ]+/g)].filter(({ 0: word, index }) => {
    const range = document.createRange();
    range.setStart(text, index);
    range.setEnd(text, index + word.length);
    return range.getClientRects().length > 1;
  }).map(([word]) => word);
});
const cut = boxes.filter((box) => !isWhole(box.getBoundingClientRect()));
return [boxes.length, cut.map((box) => box.textContent), words];
"""
# Where the knob is, the line of the day, and the lines of the axis by their labels.
PLACES = """
const middle = (node) => {
  const { left, width } = node.getBoundingClientRect();
  return left + width / 2;
};
const [knob, now] = ["#day-track .knob", "#chart .now"]
  .map((name) => middle(document.querySelector(name)));
const ticks = [...document.querySelectorAll("#axis text")]
  .map((text) => [text.textContent, middle(text.nextSibling)]);
return [knob, now, Object.fromEntries(ticks)];
"""
# The shapes of the legend of which the chart has none of the same kind and colour.
UNSEEN = """
const isBar = (name) => name.startsWith("bin-");
return [...document.querySelectorAll("#legend li")].flatMap((item) =>
  [...item.querySelectorAll("[class]")].filter((shape) => {
    const names = [...shape.classList].map((name) => isBar(name) ? "bin" : name);
    const kept = item.textContent === "may have ended"
      ? names.filter((name) => /^k\\d/.test(name)) : names;
    return !document.querySelector("#chart ." + kept.join("."));
  }).map((shape) => [item.textContent, shape.getAttribute("class")]));
"""


@pytest.fixture
def chronicle(pictures: Path) -> Path:
    """Return the page of the chronicle."""
    path = pictures / "marks.html"
    html.render(LOG, projection=AZE_CHN, title="Azerbaijan and China").save(path)
    return path


def go(browser: Browser, address: str) -> None:
    """Show another state of a page."""
    browser.run("location.hash = arguments[0]", address)
    browser.settled()


class TestSteps:
    """The boxes of the steps."""

    @pytest.mark.parametrize("size", SIZES, ids=str)
    def test_no_box_and_no_word_is_cut(
        self, browser: Browser, chronicle: Path, size: tuple[int, int]
    ) -> None:
        """A telephone has room for one step at a time, which says which of them."""
        opened(browser, chronicle)
        browser.resize(*size)
        browser.settled()
        for step in range(6):
            browser.run(
                "document.querySelectorAll('.step')[arguments[0]].click()", step
            )
            browser.settled()
            seen, cut, words = browser.run(BROKEN)
            said = browser.run(
                "return [...document.querySelectorAll('.step')]"
                ".filter((step) => !step.hidden).map((step) => step.textContent)"
            )

            assert [] == cut
            assert [] == words
            assert (4 if size[0] <= 600 else 9) == seen
            assert (size[0] <= 600) == (f"{step + 1} of 6" in said[0])

    def test_what_came_beside_late_reports_is_told(
        self, browser: Browser, pictures: Path
    ) -> None:
        """What comes to light is told once, and not for all that is new."""
        path = pictures / "beside.html"
        book = Source("A history", published="2019-05-05")
        known = [("2001", Joined("AZE", "SCO")), ("2019-05-01", Joined("AZE", "AIIB"))]
        known += [("2001", Visited("AZE", "CHN")), ("2019-05-02", Held("fair"))]
        earlier = Source("A report", published="2018")
        html.render(
            EventLog.of(
                Event(Visited("CHN", "AZE"), when="2018-02-02", cite=earlier),
                *(Event(what, when=when, cite=book) for when, what in known),
            )
        ).save(path)
        opened(browser, path)
        said = browser.run(
            "return [...document.querySelectorAll('.step .note')].at(-1).textContent"
        ).replace("\xa0", " ")

        late = "comes to light: one membership and one visit"
        assert f"+2 memberships, +1 plan; {late}" == said


class TestKnob:
    """The knob of the day is under its day."""

    @pytest.mark.parametrize("size", SIZES[:3], ids=str)
    @pytest.mark.parametrize(
        ("name", "days"),
        [
            ("even", {"2013": "2013-01-01", "24 Apr 2019": "2019-04-24"}),
            ("time", {"2014": "2014-01-01", "2018": "2018-01-01"}),
            ("zoomed", {"24 Apr": "2019-04-24"}),
        ],
    )
    def test_it_is_where_the_axis_has_its_day(
        self,
        browser: Browser,
        chronicle: Path,
        size: tuple[int, int],
        name: str,
        days: dict[str, str],
    ) -> None:
        """Its middle is under the line of the axis, and on that of the rows."""
        opened(browser, chronicle)
        browser.resize(*size)
        more = {"time": "&scale=time", "zoomed": "&zoom=2019-04-10/2019-04-28"}
        for label, day in days.items():
            go(browser, f"day={day}&known=2019-05-05{more.get(name, '')}")
            knob, now, ticks = browser.run(PLACES)
            places = [x for text, x in ticks.items() if text.startswith(label)]

            assert 1 == len(places), ticks
            assert abs(knob - places[0]) < 2
            assert abs(now - places[0]) < 2

    def test_it_follows_a_pointer(self, browser: Browser, chronicle: Path) -> None:
        """It goes to the day that is next to the pointer; keys move it too."""
        opened(browser, chronicle)
        _, _, ticks = browser.run(PLACES)
        days = []
        for x in (ticks["24 Apr 2019"] + 3, ticks["12 Apr 2017"] - 3, -99, 9999):
            browser.run(
                "const [x] = arguments;"
                "const track = document.getElementById('day-track');"
                "track.dispatchEvent(new PointerEvent('pointerdown',"
                " { clientX: x, bubbles: true, cancelable: true }));"
                "window.dispatchEvent(new PointerEvent('pointerup', { clientX: x }));",
                x,
            )
            browser.settled()
            days.append(browser.run("return document.getElementById('day').value"))
        focused = browser.run("return document.activeElement.id")
        last = browser.run("return document.getElementById('day').max")

        assert "day" == focused
        assert [days[2], days[3]] == ["0", last]
        assert int(days[1]) < int(days[0])
        shown = browser.run("return JSON.parse(document.getElementById('page-data')"
                            ".textContent).days")  # fmt: skip
        assert LOG.as_of("2019-04-24").day_number == shown[int(days[0])]
        assert LOG.as_of("2017-04-12").day_number == shown[int(days[1])]


class TestMarks:
    """What a mark looks like is what it means."""

    def test_a_telephone_tells_loose_dates_apart(
        self, browser: Browser, pictures: Path
    ) -> None:
        """A day, a month, what has one bound only, and what lasts look different."""
        path = pictures / "loose.html"
        html.render(
            visits("2015-03-04", "2015-03", "[..2015-03-05]", "[2015-03-06..]").extend(
                [Event(Joined("AZE", "AIIB"), when="2015-03-07/2016-03-07")]
            )
        ).save(path)
        opened(browser, path, "telephone")
        looks = browser.run(
            "return [...document.querySelectorAll('#chart .row')].map((row) => {"
            " const look = getComputedStyle(row, '::before');"
            " return [look.backgroundImage, look.borderStyle, look.borderRadius,"
            "  look.backgroundColor].join(' '); })"
        )

        assert len(looks) == len({*looks}) == 5

    def test_the_legend_has_the_shapes_and_colours_of_the_chart(
        self, browser: Browser, chronicle: Path, pictures: Path
    ) -> None:
        """Of each of its shapes the chart has one of the same kind and colour."""
        logs = {
            "plans": plans_log(),
            "members": memberships_log(),
            "owners": owners_log(),
            "courts": courts_log(400),
            "loose": visits("[..2015-03-05]"),
            "vague": EventLog.of(Event(Joined("AZE", "SCO"), when="2015-03")),
        }
        for name, log in logs.items():
            html.render(log).save(pictures / f"legend-{name}.html")
        for path in (chronicle, *(pictures / f"legend-{name}.html" for name in logs)):
            opened(browser, path)

            assert browser.run("return document.querySelectorAll('#legend li').length")
            assert [] == browser.run(UNSEEN), path

    def test_the_legend_says_that_the_axis_is_not_to_scale(
        self, browser: Browser, chronicle: Path
    ) -> None:
        """Only where it is not: what is close together may be a year apart."""
        opened(browser, chronicle)
        said = "return document.getElementById('legend').textContent"
        go(browser, "#scale=even")
        assert "axis not to scale" in browser.run(said)
        go(browser, "#scale=time")
        assert "axis not to scale" not in browser.run(said)

    def test_the_legend_has_what_lasts_and_what_has_no_bound(
        self, browser: Browser, pictures: Path
    ) -> None:
        """These are no days, and no days within others."""
        path = pictures / "legend-names.html"
        log = visits("[..2015-03-05]").extend(
            [Event(Joined("AZE", "AIIB"), when="2015-03-07/2016-03-07")]
        )
        html.render(log).save(path)
        opened(browser, path)
        said = browser.run(
            "return [...document.querySelectorAll('#legend li')]"
            ".map((item) => item.textContent)"
        )

        lasts = "from the first day to the last"
        assert ["no earlier bound", lasts, "axis not to scale"] == said

    def test_what_goes_on_has_an_arrow_and_what_is_over_has_none(
        self, browser: Browser, pictures: Path
    ) -> None:
        """At the line of the day; a bar that ended there would look the same."""
        path = pictures / "goes-on.html"
        html.render(memberships_log()).save(path)
        opened(browser, path)
        rows = browser.run(
            "return [...document.querySelectorAll('#chart .row')].map((row) =>"
            " [row.textContent, row.querySelectorAll('line.edge').length])"
        )
        legend = browser.run("return document.getElementById('legend').textContent")

        assert {"since": 2, "from": 0} == {
            word: lines for text, lines in rows for word in ("since", "from")
            if f"{word} " in text
        }  # fmt: skip
        assert "goes on, as far as is known" in legend


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_value_that_is_one_event_is_told_in_the_language(
    browser: Browser, pictures: Path, language: str
) -> None:
    """It is told by the title of its plan, in the sentence and in the state."""
    path, parties = pictures / "last.html", ("AZE", "CHN")
    last = Projection[dict[str, Event]](dict, lambda _, event: {"Last": event})
    log = EventLog.of(
        Event(Planned(parties, "Fair of silk"), when="2015-01-01", id="x17"),
        Event(Cancelled("x17", parties=parties), when="2016-01-01"),
    )
    html.render(log, projection=last).save(path)
    opened(browser, path)
    go(browser, f"lang={language}")
    said = browser.run(
        "return ['sentence', 'state'].map((id) =>"
        " document.getElementById(id).textContent)"
    )
    cancelled = describe_event(Cancelled("Fair of silk", parties=parties), language)

    assert all(cancelled in text and "x17" not in text for text in said)


def test_a_sum_has_its_unit(browser: Browser, pictures: Path) -> None:
    """The number of a sum is none of things."""
    path = pictures / "sums.html"
    html.render(courts_log(60), projection=fines).save(path)
    opened(browser, path)

    assert "sum of fines in EUR " in browser.run(
        "return document.getElementById('sentence').textContent"
    )
