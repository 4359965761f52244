"""The project as a whole: its names, its tests, its files."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import os
import pkgutil
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from programs import unmeasured

import bri_timeline
from bri_timeline import _pendulum, _queries, edtf, extend, stores, testing


ROOT = Path(__file__).parents[2]
ALLOWED = {
    "CHANGELOG.md",
    "CITATION.cff",
    "LICENSE",
    "README.md",
    "examples",
    "pyproject.toml",
    "src",
    "tests",
}
TESTS = sorted(Path(__file__).parents[1].rglob("test_*.py"))
# Written so that the pattern does not match itself.
MACHINE_PATH = re.compile(r"(?<![\w.])(?:/(?:home|root|work|Users)/|[A-Z]:\\Users)")


def _modules() -> Iterator[ModuleType]:
    yield bri_timeline
    for found in pkgutil.walk_packages(bri_timeline.__path__, "bri_timeline."):
        if not any(part.startswith("_") for part in found.name.split(".")):
            yield importlib.import_module(found.name)


def _listed(module: ModuleType) -> list[str]:
    return list(getattr(module, "__all__", []))


def _named(module: ModuleType) -> dict[str, object]:
    """Return what can be reached under a public name, other modules aside."""
    return {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }


def _order(name: str) -> tuple[int, str]:
    """Constants come first, then classes, then functions."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


PUBLIC = list(_modules())


def _test_functions(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


def _texts() -> Iterator[tuple[str, str]]:
    """Yield name and content of every text that the project is made of."""
    top = [path for path in ROOT.iterdir() if path.name in ALLOWED and path.is_file()]
    folders = [ROOT / name for name in (".ci", "examples", "src", "tests")]
    inside = [path for folder in folders for path in folder.rglob("*")]
    for path in [*top, *inside]:
        if path.is_file() and "__pycache__" not in path.parts:
            yield str(path.relative_to(ROOT)), path.read_text("utf-8")


def _promised(module: ModuleType) -> dict[str, str]:
    """Return what a package imports for type checkers alone: name -> module."""
    return {
        alias.name: str(statement.module)
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for statement in node.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }


LATE = [bri_timeline, _pendulum, _queries, edtf, stores, testing]


def test_the_package_lists_its_names_in_order() -> None:
    """`bri_timeline.__all__` is sorted and lists each public name once.

    Some are imported when they are asked for.
    """
    for name in bri_timeline.__all__:
        assert getattr(bri_timeline, name)
    names = _named(bri_timeline).keys() | _promised(bri_timeline).keys()

    assert sorted(names, key=_order) == bri_timeline.__all__


@pytest.mark.parametrize("module", LATE, ids=lambda m: m.__name__)
def test_a_name_imported_on_first_access_is_the_one_that_checkers_see(
    module: ModuleType,
) -> None:
    """Python finds the object that the block for type checkers imports."""
    promised = _promised(module)

    assert promised
    for name, home in promised.items():
        assert getattr(importlib.import_module(home), name) is getattr(module, name)


@pytest.mark.slow
@pytest.mark.parametrize("module", [bri_timeline, extend, stores, testing])
def test_completion_offers_what_is_imported_on_first_access(
    module: ModuleType,
) -> None:
    """In a process of its own: here, most names have been asked for already."""
    left_out = "{*it.__all__} - {*dir(it)}"
    code = f"import {module.__name__} as it; print(*sorted({left_out}))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        env=unmeasured(),
        text=True,
    )

    assert "" == done.stdout.strip()
    assert {*dir(module)} >= {*module.__all__, "__name__"}


def test_only_listed_names_of_the_package_are_found() -> None:
    """A function that serves views is not found in the package itself."""
    assert not hasattr(bri_timeline, "explain")
    assert not hasattr(bri_timeline, "encode_entry")


@pytest.mark.parametrize("module", LATE, ids=lambda m: m.__name__)
def test_a_name_that_is_none_is_refused(module: ModuleType) -> None:
    """A name that a module does not have is refused in the usual words."""
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = module.Nothing


