"""A URL is not the path of a file, wherever a path is given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bri_timeline import Event, EventLog
from bri_timeline._paths import url_problem
from bri_timeline.errors import BriTimelineError
from bri_timeline.formats import (
    arrow,
    bibtex,
    chronicle,
    csv,
    gdelt,
    jsonl,
    proposals,
    tables,
    ucdp,
)
from bri_timeline.pages import html, svg
from bri_timeline.relations import FACTS, Visited
from bri_timeline.stores import SQLiteStore, backup


LOG = EventLog.of(Event(Visited("AZE", "CHN"), when="2019", id="v"))
TABLE = tables.declared(
    {
        "title": "T",
        "source": {"title": "T"},
        "events": [
            {"kind": "Visited", "when": {"column": "d", "format": "yyyy"}, "fields": {}}
        ],
    }
)


def backed_up(url: str) -> object:
    with SQLiteStore(Path("here.db"), FACTS) as store:
        return backup(store, url)


USES: dict[str, Callable[[str], object]] = {
    "store": lambda url: SQLiteStore(url, FACTS),
    "backup": backed_up,
    **{
        f"{module.__name__}.dump": lambda url, module=module: module.dump(
            LOG, url, FACTS
        )
        for module in (arrow, chronicle, csv, jsonl)
    },
    **{
        f"{module.__name__}.load": lambda url, module=module: module.load(url, FACTS)
        for module in (arrow, chronicle, csv, jsonl)
    },
    "bibtex.load": bibtex.load,
    "gdelt.load": gdelt.load,
    "ucdp.load": ucdp.load,
    "html": lambda url: html.render(LOG).save(url),
    "svg": lambda url: svg.render(LOG).save(url),
    "tables.load": lambda url: tables.load(url, TABLE, FACTS),
    "a workbook": lambda url: tables.load(f"{url}.xlsx", TABLE, FACTS),
    "proposals.load": lambda url: proposals.load(url, FACTS, document="x", source=None),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("url", ["s3://bucket/a", "HTTPS://example.org/a"])
def test_a_url_is_refused_wherever_a_path_is_given(
    use: str, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder called `s3:` was made, and the data lay there."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BriTimelineError, match="is a URL, and files of this machine"):
        USES[use](url)
    assert not [one for one in tmp_path.iterdir() if "here.db" not in one.name]


@pytest.mark.parametrize("path", ["a:/b", "C:/data", "s3/a", "x/s3:/a", "notes: 1.txt"])
def test_paths_that_look_alike_are_paths(path: str) -> None:
    """Drives of Windows, and names with a colon."""
    assert url_problem(path) is None
