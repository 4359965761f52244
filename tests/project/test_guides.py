"""The guides do what they show, hang together, and name every public name."""

from __future__ import annotations

import ast
import builtins
import importlib
import pkgutil
import re
import shlex
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from documents import LANGUAGES, Run
from postgres_server import shared
from psycopg.conninfo import conninfo_to_dict
from sybil.example import SybilFailure

import bri_timeline
from bri_timeline import _command, errors
from bri_timeline.errors import BriTimelineError


GUIDES = Path(__file__).parents[2] / "examples" / "guides"
PAGES = sorted(GUIDES.glob("*.md"))
# The headings of the index below which guides stand; the site shows the same.
GROUPS = ["Start", "How to", "Look up", "Understand"]
# The least that must be found: a parser that finds nothing would pass all else.
BLOCKS = 150
WIDTH = 88

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_SPAN = re.compile(r"`([^`\n]+)`")


def text_of(path: Path) -> str:
    return path.read_text("utf-8")


def prose_of(path: Path) -> str:
    """The text of a page without its blocks of code."""
    return _FENCE.sub("", text_of(path))


def code_of(path: Path) -> str:
    """The blocks of Python of a page, and what it has in backquotes."""
    blocks = _FENCE.findall(text_of(path))
    python = [body for language, body in blocks if language == "python"]
    return "\n".join([*python, *_SPAN.findall(prose_of(path))])


def written_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The numbered lines of a page, but for what code prints, and rows of tables."""
    row = False
    for number, line in enumerate(text_of(path).splitlines(), 1):
        row = line in ("```csv", "```text") or (row and line != "```")
        if not row and not line.startswith("|"):
            yield number, line


def anchors_of(path: Path) -> list[str]:
    """The names that the headings of a page have in links, as GitHub makes them."""
    headings = [title.strip().lower() for title in _HEADING.findall(prose_of(path))]
    return [re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in headings]


def leads_somewhere(link: str, page: Path) -> bool:
    """Whether a link of a page leads to a file, or to a heading of one."""
    name, _, anchor = link.partition("#")
    target = GUIDES / name if name else page
    return target.exists() and (not anchor or anchor in anchors_of(target))


def public_names() -> list[tuple[str, str]]:
    """Every public module with each of its public names."""
    found = pkgutil.walk_packages(bri_timeline.__path__, "bri_timeline.")
    modules = [module.name for module in found if "._" not in module.name]
    return [
        (module, name)
        for module in ("bri_timeline", *modules)
        for name in getattr(importlib.import_module(module), "__all__", ())
    ]


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_guide_does_what_it_shows(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The blocks of a guide run in order, and print what stands below them."""
    if "PostgresStore(" in text_of(path):
        server = conninfo_to_dict(shared())
        monkeypatch.setenv("PGHOST", str(server["host"]))
        monkeypatch.setenv("PGUSER", str(server["user"]))

    assert len(_FENCE.findall(text_of(path))) == Run(tmp_path).play(path)


def test_the_blocks_of_guides_are_found() -> None:
    """Every block is of a language that does something, and none goes missing."""
    languages = [kind for path in PAGES for kind, _ in _FENCE.findall(text_of(path))]
    fences = sum(text_of(path).count("\n```") for path in PAGES)

    assert set(languages) <= set(LANGUAGES)
    assert 2 * len(languages) == fences
    assert len(languages) >= BLOCKS


def test_the_page_of_errors_has_all_of_them() -> None:
    """With the classes of which each is, beside that of all."""
    rows = re.findall(r"^\| `(\w+)` \((.*?)\) \|", text_of(GUIDES / "errors.md"), re.M)
    listed = {name: {*_SPAN.findall(bases)} for name, bases in rows}
    every = [getattr(errors, name) for name in errors.__all__]
    kinds = {one for one in every if issubclass(one, Exception)} - {BriTimelineError}

    assert listed.keys() == {one.__name__ for one in kinds}
    for one in kinds:
        assert listed[one.__name__] <= {base.__name__ for base in one.__mro__}


def test_every_guide_begins_with_its_title() -> None:
    """The first line of a guide is its title."""
    assert all(text_of(path).startswith("# ") for path in PAGES)


# What a guide uses, and the extra or package that it has to name at its top.
_USES = {
    "altair": r"import altair",
    "arrow": r"formats import (?:\w+, )*arrow|import polars|import pyarrow",
    "bibtex": r"formats import (?:\w+, )*bibtex",
    "graph": r"formats import (?:\w+, )*graph",
    "ical": r"formats import (?:\w+, )*ical",
    "pandas": r"import pandas",
    "png": r"pages import (?:\w+, )*png",
    "polars": r"import polars",
    "postgres": r"PostgresStore\(",
    "scale": r"bri_timeline import scale",
    "starlette": r"import starlette|from starlette",
    "testing": r"bri_timeline\.testing import",
}
_NEEDS = re.compile(r"Needs: (.+?)\.( Before: \[[^]]+\]\([\w-]+\.md\)\.)?")
# A reference of every kind, which the command prints.
LONG = {"facts.md"}


