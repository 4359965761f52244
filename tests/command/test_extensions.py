"""Formats, pages, stores and verbs are found by entry points, those of others too."""

from __future__ import annotations

import ast
import importlib
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bri_timeline import extensions
from bri_timeline._command import main
from bri_timeline._command._kinds import READ
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import ExtensionError, SelectionError
from bri_timeline.formats import jsonl, update
from bri_timeline.relations import FACTS
from bri_timeline.stores import SQLiteStore
from bri_timeline.testing import check_format


ROOT = Path(__file__).parents[2]
OUTSIDERS = ROOT / "tests/support/outsiders"
Install = Callable[..., None]
Run = Callable[..., str]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a package as pip does: the module, and what it says of itself."""
    there = tmp_path / "installed"
    monkeypatch.syspath_prepend(there)
    known = {*sys.modules}

    def describe(name: str, points: str) -> None:
        described = there / f"{name}-1.0.dist-info"
        described.mkdir(parents=True)
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
        (described / "METADATA").write_text(text)
        (described / "entry_points.txt").write_text(points)
        importlib.invalidate_caches()

    def add(name: str = "others", *, points: str = "") -> None:
        if not points:
            project = tomllib.loads((OUTSIDERS / name / "pyproject.toml").read_text())
            for group, some in project["project"]["entry-points"].items():
                points += f"[{group}]\n"
                points += "".join(f"{key} = {value}\n" for key, value in some.items())
        describe(name, points)
        if (OUTSIDERS / name).exists():
            shutil.copy(OUTSIDERS / name / f"{name}.py", there)

    yield add
    for name in {*sys.modules} - known:
        if name in {"odd", *(path.name for path in OUTSIDERS.iterdir())}:
            del sys.modules[name]


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Run a command in a folder with a log, and return what it prints."""
    monkeypatch.chdir(tmp_path)
    jsonl.dump(azerbaijan_china(), "log.jsonl", FACTS)

    def call(command: str, status: int = 0) -> str:
        assert status == main(shlex.split(command))
        out, err = capsys.readouterr()
        return out + err

    return call


