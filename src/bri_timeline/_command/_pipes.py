"""The standard input as a file to read, and the standard output as one to write."""

from __future__ import annotations

import sys
from argparse import ArgumentError, Namespace
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory

from bri_timeline._command._output import hide


# Stands for the standard input among files to read, for the standard output after -o.
PIPE = Path("-")


@contextmanager
def piped(given: Namespace) -> Iterator[None]:
    """Let a verb read the standard input, and write to the standard output.

    Both are files while it runs, since most formats are not read or written in one go.
    What it says goes to the standard error if the file goes to the standard output.

    Args:
        given: The command line, whose paths are replaced.

    Raises:
        ArgumentError: The format is not given, or the input is to be read twice.
    """
    to_output = getattr(given, "output", None) == PIPE
    with TemporaryDirectory() as folder:
        hide(folder)
        _read_input(given, Path(folder))
        if to_output:
            kind = getattr(given, "to", None)
            if kind is None:
                problem = "-o - is the standard output, which has no name: give "
                remedy = "--to FORMAT, or a file" if hasattr(given, "to") else "a file"
                raise ArgumentError(None, problem + remedy)
            given.output = Path(folder, "standard output")
        with redirect_stdout(sys.stderr) if to_output else nullcontext():
            yield
        if to_output and given.output.exists():
            with given.output.open("rb") as file:
                copyfileobj(file, sys.stdout.buffer)
            sys.stdout.buffer.flush()


def _read_input(given: Namespace, folder: Path) -> None:
    """Put what comes in where a verb reads a file."""
    places = [
        (name, number)
        for name in ("log", "other", "files")
        for number, path in enumerate(_paths(given, name))
        if path == PIPE
    ]
    if not places:
        return
    # What is written there would be lost with the copy.
    if getattr(given, "changes_log", False):
        problem = "- is the standard input, and this verb changes its log: give a file"
        raise ArgumentError(None, problem)
    if len(places) > 1:
        raise ArgumentError(None, "- is the standard input, which is read only once")
    kind = getattr(given, "kind", None)
    if kind is None and getattr(given, "table", None) is None:
        problem = "- is the standard input, which has no name: give --from FORMAT"
        raise ArgumentError(None, problem)
    path = folder / "standard input"
    with path.open("wb") as file:
        copyfileobj(sys.stdin.buffer, file)
    name, number = places[0]
    if name == "files":
        given.files[number] = path
    else:
        setattr(given, name, path)


def _paths(given: Namespace, name: str) -> list[Path | None]:
    paths = getattr(given, name, None)
    return paths if isinstance(paths, list) else [paths]
