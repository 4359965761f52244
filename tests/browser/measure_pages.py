"""Measure the size of pages, the time to build them, and to load them in a browser.

`python tests/browser/measure_pages.py [EVENTS ...]`; the last line is of 200 events
of which many are plans, corrected, withdrawn, disputed or loosely dated.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from time import process_time

from driving import AZE_CHN
from webdriver import open_browser
from worlds import large_log, tangled_log

from bri_timeline import EventLog
from bri_timeline.pages import html


_TIMES = 7
_PAINT = """
const paints = performance.getEntriesByType("paint").map((entry) => entry.startTime);
const loaded = performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd;
return [Math.min(...paints), loaded];
"""
_FIRST_PAINT = """
const done = arguments[0];
new PerformanceObserver((_, observer) => {
    observer.disconnect();
    done(1);
}).observe({ type: "paint", buffered: true });
"""


def built(log: EventLog) -> tuple[str, float]:
    """Return a page, and the least time in milliseconds in which it was built."""
    times, page = [], ""
    for _ in range(_TIMES):
        fresh = EventLog(list(log))
        start = process_time()
        page = html.render(fresh, projection=AZE_CHN)
        times.append(process_time() - start)
    return page, 1000 * min(times)


def told(name: str, log: EventLog) -> None:
    """Print the line of a log."""
    page, milliseconds = built(log)
    with tempfile.TemporaryDirectory() as folder, open_browser() as browser:
        path = Path(folder) / "page.html"
        path.write_text(page, "utf-8")
        browser.resize(1280, 800)
        browser.open(path)
        browser.wait(_FIRST_PAINT)
        painted, ready = browser.run(_PAINT)
    sys.stdout.write(
        f"{len(log):6,} events{name}: {len(page.encode()):9,} bytes,"
        f" built in {milliseconds:6.0f} ms,"
        f" first paint after {painted:5.0f} ms, ready after {ready:5.0f} ms\n"
    )


def main(sizes: list[int]) -> None:
    """Print a line for each size, and one for a tangled log."""
    for size in sizes:
        told("", large_log(size))
    told(", tangled", tangled_log(200))


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [200, 1000, 5000])
