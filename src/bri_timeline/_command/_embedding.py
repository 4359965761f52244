"""Print how a page is shown in another: a frame, a link, and what gives it height."""

from __future__ import annotations

import re
from argparse import ArgumentError, ArgumentParser, Namespace
from html import escape, unescape
from pathlib import Path
from urllib.parse import quote, urlsplit

from bri_timeline._command._output import print_lines
from bri_timeline.errors import PictureError
from bri_timeline.extend import one_line


_EXAMPLES = """\
examples:
  python -m bri_timeline embed visits.html
  python -m bri_timeline embed visits.html --url https://example.org/visits.html

Without --url, the address is that which the page was given by `timeline --url`, or the
name of its file. Paste what is printed where the page is to be seen: it may come from
elsewhere, and can neither read nor change what is around it.
"""
_SNIPPET = """\
<iframe src="{address}" title="{title}" loading="lazy"
  sandbox="allow-scripts allow-popups allow-downloads"
  style="width: 100%; height: 480px; border: 0"></iframe>
<p><a href="{address}">{title}</a></p>
<script>
addEventListener("message", ({{ data, source }}) => {{
  for (const frame of document.querySelectorAll("iframe")) {{
    if (frame.contentWindow === source && data?.timelineHeight > 0) {{
      frame.style.height = `${{data.timelineHeight}}px`;
    }}
  }}
}});
</script>"""
# As `html.render()` writes them.
_TITLE = re.compile("<title>(.*?)</title>", re.DOTALL)
_CANONICAL = re.compile('<link rel="canonical" href="([^"]*)"')
_DATA = 'id="page-data"'


def add_embed(parser: ArgumentParser) -> None:
    """Add the arguments of the verb `embed`."""
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "page", metavar="PAGE", type=Path, help="a page that timeline has drawn"
    )
    parser.add_argument("--url", help="the address at which readers find the page")
    parser.set_defaults(run=_run_embed)


def _run_embed(given: Namespace) -> int:
    text = given.page.read_text("utf-8", errors="replace")
    title, canonical = _TITLE.search(text), _CANONICAL.search(text)
    if title is None or _DATA not in text:
        problem = "is not a page: draw one with the verb timeline, as a file .html"
        raise PictureError(str(given.page), problem)
    address = given.url or (canonical and unescape(canonical[1]))
    if urlsplit(address or "").scheme not in ("", "http", "https"):
        problem = f"--url {given.url}: give an address that begins with https://"
        raise ArgumentError(None, one_line(problem))
    shown = escape(address or quote(given.page.name))
    print_lines(_SNIPPET.format(address=shown, title=escape(unescape(title[1]))))
    return 0
