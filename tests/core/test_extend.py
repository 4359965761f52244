"""The names for those who build on the library: few, explained, found when needed."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from log_strategies import Deed, Fact

from bri_timeline import Event, extend, projection


def test_they_are_few() -> None:
    """At most sixty names, and none beside them."""
    assert len({*extend.__all__}) == len(extend.__all__) <= 60


def test_each_is_explained_in_its_place() -> None:
    """The docstring of the module says which name is for what, and has no other."""
    named = re.findall(r"`(\w+)`", extend.__doc__ or "")

    assert {*extend.__all__} == {*named} - {"bri_timeline", "date", "json"}


@pytest.mark.parametrize("name", extend.__all__)
def test_each_is_found(name: str) -> None:
    """Each is there, also those that are imported on first access."""
    assert getattr(extend, name) is getattr(extend, name)


def test_another_name_is_not_found() -> None:
    """The error names the module, as that of any module does."""
    with pytest.raises(AttributeError, match=r"module 'bri_timeline\.extend' has no"):
        vars(extend)["__getattr__"]("unchecked_event")


def test_who_needs_one_does_not_load_all() -> None:
    """Words and days are there without the codec, locks and files."""
    code = """
import sys
import bri_timeline
before = {*sys.modules}
from bri_timeline.extend import describe_event, iso
print(*sorted({*sys.modules} - before))
"""
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert "bri_timeline.extend\n" == found.stdout


@pytest.mark.parametrize(("ends", "size"), [(None, 1), (lambda state, _: state, 2)])
def test_of_events_a_projection_folds_what_it_takes(
    ends: Callable[[int, Event], int] | None, size: int
) -> None:
    """It takes no other kinds; of an extent its end too, if it has `ends`."""
    some = [Event(Deed("a"), when="2015/2016"), Event(Fact("b"), when="2015")]
    fold = projection(initial=int, reads=Deed, ends=ends)(lambda state, _: state)

    assert size == len(extend.marks_for(some, fold))
