"""Optional dependencies: whoever lacks one is told how to install it."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bri_timeline._later import EXTRAS


ROOT = Path(__file__).parents[2]
# A program that enters, in a process for each module that cannot be imported, by all
# doors. The processes are forked, so that each has what little was imported before.
PROGRAM = """
import os, sys
from pathlib import Path
from bri_timeline import EventLog, Source
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.relations import FACTS
log = azerbaijan_china()
path = Path({path!r})
path.write_bytes(b"")
def run(module, doors):
    sys.modules[module] = None
    for door in doors:
        try:
            exec(door, dict(globals()))
        except ImportError as error:
            print(module, type(error).__name__, error.extra, error.name, error, sep="|")
for module, doors in {cases!r}:
    sys.stdout.flush()
    child = os.fork()
    if not child:
        run(module, doors)
        sys.exit(0)
    assert 0 == os.waitpid(child, 0)[1], module
"""
# The ways into each extra, all of them.
SHEET = """
from bri_timeline.formats import tables
rule = {"kind": "Joined", "when": {"column": "a", "format": "yyyy"}}
rule["fields"] = {"member": "{a}", "body": "b"}
table = tables.declared({"title": "t", "source": {"title": "s"}, "events": [rule]})
path.with_suffix(".xlsx").touch()
tables.load(path.with_suffix(".xlsx"), table, FACTS)
"""
DOORS = {
    "arrow": [
        "from bri_timeline.formats import arrow; arrow.to_arrow(log, FACTS)",
        "from bri_timeline.formats import arrow; arrow.from_arrow(log, FACTS)",
        "from bri_timeline.formats import arrow; arrow.dump(log, path, FACTS)",
        "from bri_timeline.formats import arrow; arrow.load(path, FACTS)",
    ],
    "bibtex": [
        "from bri_timeline.formats import bibtex; bibtex.dump(log, path)",
        "from bri_timeline.formats import bibtex; bibtex.load(path)",
    ],
    "chronicle": [
        "from bri_timeline.formats import chronicle; chronicle.dump(log, path, FACTS)"
    ],
    "completion": [
        "from bri_timeline._command import _run; _run(['--completion', 'zsh'])"
    ],
    "delta": [
        (
            "from bri_timeline import scale\n"
            "data = scale.write(log, path.with_suffix('.data'), FACTS)\n"
            "data.export_delta(path.with_suffix('.table'))"
        ),
    ],
    "graph": [
        "from bri_timeline.formats import graph; graph.dump(log, path, FACTS)",
        (
            "from bri_timeline.formats import graph\n"
            "graph.to_networkx(log.as_of('2020-01-01'), FACTS)"
        ),
    ],
    "ical": ["from bri_timeline.formats import ical; ical.dump(log, path, FACTS)"],
    "mcp": ["from bri_timeline._command._serve import _server; _server(None)"],
    "names": [
        "from bri_timeline.relations import names; names('KAZ', 'de')",
    ],
    "png": ["from bri_timeline.pages import png; png.render(log)"],
    "postgres": ["from bri_timeline.stores import PostgresStore"],
    "sheets": [SHEET],
    "remote": [
        "from bri_timeline import scale; scale.write(log, 's3://x/y', FACTS)",
        "from bri_timeline import scale; scale.open('s3://x/y', FACTS)",
    ],
    "scale": [
        "from bri_timeline import scale; scale.write(log, path, FACTS)",
        "from bri_timeline import scale; scale.open(path, FACTS)",
        "from bri_timeline.scale import Dataset",
        "from bri_timeline.scale import Tally",
    ],
    "testing": ["import bri_timeline.testing", "from bri_timeline.testing import logs"],
}
# Those of a module that only some ways into its extra need.
ONLY = {
    "xlsxwriter": ["from bri_timeline.formats import xlsx; xlsx.dump(log, path, FACTS)"]
}


def declared() -> dict[str, list[str]]:
    """The extras of pyproject.toml that users install."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        extras = tomllib.load(file)["project"]["optional-dependencies"]
    return {extra: needs for extra, needs in extras.items() if extra != "test"}


def named(need: str) -> str:
    """The module of a package that is declared."""
    name = re.split(r"[\[>=]", need)[0]
    return name.replace("-", "_")


def test_every_extra_that_is_declared_is_known() -> None:
    """The table of modules has the extras of pyproject.toml, and the tests have all."""
    assert declared().keys() == EXTRAS.keys() == DOORS.keys()
    for extra, needs in declared().items():
        assert {named(need): need for need in needs} == EXTRAS[extra]


@pytest.mark.slow
def test_a_missing_extra_names_the_command_that_installs_it(tmp_path: Path) -> None:
    """Whichever door one comes by, it is an ImportError, and no other."""
    cases = [
        (module, ONLY.get(module, DOORS[extra]))
        for extra in EXTRAS
        for module in EXTRAS[extra]
    ]
    program = PROGRAM.format(path=str(tmp_path / "x.parquet"), cases=cases)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    said = [
        f"{module}|MissingExtraError|{extra}|{module}|{module} is not installed:"
        f" python -m pip install '{need}'"
        for extra, modules in EXTRAS.items()
        for module, need in modules.items()
        for _ in ONLY.get(module, DOORS[extra])
    ]

    assert "" == done.stderr
    assert said == done.stdout.splitlines()
