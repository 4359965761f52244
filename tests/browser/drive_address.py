"""In a browser an address opens what it names, or the page says what it could not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from driving import AZE_CHN, LOG, opened, set_slider, shown_values, values_of
from webdriver import Browser
from worlds import courts_log, eventful_log, fines, large_log, tangled_log

from bri_timeline import Event, EventLog, Projection, Source
from bri_timeline._calendar import iso
from bri_timeline.pages import html
from bri_timeline.pages._state_values import told
from bri_timeline.pages.html import _page_data
from bri_timeline.pages.html._page_data import page_data_of
from bri_timeline.relations import Visited


SENTENCE = "return document.getElementById('sentence').textContent"
NOTICE = "return document.getElementById('notice').innerText"
CITED = """
if (!document.getElementById("cite-sheet")) document.getElementById("cite").click();
return document.querySelector("#cite-sheet pre").textContent;
"""


# Follow addresses one after another, choose a row at each, and read what is shown.
FOLLOW = """
const [addresses, groups] = arguments;
let link = "";
const clipboard = { writeText: async (text) => { link = text; } };
Object.defineProperty(navigator, "clipboard", { value: clipboard, configurable: true });
return addresses.map((address, n) => {
  location.hash = address;
  const row = document.querySelector(`#chart [data-group="${groups[n]}"]`);
  if (row?.getAttribute("aria-expanded") === "false") row.click();
  document.getElementById("link").click();
  const text = (those) => document.querySelector(those)?.innerText ?? "";
  return { sentence: text("#sentence"), claim: text("#detail h2"),
    notice: text("#notice"), link: link.split("#")[1],
    rows: document.querySelectorAll("#chart .row").length };
});
"""


def follow(
    browser: Browser, addresses: Sequence[str], groups: Sequence[int] = ()
) -> list[dict[str, Any]]:
    """Return what a page shows at some addresses, with a row chosen at each."""
    found: list[dict[str, Any]] = browser.run(FOLLOW, addresses, groups)
    return found


def go(browser: Browser, address: str) -> None:
    """Follow an address within the page."""
    browser.run("location.hash = arguments[0]", address)
    browser.settled()


def link_of(browser: Browser) -> str:
    """Return the part of the link to this state after the page."""
    [shown] = follow(browser, [browser.run("return location.hash")])
    return str(shown["link"])


class TestDays:
    """Any day can be asked, as known on any other."""

    def test_before_the_first_report_nothing_was_known(self, page: Browser) -> None:
        """A day before the first report is named as asked, and has no state."""
        go(page, "day=2019-04-24&known=2001-02-03")
        none = LOG.as_of("2019-04-24", known_by="2001-02-03")

        assert shown_values(none.project(AZE_CHN)) == values_of(page)
        assert page.run(SENTENCE) == (
            "By 24 April 2019, as reported by 3 February 2001: nothing is reported."
        )
        assert "#day=2019-04-24&known=2001-02-03" in page.run(CITED)
        assert "" == page.run(NOTICE)
        assert 0 == page.run(
            "return document.querySelectorAll('.sources li:not([hidden])').length"
        )

    def test_the_first_stop_is_before_the_first_report(self, page: Browser) -> None:
        """The slider begins on a day on which nothing was known."""
        set_slider(page, "known", 0)

        assert page.run(SENTENCE).endswith(": nothing is reported.")

    def test_a_day_between_reports_can_be_edited_in(self, page: Browser) -> None:
        """The editor shows the day that was typed, and its state."""
        page.run("document.getElementById('edit-known').click()")
        page.settled()
        page.run(
            "const node = document.getElementById('editor-day'); node.value = 2;"
            " node.dispatchEvent(new Event('change', {bubbles: true}));"
        )
        page.settled()
        state = LOG.as_of("2019-05-05", known_by="2019-05-02").project(AZE_CHN)

        assert "as reported by 2 May 2019" in page.run(SENTENCE)
        assert shown_values(state) == values_of(page)

    @pytest.mark.parametrize(
        ("log", "projection"),
        [
            (courts_log(500), fines),
            (courts_log(5_000), fines),
            (large_log(5_000), AZE_CHN),
        ],
        ids=["courts 500", "courts 5,000", "large 5,000"],
    )
    def test_random_days_have_their_values(
        self,
        browser: Browser,
        pictures: Path,
        log: EventLog,
        projection: Projection[object],
    ) -> None:
        """On random days, as known on others, the values are the library's."""
        path = pictures / "large.html"
        html.render(log, projection=projection).save(path)
        opened(browser, path)
        draw = Random(30)
        for _ in range(10):
            day, known = (
                f"{date(1999, 1, 1) + timedelta(days=draw.randrange(8000))}"
                for _ in "dk"
            )
            go(browser, f"day={day}&known={known}")
            view = log.as_of(day, known_by=known)
            values = {v.label: v.text for v in told(view.project(projection)) if v.text}
            shown = values_of(browser)

            assert values | shown == values
            assert shown or not values
            for said in (browser.run(SENTENCE), browser.run(CITED)):
                assert f"{_worded(day)}, as reported by {_worded(known)}" in said

    def test_days_that_were_not_computed_are_not_named(
        self, browser: Browser, pictures: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Of a log that would take too long the page names a day that it computed."""
        monkeypatch.setattr(_page_data, "_FOLDS", 700)
        log = courts_log(500)
        path = pictures / "skipping.html"
        html.render(log, projection=fines).save(path)
        known = page_data_of(log).known
        opened(browser, path)
        for asked, shown in ((known[3] + 1, known[3]), (known[-2], known[-2])):
            go(browser, f"day=2015-01-01&known={iso(asked)}")
            state = log.as_of("2015-01-01", known_by=iso(shown)).project(fines)
            values = {one.label: one.text for one in told(state) if one.text}

            assert values == values_of(browser)
            assert f"as reported by {_worded(iso(shown))}" in browser.run(SENTENCE)
            assert (asked != shown) == ("Not computed for" in browser.run(NOTICE))
            assert f"&known={iso(shown)}&" in browser.run("return location.hash")


def _worded(day: str) -> str:
    there = date.fromisoformat(day)
    return f"{there.day} {there:%B %Y}"


class TestSources:
    """A source is there from its own day on."""

    @pytest.mark.parametrize("of_view", [False, True], ids=["log", "views"])
    def test_no_source_is_from_the_future(
        self, browser: Browser, pictures: Path, of_view: bool
    ) -> None:
        """Listed are the sources that were out, and what was known cites."""
        path = pictures / "sources.html"
        html.render(LOG, projection=AZE_CHN).save(path)
        opened(browser, path)
        for known in map(iso, page_data_of(LOG).known):
            if of_view:
                view = LOG.as_of("2019-09-01", known_by=known)
                html.render(view, projection=AZE_CHN).save(path)
                opened(browser, path)
            else:
                go(browser, f"day=2019-09-01&known={known}")
            listed = browser.run(
                "return [...document.querySelectorAll('.sources li:not([hidden])')]"
                ".map((one) => one.textContent)"
            )
            out = {
                citation.source
                for entry in LOG
                if entry.event is not None and str(entry.known) <= known
                for citation in entry.event.cite
                if iso(citation.known_day or 0) <= known
            }

            assert len(out) == len(listed)
            assert all(any(one.title in line for line in listed) for one in out)

    def test_sources_keep_their_numbers(self, page: Browser) -> None:
        """A source has its number whichever others are hidden."""
        go(page, "day=2019-09-01&known=2019-04-24")
        numbers = page.run(
            "return [...document.querySelectorAll('.sources li:not([hidden])')]"
            ".map((one) => [one.id, one.value])"
        )

        assert numbers
        assert all(name == f"s{value}" for name, value in numbers)


def grown(log: EventLog, draw: Random, *, since: str) -> EventLog:
    """Return a log with twenty more claims, earlier and later, reported since a day."""
    for n in range(20):
        day = date(1995, 1, 1) + timedelta(days=draw.randrange(10_000))
        what = Visited("AZE", "CHN", occasion=f"found since {n}")
        known = max(f"{day + timedelta(days=40)}", since)
        source = Source(f"Found {n}", published=known)
        log = log.append(Event(what, when=f"{day}", cite=source))
    return log


class TestLinks:
    """A link opens what it was made for, after the record has grown too."""

    @pytest.mark.full
    @pytest.mark.parametrize("since", ["2030-01-01", "1995-01-01"], ids=["new", "old"])
    @pytest.mark.parametrize(
        "log", [eventful_log(), tangled_log(80)], ids=["eventful", "tangled"]
    )
    def test_links_open_the_same_or_say_so(
        self,
        browser: Browser,
        pictures: Path,
        trials: Callable[..., int],
        log: EventLog,
        since: str,
    ) -> None:
        """Fifty links open the same claim and state, or the page says what changed."""
        path, draw = pictures / "linked.html", Random(50)
        html.render(log, projection=AZE_CHN).save(path)
        opened(browser, path)
        data = page_data_of(log)
        links = range(trials(50, share=4))
        days = [(draw.choice(data.days), draw.choice(data.known)) for _ in links]
        dates = [f"day={iso(day)}&known={iso(known)}" for day, known in days]
        groups = [draw.choice(data.groups) for _ in dates]
        shown = follow(browser, dates, groups)
        html.render(grown(log, draw, since=since), projection=AZE_CHN).save(path)
        opened(browser, path)
        changed = 0
        for before, now in zip(
            shown, follow(browser, [one["link"] for one in shown]), strict=True
        ):
            has_changed = "has changed since this link was made" in now["notice"]
            changed += has_changed

            assert before["claim"] == now["claim"]
            assert before["sentence"] == now["sentence"] or has_changed
            assert before["link"] == now["link"] or has_changed
            assert "day=" in before["link"]
            assert "&known=" in before["link"]
        assert any(one["claim"] for one in shown)
        assert (changed > 0) == (since < "2030")

    def test_the_state_that_opens_has_a_link_with_both_dates(
        self, page: Browser
    ) -> None:
        """No address is changed at first, but link and citation name the dates."""
        assert "" == page.run("return location.hash")
        assert link_of(page).startswith("day=2019-04-26&known=2019-05-05&state=")
        assert f"#{link_of(page)}" in page.run(CITED)

    def test_a_claim_without_an_id_is_named_by_its_digest(
        self, browser: Browser, pictures: Path
    ) -> None:
        """Eight digits of the digest open a claim, also if an earlier one is found."""
        path = pictures / "named.html"
        visits = [
            Event(Visited("AZE", "CHN", occasion=name), when=when)
            for name, when in (("second", "2016"), ("first", "2015"))
        ]
        html.render(EventLog.of(*visits), projection=AZE_CHN).save(path)
        opened(browser, path)
        names = [event.id[:8] for event in visits]
        second, first, gone = follow(browser, [f"claim={n}" for n in (*names, "0" * 8)])

        assert second["claim"].endswith("second")
        assert second["link"].endswith(f"&claim={visits[0].id[:10]}")
        assert first["claim"].endswith("first")
        assert gone["claim"] == ""
        assert gone["notice"] == (
            "The claim that the address names is not in this record: 00000000"
        )

    def test_a_link_within_the_page_keeps_what_is_shown(self, page: Browser) -> None:
        """Who goes to the table of claims sees the same state there."""
        go(page, "day=2019-04-24&known=2019-04-25")
        before = page.run(SENTENCE)
        page.run("document.getElementById('skip').click()")
        page.settled()

        assert before == page.run(SENTENCE)

    def test_a_page_in_a_page_works(self, browser: Browser, pictures: Path) -> None:
        """A page that another holds as text has no address, and is moved and cited."""
        path = pictures / "host.html"
        path.write_text("<!doctype html><title>Host</title><body>")
        browser.log("browser")
        browser.open(path)
        browser.command(
            "execute/async",
            script=(
                "const [text, done] = arguments;"
                "const frame = document.createElement('iframe');"
                "frame.srcdoc = text; frame.onload = done; document.body.append(frame);"
            ),
            args=[html.render(LOG, projection=AZE_CHN)],
        )
        sentence, cited = browser.run(
            "const d = document.querySelector('iframe').contentDocument;"
            "const day = d.getElementById('day'); day.value = 3;"
            "day.dispatchEvent(new Event('input', {bubbles: true}));"
            "d.getElementById('cite').click();"
            "return [d.getElementById('sentence').textContent,"
            " d.getElementById('cite-sheet').textContent]"
        )

        assert sentence.startswith(f"By {_worded(iso(page_data_of(LOG).days[3]))}, ")
        assert "about:" not in cited
        assert "url = " not in cited
        assert [] == browser.log("browser")


# Each says something that no page can follow.
HOSTILE = (
    *("day=9999-99-99", "day=2019-02-30", "day=abc", "day=", "day=99999-01-01"),
    *("day=-0000-01-01", "day=2019-4-2", "day=2019-04-24T00:00", "day=١٩٩٩-01-01"),
    *("known=abc", "known=2019-13-01", "known=9999999-01-01", "known=null"),
    *("claim=12", "claim=-1", "claim=1e3", "claim=__proto__", "claim=constructor"),
    *("claim=", "claim=NaN", "claim=00000000", "state=abc", "state=toString"),
    *("show=__proto__", "show=constructor", "show=__defineGetter__"),
    *("show=hasOwnProperty", "show=toString", "by=__proto__", "by=nobody"),
    *("without=__proto__", "without=Nothing|Never", "pair=constructor", "pair=0"),
    *(
        "zoom=2019",
        "zoom=2019-01-01/2018-01-01",
        "zoom=a/b",
        "zoom=0001-01-01/0001-02-01",
    ),
    *("zoom=2015-01-01/2016-01-01/2017-01-01", "scale=__proto__", "scale=big"),
    *("lang=__proto__", "lang=xx", "__proto__=1", "constructor=name", "nothing"),
    *("%E0%A4%A", "%", "=", "day=%00%1b[2J", "day=2019-04-24&day=2018-01-01"),
    "known=<img src=x onerror=hacked=1>",
    "day=‮2019-04-24",
    f"find=a&x={'9' * 70_000}",
    "&".join(f"p{n}=1" for n in range(2_000)),
)


def test_hostile_addresses_are_told(page: Browser, pictures: Path) -> None:
    """The page works at every address, and says what it could not follow."""
    page.log("browser")
    good = "day=2019-04-24&known=2019-04-24"
    shown = []
    # A browser ignores what changes its address hundreds of times in some seconds.
    for start in range(0, len(HOSTILE), 20):
        some = HOSTILE[start : start + 20]
        opened(page, pictures / "chronicle.html")
        shown += follow(page, [one for address in some for one in (address, good)])
    for address, bad, then in zip(HOSTILE, shown[::2], shown[1::2], strict=True):
        assert bad["notice"], address
        assert len(bad["notice"]) < 500
        assert bad["sentence"].startswith("By ")
        assert bad["rows"] > 0
        assert then["notice"] == ""
        assert then["sentence"].startswith("By 24 April 2019, as reported by 24 April")
    assert len(HOSTILE) >= 45
    assert page.run("return typeof hacked") == "undefined"
    assert [] == page.log("browser")


@pytest.mark.parametrize("address", HOSTILE[::8])
def test_a_page_opens_at_a_hostile_address(
    page: Browser, pictures: Path, address: str
) -> None:
    """The page opens at a hostile address as it does without one, and says so."""
    page.command("url", url="about:blank")
    page.command("url", url=f"{(pictures / 'chronicle.html').as_uri()}#{address}")
    page.settled()

    assert page.run(NOTICE)
    assert page.run(SENTENCE).startswith("By ")


def test_a_page_of_a_view_says_what_is_not_its_own(
    browser: Browser, pictures: Path
) -> None:
    """A later day, or another day of knowledge, is not shown by the page of a view."""
    path = pictures / "view.html"
    view = LOG.as_of("2019-04-26", known_by="2019-04-26")
    html.render(view, projection=AZE_CHN).save(path)
    opened(browser, path)
    own = link_of(browser)
    for address in ("day=2019-05-01", "known=2019-05-01"):
        go(browser, address)

        assert f"address: {address}" in browser.run(NOTICE)
        assert "By 26 April 2019, as reported by 26 April 2019" in browser.run(SENTENCE)
    go(browser, own)

    assert own.startswith("day=2019-04-26&known=2019-04-26&state=")
    assert "" == browser.run(NOTICE)
    assert "state on 26 April 2019, as reported by 26 April 2019" in browser.run(CITED)
