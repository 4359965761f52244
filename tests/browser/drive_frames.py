"""A page in a frame of another page leaves its history alone and tells its height."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from driving import AZE_CHN, LOG
from webdriver import Browser

from bri_timeline._command import main
from bri_timeline.pages import html


ARTICLE = """<!doctype html><meta charset="utf-8"><title>An article</title>
<p>Before</p>{}<p>After</p>"""
FRAME = "return document.querySelector('iframe').getBoundingClientRect().height"
# What is hidden, and what is empty below.
ROOM = """
const bottom = (node) => node.getBoundingClientRect().bottom;
const picture = document.getElementById("picture");
const root = document.documentElement;
const isSmall = root.classList.contains("embed");
const end = isSmall
  ? Math.max(...[...picture.children].map(bottom)) : bottom(document.body);
return [Math.max(picture.scrollHeight - picture.clientHeight,
  isSmall ? 0 : root.scrollHeight - innerHeight),
  (isSmall ? bottom(picture) : innerHeight) - end];
"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and writes no log."""

    def log_request(self, *_said: object) -> None:
        """Write nothing."""


@pytest.fixture(scope="module")
def origins(pictures: Path) -> Iterator[tuple[str, str]]:
    """The addresses of two servers of the same files: two origins."""
    with ExitStack() as stack:
        found = []
        for host in ("127.0.0.1", "localhost"):
            handler = partial(Quiet, directory=str(pictures))
            server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), handler))
            Thread(target=server.serve_forever, daemon=True).start()
            stack.callback(server.shutdown)
            found.append(f"http://{host}:{server.server_port}")
        yield found[0], found[1]


@pytest.mark.parametrize("embed", [True, False], ids=["embed", "whole"])
@pytest.mark.parametrize("way", ["src", "srcdoc"])
def test_a_frame_leaves_its_host_alone(
    browser: Browser,
    pictures: Path,
    origins: tuple[str, str],
    capsys: pytest.CaptureFixture[str],
    way: str,
    embed: bool,
) -> None:
    """As high as it needs at any width; no error; Back leaves the article at once."""
    home, elsewhere = origins
    path = pictures / f"framed-{way}-{embed}.html"
    page = html.render(LOG, projection=AZE_CHN, embed=embed)
    page.save(path)
    address = f"{elsewhere}/{path.name}"
    assert main(["embed", str(path), "--url", address]) == 0
    snippet = capsys.readouterr().out
    if way == "srcdoc":
        snippet = snippet.replace(f'src="{address}"', f'srcdoc="{escape(page)}"')
    host = pictures / f"host-{way}-{embed}.html"
    host.write_text(ARTICLE.format(snippet), "utf-8")
    (pictures / "before.html").write_text("<title>Before</title>", "utf-8")
    browser.prefer("light")
    browser.command("url", url=f"{home}/before.html")
    browser.devtools("Page.resetNavigationHistory")
    browser.command("url", url=f"{home}/{host.name}")
    browser.settled()
    browser.log("browser")
    # It is loaded when it is in sight.
    for _ in range(100):
        browser.command("frame", id=0)
        is_there = browser.run("return document.querySelector('.step') !== null")
        browser.command("frame", id=None)
        if is_there:
            break
        time.sleep(0.1)
    for width in (320, 640, 1200, 480):
        browser.resize(width, 900)
        browser.settled()
        browser.command("frame", id=0)
        browser.settled()
        for step in (0, 2, 4):
            browser.run(
                "document.querySelectorAll('.step')[arguments[0]].click()", step
            )
            browser.settled()
        browser.settled()
        hidden, spare = browser.run(ROOM)
        browser.command("frame", id=None)

        assert hidden <= 1
        assert spare <= 30
        assert browser.run(FRAME) > 300
    browser.screenshot(pictures / f"host-{way}-{embed}.png", whole=True)
    assert [] == [line for line in browser.log("browser") if "favicon" not in str(line)]
    browser.command("back")
    assert "Before" == browser.run("return document.title")
