"""The modules of a page's script that need no browser answer as the library does."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Callable, Collection, Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from driving import AZE_CHN, LOG
from worlds import eventful_log, plans_log, reigns_log, tangled_log, visits

from bri_timeline import EventLog, Projection, View
from bri_timeline.edtf import Edtf
from bri_timeline.extend import iso
from bri_timeline.pages import html
from bri_timeline.pages._bins import counts_in, edges_of
from bri_timeline.pages._marks import ClaimStatus, PictureRow, TimeScale, rows_of, span
from bri_timeline.pages._state_values import summary
from bri_timeline.pages._wording import (
    LANGUAGES,
    civil,
    date_words,
    line_of,
    strings,
    words_for,
)
from bri_timeline.pages.html._phrases import page_phrases
from bri_timeline.relations import Relationship


MODULES = Path(str(files("bri_timeline.pages.html") / "data"))
TESTS = Path(__file__).parent / "script"
NODE = shutil.which("node") or "node"
FORMS = (
    *("2015", "2016~", "2016?", "2016%", "2019-04-24", "2019-04-24~", "2019-08"),
    *("201X", "19XX", "2015-XX-XX", "2015-04-XX", "2015-21", "2015-33", "2015-24"),
    *("[2015..2017]", "[..2015-09-16]", "[2015-09-16..]", "[2016,2018]"),
    *("[2019-04-24..2019-04-26]", "[2015-03-01,2015-03-05..2015-03-07]"),
    *("1991/..", "1991/", "2015/2017", "2015-04-24/2015-05", "../2015", "/2015"),
    *("-0044-03-15", "Y12000", "2019-04~"),
)
# By name; a log without a projection is one of which kinds are counted.
LOGS: dict[str, Callable[[], EventLog]] = {
    "bare": lambda: LOG,
    "bare plans": plans_log,
    "bare reigns": reigns_log,
    "chronicle": lambda: LOG,
    "eventful": eventful_log,
    "tangled": lambda: tangled_log(60),
    "forms": lambda: visits(*FORMS),
}


@pytest.mark.parametrize("name", LOGS)
def test_modules_answer_as_the_library_does(name: str, tmp_path: Path) -> None:
    """Days and dates in words, bins, scales, marks and sentences are the same."""
    log, projection = LOGS[name](), None if "bare" in name else AZE_CHN
    page = str(html.render(log, projection=projection))
    island = page.partition('id="page-data">')[2].partition("</script>")[0]
    for module in (*MODULES.glob("*.js"), *TESTS.glob("*.js")):
        shutil.copy(module, tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    data = json.loads(island)
    answers = answers_of(log, projection, data["digests"], random.Random(name))
    text = json.dumps({"data": data, **answers})
    (tmp_path / "answers.json").write_text(text, "utf-8")
    run = subprocess.run(
        [NODE, "--test", "."], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout


def answers_of(
    log: EventLog,
    projection: Projection[Relationship] | None,
    shown: Collection[str],
    rng: random.Random,
) -> dict[str, object]:
    """Return what the library says of random days, and of a log.

    Args:
        log: The log.
        projection: What the page shows of it.
        shown: The beginnings of the digests of what concerns a page.
        rng: Draws the days.
    """
    days = [rng.randint(1, 3_650_000) for _ in range(40)]
    times = [sorted(rng.sample(days, 2)) for _ in range(10)]
    return {
        "days": [[day, iso(day), civil(day)] for n in days for day in (n, -n)],
        "words": {code: _words(code, days) for code in LANGUAGES},
        "edges": [
            [first, last, most, edges_of(first, last, most)]
            for first, last in times
            for most in (1, 12, 48)
        ],
        "scales": [
            [first, last, [[day, at.begin(day), at.middle(day)] for day in days]]
            for first, last in times
            for at in [TimeScale(first, last, 0, 700)]
        ],
        "views": [_view(view, projection, shown) for view in _views(log, rng)],
        "said": {code: _said(log, code) for code in LANGUAGES},
    }


def _said(log: EventLog, code: str) -> dict[str, str]:
    """Return what the claims of a log say in a language, by their digests."""
    events = [entry.event for entry in log if entry.event is not None]
    ever = words_for(code, log.as_of("9999-12-31"))
    phrase = page_phrases(ever.plans, between=True)
    said = {}
    for event in events:
        pattern, values = phrase(event, code)
        filled = {name: line_of(text) for name, text in values.items()}
        said[event.digest[:10]] = pattern.format_map(filled)
    return said


def _words(code: str, days: list[int]) -> dict[str, object]:
    words = strings(code)
    return {
        "days": [[day, words.day(day)] for day in days],
        "dates": [[form, date_words(Edtf(form), words)] for form in FORMS],
        "counts": [[n, words.count("visits", n)] for n in (0, 1, 2, 5, 11, 21, 22, 99)],
    }


def _views(log: EventLog, rng: random.Random) -> Iterator[View]:
    """Yield views on random days, as known on random days or in the end."""
    spans = [span(entry.event.when) for entry in log if entry.event is not None]
    days = sorted({iso(int(day)) for bounds in spans for day in bounds.days})
    known = sorted({iso(e.known_day) for e in log if e.known_day is not None})
    for _ in range(8):
        known_by = rng.choice(known) if known else None
        yield log.as_of(rng.choice(days), known_by=known_by)


def _view(
    view: View, projection: Projection[Relationship] | None, shown: Collection[str]
) -> dict[str, object]:
    """Return what a page is to show of a view."""
    words = strings("en")
    # What refers to others is shown as long as these concern the parties.
    view = view if projection is None else view.concerning(*projection.parties)
    rows = rows_of(view, projection, "kind", words)
    rows = [row for row in rows if row.counts and row.event.digest[:10] in shown]
    bins = [(span(row.event.when), row.status is ClaimStatus.CERTAIN) for row in rows]
    days = sorted({int(day) for bounds, _ in bins for day in bounds.days} or {0})
    edges = edges_of(days[len(days) // 4], days[-1] - 1, 48)
    about = view if projection is None else view.concerning("AZE", "CHN")
    return {
        "day": view.day_number,
        "known": view.basis,
        "sentence": summary(about, projection, None, words),
        "rows": [_row(row) for row in rows],
        "ghosts": {
            row.event.digest[:10]: [ghost.digest[:10] for ghost in row.ghosts]
            for row in rows
        },
        "bins": [edges, *counts_in(edges, bins)],
    }


def _row(row: PictureRow) -> dict[str, object]:
    return {
        "digest": row.event.digest[:10],
        "status": row.status.name.lower(),
        # What lasts by its date is a bar of its own, not in force.
        "holds": row.in_force and not row.event.when.is_extent,
        "ended": row.may_have_ended,
    }
