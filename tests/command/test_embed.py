"""The lines that show a page in another."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

from bri_timeline._command import main
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import PictureError
from bri_timeline.formats import jsonl
from bri_timeline.pages import html
from bri_timeline.relations import FACTS


HOME = "https://example.org/two.html"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a log."""
    monkeypatch.chdir(tmp_path)
    jsonl.dump(azerbaijan_china(), "log.jsonl", FACTS)
    return tmp_path


class Parts(HTMLParser):
    """The elements of markup with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize(
    ("drawn", "asked", "address"),
    [
        ("", "", "a%20page.html"),
        ("", f"--url {HOME}", HOME),
        (f"--url {HOME}", "", HOME),
        (f"--url {HOME}", "--url ../b.html", "../b.html"),
        ("--url https://example.org/?a=1&b=2", "", "https://example.org/?a=1&b=2"),
    ],
)
def test_a_frame_and_a_link_lead_to_the_page(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    drawn: str,
    asked: str,
    address: str,
) -> None:
    """By the address given, else by that of the page, else by the name of the file."""
    title = 'A "title" of <two> & more'
    command = ["timeline", "log.jsonl", "-o", "a page.html", "--title", title]
    assert main([*command, *drawn.split()]) == 0
    capsys.readouterr()
    assert main(["embed", "a page.html", *asked.split()]) == 0
    said = capsys.readouterr().out
    (frame, about), *_, (link, leads), (script, none) = Parts(said).found

    assert ("iframe", "a", "script") == (frame, link, script)
    assert address == about["src"] == leads["href"]
    assert title == about["title"]
    assert "lazy" == about["loading"]
    assert "allow-same-origin" not in (about["sandbox"] or "")
    assert not none
    assert len(said.partition("<script>")[2].splitlines()) <= 15


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [
        ("embed log.jsonl", 1, "is not a page: draw one with the verb timeline"),
        ("embed none.html", 1, "none.html"),
        ("embed a.html --url javascript:alert(1)", 2, "begins with https://"),
        ("timeline log.jsonl -o b.html --url a.html", 1, "is not a web address"),
        ("timeline log.jsonl -o b.svg --url https://a.org", 2, "--url is for a page"),
    ],
)
def test_what_cannot_be_embedded_is_refused(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    command: str,
    status: int,
    said: str,
) -> None:
    """A file that is no page, an address that would run, a picture with an address."""
    html.render(azerbaijan_china()).save(folder / "a.html")

    assert main(command.split()) == status
    assert said in capsys.readouterr().err


def test_a_page_names_its_address() -> None:
    """For search engines and for what shows a link; it has none unless it is given."""
    page = html.render(azerbaijan_china(), url=HOME)

    assert f'<link rel="canonical" href="{HOME}"/>' in page
    assert f'<meta property="og:url" content="{HOME}"/>' in page
    assert "canonical" not in html.render(azerbaijan_china())
    with pytest.raises(PictureError, match="https://"):
        html.render(azerbaijan_china(), url="two.html")
