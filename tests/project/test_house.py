"""The words and the measures of the package itself: names, sentences, sizes."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest

import bri_timeline


PACKAGE = Path(bri_timeline.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

# Words that nobody outside would look for.
PRIVATE_WORDS = re.compile(
    "trunk|kinships?|kinfolk|namesakes?|shelf|shelves|courses?|gapped|scribes?|unsaid"
)
RIDDLES = re.compile(r"(What|Whether|How)\b")
NEGATION = re.compile(r"\b(is|are) no [a-zA-Z]")

# Sentences in which "is no" is plain English, each with its reason.
FAIR: set[str] = set()


@cache
def trees() -> tuple[tuple[Path, ast.Module], ...]:
    """Every module, parsed once for all tests."""
    return tuple((path.relative_to(PACKAGE), tree_of(path)) for path in FILES)


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def texts_of(tree: ast.Module) -> Iterator[str]:
    """Every text in the code: messages, docstrings and the parts of f-strings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def names_of(tree: ast.Module) -> Iterator[str]:
    """Every name that the code gives or uses."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name


@pytest.mark.slow
def test_docstrings_open_with_the_thing_and_not_with_a_question() -> None:
    """No summary begins with What, Whether or How."""
    documented = ast.FunctionDef | ast.ClassDef | ast.Module | ast.AsyncFunctionDef
    riddles = [
        (str(path), doc.partition("\n")[0])
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, documented)
        and RIDDLES.match(doc := ast.get_docstring(node, clean=False) or "")
    ]

    assert [] == riddles


@pytest.mark.slow
def test_sentences_deny_with_not() -> None:
    """A message says "is not an EDTF date", never "is no EDTF date"."""
    denying = [
        (str(path), text)
        for path, tree in trees()
        for text in texts_of(tree)
        if NEGATION.search(text) and text not in FAIR
    ]

    assert [] == denying


@pytest.mark.slow
def test_names_are_words_of_the_field() -> None:
    """No module, class, function or variable bears a private word."""
    found = {
        (str(path), name)
        for path, tree in trees()
        for name in (*path.with_suffix("").parts, *names_of(tree))
        for word in re.findall("[A-Z]?[a-z]+", name)
        if PRIVATE_WORDS.fullmatch(word.lower())
    }

    assert set() == found


def test_typing_only_imports_outside_faces_have_a_reason() -> None:
    """A block for type checkers alone stands in an `__init__`, or under a comment."""
    bare = [
        str(path.relative_to(PACKAGE))
        for path in FILES
        if path.name != "__init__.py"
        for before, line in pairwise(path.read_text("utf-8").splitlines())
        if line == "if TYPE_CHECKING:" and not before.startswith("#")
    ]

    assert [] == bare


@pytest.mark.slow
def test_comments_are_few_and_there() -> None:
    """Between 3 and 8 comments stand in 100 lines of code."""
    comments, code = 0, 0
    for path in FILES:
        lines: set[int] = set()
        text = path.read_text("utf-8")
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                comments += 1
            elif token.string.strip() and token.type != tokenize.STRING:
                lines.add(token.start[0])
        code += len(lines)

    assert 0.03 <= comments / code <= 0.08


def lines_of_code(tree: ast.Module) -> int:
    """The number of lines that are not docstrings, comments or empty."""
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    for node in ast.walk(tree):
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            node.body[0] = ast.Pass()
    return len(ast.unparse(tree).splitlines())


@pytest.mark.slow
def test_files_are_not_long() -> None:
    """None has more than 400 lines of code, and most are no fragments."""
    lengths = [len(path.read_text("utf-8").splitlines()) for path in FILES]
    # Counting changes the tree.
    long = [
        str(path)
        for path, length in zip(FILES, lengths, strict=True)
        if length > 400 and lines_of_code(tree_of(path)) > 400
    ]

    assert 160 <= median(lengths)
    assert [] == long


def imports_between_areas() -> dict[str, set[str]]:
    """The top modules and packages that each of them imports, also for typing only."""
    areas = {path.parts[0].removesuffix(".py"): set[str]() for path, _ in trees()}
    for path, tree in trees():
        area = path.parts[0].removesuffix(".py")
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            inner = [name.split(".") for name in names if name.startswith("bri_time")]
            areas[area] |= {parts[1] for parts in inner if parts[1] in areas}
    return {area: others - {area} for area, others in areas.items()}


@pytest.mark.slow
def test_chains_of_imports_are_short() -> None:
    """The longest chain of imports between areas has at most 12 links."""
    imports = imports_between_areas()
    # They import most of the others, to give them public names.
    del imports["__init__"]
    imports["extend"] = set()

    @cache
    def longest(area: str) -> tuple[str, ...]:
        return (area, *max(map(longest, imports[area]), key=len, default=()))

    chain = max(map(longest, imports), key=len)

    assert len(chain) <= 12, " -> ".join(chain)


def test_each_private_module_is_closed_to_what_is_built_on_the_library() -> None:
    """The contract names every private module at the top, but for the command."""
    project = tomllib.loads(
        Path(__file__).parents[2].joinpath("pyproject.toml").read_text("utf-8")
    )
    (contract,) = (
        one
        for one in project["tool"]["importlinter"]["contracts"]
        if one["name"].endswith("uses public names and extend")
    )
    areas = {path.parts[0].removesuffix(".py") for path, _ in trees()}
    private = {area for area in areas if re.match("_[a-z]", area)} - {"_command"}

    assert {f"bri_timeline.{name}" for name in private} == {
        *contract["forbidden_modules"]
    }


@pytest.mark.slow
def test_only_what_touches_the_world_replaces_files() -> None:
    """As the contract says of the module, which others reach through `extend`."""
    writing = {
        path.parts[0].removesuffix(".py")
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "bri_timeline.extend"
        if "replaced" in {alias.name for alias in node.names}
    }

    assert {"_command", "formats", "pages", "scale"} >= writing