def test_ours_are_entry_points_too() -> None:
    """`pyproject.toml` says of each what the table in the code says."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    found = {
        group.removeprefix("bri_timeline."): points
        for group, points in project["entry-points"].items()
        if group.startswith("bri_timeline.")
    }

    assert found == extensions.OURS
    assert [*found["verbs"]] == [*extensions.OURS["verbs"]]


@pytest.mark.parametrize("group", [*extensions.OURS])
def test_each_of_ours_is_there(group: str) -> None:
    """Each can be imported, and no two of a group have one suffix."""
    some = [extensions.extension(group, name) for name in extensions.OURS[group]]
    ends = [suffix for one in some for suffix in extensions.suffixes(one)]

    assert len({*ends}) == len(ends)
    assert all(end.startswith(".") for end in ends)


@pytest.mark.parametrize("name", sorted(path.name for path in OUTSIDERS.iterdir()))
def test_an_outsider_imports_public_names_only(name: str) -> None:
    """Nothing of this package that begins with an underscore is in its imports."""
    tree = ast.parse((OUTSIDERS / name / f"{name}.py").read_text())
    imports = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    ours = [n for n in imports if (n.module or "").startswith("bri_timeline")]

    words = [word for n in ours for word in (n.module or "").split(".")]
    words += [alias.name for n in ours for alias in n.names]
    assert ours
    assert not [word for word in words if word.startswith("_")]


@pytest.mark.slow
def test_a_format_is_found_by_the_suffix_of_its_files(
    install: Install, run: Run
) -> None:
    """It is written, read, extended and named, like one of ours."""
    install("entry_lines")

    assert "visits.lines: 26 entries, as lines\n" in run(
        "export log.jsonl -o visits.lines"
    )
    asked = "--on 2019-04-30 --between AZE CHN"
    assert run(f"state visits.lines {asked}") == run(f"state log.jsonl {asked}")
    assert "0 entries were added" in run("import log.jsonl -o visits.lines")
    run("export log.jsonl -o more --to lines")
    assert "0 entries were added" in run("import more --from lines -o visits.lines")
    assert ".lines" in run("export log.jsonl -o log.xyz", 2)
    log, _ = update("visits.lines", lambda log: log, FACTS)
    assert log == azerbaijan_china()


@pytest.mark.slow
def test_the_format_passes_the_laws_of_formats(install: Install) -> None:
    """It keeps all of a log, the queue of proposals too."""
    install("entry_lines")

    check_format(extensions.extension("formats", "lines"))


def test_a_page_is_found_by_the_suffix_of_its_files(install: Install, run: Run) -> None:
    """It takes the options that it has: this one has a title, and no projection."""
    install("years_page")

    run("timeline log.jsonl -o log.years --title Visits --on 2019-04-30")
    assert Path("log.years").read_text().splitlines()[0] == "Visits"
    assert "a picture: draw it" in run("export log.jsonl -o log.years", 2)
    assert ".md or .years" in run("timeline log.jsonl -o log.pdf", 2)


def test_a_picture_is_found_by_its_name(install: Install, run: Run) -> None:
    """It is drawn with what ours are drawn with, as SVG or as PNG."""
    install("lane_picture")

    run("timeline log.jsonl -o log.svg --picture lanes --on 2019-04-30")
    assert ">Agreements</text>" in Path("log.svg").read_text("utf-8")
    run("timeline log.jsonl -o log.png --picture lanes")
    assert Path("log.png").read_bytes().startswith(b"\x89PNG")


def test_a_verb_is_found_by_its_name(install: Install, run: Run) -> None:
    """Its function adds arguments, and says in one line what the verb does."""
    install("kinds_verb")

    assert "Visited 2\n" in run("kinds log.jsonl")
    assert "Count claims by kind, 100 % of them." in run("--help")
    assert "Count claims by kind" not in run("state --help")


@pytest.mark.slow
def test_what_cannot_be_imported_stops_only_who_asks_for_it(
    install: Install, run: Run
) -> None:
    """It is told with its name, its module and a remedy, and left out of lists."""
    install(
        points="[bri_timeline.verbs]\nbroken = no_such_module:add\n"
        "[bri_timeline.formats]\nodd = no_such_module\n"
        "[bri_timeline.pages]\nodd = json:no.such\n"
    )

    said = "'broken' (no_such_module:add) cannot be imported: ModuleNotFoundError"
    assert said in run("broken log.jsonl", 1)
    assert said in " ".join(run("--help").split())
    why = "'odd' (no_such_module) cannot be imported: ModuleNotFoundError: No module"
    for command, known in {"export log.jsonl -o": ".geojson", "verify": ".csv"}.items():
        shown = run(f"{command} log.odd", 2)
        assert known in shown
        assert why in shown
    with pytest.raises(
        SelectionError, match=r"'odd' \(no_such_module\) cannot be impo"
    ):
        update("log.odd", lambda log: log, FACTS)
    shown = run("timeline log.jsonl -o log.odd", 2)
    assert ".html" in shown
    assert "'odd' (json:no.such) cannot be imported: AttributeError" in shown
    with pytest.raises(ExtensionError, match="update or remove the package") as error:
        extensions.extension("pages", "odd")
    assert error.value.name == "odd"


ODD = {
    "raises": "1 / 0",
    "ends": "import sys; sys.exit(3)",
    "own base": "class Ended(BaseException): pass\nraise Ended",
    "no names": "NAMES = None",
    "a number": "NAMES = 5",
    "text": "NAMES = '.odd'",
    "numbers": "NAMES = (1, None)",
    "names raise": "def __getattr__(name): raise RuntimeError(name)",
    "keeps": "KEEPS = 'log'",
    "no function": "NAMES, load, render = ('.odd',), 5, 5",
    "no arguments": "load = dump = render = min",
    "add raises": "def load(parser): raise ValueError",
    "add ends": "def load(parser): raise SystemExit(4)",
    "control": "def load():\n    ''' \\x1b[2J %s '''",
}


@pytest.mark.parametrize("fault", ODD)
def test_what_is_wrong_with_a_package_stops_only_who_asks_for_it(
    install: Install,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    """It may raise, end the process, or have names that are something else."""
    # A file of one length that is written twice in a second would be read as it was.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    points = "formats]\nodd = odd|pages]\nodd = odd|stores]\nodd = odd:load"
    points += "|verbs]\nodd = odd:load"
    install("odd", points="".join(f"[bri_timeline.{p}\n" for p in points.split("|")))
    (tmp_path / "installed/odd.py").write_text(ODD[fault])
    sys.modules.pop("odd", None)

    assert "as csv" in run("export log.jsonl -o log.csv")
    assert "odd" not in sys.modules
    assert "entries were added" in run("import log.jsonl -o log.db")
    for command, status in {
        "export log.jsonl -o log.xyz": 2,
        "timeline log.jsonl -o log.xyz": 2,
        "doctor": 0,
        "--help": 0,
        "--completion bash": 0,
    }.items():
        assert "\x1b" not in run(command, status)
    assert "'odd' " in run("odd", 1)
    for command in ("odd", "--completion bash"):
        sys.modules.pop("odd", None)
        (tmp_path / "installed/odd.py").write_text("raise KeyboardInterrupt")
        run(command, 130)


def test_doctor_lists_what_others_wrote(install: Install, run: Run) -> None:
    """Each with its module, or with why that cannot be imported."""
    assert "extensions" not in run("doctor")

    install("entry_lines")
    install("odd", points="[bri_timeline.pages]\nodd = json:no.such\n")

    _, listed = run("doctor").split("extensions\n")
    assert "lines         formats: entry_lines\n" in listed
    assert (
        "odd           pages: 'odd' (json:no.such) cannot be imported: Attr" in listed
    )


def test_a_store_of_another_package_is_read_and_extended(
    install: Install, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store is a class that has suffixes too."""

    class Own(SQLiteStore):
        NAMES = (".own",)

    monkeypatch.setattr(sys.modules[__name__], "Own", Own, raising=False)
    monkeypatch.setitem(sys.modules, "own_store", sys.modules[__name__])
    install(points="[bri_timeline.stores]\nown = own_store:Own\n")

    assert "26 entries were added" in run("import log.jsonl -o log.own")
    assert "as own" in run("export log.jsonl -o log.own")
    assert "log.own: unchanged; head " in run("verify log.own")


