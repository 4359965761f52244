"""The command line."""

from __future__ import annotations

import importlib
import runpy
import sys
from pathlib import Path

import pytest

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


def test_a_chronicle_file_becomes_a_page(tmp_path: Path) -> None:
    """`timeline FILE -o PAGE` writes the page, and nothing else."""
    source, page = tmp_path / "visits.toml", tmp_path / "visits.html"
    source.write_text(CHRONICLE, "utf-8")

    assert 0 == main(["timeline", str(source), "-o", str(page)])
    assert "<title>visits" in page.read_text("utf-8")


@pytest.mark.parametrize("arguments", [[], ["paint"]])
def test_without_a_command_the_usage_is_shown(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a command that exists, the usage is shown and the status is 2."""
    assert 2 == main(arguments)
    assert capsys.readouterr().err.startswith("usage: python -m bri_timeline")


def test_the_package_can_be_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`python -m bri_timeline` leaves with the status of its command."""
    monkeypatch.setattr(sys, "argv", ["bri_timeline"])
    monkeypatch.delitem(sys.modules, "bri_timeline.__main__", raising=False)

    with pytest.raises(SystemExit, match="2"):
        runpy.run_module("bri_timeline", run_name="__main__")
    assert "usage" in capsys.readouterr().err


def test_importing_the_program_runs_nothing() -> None:
    """Only running the package as a program starts the command."""
    module = importlib.import_module("bri_timeline.__main__")

    assert module.main is main
