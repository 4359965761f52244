"""Functions are told apart by what they do, and are the same in every process."""

from __future__ import annotations

import builtins
import os
import subprocess
import sys
from ast import literal_eval
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from unittest.mock import patch

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


HEAD = """
import abc, collections, dataclasses, enum, functools, re, types, typing, weakref
import attrs, bri_timeline, helpers, msgspec
"""
# Sources of a function that differ in one respect: what stands for the ?.
IN_ONE_RESPECT = {
    "code": "def fold(s, e): return ?",
    "default": "def fold(s, e, by=?): return by",
    "default of a keyword": "def fold(s, e, *, by=?): return by",
    "name of an argument": "def fold(s, e, by?=0): return by?",
    "what is enclosed": "def make(n): return lambda s, e: n\nfold = make(?)",
    "partial": "fold = functools.partial(max, ?)",
    "named partial": "fold = functools.partial(max, default=?)",
    "global": "N = ?\ndef fold(s, e): return N",
    "list": "N = [1, {2: [?]}]\ndef fold(s, e): return N",
    "set": "N = {('a', frozenset({'b', 'c', '?'}))}\ndef fold(s, e): return N",
    "constant set": "def fold(s, e): return e in {'a', 'b', 'c', '?'}",
    "proxy": "N = types.MappingProxyType({1: ?})\ndef fold(s, e): return N",
    "deque": "N = collections.deque([print, ?])\ndef fold(s, e): return N",
    "pattern": "N = re.compile('a' * 500 + '?')\ndef fold(s, e): return N",
    "nested function": "def fold(s, e):\n    def f(): return ?\n    return f()",
    "function in a set": "def f(): return ?\nS = {f, max}\ndef fold(s, e): return S",
    "function of a function": "def f(): pass\nf.n = ?\ndef fold(s, e): return f.n",
    "lambda": "f = lambda s: ?\ndef fold(s, e): return f(s)",
    "lambda in a dict": "N = {1: lambda: ?}\ndef fold(s, e): return N[1]()",
    "text of a name": "def f(): return ?\ndef fold(s, e): return globals()['f']()",
    "cached": "@functools.cache\ndef f(): return ?\ndef fold(s, e): return f()",
    "wraps": """
        def deco(f):
            @functools.wraps(f)
            def call(*given): return f(*given) + ?
            return call
        @deco
        def fold(s, e): return 0""",
    "wraps of Python's": """
        @functools.wraps(functools.reduce)
        def f(): return ?
        def fold(s, e): return f()""",
    "decorator that is a class": """
        class Deco:
            def __init__(self, f): functools.update_wrapper(self, f)
            def __call__(self, *given): return ?
        @Deco
        def fold(s, e): return 0""",
    "dispatch": """
        @functools.singledispatch
        def f(s): return 0
        @f.register
        def _(s: int): return ?
        def fold(s, e): return f(s)""",
    "import within": """
        def fold(s, e):
            from helpers import plain
            return plain()""",
    "function of a module": "def fold(s, e): return helpers.plain()",
    "function of a module within": "def fold(s, e): return helpers.inner.deep()",
    "function of an enclosed module": """
        def make(m): return lambda s, e: m.plain()
        fold = make(helpers)""",
    "module in a dict": "N = {1: helpers}\ndef fold(s, e): return N[1].plain()",
    "text in a module": "def fold(s, e): return getattr(helpers, 'plain')()",
    "class of a module": "def fold(s, e): return helpers.Named.of()",
    "recursion": "def f(s): return fold(s, ?)\ndef fold(s, e): return f(s)",
    "event": """
        @attrs.frozen
        class Seen:
            who: frozenset = frozenset({'a', 'b'})
        N = bri_timeline.Event(Seen(), when='200?')
        def fold(s, e): return N""",
    "weak reference": """
        def f(): return ?
        N = weakref.ref(f)
        def fold(s, e): return N()()""",
}
# Likewise of a class, an object of which a function names.
OF_A_CLASS = {
    "method": "class A:\n    def f(self): return ?",
    "static method": "class A:\n    @staticmethod\n    def f(): return ?",
    "class method": "class A:\n    @classmethod\n    def f(cls): return ?",
    "call": "class A:\n    def __call__(self): return ?",
    "operator": "class A:\n    def __add__(self, other): return ?",
    "setter": """
        class A:
            n = property(lambda self: 0)
            @n.setter
            def n(self, value): self.m = ?""",
    "cached property": """
        class A:
            @functools.cached_property
            def n(self): return ?""",
    "partial method": """
        class A:
            def f(self, n): return n
            g = functools.partialmethod(f, ?)""",
    "constant": "class A:\n    n = ?",
    "base": "class B:\n    def f(self): return ?\nclass A(B): pass",
    "base of it": """
        class B(abc.ABC):
            @abc.abstractmethod
            def f(self): return ?
        class A(B):
            def f(self): return super().f()""",
    "metaclass": """
        class M(type):
            def __len__(cls): return ?
        class A(metaclass=M): pass""",
    "descriptor": """
        class D:
            def __get__(self, one, owner): return ?
        class A:
            n = D()""",
    "nested class": "class A:\n    class B:\n        n = ?",
    "own slots": "class A:\n    __slots__ = 'n',\n    def __init__(self): self.n = ?",
    "private slot": """
        class A:
            __slots__ = '__n',
            def __init__(self): self.__n = ?
            def __repr__(self): return 'A'
            def __reduce__(self): return 'A'""",
    "item": "class A(dict):\n    def __init__(self): self[1] = ?",
    "text": "class A(str):\n    def __new__(cls): return str.__new__(cls, '?')",
    "field": "@dataclasses.dataclass\nclass A:\n    n: int = ?",
    "field's factory": """
        @dataclasses.dataclass(slots=True)
        class A:
            n: list = dataclasses.field(default_factory=lambda: [?])""",
    "field's name": "@attrs.frozen\nclass A:\n    n?: int = 0",
    "attrs field": "@attrs.frozen\nclass A:\n    n: int = ?",
    "attrs factory": """
        @attrs.define
        class A:
            n: list = attrs.field(factory=lambda: [?])""",
    "converter": """
        @attrs.define
        class A:
            n: int = attrs.field(default=0, converter=lambda n: n + ?)""",
    "order": "@attrs.frozen(order=? == 1)\nclass A:\n    n: int = 0",
    "tuple": "class A(typing.NamedTuple):\n    n: int = ?",
    "struct": "class A(msgspec.Struct):\n    n: int = ?",
    "class in an annotation": """
        class B:
            def f(self): return ?
        @attrs.frozen
        class A:
            n: 'B | None' = None""",
    "member": """
        class E(enum.Enum):
            X = 'x?'
        class A:
            e = E.X""",
    "method of a member": """
        class E(enum.Flag):
            X, Y = 1, 2
            def f(self): return ?
        class A:
            e = {E.X, E.Y}""",
}
HELPERS = """
def plain(): return ?
def other(): return UNUSED
class Named:
    @classmethod
    def of(cls): return ?
"""


