"""How large pages are, how long they take to build, and to appear in a browser.

`python tests/browser/measure_pages.py [EVENTS ...]`
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from time import process_time

from driving import AZE_CHN
from webdriver import open_browser
from worlds import large_log

from bri_timeline import EventLog
from bri_timeline.pages import html


_TIMES = 7
_PAINT = """
const paints = performance.getEntriesByType("paint").map((entry) => entry.startTime);
const loaded = performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd;
return [Math.min(...paints), loaded];
"""


def built(size: int) -> tuple[str, float]:
    """Return a page, and the least time in milliseconds in which it was built."""
    log, times, page = large_log(size), [], ""
    for _ in range(_TIMES):
        fresh = EventLog(list(log))
        start = process_time()
        page = html.render(fresh, projection=AZE_CHN)
        times.append(process_time() - start)
    return page, 1000 * min(times)


def main(sizes: list[int]) -> None:
    """Print a line for each size."""
    for size in sizes:
        page, milliseconds = built(size)
        with tempfile.TemporaryDirectory() as folder, open_browser() as browser:
            path = Path(folder) / "page.html"
            path.write_text(page, "utf-8")
            browser.resize(1280, 800)
            browser.open(path)
            painted, ready = browser.run(_PAINT)
        sys.stdout.write(
            f"{size:6,} events: {len(page.encode()):9,} bytes,"
            f" built in {milliseconds:6.0f} ms,"
            f" first paint after {painted:5.0f} ms, ready after {ready:5.0f} ms\n"
        )


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [200, 1000, 5000])
