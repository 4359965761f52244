"""The documentation site: whole, without dead links, and with a page to try it.

It needs npm, from which the site takes the runtime of Python for browsers.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from drive_access import violations
from webdriver import Browser


ROOT = Path(__file__).parents[3]
SITE = ROOT / "examples" / "guides" / "site"
sys.path[:0] = [str(SITE), str(SITE / "browser")]
build, answers = map(import_module, ("build", "answers"))
# The pages of each kind, and the front.
SEEN = [
    "index.html",
    "guides/pitfalls.html",
    "examples/own_projection.html",
    "examples/gallery/README.html",
    "reference/bri_timeline.html",
    "search.html",
]
READY = (
    "return !/loaded|unpacked|Reading|being made/.test("
    "document.getElementById('status').textContent)"
)
QUESTIONS = [
    ("2015-06-30", "2026-01-01"),
    ("2019-04-24", "2019-04-24"),
    ("2019-04-26", "2019-05-05"),
    ("2019-09-01", "2020-01-01"),
]
_HEAD = 'chronicle = 1\n[sources.a]\ntitle = "A"\npublished = 2019-05-01\n'
_ENTRY = '[[entries]]\nwhen = 2019-04-24\ncite = ["a"]\n'
_VISIT = '[entries.Visited]\nguest = "AZE"\nhost = "CHN"\n'


def _wrong() -> list[str]:
    """Thirty chronicles and sheets, each wrong in a way of its own."""
    dates = ["2019-13", "2019-02-30", "in spring", "01/02/2019", "2019-4-1", "soon"]
    actors = ["China", "chn", "XXX", "person:", "AZE CHN", ""]
    texts = [
        _HEAD + f'[[entries]]\nwhen = "{when}"\ncite = ["a"]\n{_VISIT}'
        for when in dates
    ]
    texts += [
        _HEAD + _ENTRY + f'[entries.Visited]\nguest = "AZE"\nhost = "{actor}"\n'
        for actor in actors
    ]
    texts += [
        "",
        "chronicle = 2\n",
        "chronicle = [",
        "<html>",
        _HEAD + "[[entries]]\n" + _VISIT,
        _HEAD + _ENTRY,
        _HEAD + _ENTRY + "[entries.Visit]\nguest = 'AZE'\n",
        _HEAD + _ENTRY + "[entries.Visited]\nguest = 'AZE'\n",
        _HEAD + _ENTRY + _VISIT + "gast = 'CHN'\n",
        _HEAD + _ENTRY + _VISIT + "official = 'yes'\n",
        _HEAD + _ENTRY.replace('"a"', '"b"') + _VISIT,
        _HEAD + _ENTRY + "supersedes = 'none'\n" + _VISIT,
        _HEAD + _ENTRY + "known = '2019'\n" + _VISIT,
        "[sources.a]\npublished = 2019\n" + _ENTRY + _VISIT,
        "when,kind\n2019-13,Visited\n",
        "when,kind,guest,host\n2019,Visited,AZE\n",
        "when,kind,guest,host\n2019,Visit,AZE,CHN\n",
        "when,guest,host\n2019,AZE,CHN\n",
    ]
    return texts


class _Page(HTMLParser):
    """The links, the anchors and what a page loads."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.loaded: list[str] = []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "link" or "src" in given:
            self.loaded.append(given.get("src") or given["href"])


