"""The list of the parts of an entry is the list of its classes and of its schema."""

from __future__ import annotations

import json

import pytest

from bri_timeline import Citation, Entry, Event, Place, Source
from bri_timeline._events.entries import Erased, Review
from bri_timeline._form import parts
from bri_timeline.formats import jsonl
from bri_timeline.formats.arrow import _rows


WHOLES = {
    "entry": (parts.ENTRY, Entry),
    "event": (parts.EVENT, Event),
    "review": (parts.REVIEW, Review),
    "release": (parts.RELEASE, None),
    "erased": (parts.ERASED, Erased),
    "place": (parts.PLACE, Place),
    "citation": (parts.CITATION, Citation),
    "source": (parts.SOURCE, Source),
}


@pytest.mark.parametrize("name", [*WHOLES])
def test_a_schema_has_the_parts(name: str) -> None:
    """The schema of a line names each part, and demands what is always there."""
    parts, _ = WHOLES[name]
    schema = json.loads(jsonl.schema())["$defs"][name]

    assert [part.name for part in parts] == [*schema["properties"]]
    needed = [part.name for part in parts if part.default is ...]
    assert needed == schema.get("required", [])


@pytest.mark.parametrize("cell", [None, float("nan"), ["a", "b"]])
def test_a_list_of_texts_is_a_cell(cell: object) -> None:
    """A list is read from Arrow, and null, or what pandas writes for it, as none."""
    assert _rows._texts(cell) == (tuple(cell) if isinstance(cell, list) else ())


@pytest.mark.parametrize("cell", ["a", ["a", 1], 3.5])
def test_another_cell_is_not_a_list_of_texts(cell: object) -> None:
    """The message says what to write."""
    with pytest.raises(ValueError, match="write a list of texts"):
        _rows._texts(cell)
