"""A page in a frame of another page leaves its history alone and tells its height."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pytest
from driving import AZE_CHN, LOG, opened
from webdriver import Browser

from bri_timeline.pages import html


# What a page that frames another does: it gives the frame the height that it asks for.
HOST = """<!doctype html><title>An article</title><p>Before</p>
<iframe {} style="width: 100%; border: 0" sandbox="allow-scripts"></iframe>
<p>After</p><script>
addEventListener("message", ({{ data, source }}) => {{
  for (const frame of document.querySelectorAll("iframe")) {{
    if (frame.contentWindow === source && data.timelineHeight > 0) {{
      frame.style.height = `${{data.timelineHeight}}px`;
    }}
  }}
}});
</script>"""
FRAME = "return document.querySelector('iframe').getBoundingClientRect().height"
HIDDEN = """
const picture = document.getElementById("picture");
return Math.max(picture.scrollHeight - picture.clientHeight,
  document.documentElement.classList.contains("embed")
    ? 0 : document.documentElement.scrollHeight - innerHeight);
"""


@pytest.mark.parametrize("embed", [True, False], ids=["embed", "whole"])
@pytest.mark.parametrize("way", ["src", "srcdoc"])
def test_a_frame_leaves_its_host_alone(
    browser: Browser, pictures: Path, way: str, embed: bool
) -> None:
    """No entry in the history, no error, and nothing to scroll at any width."""
    name = f"framed-{way}-{embed}"
    page = str(html.render(LOG, projection=AZE_CHN, embed=embed))
    (pictures / f"{name}.html").write_text(page, "utf-8")
    content = f'src="{name}.html"' if way == "src" else f'srcdoc="{escape(page)}"'
    host = pictures / f"{name}-host.html"
    host.write_text(HOST.format(content), "utf-8")
    opened(browser, host)
    browser.log("browser")
    entries = browser.run("return history.length")
    for width in (320, 640, 1200):
        browser.resize(width, 900)
        browser.settled()
        browser.command("frame", id=0)
        browser.settled()
        hidden = browser.run(HIDDEN)
        for step in (0, 2, 4):
            browser.run(
                "document.querySelectorAll('.step')[arguments[0]].click()", step
            )
            browser.settled()
        browser.command("frame", id=None)

        assert hidden <= 1
        assert browser.run(FRAME) > 300
    assert entries == browser.run("return history.length")
    assert [] == browser.log("browser")
