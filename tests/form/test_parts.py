"""The list of the parts of an entry is the list of its classes and of its schema."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from bri_timeline import Citation, Entry, Event, Place, Source
from bri_timeline._events.entries import Erased, Review
from bri_timeline._form import parts
from bri_timeline._form.parts import Part


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


@pytest.mark.parametrize("name", [name for name in WHOLES if name != "release"])
def test_a_class_has_the_parts(name: str) -> None:
    """Each argument of a constructor is a part, with the same default."""
    parts, cls = WHOLES[name]
    assert cls is not None
    fields: Any = attrs.fields(cls)
    found = {one.alias: one.default for one in fields if one.init}
    wanted = {part.name: _default(part) for part in parts if part.name in found}

    assert {**found} == wanted
    assert {*found} == {part.name for part in parts} - {"kind", "version"}


def _default(part: Part) -> object:
    return attrs.NOTHING if part.default is ... else part.default
