"""In a browser a page can be embedded, and what it shows can be taken away."""

from __future__ import annotations

import csv
import json
import time
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from attacks import hostile_log
from driving import AZE_CHN, LOG, opened
from webdriver import Browser

from bri_timeline.pages import Telling, html


def taken(browser: Browser, folder: Path, kind: str) -> bytes:
    """Return the file that the page gives when it is asked for one."""
    browser.devtools(
        "Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder)
    )
    browser.run(
        "if (!document.getElementById('download-sheet'))"
        " document.getElementById('download').click();"
    )
    browser.settled()
    browser.run("document.getElementById(arguments[0]).click()", f"download-{kind}")
    for _ in range(200):
        found = [*folder.glob(f"*.{kind}")]
        if found and found[0].stat().st_size:
            return found[0].read_bytes()
        time.sleep(0.05)
    raise TimeoutError(kind)


class TestDownloads:
    """What the page gives as a file."""

    @pytest.mark.parametrize("kind", ["png", "svg", "csv", "json"])
    def test_what_is_shown_can_be_taken_away(
        self, page: Browser, tmp_path: Path, kind: str
    ) -> None:
        """A picture, a drawing, a table and the data hold what the page shows."""
        page.run("location.hash = 'day=2019-04-24&known=2019-04-25'")
        page.settled()
        found = taken(page, tmp_path, kind)
        if kind == "png":
            assert found.startswith(b"\x89PNG")
            return
        text = found.decode("utf-8-sig")
        assert "Xi Jinping meet in Beijing" in text
        if kind == "csv":
            rows = [*csv.DictReader(StringIO(text))]
            assert len(rows) == len(LOG)
            words = {row["status"] for row in rows}
            assert {"not reported yet", "reported", "disputed"} <= words
            assert "2019-04-25" in {row["reported"] for row in rows}
        elif kind == "json":
            data = json.loads(text)
            assert (data["day"], data["known_by"]) == ("2019-04-24", "2019-04-25")
            assert data["values"]["Agreements"] == 10
            worth = [{"amount": 821_000_000, "currency": "USD"}]
            assert data["values"]["Agreed value"] == worth
            words = {claim["status"] for claim in data["claims"]}
            assert {"not reported yet", "reported", "disputed"} <= words
            assert len(data["claims"]) == len(LOG)
        else:
            assert text.startswith("<svg ")
            assert text.count("<circle") > 3

    @pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=str)
    @pytest.mark.parametrize("language", ["en", "ru", "zh"])
    def test_the_drawing_is_whole(
        self,
        browser: Browser,
        pictures: Path,
        tmp_path: Path,
        size: tuple[int, int],
        language: str,
    ) -> None:
        """It has each text of the rows, the legend, the sources and the day, wide."""
        path = pictures / f"drawing-{language}.html"
        html.render(LOG, projection=AZE_CHN, title="A and C", language=language).save(
            path
        )
        opened(browser, path)
        browser.resize(*size)
        browser.run("location.hash = 'day=2019-04-24&known=2019-04-25'")
        browser.settled()
        shown = browser.run(
            "return ['h1', '#sentence', '#chart .what', '#chart .when', '#chart .is',"
            " '#chart .says', '#chart .lane', '#legend li', '#day-said']"
            ".flatMap((name) => [...document.querySelectorAll(name)])"
            ".map((node) => node.textContent)"
        )
        root = ElementTree.fromstring(taken(browser, tmp_path, "svg"))
        drawn = unbroken("".join(root.itertext()))

        assert not [text for text in shown if unbroken(text) not in drawn]
        assert root.get("width") == "1118"
        assert "AzerNews" in drawn


def unbroken(text: str) -> str:
    """Return a text without the spaces at which its lines can end."""
    return "".join(text.split())


class TestFiles:
    """What files hold, and what they do not."""

    def test_a_hostile_table_has_no_formula(
        self, browser: Browser, hostile: Path, tmp_path: Path
    ) -> None:
        """No cell begins like a formula, and the drawing has no script."""
        opened(browser, hostile)
        text = taken(browser, tmp_path, "csv").decode("utf-8-sig")
        drawing = taken(browser, tmp_path, "svg").decode()
        cells = [cell for row in csv.reader(StringIO(text)) for cell in row]

        assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t")]
        assert "<script" not in drawing
        assert "<image" not in drawing
        assert len(hostile_log())


class TestEmbedding:
    """A page in a small frame of another page."""

    def test_it_fits_into_a_small_frame(self, browser: Browser, pictures: Path) -> None:
        """At 640 by 420 there are sentence, chart and sources; a button opens more."""
        path = pictures / "embedded.html"
        html.render(LOG, projection=AZE_CHN, title="A and C", embed=True).save(path)
        opened(browser, path)
        browser.resize(640, 420)
        browser.settled()
        browser.screenshot(pictures / "embedded.png")
        shown = (
            "return ['sentence', 'chart', 'sources', 'whole', 'tools', 'state']"
            ".filter((id) => {"
            " const box = document.getElementById(id)?.getBoundingClientRect();"
            " return box && box.height > 0 && box.top < innerHeight; })"
        )
        size = "return [document.documentElement.scrollHeight, innerHeight]"
        small = browser.run(shown)
        high, room = browser.run(size)
        browser.run("document.getElementById('whole').click()")
        browser.settled()
        browser.resize(1280, 800)
        browser.settled()
        whole = browser.run(
            "return document.getElementById('tools').getBoundingClientRect().height"
        )

        assert small == ["sentence", "chart", "sources", "whole"]
        assert high <= room
        assert whole > 0
        assert browser.run("return document.activeElement.id") == "edit-day"


class TestTelling:
    """Days that the author tells something about."""

    def test_steps_are_those_of_the_author(
        self, browser: Browser, pictures: Path
    ) -> None:
        """The notes of the author are the steps; each sets both dates."""
        path = pictures / "told.html"
        picture = one_pixel()
        telling = [
            Telling("2019-04-24", "2019-04-24", "Ten agreements", picture=picture),
            Telling("2015-12-31", note="A visit"),
        ]
        html.render(LOG, projection=AZE_CHN, telling=telling).save(path)
        browser.log("browser")
        opened(browser, path)
        notes = browser.run(
            "return [...document.querySelectorAll('.step .note')]"
            ".map((note) => note.textContent)"
        )
        browser.run("document.querySelectorAll('.step')[0].click()")
        browser.settled()
        loaded = browser.run("return document.querySelector('.step img').naturalWidth")

        assert notes == ["Ten agreements", "A visit"]
        assert "day=2019-04-24&known=2019-04-24" in browser.run("return location.hash")
        assert loaded == 1
        assert [] == browser.log("browser")


def one_pixel() -> bytes:
    """Return a picture of one pixel."""
    return (
        b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01"
        b"\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
    )
