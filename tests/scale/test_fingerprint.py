"""Functions are told apart by what they do, and are the same in every process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from programs import unmeasured

from bri_timeline.scale._fingerprint import fingerprint


SOURCE = """
import functools, math, re
from attrs import frozen
from bri_timeline import measures, projection

RATE, NAMES, TABLE = 2, frozenset({"a", "b", "c"}), {"x": [1, None]}
PATTERN = re.compile("a+")

def helper(value):
    return value * RATE

@functools.lru_cache
def kept(value):
    return helper(value)

@projection(initial=int)
def main(state, event, *, more=1):
    unused = [helper(one) for one in (state, 2)]
    if event in {"d", "e", "f"} or event in NAMES or PATTERN.match(event):
        return recursive(kept(state)) + math.pi + TABLE["x"][0]
    return state

def recursive(value):
    return recursive(value - 1) if value else main

class Base:
    @property
    def double(self):
        return self.number * 2

@frozen
class Adding(Base):
    number: int
    def __call__(self, value):
        return value + self.number

class Plain(Base):
    def __init__(self, number):
        self.number = number
    def method(self, value):
        return value + self.number

def enclosing(number):
    return lambda value: value + number

PARTIAL = functools.partial(helper, 3)
MEASURE = measures.count(where=enclosing(4))
EVERY = [main, Adding(5), Plain(6).method, enclosing(7), PARTIAL, MEASURE, Plain]
"""


def prints(source: str = SOURCE) -> list[str]:
    """Return the fingerprints of the functions of a module."""
    module = ModuleType("study")
    exec(source, vars(module))
    return [fingerprint(one) for one in module.EVERY]


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("state", "state", []),
        ("unused", "useless", []),
        ("RATE, NAMES, TABLE = 2", "RATE, NAMES, TABLE = 3", [0, 4]),
        ('"c"}', '"q"}', [0]),
        ("[1, None]", "[1, 0]", [0]),
        ("a+", "b+", [0]),
        ("more=1", "more=2", [0]),
        ("value * RATE", "value + RATE", [0, 4]),
        ('"f"', '"g"', [0]),
        ("value - 1", "value - 2", [0]),
        ("math.pi", "math.e", [0]),
        ("initial=int", "initial=float", [0]),
        ("Adding(5)", "Adding(8)", [1]),
        ("Plain(6)", "Plain(8)", [2]),
        ("enclosing(7)", "enclosing(8)", [3]),
        ("helper, 3", "helper, 8", [4]),
        ("enclosing(4)", "enclosing(8)", [5]),
        ("value + number", "value - number", [3, 5]),
        ("self.number * 2", "self.number * 3", [1, 2, 6]),
        ("return value + self.number", "return value - self.number", [1, 2, 6]),
    ],
)
def test_what_a_function_does_is_in_its_fingerprint(
    old: str, new: str, changed: list[int]
) -> None:
    """Its code, and what that names, encloses and holds; not the names of variables."""
    assert old in SOURCE
    before, after = prints(), prints(SOURCE.replace(old, new))

    assert [n for n, one in enumerate(before) if one != after[n]] == changed


def test_a_fingerprint_is_that_of_another_process() -> None:
    """Whatever order sets have there."""
    program = "import test_fingerprint; print(test_fingerprint.prints())"
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    environment = {**unmeasured(), "PYTHONHASHSEED": "1", "PYTHONPATH": path}
    found = subprocess.check_output([sys.executable, "-c", program], env=environment)
    assert found.decode().strip() == str(prints())