def test_what_is_imported_later_is_not_imported_at_once() -> None:
    """`import bri_timeline` loads no form, no pages, no pendulum and no driver."""
    program = "import sys, bri_timeline; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        env=unmeasured(),
        text=True,
    )
    late = {"hypothesis", "msgspec", "pendulum", "psycopg", "sqlite3"}
    late |= {f"bri_timeline.{name}" for name in ("_form", "pages", "relations")}

    assert set() == late & set(done.stdout.split())


@pytest.mark.parametrize("module", PUBLIC, ids=lambda m: m.__name__)
def test_public_modules_list_names_that_exist(module: ModuleType) -> None:
    """A public module sorts its `__all__`, in which every name is there."""
    listed = _listed(module)

    assert sorted(set(listed), key=_order) == listed
    assert [] == [name for name in listed if not hasattr(module, name)]


@pytest.mark.parametrize("module", PUBLIC, ids=lambda m: m.__name__)
def test_public_modules_list_the_classes_they_define(module: ModuleType) -> None:
    """Every class that a public module defines under a public name is listed."""
    own = [
        name
        for name, value in _named(module).items()
        if inspect.isclass(value) and value.__module__ == module.__name__
    ]

    assert set() == set(own) - set(_listed(module))


def test_each_name_has_one_public_home() -> None:
    """No name is listed by two public modules."""
    homes: dict[str, list[str]] = {}
    for module in PUBLIC:
        for name in _listed(module):
            homes.setdefault(name, []).append(module.__name__)
    alike = {"dump", "dumps", "load", "loads", "render", "schema"}
    doubles = {name: at for name, at in homes.items() if len(at) > 1}

    assert {} == {name: at for name, at in doubles.items() if name not in alike}


def test_each_public_name_says_what_it_is() -> None:
    """Every public class and function has a docstring, as has every module."""
    silent = [
        f"{module.__name__}.{name}"
        for module in PUBLIC
        for name in _listed(module)
        if callable(getattr(module, name)) and not inspect.getdoc(getattr(module, name))
    ]

    assert [] == silent
    assert all(module.__doc__ for module in PUBLIC)


@pytest.mark.parametrize(
    "name", ["bri_timeline", "bri_timeline.extend", "bri_timeline.relations"]
)
def test_the_longest_modules_list_their_names_by_use(name: str) -> None:
    """A list in the docstring has each public name; the reference follows its order."""
    module = importlib.import_module(name)
    listed = re.findall(r"^- .*?:\s(?:.|\n  )*", module.__doc__ or "", re.MULTILINE)

    assert len(listed) > 5
    assert [] == [
        name
        for name in module.__all__
        if not re.search(rf"`{name}\b", "\n".join(listed))
    ]


@pytest.mark.slow
def test_every_test_states_a_fact() -> None:
    """Each test has a docstring whose first paragraph ends with a full stop."""
    assert [] == [
        f"{path}:{function.lineno} {function.name}"
        for path in TESTS
        for function in _test_functions(path)
        if not (ast.get_docstring(function) or "").split("\n\n")[0].endswith(".")
    ]


def test_nothing_else_is_visible_at_the_top() -> None:
    """Only what a reader looks for stands at the top of the tree."""
    ignored = ROOT / ".gitignore"
    lines = ignored.read_text("utf-8").splitlines() if ignored.exists() else []
    made = {line.rstrip("/") for line in lines}
    visible = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}

    assert set() == visible - made - ALLOWED


@pytest.mark.slow
def test_importing_loads_no_driver_and_no_test_tool() -> None:
    """Public modules load neither a driver that is an extra nor a test tool."""
    modules = [m.__name__ for m in PUBLIC if not m.__name__.endswith(".testing")]
    heavy = ["hypothesis", "psycopg", "pytest"]
    # Datasets can be copied from stores: `sqlite3` is of the standard library.
    modules.sort(key=lambda name: name.endswith(".scale"))
    *others, scale = modules
    program = (
        f"import sys, {', '.join(others)}; print(*{{'sqlite3'}} & {{*sys.modules}})"
    )
    program += f"; import {scale}; print(*{{*{heavy}}} & {{*sys.modules}})"
    result = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        env=unmeasured(),
        text=True,
    )

    assert "" == result.stdout.strip()


