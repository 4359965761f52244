"""The README, the docstrings and the programs in `examples` do what they show."""

from __future__ import annotations

import re
import runpy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from documents import Run
from packaging.requirements import Requirement
from sybil import Document, Sybil
from sybil.parsers.doctest import DocTestParser

import bri_timeline
from bri_timeline._later import EXTRAS


ROOT = Path(__file__).parents[2]
README_TEXT = (ROOT / "README.md").read_text("utf-8")
PACKAGE = Path(bri_timeline.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
# Those with examples.
SHOWING = [path for path in MODULES if ">>> " in path.read_text("utf-8")]
PROGRAMS = sorted((ROOT / "examples").glob("*.py"))

# The least that must be found: a parser that finds nothing would pass all else.
DOCSTRING_EXAMPLES = 20
OUTPUT = {
    "azerbaijan_china.py": [
        "30 June 2015: visits 0, ",
        "31 December 2015: visits 1, ",
        "24 April 2019: visits 2, ",
        "agreements 10 worth 821 million USD",
    ],
    "corrections.py": ["overdue, outcome unknown", "postponed"],
    "in_office.py": ["Nursultan Nazarbayev: yes", "nobody on the list", "90 to 120"],
    "own_projection.py": ["certain: Astana", "'Baku' or 'nobody'"],
    "own_projection_tested.py": [
        "depends on an order that no date decides",
        "polls keeps all laws",
    ],
    "picture.py": ["<svg ", "Azerbaijan and China", "By 25 April 2019"],
    "show_the_words.py": [
        "6  quote: is not in the document",
        "did you mean AZE?",
        "8  when: 'recently' gives no date",
        "5 of 8 wait; 0 count",
        "agreements 10, and why",
        "5 quotes stand, 0 do not",
        "The page has the words: True",
    ],
    "two_sources_disagree.py": ["25 April 2019, taken", "24 April 2019, set aside"],
}


def _document(path: Path) -> Document:
    return Sybil(parsers=[DocTestParser()]).parse(path)


def _evaluate(document: Document) -> int:
    """Run the examples of a document in order, and count them."""
    return sum(1 for example in document.examples() if example.evaluate() is None)


@pytest.mark.slow
def test_the_readme_does_what_it_shows(tmp_path: Path) -> None:
    """All blocks of the README run and print what it says.

    The gate runs the two commands that make an environment.
    """
    text, taken = re.subn(
        r"^```sh\npython3 -m venv .*\n```$", "", README_TEXT, flags=re.M
    )
    page = tmp_path / "README.md"
    page.write_text(text, "utf-8")

    assert taken == 2
    assert Run(tmp_path).play(page) == text.count("\n```") / 2


def test_the_readme_installs_extras_that_are_there() -> None:
    """Each requirement that the README shows is one of this project and its extras."""
    shown = re.findall(r"install '([^']+)\[([\w,]+)\]", README_TEXT)

    assert len(shown) >= 3
    assert 2 == len(
        [*map(Requirement, re.findall(r"install '(.* @ .*)'", README_TEXT))]
    )
    assert {"test", *EXTRAS} >= {
        extra for _, extras in shown for extra in extras.split(",")
    }


@pytest.mark.parametrize(
    "path", SHOWING, ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_docstrings_run(path: Path) -> None:
    """Every example in a docstring gives what it says."""
    document = _document(path)

    assert len(list(document.examples())) == _evaluate(document)


def test_docstring_examples_are_found() -> None:
    """The examples in docstrings are counted, so that none goes missing unseen."""
    prompts = sum(path.read_text("utf-8").count("    >>> ") for path in MODULES)
    found = sum(len(list(_document(path).examples())) for path in SHOWING)

    assert prompts == found
    assert found >= DOCSTRING_EXAMPLES


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Run a program as Python does, in this process: warnings are errors here."""
    modules = {*sys.modules}

    def run(path: Path, *arguments: Path) -> None:
        monkeypatch.syspath_prepend(path.parent)
        monkeypatch.setattr("sys.argv", [str(path), *map(str, arguments)])
        runpy.run_path(str(path), run_name="__main__")

    yield run
    # The next program may have a module of the same name.
    for name in {*sys.modules} - modules:
        if "examples" in (getattr(sys.modules[name], "__file__", None) or ""):
            del sys.modules[name]


@pytest.mark.slow
@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.name)
def test_programs_run(
    path: Path, run: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each program in `examples` runs without a warning and prints what it must."""
    run(path)
    out, err = capsys.readouterr()
    telling = OUTPUT[path.name]

    assert "" == err
    assert telling == [text for text in telling if text in out]


def test_the_picture_of_the_readme_is_what_its_program_draws(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The README shows the picture that `examples/picture.py` prints today."""
    runpy.run_path(str(ROOT / "examples" / "picture.py"), run_name="__main__")
    kept = (ROOT / "examples" / "picture.svg").read_text("utf-8")

    assert capsys.readouterr().out == kept
    assert "](examples/picture.svg)" in README_TEXT


def test_every_promised_program_is_there() -> None:
    """The programs in `examples` are those that are checked here."""
    assert sorted(OUTPUT) == [path.name for path in PROGRAMS]


# Each program of the gallery, and a sentence of its picture.
GALLERY = {
    "article.py": "two visits, one meeting, ten agreements worth 821 million USD",
    "memberships.py": "Memberships that last: 4; sources differ about one of them",
    "pictures.py": "The state on 25 April 2019, as it was believed from one report",
    "owners.py": "Owners known: 2, together, in percent: 70 and largest: Northern Wind",
    "trade_war.py": "Goods of China (billion USD) 370 and Goods of the USA",
}


def test_the_gallery_is_listed_and_checked() -> None:
    """Each program has a row in the README of the gallery, and is run here."""
    folder = ROOT / "examples" / "gallery"
    listed = re.findall(r"\]\((\w+\.py)\)", (folder / "README.md").read_text("utf-8"))

    assert sorted(GALLERY) == sorted(listed)
    assert sorted(GALLERY) == sorted(path.name for path in folder.glob("*.py"))


@pytest.mark.parametrize("name", GALLERY)
def test_gallery_programs_write_a_page_and_a_picture(
    name: str, run: Callable[..., None], tmp_path: Path
) -> None:
    """Each runs without a warning, and its picture tells the state in a sentence."""
    path = ROOT / "examples" / "gallery" / name
    run(path, tmp_path)
    page, picture = (tmp_path / path.with_suffix(end).name for end in (".html", ".svg"))

    assert page.read_text("utf-8").startswith("<!")
    assert GALLERY[name] in picture.read_text("utf-8").partition("</desc>")[0]
