"""Payloads become JSON and come back, by the classes of a vocabulary."""

from __future__ import annotations

from importlib import import_module

import pytest

from bri_timeline.errors import BriTimelineError
from bri_timeline.formats import Coded, csv
from bri_timeline.formats.timelinejs import Slide
from bri_timeline.formats.ucdp import Violence
from bri_timeline.relations import FACTS


@pytest.mark.parametrize("cls", [Coded, Slide, Violence])
def test_a_kind_that_the_library_has_elsewhere_says_where(cls: type) -> None:
    """The command reads it without more; a program adds it, as the message says."""
    name, said = cls.__name__, ""
    for read in (
        lambda: FACTS.build(name, {}),
        lambda: csv.loads(f"when,kind\n2015,{name}\n", FACTS),
    ):
        with pytest.raises(BriTimelineError) as error:
            read()
        said = str(error.value)
        assert f"no '{name}'. Read it with FACTS | Vocabulary({name}), " in said
    assert getattr(import_module(said.split()[-1]), name) is cls
