"""The command line."""

from __future__ import annotations

import importlib
import importlib.metadata
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import bri_timeline
from bri_timeline import _command
from bri_timeline._command import main


CHRONICLE = """
chronicle = 1

[sources.monitor]
title = "Eurasia Daily Monitor"

[[entries]]
when = "2015"
cite = ["monitor"]

[entries.Visited]
guest = "AZE"
host = "CHN"
"""


def test_a_chronicle_file_becomes_a_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`timeline FILE -o PAGE` writes the page, and says so in a line."""
    source, page = tmp_path / "visits.toml", tmp_path / "visits.html"
    source.write_text(CHRONICLE, "utf-8")

    assert 0 == main(["timeline", str(source), "-o", str(page)])
    assert "<title>visits" in page.read_text("utf-8")
    assert f"{page}: 1 event drawn\n" == capsys.readouterr().out


def test_a_picture_speaks_the_language_that_is_asked(tmp_path: Path) -> None:
    """`--language` is that of the facts, the dates and all words of a picture."""
    source, picture = tmp_path / "visits.toml", tmp_path / "visits.svg"
    source.write_text(CHRONICLE, "utf-8")

    assert 0 == main(["timeline", str(source), "-o", str(picture), "--language", "de"])
    assert "Aserbaidschan, Gastgeber: China" in picture.read_text("utf-8")


@pytest.mark.parametrize("arguments", [[], ["paint"]])
def test_without_a_command_the_usage_is_shown(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a command that exists, the usage is shown and the status is 2."""
    assert 2 == main(arguments)
    assert capsys.readouterr().err.startswith("usage: python -m bri_timeline")


def test_what_was_given_is_shown_without_control_characters(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A terminal would obey them."""
    assert 2 == main(["facts", "--x\x1b[2J\u202e\x9b\ny"])
    said = capsys.readouterr().err

    assert "unrecognized arguments: --x\ufffd[2J\ufffd\ufffd y\n" in said


def test_the_package_can_be_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`python -m bri_timeline` leaves with the status of its command."""
    monkeypatch.setattr(sys, "argv", ["bri_timeline"])
    monkeypatch.delitem(sys.modules, "bri_timeline.__main__", raising=False)

    with pytest.raises(SystemExit, match="2"):
        runpy.run_module("bri_timeline", run_name="__main__")
    assert "usage" in capsys.readouterr().err


def test_importing_the_command_runs_nothing() -> None:
    """Only running the package as a program starts the command."""
    module = importlib.import_module("bri_timeline.__main__")

    assert module.main is main


def test_the_console_script_is_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where a tool installs the script `bri-timeline`, it calls what `-m` calls."""
    path = Path(__file__).parents[2] / "pyproject.toml"
    (script,) = re.findall(r'^bri-timeline = "(.*)"$', path.read_text("utf-8"), re.M)
    module, _, name = script.partition(":")
    monkeypatch.setattr(sys, "argv", ["/usr/bin/bri-timeline", "paint"])

    assert 2 == getattr(importlib.import_module(module), name)()
    assert capsys.readouterr().err.startswith("usage: bri-timeline [")


def test_the_version_is_that_of_the_metadata(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`--version` and `__version__` have it from one place."""
    version = importlib.metadata.version("bri-timeline")

    assert version == bri_timeline.__version__
    assert 0 == main(["--version"])
    assert f"bri_timeline {version}\n" == capsys.readouterr().out


def test_a_copy_without_metadata_has_an_unknown_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Files that were never installed import, and do not claim a version."""

    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)

    assert "unknown" == bri_timeline.__version__


def test_the_import_does_not_look_the_version_up() -> None:
    """Reading metadata takes longer than many questions, so it waits."""
    program = "import sys, bri_timeline; print('importlib.metadata' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )

    assert "False" == done.stdout.strip()


BASH = """
source completion.sh
name=$(complete -p bri-timeline | sed 's/.*-F \\([^ ]*\\).*/\\1/')
for words in "$@"; do
    COMP_WORDS=($words)
    COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
    $name
    echo "${COMPREPLY[@]}"
done
"""
COMPLETED = {
    "bri-timeline sta": "state",
    "bri-timeline state visits.toml --kn": "--known-by",
    "bri-timeline state visits.toml --format j": "json",
    "bri-timeline export visits.toml --to geo": "geojson",
    "bri-timeline explain vis": "visits.toml",
    "bri-timeline timeline visits.toml --output vis": "visits.toml",
}


@pytest.mark.slow
def test_bash_completes_verbs_options_values_and_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A real bash takes the script, and completes what was begun."""
    assert 0 == main(["--completion", "bash"])
    (tmp_path / "completion.sh").write_text(capsys.readouterr().out, "utf-8")
    (tmp_path / "visits.toml").touch()
    done = subprocess.run(
        ["bash", "-c", BASH, "bash", *COMPLETED],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )

    assert "" == done.stderr
    assert [*COMPLETED.values()] == [one.strip() for one in done.stdout.splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["zsh", "tcsh"])
def test_other_shells_have_their_script(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It has every verb."""
    assert 0 == main(["--completion", shell])
    script = capsys.readouterr().out
    assert all(verb in script for verb in _command._SUMMARIES)
