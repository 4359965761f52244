"""Sessions of the SDK's own client with a server, here or in a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias
from unittest.mock import patch

from mcp import ClientSession, StdioServerParameters, stdio_client
from mcp.shared.memory import create_client_server_memory_streams

from bri_timeline._command import _serve, main


Call = Callable[..., Awaitable[tuple[bool, str]]]
Session: TypeAlias = Callable[[ClientSession, Call], Awaitable[None]]


def serve(path: Path, session: Session, *options: str) -> None:
    """Run a session with a server of a file, within this process."""

    class Here:
        """The server, whose input and output are those of a client beside it."""

        def __init__(self, tools: _serve._Tools) -> None:
            self._server = made(tools)._lowlevel_server

        @asynccontextmanager
        async def _streams(self) -> AsyncIterator[Any]:
            options = self._server.create_initialization_options()
            async with create_client_server_memory_streams() as (client, server):
                running = asyncio.create_task(self._server.run(*server, options))
                yield client
                running.cancel()

        def run(self, _transport: str) -> None:
            _run(self._streams(), session)

    made = _serve._server
    with patch.object(_serve, "_server", Here):
        assert 0 == main(["serve", str(path), *options])


def serve_beside(path: Path, session: Session, *options: str) -> None:
    """Run a session with a server of a file, in a process and in the file's folder."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "bri_timeline", "serve", str(path), *options],
        cwd=path.parent,
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    _run(stdio_client(server), session)


def _run(streams: AbstractAsyncContextManager[Any], session: Session) -> None:
    async def run() -> None:
        async with streams as (reader, writer), ClientSession(reader, writer) as client:
            await client.initialize()

            async def call(name: str, **arguments: Any) -> tuple[bool, str]:
                found = await client.call_tool(name, arguments)
                text = "".join(getattr(part, "text", "") for part in found.content)
                return bool(found.is_error), text

            await session(client, call)

    asyncio.run(asyncio.wait_for(run(), 120))