def test_a_guide_says_at_its_top_what_it_needs() -> None:
    """Before its first section, a line has the extras, and which guide comes before."""
    for path in PAGES:
        top = text_of(path).partition("\n## ")[0].split("\n\n")
        lines = [part for part in top if part.startswith("Needs: ")]
        needs = _NEEDS.fullmatch(" ".join("".join(lines).split()))
        assert needs is not None, path.name
        named = _SPAN.findall(needs[1])
        if "the extras that the table names" in needs[1]:
            named += re.findall(r"extra `(\w+)`", text_of(path))
        used = [one for one, use in _USES.items() if re.search(use, code_of(path))]

        assert [] == [one for one in used if one not in named], path.name


def test_guides_are_short() -> None:
    """A guide has at most 1,500 words, of text and of code."""
    assert {} == {
        path.name: count
        for path in PAGES
        if (count := len(text_of(path).replace("|", " ").split())) > 1500
        and path.name not in LONG
    }


def test_recipes_are_short_and_stand_alone() -> None:
    """Blocks of at most twelve lines, each with all names that it uses."""
    blocks = _FENCE.findall(text_of(GUIDES / "recipes.md"))
    recipes = [body for kind, body in blocks if kind == "python"]

    assert len(recipes) >= 12
    assert max(recipe.count("\n") for recipe in recipes) <= 12
    for recipe in recipes:
        used, bound = set[str](), {*dir(builtins)}
        for node in ast.walk(ast.parse(recipe)):
            if isinstance(node, ast.Name):
                (used if isinstance(node.ctx, ast.Load) else bound).add(node.id)
            elif isinstance(node, ast.alias | ast.arg):
                bound.add(node.name if isinstance(node, ast.alias) else node.arg)

        assert set() == used - bound


def test_a_domain_of_ones_own_takes_one_page() -> None:
    """From nothing to a page and a frame in at most 120 lines."""
    assert len(text_of(GUIDES / "own-domain.md").splitlines()) <= 120


@pytest.mark.slow
def test_every_public_name_is_in_a_guide() -> None:
    """Guides have each public name in code, with its module where others have it."""
    code = "\n".join(map(code_of, PAGES))
    everything = public_names()
    times = Counter(name for _, name in everything)

    def is_named(module: str, name: str) -> bool:
        home = module.rpartition(".")[2]
        optional = "?" if times[name] == 1 else ""
        wanted = rf"(?<![\w.])({home}\.){optional}{name}\b"
        return re.search(wanted, code) is not None

    assert [] == [name for name in everything if not is_named(*name)]


# A file or a folder; and a name of the code, with the file that is said to have it.
_FILE = re.compile(r"`((?:[\w.]+/)+|(?:[\w.]+/)*\w+\.py)`")
_PLACED = re.compile(r"`([\w.]+)` (?:in|of) `([\w/]+(?:\.py|/))`")
_STEP = re.compile(r"^ +(\S.*?) {2,}([\w/]+(?:\.py|/))(?=[:, ]|$)", re.MULTILINE)
_CODED = re.compile(r"[\w.]*(?:[a-z][A-Z]|_|\.)[\w.]*|[A-Z][a-z]\w+")


def names_in_architecture(page: str) -> tuple[set[str], set[tuple[str, str]]]:
    """The files that a page names, and the names of the code with their files."""
    files, names = {*_FILE.findall(page)}, {*_PLACED.findall(page)}
    for what, file in _STEP.findall(page):
        files.add(file)
        for part in what.split(", "):
            name = part.removesuffix("()")
            if name != part or _CODED.fullmatch(name):
                names.add((name, file))
    return files, names


def place_of(name: str) -> Path | None:
    """Return the file or folder of a name, wherever it lies, if it is there."""
    package = Path(bri_timeline.__file__).parent
    places = [package / name, GUIDES.parents[1] / name, *package.rglob(Path(name).name)]
    return next((place for place in places if place.exists()), None)


def is_in(name: str, file: str) -> bool:
    """Whether a file, or one of a folder, has a class, a function or a value."""
    place = place_of(file)
    files = [] if place is None else [place] if place.is_file() else place.rglob("*.py")
    made = re.compile(rf"\b(?:class|def) {name}\b|^ *{name}(?::| =)", re.MULTILINE)
    return any(made.search(text_of(path)) for path in files)


