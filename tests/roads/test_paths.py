"""A URL is not the path of a file, wherever a path is given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bri_timeline import Event, EventLog
from bri_timeline.errors import BriTimelineError, SelectionError
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
    update,
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
    **{
        f"update {suffix}": lambda url, suffix=suffix: update(
            f"{url}{suffix}", lambda log: log, FACTS
        )
        for suffix in ("", ".jsonl")
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


def nothing_made(folder: Path) -> bool:
    """Check that a folder has nothing but the source of a backup."""
    return not [one for one in folder.iterdir() if "here.db" not in one.name]


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize(
    "url", ["HTTPS://me:SECRET@example.org/a?k=SECRET", "simplecache::s3://bucket/a"]
)
def test_a_url_is_refused_wherever_a_path_is_given(
    use: str, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder called `s3:` was made, and the data lay there; no password is told."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BriTimelineError, match="is a URL, and files of this") as told:
        USES[use](url)
    assert "SECRET" not in f"{told.value} {told.value!r} {vars(told.value)}"
    assert nothing_made(tmp_path)


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("path", ["a\0b", "a\ud800b"])
def test_text_that_is_no_path_is_refused(
    use: str, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python would raise something else in each place."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BriTimelineError, match="has a character that no path has"):
        USES[use](path)
    assert nothing_made(tmp_path)


@pytest.mark.parametrize(
    "use", [use for use in USES if use[-4:] not in ("load", "book")]
)
@pytest.mark.parametrize("folder", ["file", "loop", "none"])
def test_a_file_that_cannot_be_written_is_told_by_all_who_write(
    use: str, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In an error of the library, with the name that was given."""
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("loop").symlink_to("loop")
    with pytest.raises(BriTimelineError, match=f"{folder}/a") as told:
        USES[use](f"{folder}/a")
    assert isinstance(told.value, OSError | SelectionError)
