"""Charts to restyle: what their data say, and that no text in them can run."""

from __future__ import annotations

import json
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from attacks import ATTACKS, hostile_log
from effort import at_most
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import logs, view_days
from pages_model import relation_logs

from bri_timeline import Event, EventLog, Source
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import MissingExtraError
from bri_timeline.measures import count
from bri_timeline.pages import altair
from bri_timeline.pages._marks import marks
from bri_timeline.pages._wording import strings
from bri_timeline.relations import Held, Joined, Visited, relationship


LOG = azerbaijan_china()
VIEW = LOG.as_of("2019-04-25")
AZE_CHN = relationship("AZE", "CHN")
FEW = at_most(15)


def rows_of(chart: Any) -> list[dict[str, Any]]:
    """Return the rows from which a chart is drawn."""
    told = chart.to_dict()
    named = [*map(tuple, told.get("datasets", {}).values())]
    found = [rows for rows in named if not rows or "claim" in rows[0]]
    return list(found[0]) if found else []


def day(milliseconds: int) -> str:
    """Return the day of a time of Vega."""
    return str(date(1970, 1, 1) + timedelta(milliseconds=milliseconds))


class TestData:
    """The data of a chart."""

    @pytest.mark.slow
    def test_a_claim_is_a_row(self) -> None:
        """A row has the date, the payload, the status and the citations."""
        rows = rows_of(altair.render(VIEW, projection=AZE_CHN))
        visit = next(row for row in rows if row["what"].endswith("China officially"))

        assert "some time in 2015" == visit["when"]
        assert "Visits" == visit["lane"]
        assert "reported" == visit["standing"]
        assert "Eurasia Daily Monitor 16:62" in visit["cited"]
        assert ("span", "2015-01-01") == (visit["form"], day(visit["first"]))
        assert "2016-01-01" == day(visit["last"])
        names = dict.fromkeys(row["claim"] for row in rows)
        assert [f"{n}." for n in range(1, 22)] == [name.split()[0] for name in names]

    def test_a_disputed_happening_is_one_row(self) -> None:
        """What other sources say of it stands in the row of what is taken."""
        rows = rows_of(altair.render(VIEW, projection=AZE_CHN))
        disputed = [row for row in rows if row["sources_differ"]]
        told = altair.render(VIEW, projection=AZE_CHN).to_dict()
        [domain] = {
            tuple(layer["encoding"]["y"]["scale"]["domain"])
            for layer in told["layer"]
            if "y" in layer["encoding"]
        }

        assert ["does not count", "reported"] == [row["standing"] for row in disputed]
        assert 1 == len({row["claim"] for row in disputed})
        assert len(domain) == len(set(domain)) == len(rows) - 1

    def test_signs_tell_what_is_not_certain(self) -> None:
        """Undecided, set-aside and disputed claims have their signs."""
        rows = rows_of(altair.render(VIEW, projection=AZE_CHN))
        signs = [row["sign"] for row in rows if row["sign"]]

        assert ["?", "\u2715\u2691", "\u2691"] == signs
        assert {"reported", "may have happened", "does not count"} == {
            row["standing"] for row in rows
        }
        assert ["another claim is taken (entry 20)"] == [
            row["why"] for row in rows if row["why"]
        ]

    def test_what_is_in_force_lasts_until_the_day_shown(self) -> None:
        """Only claims in force have a line up to the day of the view."""
        rows = rows_of(altair.render(VIEW, projection=AZE_CHN))
        lasting = [row["what"] for row in rows if row["until"] > row["last"]]

        assert "Baku-Tbilisi-Kars railway: under development" in lasting
        assert not any("visits" in what for what in lasting)

    @pytest.mark.parametrize(
        ("when", "form", "first", "last"),
        [
            ("2015-03-04", "day", "2015-03-04", "2015-03-04"),
            ("[..2015-03-04]", "open start", "2009-10-25", "2015-03-05"),
            ("2015/..", "open end", "2015-01-01", "2017-09-07"),
            ("2010/2012-01-01", "span", "2010-01-01", "2012-01-02"),
            ("2015-03", "short span", "2015-03-01", "2015-04-01"),
        ],
    )
    def test_dates_are_as_wide_as_their_source(
        self, when: str, form: str, first: str, last: str
    ) -> None:
        """A day is a point, a span a bar; what is open goes up to the edge."""
        frame = Event(Held("a"), when="2010-01-01"), Event(Held("b"), when="2018")
        log = EventLog.of(Event(Visited("AZE", "CHN"), when=when), *frame)
        rows = rows_of(altair.render(log.as_of("2017-06-30")))
        row = next(row for row in rows if "visits" in row["what"])

        assert (form, first, last) == (row["form"], day(row["first"]), day(row["last"]))

    def test_years_far_off_stay_within_what_a_browser_holds(self) -> None:
        """A year that no browser can hold is drawn at the farthest that it can."""
        far, near = (Event(Held("a"), when=year) for year in ("Y-500000", "0001"))
        log = EventLog.of(far, near)
        row, *_ = rows_of(altair.render(log))

        assert -8_640_000_000_000_000 == row["first"]

    @FEW
    @given(logs() | relation_logs(), view_days(), st.sampled_from(["kind", "party"]))
    def test_any_log_gives_a_chart(self, log: EventLog, on: object, by: str) -> None:
        """Any view gives a valid specification with a row for each claim."""
        view = log.as_of(str(on))
        rows = rows_of(altair.render(view, projection=AZE_CHN, by=by))

        about = marks(view.concerning("AZE", "CHN"), None, strings("en"))
        rivals = sum(mark.flagged and bool(mark.why) for mark in about)
        names = {row["claim"] for row in rows}
        assert len(about) == len(rows)
        assert len(rows) - rivals <= len(names) <= len(rows)
        assert all(
            row["first"] <= row["since"] <= min(row["last"], row["until"])
            for row in rows
        )