def test_a_name_that_is_taken_stays_ours(install: Install, run: Run) -> None:
    """Nor can the metadata of an earlier version of ours replace what is here."""
    install(
        points="[bri_timeline.formats]\ncsv = json\n"
        "[bri_timeline.verbs]\nstate = bri_timeline.gone:add\n"
    )

    assert extensions.extensions("formats")["csv"] == "bri_timeline.formats.csv"
    assert extensions.extensions("verbs") == extensions.OURS["verbs"]


def test_a_name_that_nobody_has_is_told_with_those_that_are() -> None:
    """The message lists them."""
    with pytest.raises(ExtensionError, match="is not among the formats: chronicle, "):
        update("log.jsonl", lambda log: log, FACTS, using="xml")


def test_a_bibliography_holds_no_log(run: Run) -> None:
    """What has a suffix need not keep a log, nor be read as one."""
    with pytest.raises(SelectionError, match=r"format: \.toml, \.jsonl, \.csv"):
        update("log.bib", lambda log: log, FACTS)
    assert "invalid choice: 'bibtex'" in run("state log.jsonl --from bibtex", 2)
    assert "invalid choice: 'xml' (choose from" in run("state log.jsonl --from xml", 2)


@pytest.mark.slow
def test_an_installation_without_metadata_has_all_that_is_ours() -> None:
    """A tree of files on the path works: nothing asks for entry points on import."""
    code = """
import sys
import bri_timeline, bri_timeline.formats, bri_timeline.pages, bri_timeline.stores
from bri_timeline import extensions
assert "importlib.metadata" not in sys.modules
from importlib import metadata
metadata.entry_points = lambda **_: ()
assert {group: extensions.extensions(group) for group in extensions.OURS} == (
    extensions.OURS
)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_names_of_formats_are_a_sequence() -> None:
    """Some programs that write scripts for the shell ask for the first of them."""
    assert READ[0] == next(iter(READ))
    assert len(READ) == len([*READ])
