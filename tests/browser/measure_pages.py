"""Measure pages: how large, how quickly built and opened, how quick a slider is.

`python tests/browser/measure_pages.py [EVENTS ...]`; the last line is of 200 events
of which many are plans, corrected, withdrawn, disputed or loosely dated. *Work* is what
the main thread does for one move of the slider: other programs do not count in it.
"""

from __future__ import annotations

import gzip
import sys
import tempfile
from pathlib import Path
from time import process_time

from driving import AZE_CHN
from webdriver import Browser, open_browser
from worlds import large_log, tangled_log

from bri_timeline import EventLog
from bri_timeline.pages import html


_TIMES = 3
_MOVES = 25
_READY = """
return performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd;
"""
_SHAPE = """
const stops = [...document.querySelectorAll(
  "button, input, select, a[href], summary, [tabindex]",
)].filter((node) => node.tabIndex >= 0 && node.checkVisibility());
return [stops.length,
  Math.round(document.getElementById("chart").getBoundingClientRect().height),
  document.querySelectorAll("*").length];
"""
# Move the slider to many places; the time until the page has been drawn again.
_MOVED = """
const done = arguments[0];
const slider = document.getElementById("day");
const place = (n) => Math.floor((slider.max * ((7 * n) % 25)) / 25);
const places = Array.from({ length: 25 }, (_, n) => place(n));
const times = [];
const next = () => {
  if (times.length === places.length) return done(times.sort((a, b) => a - b)[12]);
  const start = performance.now();
  slider.value = places[times.length];
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  requestAnimationFrame(() => {
    const after = new MessageChannel();
    after.port1.onmessage = () => { times.push(performance.now() - start); next(); };
    after.port2.postMessage(0);
  });
};
next();
"""


def built(log: EventLog) -> tuple[str, float]:
    """Return a page, and the least time in seconds in which it was built."""
    times, page = [], ""
    for _ in range(_TIMES):
        fresh = EventLog(list(log))
        start = process_time()
        page = html.render(fresh, projection=AZE_CHN)
        times.append(process_time() - start)
    return page, min(times)


def work(browser: Browser) -> float:
    """Return the seconds that the main thread of the page has worked."""
    metrics = browser.devtools("Performance.getMetrics")["metrics"]
    return float(next(m["value"] for m in metrics if m["name"] == "TaskDuration"))


def measured(name: str, log: EventLog) -> None:
    """Print the line of a log."""
    page, seconds = built(log)
    raw = page.encode()
    with tempfile.TemporaryDirectory() as folder, open_browser() as browser:
        path = Path(folder) / "page.html"
        path.write_bytes(raw)
        browser.resize(1440, 900)
        browser.open(path)
        browser.settled()
        ready = browser.run(_READY)
        browser.wait(_MOVED)
        browser.devtools("Performance.enable", timeDomain="threadTicks")
        before = work(browser)
        moved = browser.wait(_MOVED)
        worked = 1000 * (work(browser) - before) / _MOVES
        stops, high, nodes = browser.run(_SHAPE)
    sys.stdout.write(
        f"{len(log):6,} events{name}: {len(raw):9,} bytes,"
        f" {len(gzip.compress(raw)):9,} by gzip, built in {seconds:.2f} s,"
        f" ready after {ready:.0f} ms, day slider {moved:.0f} ms ({worked:.0f} work),"
        f" {stops} stops, chart {high} px, {nodes:,} nodes\n"
    )


def main(sizes: list[int]) -> None:
    """Print a line for each size, and one for a tangled log."""
    for size in sizes:
        measured("", large_log(size))
    measured(", tangled", tangled_log(200))


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [200, 1000, 5000, 20000])
