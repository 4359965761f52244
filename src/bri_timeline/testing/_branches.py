"""The branches of a function, and which of them were entered."""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from types import CodeType, FrameType
from typing import Any, ParamSpec, TypeVar

from attrs import frozen


__all__ = ["Branch", "Watch"]

P = ParamSpec("P")
R = TypeVar("R")
_Place = tuple[int, int]
_Range = tuple[_Place, _Place]
_CLOCKS = {"today", "now", "utcnow", "time", "time_ns", "monotonic", "localtime"}
_CHANCE = {"random", "getrandbits", "urandom"}


@frozen
class Branch:
    """Statements, or an expression, that are met only if something holds.

    Attributes:
        line: Where they begin in the file.
        text: That line.
        looks_for: What the condition names: fields, each with a value that it is
            compared with, and classes, with None.
    """

    line: int
    text: str
    looks_for: tuple[tuple[str, object], ...]
    _range: _Range


class Watch:
    """Calls a function of somebody's, and notes which of its branches are entered.

    It reads the positions of instructions, so two branches on one line are two. What
    traced before, such as a measurement of coverage, traces again after each call.
    Branches are those of the function itself, which leave out what only refuses
    (`raise`, `assert`) or returns the state as it was given.

    Args:
        function: A function, a bound method, or an object that can be called.

    Attributes:
        impure: The names of what it called that answers otherwise another time.
    """

    def __init__(self, function: Callable[..., object]) -> None:
        self.impure: dict[str, None] = {}
        found = inspect.unwrap(function)
        if not inspect.isroutine(found):
            found = type(found).__call__
        code = getattr(found, "__code__", None)
        self._codes = set(_nested(code)) if isinstance(code, CodeType) else set()
        self._reached: set[tuple[CodeType, int]] = set()
        self.branches = tuple(_branches(code)) if isinstance(code, CodeType) else ()
        everywhere = set().union(*(_places(code, None) for code in self._codes))
        self.branches = tuple(b for b in self.branches if _holds(b._range, everywhere))

    def call(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function that calls the watched one."""
        with ExitStack() as stack:
            stack.callback(sys.settrace, sys.gettrace())
            stack.callback(sys.setprofile, sys.getprofile())
            # The last line begins before tracing does: later ones would be unmeasured.
            profile, trace = sys.setprofile, sys.settrace
            return (
                profile(self.profile),
                trace(self.trace),
                function(*args, **kwargs),
            )[2]

    def missed(self) -> list[Branch]:
        """Return the branches that were not entered yet."""
        places: set[_Range] = set()
        for code in self._codes:
            offsets = {offset for other, offset in self._reached if other is code}
            places |= _places(code, offsets)
        return [branch for branch in self.branches if not _holds(branch._range, places)]

    def trace(self, frame: FrameType, event: str, _arg: Any) -> Any:
        """Note which instruction comes next."""
        if frame.f_code not in self._codes:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode":
            self._reached.add((frame.f_code, frame.f_lasti))
        return self.trace

    def profile(self, _frame: FrameType, event: str, arg: Any) -> None:
        """Note calls of the clock and of chance."""
        name = getattr(arg, "__name__", "")
        if event == "c_call" and (name in _CLOCKS or name in _CHANCE):
            self.impure[getattr(arg, "__qualname__", name)] = None


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _nested(const)


def _places(code: CodeType, offsets: set[int] | None) -> set[_Range]:
    """Return where in the source instructions stand: those at *offsets*, or all."""
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
    """Yield the branches of a function whose source can be found."""
    lines = linecache.getlines(code.co_filename)
    try:
        tree = ast.parse("".join(lines))
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.Lambda) and _is_of(node, code):
            arguments = [argument.arg for argument in node.args.args]
            given = next((name for name in arguments if name != "self"), None)
            for condition, body in _conditional(node):
                first = body[0]
                if _is_harmless(first, given):
                    continue
                yield Branch(
                    first.lineno,
                    lines[first.lineno - 1].strip(),
                    tuple(dict.fromkeys(_looked_for(condition))),
                    (_range(first)[0], _range(body[-1])[1]),
                )
            return


def _is_of(node: ast.FunctionDef | ast.Lambda, code: CodeType) -> bool:
    """Tell whether a function stands where its code says."""
    if isinstance(node, ast.FunctionDef):
        decorated = [one.lineno for one in node.decorator_list]
        first = min([node.lineno, *decorated])
        return (node.name, first) == (code.co_name, code.co_firstlineno)
    if code.co_name != "<lambda>" or node.lineno != code.co_firstlineno:
        return False
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
    """Yield conditions of a function, and what is met only under them."""
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
    """Tell whether it only refuses, or leaves the state as it was given."""
    match first:
        case ast.Raise() | ast.Assert() | ast.Pass() | ast.Continue() | ast.Break():
            return True
        case ast.Expr(ast.Call(ast.Name("assert_never"))):
            return True
        case ast.Return(ast.Name(name)) | ast.Name(name):
            return name == given
    return False


def _looked_for(conditions: Sequence[ast.AST]) -> Iterator[tuple[str, object]]:
    """Yield fields and the values that they are compared with, and classes."""
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
