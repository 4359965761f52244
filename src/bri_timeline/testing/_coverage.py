"""Branch coverage of a projection: which branches of its function were entered."""

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
# Asking which branches are missed costs more than a list of events.
_CHECK_EVERY = 16
_Place = tuple[int, int]
_Range = tuple[_Place, _Place]
_CLOCKS = {"today", "now", "utcnow", "time", "time_ns", "monotonic", "localtime"}
_CHANCE = {"random", "getrandbits", "urandom"}


@frozen
class Branch:
    """Statements, or an expression, that run only under a condition.

    Attributes:
        line: The number of their first line in the file.
        text: That line.
        looks_for: Names in the condition: fields, each with the value that it is
            compared with, and classes, with None.
    """

    line: int
    text: str
    looks_for: tuple[tuple[str, object], ...]
    _range: _Range


class BranchTracer:
    """Calls a user's function, and records which of its branches are entered.

    It uses the positions of instructions, so two branches on one line are told apart.
    A tracer that was active before, such as `coverage`, is restored after each call.
    Branches that only refuse (`raise`, `assert`) or return the state as it was given
    are left out.

    Args:
        function: A function, a bound method, or an object that can be called.

    Attributes:
        impure: Names of the functions of clock and chance that it called.
    """

    def __init__(self, function: Callable[..., object]) -> None:
        self.impure: dict[str, None] = {}
        # Decorated functions are unwrapped: the branches are in the innermost one.
        routine = inspect.unwrap(function)
        if not inspect.isroutine(routine):
            routine = type(routine).__call__
        code = getattr(routine, "__code__", None)
        self._codes = set(_nested(code)) if isinstance(code, CodeType) else set()
        self._reached: set[tuple[CodeType, int]] = set()
        self.branches = tuple(_branches(code)) if isinstance(code, CodeType) else ()
        everywhere = set().union(*(_places(code, None) for code in self._codes))
        self.branches = tuple(b for b in self.branches if _holds(b._range, everywhere))

    def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function that calls the traced one."""
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
        places: set[_Range] = set()
        for code in self._codes:
            offsets = {
                offset for reached_code, offset in self._reached if reached_code is code
            }
            places |= _places(code, offsets)
        return [branch for branch in self.branches if not _holds(branch._range, places)]

    def trace(self, frame: FrameType, event: str, _arg: Any) -> Any:
        """Record the next instruction."""
        if frame.f_code not in self._codes:
            return None
        # Lines are too coarse: a conditional expression has two branches on one.
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode":
            self._reached.add((frame.f_code, frame.f_lasti))
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


def _places(code: CodeType, offsets: set[int] | None) -> set[_Range]:
    """Return the source ranges of instructions: those at *offsets*, or all."""
    return {
        ((line, column), (end, end_column))
        for number, (line, end, column, end_column) in enumerate(code.co_positions())
        if (offsets is None or 2 * number in offsets)
        if line is not None and end is not None
        if column is not None and end_column is not None
    }


def _holds(wide: _Range, places: set[_Range]) -> bool:
    return any(wide[0] <= place[0] and place[1] <= wide[1] for place in places)


def _branches(code: CodeType) -> Iterator[Branch]:
    """Yield the branches of a function; none if its source cannot be found."""
    lines = linecache.getlines(code.co_filename)
    try:
        tree = ast.parse("".join(lines))
    # Source from a notebook or `exec` may be missing or another text.
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.Lambda) and _is_of(node, code):
            arguments = [argument.arg for argument in node.args.args]
            # The state is the first argument, after `self` of a method.
            state_name = next((name for name in arguments if name != "self"), None)
            for condition, body in _conditional(node):
                first = body[0]
                if _is_harmless(first, state_name):
                    continue
                yield Branch(
                    first.lineno,
                    lines[first.lineno - 1].strip(),
                    tuple(dict.fromkeys(_looked_for(condition))),
                    (_range(first)[0], _range(body[-1])[1]),
                )
            return


def _is_of(node: ast.FunctionDef | ast.Lambda, code: CodeType) -> bool:
    """Return whether a node of the source is the function of a code object."""
    if isinstance(node, ast.FunctionDef):
        # The first line of a code object is that of its first decorator.
        decorated = [decorator.lineno for decorator in node.decorator_list]
        first = min([node.lineno, *decorated])
        return (node.name, first) == (code.co_name, code.co_firstlineno)
    if code.co_name != "<lambda>" or node.lineno != code.co_firstlineno:
        return False
    # Several lambdas can begin on one line: compare the columns of instructions.
    inside = _range(node.body)
    return all(
        inside[0] <= place[0] and place[1] <= inside[1]
        for place in _places(code, None)
        if place[0][1] != place[1][1]
    )


def _range(node: ast.expr | ast.stmt) -> _Range:
    last = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
    return (node.lineno, node.col_offset), last


_Part = Sequence[ast.expr] | Sequence[ast.stmt]


def _conditional(function: ast.AST) -> Iterator[tuple[Sequence[ast.AST], _Part]]:
    """Yield the conditions of a function, each with the code that depends on it."""
    for node in ast.walk(function):
        match node:
            case ast.If(test, body, orelse) | ast.While(test, body, orelse):
                yield [test], body
                if orelse:
                    yield [test], orelse
            case ast.For(body=body):
                yield [], body
            case ast.IfExp(test, body, orelse):
                yield [test], [body]
                yield [test], [orelse]
            case ast.match_case(pattern, guard, body):
                yield [pattern, *([guard] if guard else [])], body
            case ast.ExceptHandler(body=body):
                yield [], body


def _is_harmless(first: ast.expr | ast.stmt, given: object) -> bool:
    """Return whether a branch only refuses, or returns the state as it was given."""
    match first:
        case ast.Raise() | ast.Assert() | ast.Pass() | ast.Continue() | ast.Break():
            return True
        case ast.Expr(ast.Call(ast.Name("assert_never"))):
            return True
        case ast.Return(ast.Name(name)) | ast.Name(name):
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
    name, tracer = projection.name, BranchTracer(projection.evolve)
    # The branches of a measure are the library's own: nobody else need enter them.
    is_own = not isinstance(projection, Measure)
    kinds: dict[type, None] = {}
    is_changed, shown = False, None
    for number, events in enumerate(lists):
        # Tracing is slow: stop as soon as everything was entered.
        is_entered = not (is_own and tracer.missed())
        if number % _CHECK_EVERY == 0 and is_changed and is_entered:
            break
        shown = shown or events
        state = projection.initial()
        for event in events:
            kinds[type(event.what)] = None
            after = tracer.call(projection, state, event)
            is_changed = is_changed or after != state
            state = after
    if tracer.impure:
        problem = f"{name} asks {', '.join(tracer.impure)}, which answers otherwise"
        remedy = "take days from events, and ask about a day with as_of()"
        fail(f"{problem} another time: {remedy}")
    if untried_ok:
        return
    missed = tracer.missed() if is_own else []
    if not is_changed:
        remedy = _remedy(missed or list(tracer.branches), [*kinds])
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
