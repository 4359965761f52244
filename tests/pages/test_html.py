"""The page for the screen: what it holds, what it refers to, how large it is."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import pytest
from effort import at_most
from hypothesis import given
from pages_model import relation_logs
from pages_reader import HOSTILE, hostile_log, read

from bri_timeline import Event, EventLog, Source
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.pages import html
from bri_timeline.relations import Held, Visited, relationship


LOG = azerbaijan_china()
AZE_CHN = relationship("AZE", "CHN")
FEW = at_most(25)


class TestHtml:
    """The page for the screen."""

    PAGE = html.render(LOG, projection=AZE_CHN, title="Azerbaijan and China")

    def test_its_policy_allows_its_own_only(self) -> None:
        """The policy names the hash of the style and of the script, and no more."""
        page = read(self.PAGE)
        policy = next(a["content"] for t, a in page.tags if t == "meta" and len(a) == 2)
        style = re.findall("<style>(.*?)</style>", self.PAGE, re.DOTALL)
        scripts = re.findall("<script>(.*?)</script>", self.PAGE, re.DOTALL)

        assert policy is not None
        assert [1, 1] == [len(style), len(scripts)]
        assert f"style-src {_hash(style[0])};" in policy
        assert f"script-src {_hash(scripts[0])};" in policy
        assert policy.startswith("default-src 'none';")
        assert "base-uri 'none'; form-action 'none'" in policy
        assert "unsafe" not in policy

    def test_it_refers_to_nothing_outside(self) -> None:
        """No element loads anything, and none has a handler or a style of its own."""
        loading = {"src", "srcset", "data", "action", "poster", "background", "style"}
        for tag, attributes in read(self.PAGE).tags:
            assert tag not in {"link", "img", "iframe", "object", "embed", "base"}
            assert not loading & attributes.keys()
            assert not any(name.startswith("on") for name in attributes)

    def test_the_table_has_every_claim(self) -> None:
        """Each claim is a row: date, payload, status and citations."""
        page = read(self.PAGE)
        rows = [a["id"] for t, a in page.tags if t == "tr" and "id" in a]

        assert [f"c{n}" for n in range(len(LOG))] == rows
        assert "set aside: another claim is taken" in page.texts["td"]

    def test_what_no_day_makes_certain_is_undecided(self) -> None:
        """In the table a date without an end is undecided, a known one certain."""
        log = EventLog.of(
            Event(Held("p"), when="[2015..]"), Event(Held("q"), when="2015-01-02")
        )

        assert {"perhaps", "certain"} <= set(read(html.render(log)).texts["td"])

    def test_html_of_a_view_says_what_is_known(self) -> None:
        """Without a dated source, and of a view, the page says what is known."""
        undated = html.render(EventLog.of(Event(Held("p"), when="2015")))
        view = html.render(LOG.as_of("2015-12-31"))
        early = html.render(LOG.as_of("2015-12-31", known_by="2019-04-24"))

        assert '"basis":"with all that is known, since no source is dated"' in undated
        assert '"basis":"with all that is known"' in view
        assert '"basis":"as known by 24 April 2019"' in early

    def test_the_legend_explains_what_is_shown(self) -> None:
        """The legend explains certain and undecided claims, and citations."""
        legend = self.PAGE.partition('id="legend"')[2].partition("</section>")[0]
        words = "".join(map("".join, read(f"<p{legend}").texts.values()))
        needed = ("certain:", "perhaps:", "later:", "in force", "does not count:")

        assert needed == tuple(word for word in needed if word in words)
        assert "sources differ" in words
        assert "by the day shown, if those who say so are right" in words
        assert "To see who says so, choose a mark" in words

    def test_ids_are_unique(self) -> None:
        """No two elements have one id."""
        ids = [a["id"] for _, a in read(self.PAGE).tags if "id" in a]

        assert len(ids) == len(set(ids))

    def test_hostile_text_stays_text(self) -> None:
        """Hostile text adds no element, ends no data, and is linked to nothing."""
        page = html.render(hostile_log(), projection=AZE_CHN, title=HOSTILE)
        found = read(page)
        data = "".join(re.findall('id="page-data">(.*?)</script>', page, re.DOTALL))

        assert 2 == sum(tag == "script" for tag, _ in found.tags)
        assert not {"img", "iframe"} & {tag for tag, _ in found.tags}
        assert json.loads(data)["because"] == {"2": HOSTILE}
        assert all(
            str(a["href"]).startswith("#") for tag, a in found.tags if tag == "a"
        )

    def test_links_lead_to_sources_on_the_web(self) -> None:
        """A link to the web address of a source sends no referrer."""
        source = Source("S", url="https://example.org/a?b=1&c=2")
        page = read(
            html.render(EventLog.of(Event(Held("p"), when="2015", cite=source)))
        )
        links = [a for tag, a in page.tags if tag == "a"]

        assert {"href": source.url, "rel": "noopener noreferrer"} in links

    def test_html_without_a_projection_has_no_state(self) -> None:
        """Without a projection there is no state; a view has one slider."""
        view = read(html.render(LOG.as_of("2019-04-24", known_by="2019-04-24")))
        ids = {a["id"] for _, a in view.tags if "id" in a}

        assert "state" not in ids
        assert {"day", "basis"} <= ids
        assert "known" not in ids

    @FEW
    @given(relation_logs())
    def test_any_log_gives_a_page(self, log: EventLog) -> None:
        """The page of any log has a table with the final status of each claim."""
        page = read(html.render(log, projection=AZE_CHN))
        claims = {(e.claim.key, e.claim.what) for e in log if e.event is not None}
        rows = [a for tag, a in page.tags if tag == "tr" and "id" in a]

        assert len(rows) >= len(claims)

    def test_html_of_200_events_is_smaller_than_250_kb(self) -> None:
        """A page of 200 events has less than 250 kB."""
        events = (
            Event(
                Visited("AZE", "CHN", occasion=f"occasion {n}"),
                when=f"{2000 + n // 12}-{1 + n % 12:02}",
                cite=Source(f"Monthly {n // 3}", published=f"{2001 + n // 12}").at("p"),
            )
            for n in range(200)
        )
        page = html.render(EventLog.of(*events), projection=AZE_CHN)

        assert len(page.encode()) < 250_000

    @pytest.mark.parametrize(
        "path",
        sorted(Path(str(files("bri_timeline.pages.html"))).glob("data/*")),
        ids=str,
    )
    def test_its_parts_are_small(self, path: Path) -> None:
        """Each script and style sheet has fewer than 300 lines and no way out."""
        source = path.read_text("utf-8")

        assert source.count("\n") < 300
        assert not re.search(r"</(script|style)|innerHTML|eval\(|url\(|@import", source)


def _hash(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"
