"""The page for the screen: what it holds, what it refers to, how large it is."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from datetime import date
from hashlib import sha256
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from effort import at_most
from hypothesis import given
from pages_model import content_of, relation_logs
from pages_reader import HOSTILE, hostile_log, read

from bri_timeline import Event, EventLog, Projection, Source, View
from bri_timeline._text import harmless, one_line
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import PictureError, ProjectionError
from bri_timeline.formats.timelinejs import Slide
from bri_timeline.pages import Telling, beliefs, html
from bri_timeline.relations import (
    AgreementSigned,
    Held,
    Joined,
    Money,
    Planned,
    Relationship,
    Rescheduled,
    Visited,
    relationship,
)


LOG = azerbaijan_china()
AZE_CHN = relationship("AZE", "CHN")
FEW = at_most(25)


@frozen
class Ruled:
    """A ruling, with a number."""

    number: int


class TestHtml:
    """The page for the screen."""

    PAGE = html.render(LOG, projection=AZE_CHN, title="Azerbaijan and China")

    def test_html_refuses_what_is_not_a_projection(self) -> None:
        """As a function that returns one is not."""
        wrong: Any = relationship
        with pytest.raises(ProjectionError, match="one, call it"):
            html.render(LOG, projection=wrong)

    def test_its_policy_allows_its_own_only(self) -> None:
        """The policy names the hash of the style and of the script, and no more."""
        page = read(self.PAGE)
        policy = next(a["content"] for t, a in page.tags if t == "meta" and len(a) == 2)
        style = re.findall("<style>(.*?)</style>", self.PAGE, re.DOTALL)
        scripts = re.findall("<script>(.*?)</script>", self.PAGE, re.DOTALL)

        assert policy is not None
        assert [2, 1] == [len(style), len(scripts)]
        assert f"style-src {' '.join(map(_hash, style))};" in policy
        assert f"script-src {_hash(scripts[0])};" in policy
        assert policy.startswith("default-src 'none';")
        assert "base-uri 'none'; form-action 'none'" in policy
        assert "unsafe" not in policy

    def test_what_was_believed_is_drawn_for_the_day_that_opens(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is folded; a view, a large log, and one without a state have none."""
        drawing = beliefs.render(LOG, projection=AZE_CHN, on="2019-04-26", width=720)
        lacking = [
            html.render(LOG.as_of("2019-04-25"), projection=AZE_CHN),
            html.render(LOG, projection=AZE_CHN, embed=True),
            html.render(LOG),
        ]
        monkeypatch.setattr(html, "_MOST_PICTURED", 3)
        lacking.append(html.render(LOG, projection=AZE_CHN))

        assert f"{drawing}</div></details>" in self.PAGE
        assert "<details open" not in self.PAGE
        assert not any('id="believed"' in page for page in lacking)

    def test_it_refers_to_nothing_outside(self) -> None:
        """No element loads anything, and none has a handler or a style of its own."""
        loading = {"src", "srcset", "data", "action", "poster", "background", "style"}
        for tag, attributes in read(self.PAGE).tags:
            assert tag not in {"link", "img", "iframe", "object", "embed", "base"}
            assert not loading & attributes.keys()
            assert not any(name.startswith("on") for name in attributes)

    def test_the_table_has_every_claim(self) -> None:
        """Each claim that concerns the pair is a row: date, what, status, sources."""
        page = read(self.PAGE)
        rows = [a["id"] for t, a in page.tags if t == "tr" and "id" in a]

        assert [f"c{n}" for n in range(len(LOG.concerning("AZE", "CHN")))] == rows
        assert len(rows) < len(LOG)
        assert "another claim is taken" in page.texts["td"]

    def test_what_no_day_makes_certain_is_undecided(self) -> None:
        """In the table a date without an end is undecided, a known one certain."""
        log = EventLog.of(
            Event(Held("p"), when="[2015..]"), Event(Held("q"), when="2015-01-02")
        )

        assert {"may have happened", "reported"} <= set(
            read(html.render(log)).texts["td"]
        )

    def test_html_of_a_view_says_what_is_known(self) -> None:
        """Without a dated source, and of a view, the page says what is known."""
        undated = html.render(EventLog.of(Event(Held("p"), when="2015")))
        view = html.render(LOG.as_of("2015-12-31"))
        early = html.render(LOG.as_of("2015-12-31", known_by="2019-04-24"))

        assert '"basis":"with all that is known, since no source is dated"' in undated
        assert '"basis":"with all that is known"' in view
        assert '"basis":"as known by 24 April 2019"' in early

    def test_the_head_says_who_made_it(self) -> None:
        """Author, licence, version, description and preview are in the head."""
        page = read(
            html.render(
                LOG,
                author="A. Author",
                licence="CC BY 4.0",
                version="3",
                description="Two states.",
                preview="https://example.org/a.png",
            )
        )
        meta = {
            a.get("name", a.get("property")): a["content"]
            for tag, a in page.tags
            if tag == "meta" and ("name" in a or "property" in a)
        }

        assert meta["author"] == "A. Author"
        assert meta["dcterms.license"] == "CC BY 4.0"
        assert meta["dcterms.hasVersion"] == "3"
        assert meta["description"] == meta["og:description"] == "Two states."
        assert meta["og:image"] == "https://example.org/a.png"
        assert "By A. Author \u00b7 CC BY 4.0 \u00b7 Version 3" in page.texts["p"]

    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("en", "26 claims and 16 sources, from 1 January 2013 to 5 May 2019"),
            (
                "de",
                "26 Angaben und 16 Quellen, von 1. Januar 2013 bis 5. Mai 2019",
            ),
            (
                "ru",
                (
                    "26 утверждений и 16 источников,"
                    " \u0441 1 января 2013\u00a0г. по 5 мая 2019\u00a0г."
                ),
            ),
            ("zh", "26条记述和16个来源，2013年1月1日至2019年5月5日"),
        ],
    )
    def test_the_page_speaks_its_language(self, language: str, words: str) -> None:
        """Language, description and heads of the table are of the language asked."""
        page = read(html.render(LOG, language=language))
        description = next(
            a["content"] for _, a in page.tags if a.get("name") == "description"
        )
        [root] = [a for tag, a in page.tags if tag == "html"]

        assert root["lang"] == language
        assert description.endswith(words)

    @pytest.mark.parametrize(
        ("shown", "words"),
        [
            (LOG, "By 26 April 2019, as reported by 5 May 2019: two visits, one"),
            (
                LOG.as_of("2019-04-24", known_by="2019-04-25"),
                "By 24 April 2019, as reported by 25 April 2019: one visit, ten",
            ),
            (EventLog(), "nothing is reported."),
        ],
        ids=["log", "view", "empty"],
    )
    def test_the_sentence_is_there_without_a_script(
        self, shown: View | EventLog, words: str
    ) -> None:
        """Who runs no script, and who writes of the page, reads its first sentence."""
        page = read(html.render(shown, projection=relationship("AZE", "CHN")))
        description = next(
            a["content"] for _, a in page.tags if a.get("name") == "description"
        )

        assert words in description
        assert [text for text in page.texts["p"] if words in text]

    def test_the_state_and_its_drawing_are_there_without_a_script(self) -> None:
        """Values, and the drawing of that day, without a style of its own."""
        page = html.render(LOG, projection=AZE_CHN, language="de")
        static = page.partition("<noscript>")[2].partition("</noscript>")[0]
        values = re.findall("<dt>(.*?)</dt><dd>(.*?)</dd>", static)
        bare = html.render(EventLog.of(Event(Held("p"), when="2015")))

        assert {("Besuche", "2"), ("Treffen", "1"), ("Abkommen", "10")} <= {*values}
        assert all(value != "0" for _, value in values)
        assert "Stand am 26. April 2019</title>" in static
        assert "<style>" not in static
        assert "<dl></dl><svg " in bare

    def test_what_somebody_wrote_stays_in_the_drawing(self) -> None:
        """Also where it is the name by which drawings call their titles."""
        said = 'The bri-title of "bri-desc"'
        page = html.render(EventLog.of(Event(Slide(said), when="2015")))
        static = page.partition("<noscript>")[2].partition("</noscript>")[0]
        drawing = static.partition("<svg")[2].partition("</svg>")[0]

        assert escape(said) in drawing or escape(said, quote=False) in drawing
        assert 'aria-labelledby="still-title still-desc"' in drawing

    def test_the_drawing_of_a_large_log_is_small(self) -> None:
        """Of many claims it has bins: it is as large for 800 as for 400."""
        sizes = []
        for size in (400, 800):
            events = (Event(Ruled(n), when=f"{1600 + n % 200}") for n in range(size))
            page = html.render(EventLog.of(*events))
            sizes.append(len(page.partition("<svg")[2].partition("</svg>")[0]))

        assert max(sizes) < 60_000
        assert sizes[1] < 1.05 * sizes[0]

    def test_days_that_the_author_tells_of_are_in_the_page(self) -> None:
        """A note and its picture are in the page, whose policy allows that picture."""
        picture = b"\x89PNG\r\n"
        told = Telling("2019-04-24", "2019-05-05", "Ten agreements", picture=picture)
        page = html.render(LOG, telling=[told, Telling("2015-12-31")])
        days = [date(2019, 4, 24), date(2019, 5, 5), date(2015, 12, 31)]
        first, known, second = (day.toordinal() for day in days)

        assert content_of(page)["telling"] == [
            [first, known, "Ten agreements", "data:image/png;base64,iVBORw0K"],
            [second, None, "", None],
        ]
        assert " img-src data:;" in page

    def test_a_picture_of_an_unknown_kind_is_refused(self, tmp_path: Path) -> None:
        """What is not a PNG, a JPEG or a GIF is refused; a file is read."""
        path = tmp_path / "a.gif"
        path.write_bytes(b"GIF89a")

        assert Telling("2019-04-24", picture=path).picture == b"GIF89a"
        with pytest.raises(PictureError, match="give a PNG, a JPEG or a GIF"):
            Telling("2019-04-24", picture=b"<svg/>")

    def test_claims_of_one_happening_are_one_group(self) -> None:
        """Rivals, and what a correction replaced, belong to one row."""
        log = EventLog.of(
            Event(Visited("AZE", "CHN"), when="2015", id="v"),
            Event(Visited("AZE", "CHN"), when="2016", id="v"),
            Event(Visited("AZE", "RUS"), when="2017"),
        )
        log = log.append(Event(Visited("AZE", "GEO"), when="2018"), supersedes=2)

        assert content_of(html.render(log))["group"] == [0, 0, 1, 1]
        assert content_of(html.render(log.as_of("2019-01-01")))["group"] == [0, 0, 1, 1]
        early = log.as_of("2017-12-31")
        assert content_of(html.render(early))["group"] == [0, 0, 1]

    def test_parts_name_the_row_of_their_bundle(self) -> None:
        """A part of a bundle has the group of the bundle, and whether it is certain."""
        content = content_of(self.PAGE)
        [bundle] = {group for _, group, _ in content["parts"]}
        claims = [n for n, group in enumerate(content["group"]) if group == bundle]

        assert [certain for _, _, certain in content["parts"]] == [1, 1, 1, 0, 0, 0]
        _, *said = content["what"][claims[0]]
        assert "ten cooperation agreements of companies" in said

    def test_plans_have_their_status_without_a_projection(self) -> None:
        """What became of a plan is in the page whatever feeds it."""
        content = content_of(html.render(LOG))
        [plan] = content["plans"]["plans"]

        assert "overdue" in plan
        assert content_of(html.render(LOG.where(kinds=[Visited])))["plans"] is None

    @pytest.mark.parametrize(
        ("title", "language", "projection", "are_named"),
        [
            ("Azerbaijan and China", "en", AZE_CHN, False),
            ("AZE-CHN", "de", AZE_CHN, False),
            ("Aserbaidschan und China", "en", AZE_CHN, True),
            (None, "en", AZE_CHN, True),
            ("Azerbaijan and China", "en", None, True),
        ],
    )
    def test_agreements_name_their_parties_unless_the_page_does(
        self,
        title: str | None,
        language: str,
        projection: Projection[Relationship] | None,
        are_named: bool,
    ) -> None:
        """Its title names two, and it is about no others; a part is its bundle's."""
        words = {
            "en": ("Agreement: ", "10 agreements: ", " (Azerbaijan and China)"),
            "de": ("Abkommen: ", "10 Abkommen: ", " (Aserbaidschan und China)"),
        }
        *start, parties = words[language]
        page = html.render(LOG, projection=projection, title=title, language=language)
        rows = [text for text in read(page).texts["td"] if text.startswith((*start,))]
        named = [row for row in rows if row.endswith(parties)]

        assert len(rows) == 7
        assert len(named) == are_named

    def test_what_changes_a_plan_is_told_by_its_title(self) -> None:
        """Not by the id that the author gave it, in the table and in the data."""
        log = EventLog.of(
            Event(Planned(("AZE", "CHN"), "25 % on list 3"), when="2015", id="rise"),
            Event(Rescheduled("rise", "2019-03-02"), when="2016"),
            Event(Held("fair"), when="2016"),
        )
        page = html.render(log)
        rows = read(page).texts["td"]

        assert "Plan “25 % on list 3” moved to 2 March 2019" in rows
        assert "Plan “fair” carried out" in rows
        assert [1, "25 % on list 3", 0] in content_of(page)["what"]

    def test_a_claim_may_count_by_the_id_of_another(self) -> None:
        """A correction has an id of its own, and a rival the digest of what it was."""
        words = Event(Joined("CHN", "bri"), when="2015")
        log = EventLog.of(words).append(words.cited(Source("s")))
        log = log.append(Event(Joined("KAZ", "bri"), when="2015", id="y"), supersedes=0)
        log = log.append(Event(Joined("AZE", "bri"), when="2015", id=words.id))
        (event,) = log.as_of("2016-06-01").events

        assert ("y", Joined("AZE", "bri")) == (event.id, event.what)
        assert "Azerbaijan joins" in html.render(log, projection=AZE_CHN)

    def test_a_number_is_written_once_for_all_languages(self) -> None:
        """A script writes it as each does, unless a language says it otherwise."""
        signed = (
            AgreementSigned(("AZE", "CHN"), "A", value=Money(amount, "USD"))
            for amount in ("3217", "3217.5")
        )
        log = EventLog.of(*(Event(what, when="2015") for what in signed))
        found = content_of(html.render(log))
        said = [part for what in found["what"] for part in what if part not in ("A", 0)]

        assert [3217, " USD"] in said
        assert ["3.217,50 USD" in table["terms"] for table in found["languages"]] == [
            *(False, True, False, False)
        ]

    def test_a_view_by_position_names_the_position(self) -> None:
        """The page of a view by a position of the log has that for its basis."""
        view = LOG.as_of("2019-04-26", known_by=4)

        assert content_of(html.render(view))["asOf"] == "position 4"

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
        assert json.loads(data)["asides"][0][-1] == harmless(one_line(HOSTILE))
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
        view = content_of(html.render(LOG.as_of("2019-04-24", known_by="2019-04-24")))

        assert view["states"] is None
        assert not view["relationship"]
        assert view["asOf"] == date(2019, 4, 24).toordinal()
        assert view["known"] == [date(2019, 4, 24).toordinal()]

    @FEW
    @given(relation_logs())
    def test_any_log_gives_a_page(self, log: EventLog) -> None:
        """The page of any log has a table with the final status of each claim."""
        page = read(html.render(log, projection=AZE_CHN))
        view = log.as_of("2030-01-01").concerning("AZE", "CHN")
        aside = [claim.event for claim in view.set_aside]
        told = [*view.events, *view.undecided, *aside]
        claims = {(event._key, event.what) for event in told}
        rows = [a for tag, a in page.tags if tag == "tr" and "id" in a]

        assert len(rows) >= len(claims)

    @pytest.mark.slow
    def test_html_of_200_events_is_smaller_than_350_kb(self) -> None:
        """A page of 200 events has less than 350 kB, with words of four languages."""
        events = (
            Event(
                Visited("AZE", "CHN", occasion=f"occasion {n}"),
                when=f"{2000 + n // 12}-{1 + n % 12:02}",
                cite=Source(f"Monthly {n // 3}", published=f"{2001 + n // 12}").at("p"),
            )
            for n in range(200)
        )
        page = html.render(EventLog.of(*events), projection=AZE_CHN)

        assert len(page.encode()) < 350_000

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
