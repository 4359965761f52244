"""A part that is added to the list and to its class is kept by every file and store."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bri_timeline


ROADS = Path(__file__).with_name("every_road.py")
# The lines that add to an event a text, to an entry a list of texts, and to a citation
# a text: by file, each with the line before it.
ADDED = {
    "_form/parts.py": (
        ('    Part("where", Kind.PLACE),\n', '    Part("note", Kind.TEXT),\n'),
        ('    Part("dataset", Kind.TEXT),\n', '    Part("tags", Kind.TEXTS, ()),\n'),
        ('    Part("quote", Kind.TEXT),\n', '    Part("language", Kind.TEXT),\n'),
    ),
    "_events/_event.py": (
        (
            "    where: Place | None = field(default=None, kw_only=True)\n",
            "    note: str | None = field(default=None, kw_only=True)\n",
        ),
    ),
    "_events/entries.py": (
        ("    erased: Erased | None = None\n", "    tags: tuple[str, ...] = ()\n"),
        ("    erased: Erased | None = None,\n", "    tags: tuple[str, ...] = (),\n"),
        ("    draft.review = review\n", "    draft.tags = tags\n"),
    ),
    "_evidence.py": (
        ("    quote: str | None = None\n", "    language: str | None = None\n"),
        (
            '        place = {"locator": self.locator, "quote": self.quote}\n',
            '        place |= {"language": self.language}\n',
        ),
    ),
}


@pytest.mark.slow
def test_a_new_part_is_kept_wherever_entries_are(tmp_path: Path) -> None:
    """A text of an event, a list of an entry, a text of a citation: nothing is lost."""
    there = tmp_path / "bri_timeline"
    shutil.copytree(Path(bri_timeline.__file__).parent, there)
    for name, lines in ADDED.items():
        text = (there / name).read_text("utf-8")
        for before, line in lines:
            assert text.count(before) == 1, before
            text = text.replace(before, before + line)
        (there / name).write_text(text, "utf-8")
    # What is run is not the source that coverage asks about.
    known = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE")}
    done = subprocess.run(
        [sys.executable, ROADS, tmp_path],
        env={**known, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