class _Handler(SimpleHTTPRequestHandler):
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def log_message(self, *_: Any) -> None:
        """Be silent."""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site, in which nothing was wrong when it was built."""
    folder = tmp_path_factory.mktemp("site")
    assert build.main([str(folder), "--browser"]) == 0
    return folder


@pytest.fixture(scope="session")
def served(site: Path) -> Iterator[str]:
    """The address of the site."""
    handler = partial(_Handler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def tried(browser: Browser, served: str) -> Browser:
    """The page to try the library, loaded once, with an answer about the example."""
    browser.resize(1200, 1000)
    browser.command("url", url=f"{served}/try/index.html")
    _await(browser)
    return browser


def _await(browser: Browser) -> None:
    """Wait for an answer: Python is loaded first, which takes seconds."""
    browser.wait(
        "const done = arguments[0], again = setInterval(() => {"
        f"if ((() => {{ {READY} }})()) {{ clearInterval(again); done(1); }}"
        "}, 50);"
    )


def _ask(browser: Browser, text: str, on: str = "", known: str = "") -> None:
    browser.run(
        "const [text, on, known] = arguments, at = (id) => document.getElementById(id);"
        "at('text').value = text; at('on').value = on; at('known').value = known;"
        "at('ask').requestSubmit();",
        text,
        on,
        known,
    )
    _await(browser)


class TestSite:
    """The pages that are built."""

    def test_every_public_name_has_its_place(self, site: Path) -> None:
        """Each name that a public module lists is documented on the module's page."""
        for module in build.public_modules():
            path = site / "reference" / f"{module.__name__}.html"
            anchors = _Page(path).anchors
            missing = [
                name
                for name in module.__all__
                if f"{module.__name__}.{name}" not in anchors
                and not hasattr(getattr(module, name), "__path__")
                and not hasattr(getattr(module, name), "__file__")
            ]

            assert missing == []

    def test_no_link_is_dead(self, site: Path) -> None:
        """Each link between pages leads to a file, and to a place in it."""
        pages = {path.resolve(): _Page(path) for path in site.rglob("*.html")}
        dead = []
        for path, page in pages.items():
            for link in page.links:
                parts = urlsplit(link)
                if parts.scheme or parts.netloc:
                    continue
                target = (path.parent / unquote(parts.path)).resolve()
                target = target if parts.path else path
                anchors = pages[target].anchors if target in pages else set()
                if not target.is_file() or (
                    parts.fragment and unquote(parts.fragment) not in anchors
                ):
                    dead.append((path.name, link))

        assert len(pages) > 50
        assert dead == []

    def test_nothing_is_loaded_from_elsewhere(self, site: Path) -> None:
        """No page loads anything from another host."""
        for path in site.rglob("*.html"):
            assert [] == [at for at in _Page(path).loaded if urlsplit(at).netloc], path

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("name", SEEN)
    def test_axe_finds_nothing(
        self, browser: Browser, site: Path, name: str, scheme: str
    ) -> None:
        """No rule of axe-core is violated."""
        browser.resize(1280, 900)
        browser.prefer(scheme)
        browser.open(site / name)

        assert [] == violations(browser)


class TestTry:
    """The page on which Python runs."""

    def test_the_answers_are_those_of_the_library(self, tried: Browser) -> None:
        """State and explanation equal those computed outside the browser."""
        text = answers.example("chronicle")
        for on, known in QUESTIONS:
            _ask(tried, text, on, known)
            expected = answers.answer({"text": text, "on": on, "known": known})
            found = tried.run(
                "return ['why', 'status'].map(id => "
                "document.getElementById(id).textContent)"
            )

            assert found == [expected["why"], expected["words"]]

    def test_a_sheet_is_read_too(self, tried: Browser) -> None:
        """A sheet gives an answer."""
        _ask(tried, answers.SHEET, "2019-12-31", "2020-01-01")
        state = tried.run("return document.getElementById('state').innerText")

        assert "Azerbaijan and China" in state
        assert "Visits\t2" in state

    def test_faults_are_shown(self, tried: Browser) -> None:
        """Each of thirty wrong texts shows its faults, as the library tells them."""
        texts = _wrong()
        for text in texts:
            _ask(tried, text)
            shown = tried.run(
                "return [...document.querySelectorAll('#faults li')]"
                ".map(item => item.textContent)"
            )

            assert shown
            assert shown == answers.answer({"text": text})["faults"]
        assert len(texts) == 30

    def test_what_a_chronicle_says_is_never_run(self, tried: Browser) -> None:
        """Markup in a chronicle is text on the page."""
        attack = "<img src=x onerror=document.title='run'><script>x</script>"
        text = (_HEAD + _ENTRY + _VISIT).replace('"A"', json.dumps(attack))
        _ask(tried, text, "2020-01-01", "2020-01-01")
        state = tried.run("return document.getElementById('state').innerText")

        assert attack in state
        assert tried.run("return document.title") == "Try bri_timeline"

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_axe_finds_nothing(self, tried: Browser, scheme: str) -> None:
        """No rule of axe-core is violated, with an answer on the page."""
        _ask(tried, answers.example("chronicle"), "2019-12-31", "2020-01-01")
        tried.prefer(scheme)

        assert [] == violations(tried)

    def test_the_page_to_publish_is_made_here(self, tried: Browser) -> None:
        """The page that is saved is the one that the library writes."""
        _ask(tried, answers.example("chronicle"))
        tried.run(
            "window.parts = []; window.Blob = class extends Blob {"
            "constructor(parts, options) {"
            " super(parts, options); window.parts = parts; } };"
            "document.getElementById('page').click();"
        )
        _await(tried)
        text = answers.example("chronicle")
        question = {"text": text, "one": "AZE", "other": "CHN"}

        assert tried.run("return window.parts[0]") == answers.page(question)["page"]

    def test_nothing_is_asked_of_another_host(self, tried: Browser) -> None:
        """All that was loaded is of the site, or was made in the page."""
        tried.log("performance")
        _ask(tried, answers.SHEET)
        requests = [
            json.loads(line["message"])["message"] for line in tried.log("performance")
        ]
        urls = [
            message["params"]["request"]["url"]
            for message in requests
            if message["method"] == "Network.requestWillBeSent"
        ]

        assert [] == [url for url in urls if "127.0.0.1" not in url]
