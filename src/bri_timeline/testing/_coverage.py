"""Which branches of a projection were entered, and whether it asks clock or chance."""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from types import CodeType, FrameType
from typing import Any, ParamSpec, TypeVar

from attrs import frozen

from bri_timeline import Event, Projection
from bri_timeline.extend import payload_fields
from bri_timeline.measures import Measure
from bri_timeline.testing._searching import fail, listed


P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")
_CLOCKS = {"today", "now", "utcnow", "time", "time_ns", "monotonic", "localtime"}
_CHANCE = {"random", "getrandbits", "urandom"}


@frozen
class Branch:
    """Statements that run only under a condition.

    Attributes:
        line: The number of their first line in the file.
        last: The number of their last line.
        text: The first line.
        looks_for: Names in the condition: fields, each with the value that it is
            compared with, and classes, with None.
    """

    line: int
    last: int
    text: str
    looks_for: tuple[tuple[str, object], ...]


class Watch:
    """Calls a user's function, and records which of its lines are reached.

    Two branches on one line are not told apart. A tracer that was active before, such
    as `coverage` or a debugger, is restored after each call.

    Args:
        function: A function, a bound method, or an object that can be called.

    Attributes:
        branches: Its branches, but for those that only refuse (`raise`, `assert`) or
            return the state as it was given.
        impure: Names of the functions of clock and chance that it called.
    """

    def __init__(self, function: Callable[..., object]) -> None:
        self.impure: dict[str, None] = {}
        self._lines: set[int] = set()
        # Decorated functions are unwrapped: the branches are in the innermost one.
        routine = inspect.unwrap(function)
        if not inspect.isroutine(routine):
            routine = type(routine).__call__
        code = getattr(routine, "__code__", None)
        self._codes = set(_nested(code)) if isinstance(code, CodeType) else set()
        self.branches = tuple(_branches(code)) if isinstance(code, CodeType) else ()

    def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function that calls the one that is watched."""
        # Not by `coverage`: what it measures within another measurement makes that one
        # lose the lines that follow.
        with ExitStack() as stack:
            stack.callback(sys.settrace, sys.gettrace())
            stack.callback(sys.setprofile, sys.getprofile())
            # One statement, or `coverage` would miss the lines after tracing starts.
            profile, trace = sys.setprofile, sys.settrace
            return (
                profile(self.profile),
                trace(self.trace),
                function(*args, **kwargs),
            )[2]

    def missed(self) -> list[Branch]:
        """Return the branches that were not entered."""
        return [
            branch
            for branch in self.branches
            if self._lines.isdisjoint(range(branch.line, branch.last + 1))
        ]

    def trace(self, frame: FrameType, event: str, _arg: Any) -> Any:
        """Record the line of a frame."""
        if frame.f_code not in self._codes:
            return None
        if event == "line":
            self._lines.add(frame.f_lineno)
        return self.trace

    def profile(self, _frame: FrameType, event: str, arg: Any) -> None:
        """Record calls of the clock and of chance."""
        name = getattr(arg, "__name__", "")
        if event == "c_call" and (name in _CLOCKS or name in _CHANCE):
            self.impure[getattr(arg, "__qualname__", name)] = None


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _nested(const)


def _branches(code: CodeType) -> Iterator[Branch]:
    """Yield the branches of a function; none if its source cannot be found."""
    lines = linecache.getlines(code.co_filename)
    try:
        tree = ast.parse("".join(lines))
    # Source from a notebook or `exec` may be missing or another text.
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and _is_of(node, code):
            arguments = [argument.arg for argument in node.args.args]
            # The state is the first argument, after `self` of a method.
            state_name = next((name for name in arguments if name != "self"), None)
            for condition, body in _conditional(node):
                first = body[0]
                if not _is_harmless(first, state_name):
                    text = lines[first.lineno - 1].strip()
                    looks_for = tuple(dict.fromkeys(_looked_for(condition)))
                    last = body[-1].end_lineno or first.lineno
                    yield Branch(first.lineno, last, text, looks_for)


def _is_of(node: ast.FunctionDef, code: CodeType) -> bool:
    """Return whether a node of the source is the function of a code object."""
    # The first line of a code object is that of its first decorator.
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return (node.name, first) == (code.co_name, code.co_firstlineno)


def _conditional(
    function: ast.AST,
) -> Iterator[tuple[Sequence[ast.AST], Sequence[ast.stmt]]]:
    """Yield the conditions of a function, each with the code that depends on it."""
    for node in ast.walk(function):
        match node:
            case ast.If(test, body, orelse) | ast.While(test, body, orelse):
                yield [test], body
                if orelse:
                    yield [test], orelse
            case ast.For(body=body):
                yield [], body
            case ast.match_case(pattern, guard, body):
                yield [pattern, *([guard] if guard else [])], body
            case ast.ExceptHandler(body=body):
                yield [], body


def _is_harmless(first: ast.stmt, given: object) -> bool:
    """Return whether a branch only refuses, or returns the state as it was given."""
    match first:
        case ast.Raise() | ast.Assert() | ast.Pass() | ast.Continue() | ast.Break():
            return True
        case ast.Expr(ast.Call(ast.Name("assert_never"))):
            return True
        case ast.Return(ast.Name(name)):
            return name == given
    return False


def _looked_for(conditions: Sequence[ast.AST]) -> Iterator[tuple[str, object]]:
    """Yield fields with the values that they are compared with, and classes."""
    for condition in conditions:
        for node in ast.walk(condition):
            match node:
                case ast.Compare(ast.Attribute(attr=name), _, [ast.Constant(value)]):
                    yield name, value
                case ast.MatchClass(cls=ast.Name(cls), kwd_attrs=names):
                    yield cls, None
                    for name, pattern in zip(names, node.kwd_patterns, strict=True):
                        match pattern:
                            case ast.MatchValue(ast.Constant(value)):
                                yield name, value
                case ast.Call(ast.Name("isinstance"), [_, ast.Name(cls)]):
                    yield cls, None


def check_tried(
    projection: Projection[S],
    lists: Iterable[Sequence[Event]],
    *,
    untried_ok: bool,
) -> None:
    """Check that events changed the state, and entered every branch.

    Args:
        projection: The projection.
        lists: Lists of events, each folded from the beginning.
        untried_ok: Permit an unchanged state, or a branch that was not entered.

    Raises:
        AssertionError: They did not, or it asks the clock or chance.
    """
    name, watch = projection.name, Watch(projection.evolve)
    kinds: dict[type, None] = {}
    is_changed, shown = False, None
    for events in lists:
        shown = shown or events
        state = projection.initial()
        for event in events:
            kinds[type(event.what)] = None
            after = watch.call(projection, state, event)
            is_changed = is_changed or after != state
            state = after
    if watch.impure:
        problem = f"{name} asks {', '.join(watch.impure)}, which answers otherwise"
        remedy = "take days from events, and ask about a day with as_of()"
        fail(f"{problem} another time: {remedy}")
    if untried_ok:
        return
    # The branches of a measure are the library's own: nobody else need enter them.
    missed = [] if isinstance(projection, Measure) else watch.missed()
    if not is_changed:
        remedy = _remedy(missed or list(watch.branches), [*kinds])
        problem = f"{name} was not tried: no event changed its state"
        fail(f"{problem}; {remedy}", *_lines(missed), *listed("such as", shown or ()))
    if missed:
        problem = f"{name} has a branch that no event entered"
        fail(f"{problem}: {_remedy(missed, [*kinds])}", *_lines(missed))


def _lines(missed: Iterable[Branch]) -> list[str]:
    return [f"line {branch.line}: {branch.text}" for branch in missed]


def _remedy(missed: Sequence[Branch], kinds: Sequence[type]) -> str:
    """Return the advice for generating events that enter branches."""
    pairs = [pair for branch in missed for pair in branch.looks_for]
    known = {kind.__name__ for kind in kinds}
    missing_kinds = [cls for cls, value in pairs if value is None and cls not in known]
    permit = "or pass untried_ok=True"
    if missing_kinds:
        return f"give events of {', '.join(dict.fromkeys(missing_kinds))} too, {permit}"
    for kind in kinds:
        for field, value in pairs:
            if value is not None and field in payload_fields(kind):
                argument = f"{field}=st.sampled_from([{value!r}, ...])"
                return f"name the values: {_call(kind, argument)}, {permit}"
    if not kinds:
        return f"give it some events, {permit}"
    field = next(iter(payload_fields(kinds[0])), "field")
    argument = f"{field}=st.sampled_from([...])"
    return f"name the values that it looks for: {_call(kinds[0], argument)}, {permit}"


def _call(kind: type, given: str) -> str:
    return f"events(payloads({kind.__name__}, {given}))"