class TestTrust:
    """Hostile text has no effect, however the chart is saved."""

    @pytest.mark.slow
    def test_no_text_ends_a_script(self) -> None:
        """Saved by Altair as a page, a chart has the scripts of any, and no more."""
        events = [
            Event(Joined("AZE", t), when="2015", cite=Source(t).at(t)) for t in ATTACKS
        ]
        log = EventLog.of(*events)
        for number, event in enumerate(events):
            again = event.cited(())
            log = log.append(again, supersedes=number, because=ATTACKS[number])
        chart = altair.render(log, by="party", title="".join(ATTACKS))
        plain = altair.render(EventLog.of(Event(Joined("AZE", "B"), when="2015")))

        assert 2 * len(ATTACKS) == len(rows_of(chart))
        assert "<" not in chart.to_json()
        assert plain.to_html().count("<") == chart.to_html().count("<")

    @pytest.mark.slow
    def test_hostile_text_is_drawn_as_text(self) -> None:
        """Among hostile text the chart is still one, with a row for each claim."""
        view = hostile_log().as_of("2019-05-01")
        rows = rows_of(altair.render(view))

        assert len(marks(view, None, strings("en"))) == len(rows)
        assert any("\uff1cscript>hacked=1" in row["what"] for row in rows)


class TestChart:
    """The chart."""

    def test_its_heading_tells_the_values_of_a_state(self) -> None:
        """`tell=` gives the values of a state of one's own; lines fit the width."""
        chart = altair.render(
            VIEW,
            projection=count(Visited),
            tell=lambda visits: {"Trips": visits},
            width=300,
        )
        lines = chart.to_dict()["title"]["subtitle"]

        assert len(lines) > 1
        assert "Trips 2" in " ".join(lines)

    def test_it_draws_every_claim(self) -> None:
        """It is valid, and draws each claim once, with its citations in a tooltip."""
        chart = altair.render(VIEW, projection=AZE_CHN, title="Azerbaijan & China")
        told = chart.to_dict(validate=True)
        layers = [layer for layer in told["layer"] if "transform" in layer]
        forms = {layer["transform"][0]["filter"]["equal"]: layer for layer in layers}

        assert "Azerbaijan & China" == told["title"]["text"]
        assert told["title"]["subtitle"][0].startswith(
            "By 25 April 2019, with all that is known: two visits"
        )
        bars = dict.fromkeys(("span", "open start", "open end"), "bar")
        assert {"day": "point", "short span": "point", **bars} == {
            form: layer["mark"]["type"] for form, layer in forms.items()
        }
        assert {row["form"] for row in rows_of(chart)} <= forms.keys()
        for layer in forms.values():
            tooltips = [tip["field"] for tip in layer["encoding"]["tooltip"]]

            assert ["when", "what", "standing", "why", "cited"] == tooltips

    def test_an_empty_log_is_a_chart(self) -> None:
        """A log without claims gives a chart without marks."""
        assert [] == rows_of(altair.render(EventLog()))

    def test_it_can_be_restyled(self) -> None:
        """The result is a chart of Altair, and can be changed as such."""
        chart = altair.render(VIEW).properties(width=300).configure_view(stroke=None)

        assert 300 == chart.to_dict()["width"]

    def test_it_is_written_as_json(self, tmp_path: Path) -> None:
        """What `render` returns is saved as JSON that any Vega-Lite can draw."""
        path = tmp_path / "chart.json"
        altair.render(VIEW, projection=AZE_CHN, title="T", width=300).save(path)
        chart = altair.render(VIEW, projection=AZE_CHN, title="T", width=300)

        assert json.loads(path.read_text("utf-8")) == chart.to_dict()

    def test_render_without_the_extra_names_it(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where Altair is not installed, it is said how to install it."""
        monkeypatch.setitem(sys.modules, "altair", None)

        with pytest.raises(MissingExtraError, match=r"pip install 'altair>="):
            altair.render(LOG)
