"""A pooler of connections to PostgreSQL, PgBouncer, as root or as anybody else."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from postgres_server import server_user


__all__ = ["pooled"]

_CONFIGURATION = """
[databases]
postgres = {server}
[pgbouncer]
auth_file = {folder}/users
auth_type = trust
default_pool_size = {size}
listen_addr =
listen_port = 6432
logfile = {folder}/log
max_prepared_statements = 0
pidfile = {folder}/pid
pool_mode = {mode}
unix_socket_dir = {folder}
"""
_PATIENCE = 20.0


@contextmanager
def pooled(server: str, size: int, mode: str = "transaction") -> Iterator[str]:
    """Run a pooler, and yield where it is.

    Args:
        server: Where the database is.
        size: The number of sessions of the server that all clients share.
        mode: How long a client keeps a session.
    """
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        msg = "there is no PgBouncer: install Debian's package pgbouncer"
        raise RuntimeError(msg)
    folder = Path(tempfile.mkdtemp(prefix="pool", dir="/tmp"))
    made = _CONFIGURATION.format(server=server, folder=folder, size=size, mode=mode)
    (folder / "configuration").write_text(made)
    (folder / "users").write_text('"postgres" ""\n')
    user, group = server_user() or (None, None)
    if user is not None:
        for path in (folder, *folder.iterdir()):
            os.chown(path, user, group or 0)
    process = subprocess.Popen(
        [program, str(folder / "configuration")],
        extra_groups=None if user is None else [],
        group=group,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        user=user,
    )
    dsn = f"host={folder} port=6432 dbname=postgres user=postgres"
    try:
        _wait_for(dsn, folder / "log")
        yield dsn
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(dsn: str, log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            psycopg.connect(dsn).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > end:
                msg = f"the pooler does not run: {log.read_text()}"
                raise RuntimeError(msg) from error
            time.sleep(0.05)
        else:
            return
