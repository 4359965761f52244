"""In a browser no text of a picture is cut, leaves it, or lies on another text."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from attacks import ATTACKS, hostile_log
from driving import AZE_CHN, LOG
from webdriver import Browser
from worlds import ODD_LOGS, eventful_log, large_log, tangled_log

from bri_timeline import Event, EventLog, Source, dyads
from bri_timeline.measures import count
from bri_timeline.pages import network, panel, png, svg
from bri_timeline.relations import (
    AgreementSigned,
    Met,
    Planned,
    PositionDeclared,
    ProjectStatusChanged,
    Visited,
    relationship,
)


WIDTHS = (480, 720, 960)
ARABIC = "اجتماع حول مبادرة الحزام والطريق في بكين"
CHINESE = "一带一路框架下关于农业、运输与电信领域合作的谅解备忘录"
RUSSIAN = "поддерживает территориальную целостность Азербайджана"
ENGLISH = "the second Belt and Road Forum for International Cooperation"
STATES = (
    *("KAZ", "CHN", "RUS", "UZB", "TKM", "KGZ", "TJK", "AZE"),
    *("GEO", "ARM", "TUR", "IRN", "PAK", "IND", "MNG", "BLR"),
)
TEXTS = {"ar": ARABIC, "zh": CHINESE, "ru": RUSSIAN, "en": ENGLISH}

# The boxes of all texts; a hair is left for the rounding of fonts.
BOXES = """
const hair = 0.5;
const texts = [...document.querySelectorAll("text")];
const boxes = texts.map((node) => {
  const { left, top, right, bottom } = node.getBoundingClientRect();
  return [node.textContent, left + hair, top + 2, right - hair, bottom - 3];
});
const root = document.documentElement.getBoundingClientRect();
const outside = boxes.filter(([, l, t, r, b]) =>
  l < root.left || t < root.top || r > root.right || b > root.bottom);
const over = [];
boxes.forEach((one, n) => boxes.slice(n + 1).forEach((other) => {
  if (one[1] < other[3] && other[1] < one[3] && one[2] < other[4] && other[2] < one[4])
    over.push([one[0], other[0]]);
}));
return [texts.length, outside.map((b) => b[0]), over];
"""


def log_in(text: str) -> EventLog:
    """Return a log with a text in every place, among them a dispute and a plan."""
    parties = ("AZE", "CHN")
    source = Source(text, published="2019-04-24", container=text, author=text)
    other = Source(f"{text} 2", published="2019-05")
    log = EventLog.of(
        Event(Met(parties, occasion=text), when="2019-04-24", cite=source, id="m"),
        Event(Met(parties, occasion=text), when="2019-05", cite=other, id="m"),
        Event(Planned(parties, text, "2019-09"), when="2019-03-01", cite=source),
        Event(AgreementSigned(parties, text), when="[2018..2019-02]", cite=other),
        Event(PositionDeclared("CHN", text, text), when="2018", cite=[source, other]),
        Event(ProjectStatusChanged(("AZE",), text, text), when="[..2018-06]"),
        Event(Visited(*parties, occasion=text), when="2019", cite=source),
    )
    return log.retract(4, because=text)


def found(browser: Browser, path: Path, drawing: str, width: int) -> list[Any]:
    """Return what is wrong with the texts of a drawing."""
    path.write_text(drawing, "utf-8")
    browser.resize(width, 900)
    browser.open(path)
    number, outside, over = browser.run(BOXES)
    assert number
    return [outside, over]


@pytest.mark.parametrize("width", WIDTHS)
class TestBoxes:
    """Texts within the picture, apart from each other."""

    @pytest.mark.parametrize("language", TEXTS)
    @pytest.mark.parametrize("by", ["kind", "party"])
    def test_rows_have_room(
        self, browser: Browser, pictures: Path, width: int, language: str, by: str
    ) -> None:
        """Of titles in four scripts, with words in four languages."""
        text = TEXTS[language]
        words = "en" if language == "ar" else language
        drawing = svg.render(
            log_in(text).as_of("2019-06-01"),
            projection=AZE_CHN,
            by=by,
            title=text,
            width=width,
            language=words,
        )

        path = pictures / f"rows-{language}-{by}-{width}.svg"
        assert [[], []] == found(browser, path, drawing, width)

    @pytest.mark.parametrize(
        "name", ["article", "eventful", "tangled", "large", *ODD_LOGS]
    )
    def test_any_log_has_room(
        self, browser: Browser, pictures: Path, width: int, name: str
    ) -> None:
        """The chronicle, many events, corrections, and dates that are far or open."""
        logs = {
            "article": LOG,
            "eventful": eventful_log(),
            "tangled": tangled_log(100),
            "large": large_log(4000),
            **ODD_LOGS,
        }
        drawing = svg.render(logs[name], projection=AZE_CHN, width=width)

        path = pictures / f"log-{name}-{width}.svg"
        assert [[], []] == found(browser, path, drawing, width)

    @pytest.mark.parametrize("most", [3, 9, 24])
    def test_names_of_a_network_have_room(
        self, browser: Browser, pictures: Path, width: int, most: int
    ) -> None:
        """Of few and many actors, with numbers on their lines."""
        actors = [*STATES, *(f"org:{'institute-' * n}of-{n}" for n in range(1, 9))]
        met = (Met(pair) for pair in pairwise(actors))
        log = EventLog.of(*(Event(m, when="2015-01-01") for m in met))
        drawing = network.render(log, most=most, width=width, projection=relationship)

        path = pictures / f"network-{most}-{width}.svg"
        assert [[], []] == found(browser, path, drawing, width)

    def test_small_multiples_have_room(
        self, browser: Browser, pictures: Path, width: int
    ) -> None:
        """Of each pair of the chronicle, over years."""
        visits = count(Visited, Met)
        years = LOG.panel(visits, by=dyads, every="year", start="2014-01-01",
                          stop="2019-12-31")  # fmt: skip
        drawing = panel.render(years, width=width)

        path = pictures / f"panel-{width}.svg"
        assert [[], []] == found(browser, path, drawing, width)


class TestTrust:
    """Hostile text does nothing in a picture or a notebook."""

    @pytest.mark.parametrize("kind", ["svg", "network", "notebook"])
    def test_nothing_runs(self, browser: Browser, pictures: Path, kind: str) -> None:
        """With every attack in every field no script runs, no dialogue opens."""
        log, title = hostile_log(), "".join(ATTACKS)
        view = log.as_of("2019-05-01")
        content = {
            "svg": lambda: svg.render(log, title=title),
            "network": lambda: network.render(view, title=title, projection=AZE_CHN),
            "notebook": lambda: "".join(
                shown._repr_html_()
                for shown in (
                    *(log, view, view.events, view.disputes, log.history(AZE_CHN)),
                    view.explain(AZE_CHN, of=lambda state: state),
                )
            ),
        }[kind]()
        path = (
            pictures
            / f"hostile-{kind}.{'svg' if kind in ('svg', 'network') else 'html'}"
        )
        path.write_text(content, "utf-8")
        browser.open(path)

        assert browser.prompt() is None
        assert "undefined" == browser.run("return typeof hacked")
        assert 0 == browser.run(
            "return document.querySelectorAll('script,iframe').length"
        )


def test_png_has_text() -> None:
    """Another title is another picture: the fonts of a browser are there."""
    one, other = (png.render(LOG, title=title, zoom=1) for title in ("A", "B"))

    assert one != other
