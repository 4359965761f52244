"""Sessions of the SDK's own client with a server in a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from mcp import ClientSession, StdioServerParameters, stdio_client


Call = Callable[..., Awaitable[tuple[bool, str]]]


def serve(
    path: Path,
    session: Callable[[ClientSession, Call], Awaitable[None]],
    *options: str,
) -> None:
    """Run a session with a server of a file, in its folder."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "bri_timeline", "serve", str(path), *options],
        cwd=path.parent,
        env={**os.environ, "PYTHONUTF8": "1"},
    )

    async def run() -> None:
        async with (
            stdio_client(server) as (reader, writer),
            ClientSession(reader, writer) as client,
        ):
            await client.initialize()

            async def call(name: str, **arguments: Any) -> tuple[bool, str]:
                found = await client.call_tool(name, arguments)
                text = "".join(getattr(part, "text", "") for part in found.content)
                return bool(found.is_error), text

            await session(client, call)

    asyncio.run(asyncio.wait_for(run(), 120))
