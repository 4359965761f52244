"""One sheet with the chronicle as four programs draw it, each as its manual says.

`python tests/browser/side_by_side.py SHEET.png`; it needs, where it runs,
`npm install --no-save @knight-lab/timelinejs vis-timeline echarts`.
"""

from __future__ import annotations

import base64
import json
import sys
import tempfile
from pathlib import Path
from time import sleep

from driving import AZE_CHN, LOG
from webdriver import Browser, open_browser

from bri_timeline._calendar import iso
from bri_timeline.formats import timelinejs, vis
from bri_timeline.pages import html
from bri_timeline.pages._marks import span
from bri_timeline.pages._wording import describe_event, kind
from bri_timeline.relations import FACTS


_MODULES = Path("node_modules").resolve()
_SIZE = (960, 640)
_PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; font: 14px sans-serif }} #it {{ width: 960px; height: 640px }}
</style>{style}<div id="it"></div>{script}"""


def _style(path: str) -> str:
    return f'<link rel="stylesheet" href="{(_MODULES / path).as_uri()}">'


def _script(path: str, run: str) -> str:
    source = (_MODULES / path).as_uri()
    return f'<script src="{source}"></script><script>{run}</script>'


def _timelinejs() -> str:
    home = "@knight-lab/timelinejs/dist"
    data = timelinejs.dumps(LOG, FACTS)
    run = f"new TL.Timeline('it', {data}, {{font: null}});"
    return _PAGE.format(
        style=_style(f"{home}/css/timeline.css"),
        script=_script(f"{home}/js/timeline.js", run),
    )


def _vis() -> str:
    home = "vis-timeline"
    data = vis.dumps(LOG, FACTS)
    run = (
        f"const found = {data}; new vis.Timeline(document.getElementById('it'),"
        " found.items, found.groups, {height: '640px'});"
    )
    return _PAGE.format(
        style=_style(f"{home}/styles/vis-timeline-graph2d.min.css"),
        script=_script(f"{home}/standalone/umd/vis-timeline-graph2d.min.js", run),
    )


def _echarts() -> str:
    """A scatter plot: ECharts has no timeline, and no date that is imprecise."""
    rows = [
        [iso(int(where.last)), kind(event), describe_event(event)]
        for event in LOG.as_of("2019-05-05").events
        for where in [span(event.when)]
    ]
    option = {
        "grid": {"left": 120},
        "tooltip": {"formatter": "{c}"},
        "xAxis": {"type": "time"},
        "yAxis": {"type": "category", "data": sorted({row[1] for row in rows})},
        "series": [{"type": "scatter", "symbolSize": 12, "data": rows}],
    }
    run = (
        "echarts.init(document.getElementById('it'))"
        f".setOption({json.dumps(option).replace('<', chr(92) + 'u003c')});"
    )
    return _PAGE.format(style="", script=_script("echarts/dist/echarts.min.js", run))


def _ours() -> str:
    return html.render(LOG, projection=AZE_CHN, title="Azerbaijan and China")


_MAKERS = {
    "bri_timeline": _ours,
    "TimelineJS3": _timelinejs,
    "vis-timeline": _vis,
    "ECharts": _echarts,
}


def _drawn(browser: Browser, folder: Path, name: str) -> str:
    """Return a picture of the chronicle by one of the programs, as an address."""
    path = folder / f"{name}.html"
    path.write_text(_MAKERS[name](), "utf-8")
    browser.resize(*_SIZE)
    browser.open(path)
    sleep(3)
    browser.screenshot(folder / "it.png")
    coded = base64.b64encode((folder / "it.png").read_bytes()).decode()
    return f"data:image/png;base64,{coded}"


def main(target: Path) -> None:
    """Write the sheet.

    Args:
        target: The picture to write.
    """
    with tempfile.TemporaryDirectory() as place, open_browser() as browser:
        folder = Path(place)
        cells = [
            f'<figure><figcaption>{name}</figcaption><img src="{picture}"></figure>'
            for name in _MAKERS
            for picture in [_drawn(browser, folder, name)]
        ]
        sheet = folder / "sheet.html"
        sheet.write_text(
            "<!doctype html><meta charset='utf-8'><style>body {margin: 16px; display:"
            " grid; grid-template-columns: 1fr 1fr; gap: 16px; font: 700 22px"
            " sans-serif} figure {margin: 0} img {width: 100%; border: 1px solid"
            f" #999}}</style>{''.join(cells)}",
            "utf-8",
        )
        browser.resize(2000, 1480)
        browser.open(sheet)
        browser.settled()
        browser.screenshot(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
