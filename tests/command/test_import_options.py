"""The options of an import: each is refused where it would have no effect."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from bri_timeline._command import main


EVENTS = {"gdelt", "icews", "plover", "polecat", "ucdp"}
LOGS = {"chronicle", "jsonl", "csv", "arrow", "timelinejs", "store"}
KINDS = sorted(EVENTS | LOGS | {"tables"})
# By option: a value, and the kinds of files that it says something of.
OPTIONS: dict[str, tuple[str, set[str]]] = {
    "table": ("file.json", {"tables"}),
    "published": ("2018-05", EVENTS - {"gdelt"}),
    "rejected": ("odd.csv", EVENTS | {"tables"}),
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file that is not what the options say."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.json").write_text("{", "utf-8")
    return tmp_path


def said(command: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit status of a command, and what it said."""
    status = main(shlex.split(command))
    return status, "".join(capsys.readouterr())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_is_refused_where_it_has_no_effect(
    option: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message has the kinds for which it is, and the file is not read."""
    value, kinds = OPTIONS[option]
    status, text = said(f"import file.json --from {kind} --{option} {value}", capsys)
    is_refused = f"and file.json is read as {kind}: leave it out" in text

    assert is_refused == (kind not in kinds)
    if is_refused:
        assert status == 2
        named = text.partition("--from ")[2].partition(" and for")[0].partition(",")[0]
        assert {*named.split("|")} == kinds


def test_a_release_of_any_kind_has_a_day_of_publication(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`--published` is that of the release, which no row has."""
    command = "import file.json --from gdelt --published 2018 --revise a -o a.jsonl"

    assert "leave it out" not in said(command, capsys)[1]
