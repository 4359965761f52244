"""Resolve what the README's tests need with each installer that can be had.

Nothing is installed but the installers. It fails if one takes longer than a minute of
the processor, tries a package in two versions, or would install botocore.
"""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory


MOST_SECONDS = 60
# Pip names the files that it reads, uv what it selects.
TRIED = re.compile(
    r"(?:Downloading|Using cached) ([\w.]+)-(\d[\w.!+]*?)(?:-|\.tar|\.zip|\.whl)"
    r"|Selecting: ([\w.-]+)==(\S+)"
)
WANTED = ("pip", "--editable", ".[test]")


def run(*command: str) -> str:
    """Return what a command prints."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{command}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def environment(folder: Path, python: str, name: str, *wanted: str) -> str:
    """Make an environment; return its Python."""
    run(python, "-m", "venv", "--without-pip", str(folder / name))
    made = str(folder / name / "bin" / "python")
    if wanted:
        pip = (sys.executable, "-m", "pip", "--python", made, "install", "--quiet")
        run(*pip, *wanted)
    return made


def installers(folder: Path) -> dict[str, tuple[str, ...]]:
    """Return the installers by their names: the machine's own, an old and a new one."""
    found = {}
    for python in dict.fromkeys((sys.executable, "/usr/bin/python3")):
        pip = subprocess.run(
            (python, "-m", "pip", "--version"), capture_output=True, text=True
        )
        if pip.returncode == 0:
            name = f"own-{len(found)}"
            made = environment(folder, python, name)
            said = pip.stdout.split()
            called = f"pip {said[1]} of {said[-2]} {said[-1]}".replace("(", "")
            found[called.replace(")", "")] = (
                *(python, "-m", "pip", "--python", made, "install", "--dry-run"),
            )
    for wanted in ("pip==23.2.1", "pip"):
        made = environment(folder, sys.executable, wanted, wanted)
        found[f"{wanted} of the index"] = (made, "-m", "pip", "install", "--dry-run")
    made = environment(folder, sys.executable, "uv", "uv")
    uv = (made, "-m", "uv", "pip", "install", "--dry-run", "--verbose", "--python")
    found["uv"] = (*uv, made)
    return found


def main() -> None:
    """Print a line for each installer."""
    problems = []
    with TemporaryDirectory() as folder:
        for name, command in installers(Path(folder)).items():
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            printed = run(*command, *WANTED)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            tried = defaultdict(set)
            for match in TRIED.finditer(printed):
                package, version = (part for part in match.groups() if part)
                tried[package.lower().replace("_", "-")].add(version)
            several = {
                package: sorted(versions)
                for package, versions in tried.items()
                if len(versions) > 1
            }
            print(f"{name}: {len(tried)} packages, {took:.0f} s of the processor")
            if several:
                problems.append(f"{name} tried several versions: {several}")
            if took > MOST_SECONDS:
                problems.append(f"{name} took {took:.0f} s")
            if len(tried) < len(WANTED):
                problems.append(f"{name} named no packages")
            if "botocore" in tried:
                problems.append(f"{name} would install botocore")
    # An empty text would be an error too.
    sys.exit("\n".join(problems) or None)


if __name__ == "__main__":
    main()
