"""Tell what is installed, and look in a file for the usual traps of the field."""

from __future__ import annotations

import platform
import sqlite3
from argparse import ArgumentParser, Namespace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bri_timeline._command._kinds import READ, add_log, kind_of, read, words_of
from bri_timeline._command._told import report, tell
from bri_timeline._command._traps import log_traps, table_traps
from bri_timeline._command._verify import reported
from bri_timeline._extras import EXTRAS
from bri_timeline.errors import FaultsError


__all__ = ["EXAMPLES", "SUMMARY", "add", "run"]

SUMMARY = "what is installed, and what a file is to be asked about"
EXAMPLES = """\
examples:
  python -m bri_timeline doctor
  python -m bri_timeline doctor visits.toml
  python -m bri_timeline doctor members.csv

Of a log, or of any table in CSV, it tells what often is not as it seems: days that are
only the first of a month, NA, dates that mean "open" or "end of the data", claims
without a source, and claims dated after a report of them. These are questions to put to
a file and no faults; with --strict they count as faults.
"""
_CORE = ("attrs", "msgspec", "pendulum")
_SOUND = (3, 51, 3)


def add(parser: ArgumentParser) -> None:
    """Say what the verb takes."""
    add_log(parser, optional=True)
    parser.add_argument(
        "--strict", action="store_true", help="what was found counts as a fault"
    )
    parser.set_defaults(run=run)


def run(given: Namespace) -> int:
    """Tell what is installed, or what was found."""
    if given.log is None:
        tell(*_installed())
        return 0
    found = _examined(given.log, given)
    if not found:
        tell(f"{given.log}: nothing was found")
    return 1 if found and given.strict else 0


def _installed() -> list[str]:
    lines = [
        f"bri_timeline  {_version('bri-timeline') or 'not installed'}",
        f"Python        {platform.python_version()} ({platform.system()})",
        *(f"{name:<12}  {_version(name)}" for name in _CORE),
        f"SQLite        {sqlite3.sqlite_version}",
    ]
    if sqlite3.sqlite_version_info < _SOUND:
        lines += [
            "              has the WAL reset bug of SQLite up to 3.51.2, by which a",
            "              checkpoint can lose what was written: stores avoid it by",
            "              checkpoints of their own; other programs must not write",
        ]
    lines += ["", "extras"]
    for extra, (name, *_) in EXTRAS.items():
        found = _version(name)
        how = f"not installed: pip install 'bri-timeline[{extra}]'"
        lines.append(f"{extra:<12}  {f'{name} {found}' if found else how}")
    return lines


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _examined(path: Path, given: Namespace) -> int:
    kind = given.kind or kind_of(path, READ, "--from")
    try:
        log = read(path, words_of(given), kind)
    except FaultsError:
        if kind != "csv":
            raise
        tell(f"{path}: no log, so it is looked at as a table")
        return report("questions to put to it", table_traps(path))
    tell(f"{path}: {len(log):,} entries")
    return report("questions to put to it", log_traps(log)) + reported(log)
