"""What clients and registries of models read: the skill, and the server's entry."""

from __future__ import annotations

import inspect
import json
import re
import shlex
from pathlib import Path

import pytest

from bri_timeline._command import _serve, main
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.relations import FACTS
from bri_timeline.stores import SQLiteStore


ROOT = Path(__file__).parents[2]
MODELS = ROOT / "examples" / "models"
SKILL = MODELS / "bri-timeline" / "SKILL.md"
TOOLS = {"kinds", "state", "explain", "diff", "disputes", "search", "propose"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a store of the article."""
    monkeypatch.chdir(tmp_path)
    with SQLiteStore("chronicle.db", FACTS) as store:
        store.append(azerbaijan_china())
    return tmp_path


def test_the_registry_gets_what_it_demands() -> None:
    """The entry names a package of this version, and the README says whose it is.

    Limits: server.json of 2025-12-11 of the registry of MCP servers.
    """
    entry = json.loads((MODELS / "server.json").read_text("utf-8"))
    (package,) = entry["packages"]

    assert re.fullmatch("[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+", entry["name"])
    assert f"<!-- mcp-name: {entry['name']} -->" in (ROOT / "README.md").read_text()
    assert 0 < len(entry["description"]) <= 100
    assert "/2025-12-11/server.schema.json" in entry["$schema"]
    assert ("pypi", "bri-timeline") == (package["registryType"], package["identifier"])
    assert {"type": "stdio"} == package["transport"]


def test_the_entry_of_the_registry_is_a_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each argument is one of the verb that it begins with."""
    entry = json.loads((MODELS / "server.json").read_text("utf-8"))
    first, *others = entry["packages"][0]["packageArguments"]
    assert 0 == main([first["value"], "--help"])
    said = capsys.readouterr().out

    for argument in others:
        assert argument.get("name", "LOG") in said
    (extra,) = entry["packages"][0]["runtimeArguments"]
    assert extra["value"] in said


def test_a_skill_has_the_name_of_its_folder_and_says_when_to_use_it() -> None:
    """Limits: the specification of agent skills; it names every tool."""
    text = SKILL.read_text("utf-8")
    head = dict(re.findall(r"^(\w+): (.+)$", text.split("---")[1], re.MULTILINE))

    assert SKILL.parent.name == head["name"]
    assert "Use when" in head["description"]
    assert len(head["description"]) <= 1024
    assert len(head["compatibility"]) <= 500
    assert TOOLS == {name for name in TOOLS if re.search(rf"\b{name}\b", text)}
    assert TOOLS == {
        name
        for name, _ in inspect.getmembers(_serve._Tools, inspect.isfunction)
        if not name.startswith("_") and name not in ("log", "end")
    }


def test_the_commands_of_a_skill_run(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A model without the server gets answers too."""
    (block,) = re.findall(r"```sh\n(.*?)```", SKILL.read_text("utf-8"), re.DOTALL)

    for line in block.splitlines():
        assert 0 == main(shlex.split(line)[1:]), line
        assert capsys.readouterr().out
    assert (folder / "chronicle.db").exists()