def differing(value: int, unused: int = 0) -> dict[str, str]:
    """Return fingerprints of functions, with a value where they differ."""
    helpers, inner = ModuleType("helpers"), ModuleType("helpers.inner")
    text = HELPERS.replace("?", str(value)).replace("UNUSED", str(unused))
    exec(text, vars(helpers))
    exec(f"def deep(): return {value}", vars(inner))
    vars(helpers).update(inner=inner, __path__=[])
    sources = {
        **IN_ONE_RESPECT,
        **{
            f"{name} of a class": f"{dedent(source)}\na = A()\ndef fold(s, e): return a"
            for name, source in OF_A_CLASS.items()
        },
    }
    found = dict[str, str]()
    with patch.dict(sys.modules, {"helpers": helpers, "helpers.inner": inner}):
        for name, source in sources.items():
            module = ModuleType("study")
            sys.modules["study"] = module
            exec(HEAD + dedent(source).replace("?", str(value)), vars(module))
            found[name] = fingerprint(module.fold)
    return found


def test_functions_that_differ_in_one_respect_are_told_apart() -> None:
    """Whichever way leads from a function to what differs; and not by anything else."""
    one, again, other = differing(1), differing(1, unused=5), differing(2)

    assert [name for name in one if one[name] == other[name]] == []
    assert [name for name in one if one[name] != again[name]] == [
        "text of a name",  # globals() can lead anywhere
        "module in a dict",  # and so can a module that is an item
    ]


@pytest.mark.slow
def test_a_fingerprint_is_that_of_another_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever order sets have there, and whatever is built in."""
    monkeypatch.setattr(builtins, "_", object(), raising=False)
    program = "import test_fingerprint as t; print(t.prints(), t.differing(1))"
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    for seed in "12":
        environment = {**unmeasured(), "PYTHONHASHSEED": seed, "PYTHONPATH": path}
        call = [sys.executable, "-c", program]
        found = subprocess.check_output(call, env=environment, text=True)
        here, there = differing(1), literal_eval(found[found.index("{") :])

        assert found.startswith(str(prints()))
        assert [n for n in here if here[n] != there[n]] == ["text of a name"]


class _Later(type):
    """Classes whose annotations name what is not there."""

    @property
    def __annotations__(cls) -> dict[str, object]:
        msg = "not there"
        raise NameError(msg)


class Hidden(metaclass=_Later):
    """It can neither be copied, nor does it show its annotations."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce_ex__(self, _protocol: object) -> str:
        raise TypeError

    def __repr__(self) -> str:
        return "hidden"


def test_what_hides_its_parts_is_told_apart_by_what_it_shows() -> None:
    """And what cannot be imported has another digest each time."""
    assert fingerprint(Hidden(1)) == fingerprint(Hidden(1))
    assert fingerprint(Hidden(1)) != fingerprint(Hidden(2))
    absent = ModuleType("study")
    exec("def fold(s, e):\n    import not_there_at_all", vars(absent))
    assert fingerprint(absent.fold) != fingerprint(absent.fold)