def test_the_architecture_names_what_is_there() -> None:
    """Each file and folder of the page exists, and has the names that it is to have."""
    files, names = names_in_architecture(text_of(GUIDES / "architecture.md"))

    assert len(files) > 50
    assert len(names) > 15
    assert [] == sorted(name for name in files if place_of(name) is None)
    assert [] == sorted(
        (name, file)
        for name, file in names
        if not all(is_in(part, file) for part in name.split("."))
    )


def test_every_link_leads_somewhere() -> None:
    """A link leads to a file that is there, or to a heading of one."""
    links = [(path, link) for path in PAGES for link in _LINK.findall(prose_of(path))]

    assert len(links) > len(PAGES)
    assert [] == [
        (path.name, link) for path, link in links if not leads_somewhere(link, path)
    ]


def test_commands_in_the_text_can_be_given() -> None:
    """A command that no block runs has options that there are, or a file."""
    root = GUIDES.parents[1]
    pages = [*PAGES, root / "README.md", root / "examples" / "gallery" / "README.md"]
    spans = [span for path in pages for span in _SPAN.findall(prose_of(path))]
    given = [shlex.split(span) for span in spans if span.startswith("python ")]
    verbs = [words[3:] for words in given if words[1:3] == ["-m", "bri_timeline"]]
    scripts = [name for words in given for name in words if "/" in name]

    assert len(verbs) > 5
    assert len(scripts) > 5
    for verb, *options in filter(None, verbs):
        _command._parser("x", [verb], [verb]).parse_args([verb, *options])
    assert [] == [
        name for name in scripts if name.endswith(".py") and not list(root.glob(name))
    ]


def test_every_guide_is_in_one_group_of_the_index() -> None:
    """Each guide stands in one row below one of the four headings of the index."""
    parts = re.split(r"^## (.*)$", text_of(GUIDES / "index.md"), flags=re.MULTILINE)
    groups = dict(zip(parts[1::2], parts[2::2], strict=True))
    rows = [
        (name, group)
        for group in GROUPS
        for name in re.findall(r"^\|.*\]\(([\w-]+\.md)\)", groups[group], re.MULTILINE)
    ]

    assert list(groups)[:4] == GROUPS
    assert sorted(name for name, _ in rows) == sorted(
        path.name for path in PAGES if path.name != "index.md"
    )


def test_lines_of_guides_can_be_read() -> None:
    """No line that was written by hand is wider than those of the code."""
    assert [] == [
        (path.name, number)
        for path in PAGES
        for number, line in written_lines(path)
        if len(line) > WIDTH
    ]


@pytest.mark.parametrize(
    "page",
    [
        "```python\nassert 1 == 2\n```\n",
        "```python\nprint(1)\n```\n",
        "```python\nprint(1)\n```\n\n```text\n2\n```\n",
        "```python\npass\n```\n\n```text\n1\n```\n",
        "```python\nprint(1)\n```\n\n```python\npass\n```\n",
        "```sh\nother -c 'pass'\n```\n",
        "```sh\npython -c 'raise SystemExit(1)'\n```\n",
        "```csv\na,b\n```\n",
    ],
)
def test_a_guide_that_is_wrong_is_found(page: str, tmp_path: Path) -> None:
    """What fails, prints otherwise or prints unseen is an error, and so is no name."""
    (tmp_path / "page.md").write_text(page, "utf-8")

    with pytest.raises(AssertionError):
        Run(tmp_path).play(tmp_path / "page.md")


def test_blocks_share_names_and_files(tmp_path: Path) -> None:
    """A block sees the names of those before it, and files that the page gives."""
    page = (
        "Save `a.csv`:\n\n```csv\n1,2\n```\n\n"
        "```python\nwith open('a.csv') as file:\n    read = file.read()\n```\n\n"
        "```python\nprint(read, end='')\n```\n\n```text\n1,2\n```\n\n"
        "```sh\npython -c 'print(3)'\n```\n\n```text\n3\n```\n"
    )
    (tmp_path / "page.md").write_text(page, "utf-8")

    assert Run(tmp_path).play(tmp_path / "page.md") == 6


def test_what_is_shown_is_told_with_its_place(tmp_path: Path) -> None:
    """The message of a failure has the line, and what was printed instead."""
    page = "```python\nprint(1)\n```\n\n```text\n2\n```\n"
    (tmp_path / "page.md").write_text(page, "utf-8")

    with pytest.raises(SybilFailure, match=r"page\.md, line 5.*\n.*it prints\n1"):
        Run(tmp_path).play(tmp_path / "page.md")