def test_settings_for_mutants_name_files_that_exist() -> None:
    """The settings, and the table of mutants that are left, know where code is."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        settings = tomllib.load(file)["tool"]["mutmut"]
    tests = settings["pytest_add_cli_args_test_selection"]
    left = (ROOT / "tests" / "mutation" / "README.md").read_text("utf-8")
    modules = {f"{name}.py" for name in re.findall(r"`(_[a-z]+)\.", left)}
    package = Path(bri_timeline.__file__).parent
    present = {path.name for path in package.rglob("*.py")}
    changed = [name.removeprefix("src/") for name in settings["only_mutate"]]

    assert [] == [name for name in tests if not (ROOT / name).is_file()]
    assert [] == [name for name in changed if not [*package.parent.glob(name)]]
    assert set() == modules - present


@pytest.mark.slow
def test_no_file_names_a_machine() -> None:
    """No file holds a path that is valid on one machine only."""
    assert [] == [name for name, text in _texts() if MACHINE_PATH.search(text)]


def test_the_package_says_that_it_is_typed() -> None:
    """`py.typed` is part of the package, so that type checkers read it."""
    assert files(bri_timeline).joinpath("py.typed").is_file()


def test_the_version_is_the_same_everywhere() -> None:
    """The project, the changelog, the citation and the server name one version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    version = project["version"]

    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
    server = json.loads((ROOT / "examples/models/server.json").read_text("utf-8"))
    assert [version] * 2 == [server["version"], server["packages"][0]["version"]]
    assert f"\n## [{version}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_readme_has_two_commands() -> None:
    """The README holds two commands: one runs the example, one runs the tests."""
    text = (ROOT / "README.md").read_text("utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines() if line]

    assert 1 == sum("examples/azerbaijan_china.py" in line for line in commands)
    assert 1 == sum("-m pytest" in line for line in commands)


def test_the_first_example_of_the_readme_fits_a_screen() -> None:
    """The first Python block of the README has at most 45 lines."""
    text = (ROOT / "README.md").read_text("utf-8")
    block = re.search(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)

    assert block is not None
    assert len(block[1].splitlines()) <= 45


class TestChecksForChronicles:
    """What repositories of chronicles and releases run."""

    @pytest.mark.slow
    def test_the_hook_lists_the_faults_of_each_file(self, tmp_path: Path) -> None:
        """The hook passes good chronicles, and fails if one of several is bad."""
        (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
        good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
        good.write_text("chronicle = 1\n", "utf-8")
        bad.write_text('chronicle = 1\n[[entries]]\nwhen = "soon"\n', "utf-8")
        entry = shlex.split(hook["entry"])
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

        def run(*files: Path) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [*entry, *map(str, files)],
                capture_output=True,
                check=False,
                text=True,
                env={**unmeasured(), "PATH": path},
            )

        assert run(good, good).returncode == 0
        done = run(bad, good)
        assert done.returncode == 1
        assert "bad.toml" in done.stderr

    @pytest.mark.parametrize(("name", "job"), [("release", "test"), ("tests", "tests")])
    def test_changes_are_tested_on_the_pythons_that_are_named(
        self, name: str, job: str
    ) -> None:
        """Both workflows run the tests on each Python of the classifiers."""
        workflow = ROOT / ".github" / "workflows" / f"{name}.yml"
        jobs = yaml.safe_load(workflow.read_text("utf-8"))["jobs"]
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
        named = [
            text.rpartition(" ")[2]
            for text in project["classifiers"]
            if re.search(r":: 3\.\d+$", text)
        ]

        assert named == jobs[job]["strategy"]["matrix"]["python"]


def test_the_extra_of_all_tests_has_what_those_of_each_part_need() -> None:
    """Whoever runs all of them installs no group."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    every = project["project"]["optional-dependencies"]["test"]
    extras = set(re.split(r"[\[\],]", every[0])[1:-1])
    groups = project["dependency-groups"]
    for name in [name for name in groups if name.endswith("-tests")]:
        for need in groups[name]:
            if isinstance(need, str) and need.startswith("bri-timeline["):
                assert extras >= set(re.split(r"[\[\],]", need)[1:-1]), name
            elif isinstance(need, str) and not need.startswith("hypothesis"):
                assert need in every, name
