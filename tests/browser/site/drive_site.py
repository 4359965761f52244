"""The documentation site: whole, without dead links, and with a page to try it.

It needs npm, from which the site takes the runtime of Python for browsers.
"""

from __future__ import annotations

import json
import pkgutil
import re
import sys
import threading
from collections.abc import Iterator
from functools import partial
from html import unescape
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from subprocess import run
from types import ModuleType
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pytest
from drive_access import violations
from webdriver import Browser

import bri_timeline


ROOT = Path(__file__).parents[3]
SITE = ROOT / "examples" / "guides" / "site"
sys.path[:0] = [str(SITE), str(SITE / "browser")]
build, answers = map(import_module, ("build", "answers"))
# The pages of each kind, and the front.
SEEN = [
    "index.html",
    "guides/index.html",
    "guides/pitfalls.html",
    "examples/own_projection.html",
    "examples/gallery/README.html",
    "examples/notebooks/scholar.html",
    "reference/keep.html",
    "reference/bri_timeline-what-sources-disagree-about.html",
    "reference/bri_timeline.extend.html",
    "search.html",
]
GROUPS = ["Start", "How to", "Look up", "Understand"]
# What each notebook prints.
PRINTED = {
    "analyst": "0 -> 120",
    "journalist": "OVERDUE",
    "scholar": "shape: (10, 8)",
}
# What people look for in words that no heading has, and the guide that they need.
SOUGHT = [
    ("about 1940", "dates"),
    ("circa 1940", "dates"),
    ("who resigned", "own-facts"),
    ("publish on s3", "publish-a-page"),
    ("title above header", "table-declarations"),
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
        self.icon = self.description = ""
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.loaded: list[str] = []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "meta" and given.get("name") == "description":
            self.description = given["content"]
        if "icon" in given.get("rel", "").split():
            self.icon = given["href"]
        if tag == "link" or "src" in given:
            self.loaded.append(given.get("src") or given["href"])


class _Handler(SimpleHTTPRequestHandler):
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def log_message(self, *_: Any) -> None:
        """Be silent."""


def _pages(site: Path) -> list[Path]:
    """The pages that have the sidebar."""
    alone = [site / "examples" / "gallery" / "pages", site / "_downloads", site / "try"]
    found = site.rglob("*.html")
    return [path for path in found if not any(one in path.parents for one in alone)]


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


def _found(browser: Browser, served: str, words: str) -> list[str]:
    """The pages that the search of the site finds, the first first."""
    browser.command("url", url=f"{served}/search.html?q={quote(words)}")
    return browser.wait(
        "const done = arguments[0], again = setInterval(() => {"
        "const links = [...document.querySelectorAll('#search-results li a')];"
        "if (document.querySelector('#search-results .search-summary')"
        " && !/Searching|Preparing/.test(document.body.innerText)) {"
        "clearInterval(again); done(links.map((link) => link.pathname)); } }, 50);"
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
        """Each name that a public module lists is documented in one place."""
        pages = [_Page(path) for path in site.glob("reference/*.html")]
        infos = pkgutil.walk_packages(bri_timeline.__path__, "bri_timeline.")
        public = [info.name for info in infos if "._" not in info.name]
        modules = [bri_timeline, *map(import_module, public)]
        names = [
            f"{module.__name__}.{name}"
            for module in modules
            for name in getattr(module, "__all__", ())
            if not isinstance(getattr(module, name), ModuleType)
        ]
        times = [(name, sum(name in page.anchors for page in pages)) for name in names]

        assert len(names) > 300
        assert [] == [(name, number) for name, number in times if number != 1]

    def test_no_link_is_dead(self, site: Path) -> None:
        """Each link between pages leads to a file, and to a place in it."""
        pages = {path.resolve(): _Page(path) for path in site.rglob("*.html")}
        dead = []
        for path, page in pages.items():
            for link in [*page.links, *page.loaded]:
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

    def test_every_page_of_the_site_says_what_it_is(self, site: Path) -> None:
        """Each page has a description and the icon, and leads to the page to try it."""
        for path in _pages(site):
            page = _Page(path)

            assert page.description or path.name == "search.html", path
            assert page.icon.endswith("icon.svg"), path
            assert [link for link in page.links if link.endswith("try/index.html")]

    def test_the_sidebar_has_the_groups_of_the_index(self, site: Path) -> None:
        """Guides stand below their groups; what follows is not of the guides."""
        text = (site / "index.html").read_text("utf-8")
        captions = re.findall(r'class="caption-text">([^<]*?):?<', text)
        groups = build.guides()

        assert list(groups) == GROUPS
        assert captions == [*GROUPS, "Examples", "Reference", "The project"]

    @pytest.mark.parametrize("name", PRINTED)
    def test_a_notebook_shows_what_it_prints(self, site: Path, name: str) -> None:
        """The page of a notebook has its answers, as texts and as tables."""
        text = (site / "examples" / "notebooks" / f"{name}.html").read_text("utf-8")

        assert PRINTED[name] in unescape(text)
        assert "<table" in text

    def test_language_models_have_a_list_of_all_guides(self, site: Path) -> None:
        """`llms.txt` leads to the Markdown of every guide."""
        text = (site / "llms.txt").read_text("utf-8")
        names = re.findall(r"^- \[.+\]\(guides/(.+)\.md\): .+$", text, re.MULTILINE)
        written = {path.stem for path in build.GUIDES.glob("*.md")} - {"index"}

        assert text.startswith("# bri_timeline\n\n> ")
        assert sorted(names) == sorted(written)
        for name in names:
            beside = (site / "guides" / f"{name}.md").read_text("utf-8")
            title = (build.GUIDES / f"{name}.md").read_text("utf-8").partition("\n")[0]
            assert beside.startswith(f"{title}\n")
            assert "{index}" not in beside

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

    @pytest.mark.parametrize("width", [320, 390])
    def test_nothing_is_wider_than_a_phone(
        self, browser: Browser, site: Path, width: int
    ) -> None:
        """No guide, and no page of another kind, has to be moved sideways."""
        browser.resize(width, 800)
        guides = [f"guides/{path.name}" for path in site.glob("guides/*.html")]
        wide = []
        for name in [*SEEN, *guides, "try/index.html"]:
            browser.open(site / name)
            found = browser.run("return document.documentElement.scrollWidth")
            wide += [(name, found)] if found > width else []

        assert wide == []

    def test_the_front_has_a_page_that_lives(
        self, browser: Browser, served: str
    ) -> None:
        """The frame shows the chronicle, and its dates can be moved."""
        browser.resize(1280, 900)
        browser.command("url", url=f"{served}/index.html")
        sentence = "frames[0].document.getElementById('sentence').textContent"
        browser.wait(
            "const done = arguments[0], again = setInterval(() => {"
            "if (frames[0].document.getElementById('sentence')?.textContent) {"
            "clearInterval(again); done(1); } }, 50);"
        )
        before = browser.run(f"return {sentence}")
        browser.run("frames[0].location.hash = 'on=2015-06-30&known=2026-01-01'")
        browser.settled()

        assert "as reported by" in before
        assert browser.run(f"return {sentence}") != before

    @pytest.mark.parametrize(
        ("words", "guide"), [(words, guide) for words, guide, _ in build.sought()]
    )
    def test_the_search_finds_first_what_people_call_it(
        self, browser: Browser, served: str, words: list[str], guide: str
    ) -> None:
        """Words that the glossary lists lead to their guide before all others."""
        found = {one: _found(browser, served, one)[0] for one in words}

        assert found == dict.fromkeys(words, f"/guides/{guide}.html")

    @pytest.mark.parametrize(("words", "guide"), SOUGHT)
    def test_the_search_finds_what_people_ask(
        self, browser: Browser, served: str, words: str, guide: str
    ) -> None:
        """Words that are in none of its headings are among the first five."""
        assert f"/guides/{guide}.html" in _found(browser, served, words)[:5]


class TestTry:
    """The page on which Python runs."""

    def test_the_example_is_there_at_once(self, browser: Browser, served: str) -> None:
        """Before Python is there, the page has a chronicle, its picture, an answer."""
        browser.command("url", url=f"{served}/try/index.html")
        text, state, why, words, status, wide = browser.run(
            "const at = (id) => document.getElementById(id);"
            "return [at('text').value, at('state').innerHTML, at('why').textContent,"
            " at('words').textContent, at('status').textContent,"
            " document.querySelector('#picture img').naturalWidth];"
        )
        question = {"text": answers.example("chronicle"), **answers.FIRST}
        expected = answers.answer(question)

        assert "being loaded" in status
        assert text == question["text"]
        assert [why, words] == [expected["why"], expected["words"]]
        assert "Visits" in state
        assert wide > 600

    def test_a_chronicle_of_ones_own_has_its_picture(self, tried: Browser) -> None:
        """The picture is that of the text, the question and the two parties."""
        text = _HEAD + _ENTRY + _VISIT
        _ask(tried, text, "2019-12-31", "2020-01-01")
        question = {"text": text, "on": "2019-12-31", "known": "2020-01-01"}
        drawn = answers.picture({**question, "one": "AZE", "other": "CHN"})
        shown = tried.run("return document.querySelector('#picture img').src")

        assert unquote(shown) == unquote(drawn["picture"])

    def test_the_answers_are_those_of_the_library(self, tried: Browser) -> None:
        """State and explanation equal those computed outside the browser."""
        text = answers.example("chronicle")
        for on, known in QUESTIONS:
            _ask(tried, text, on, known)
            expected = answers.answer({"text": text, "on": on, "known": known})
            found = tried.run(
                "return ['why', 'words'].map(id => "
                "document.getElementById(id).textContent)"
            )

            assert found == [expected["why"], expected["words"]]

    def test_a_sheet_is_read_too(self, tried: Browser) -> None:
        """A sheet gives an answer."""
        _ask(tried, answers.SHEET, "2019-12-31", "2020-01-01")
        state = tried.run("return document.getElementById('state').innerText")

        assert "Azerbaijan and China" in state
        assert "Visits\t2" in state

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (_HEAD + _ENTRY + 'Slide = { headline = "The first tram" }', "first tram"),
            ("when;kind;guest;host\n2019-04-24;Visited;AZE;CHN\n", "Azerbaijan"),
        ],
        ids=["no parties", "semicolons"],
    )
    def test_what_a_journalist_brings_is_drawn(
        self, tried: Browser, text: str, said: str
    ) -> None:
        """A chronicle about anything, and a sheet as it is saved in many countries."""
        _ask(tried, text, "2020-01-01", "2020-01-01")
        status, words, picture = tried.run(
            "return [...['status', 'words'].map(id => "
            "document.getElementById(id).textContent),"
            " document.querySelector('#picture img').src]"
        )

        assert [status, words[:10]] == ["Answered.", "1 happened"]
        assert said in unquote(picture)

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
        question = {"text": answers.example("chronicle"), "one": "AZE", "other": "CHN"}
        # The browser has no Babel, of which a page would have names in other languages.
        code = (
            "import json, sys; sys.modules['babel'] = None\n"
            "sys.path[:0] = sys.argv[1:]; import answers\n"
            "json.dump(answers.page(json.load(sys.stdin)), sys.stdout)"
        )
        made = run(
            [sys.executable, "-c", code, str(SITE / "browser")],
            input=json.dumps(question),
            capture_output=True,
            check=True,
            text=True,
        )

        assert tried.run("return window.parts[0]") == json.loads(made.stdout)["page"]

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

        elsewhere = [url for url in urls if not url.startswith("data:")]

        assert [] == [url for url in elsewhere if "127.0.0.1" not in url]
