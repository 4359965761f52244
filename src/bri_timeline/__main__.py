"""`python -m bri_timeline`: what can be had without writing a program."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from bri_timeline.pages._command import timeline


__all__ = ["main"]

_COMMANDS = {"timeline": timeline}
_USAGE = """usage: python -m bri_timeline timeline FILE -o PICTURE [options]

  timeline   draw a chronicle file; `timeline --help` says how
"""


def main(arguments: Sequence[str]) -> int:
    """Run a command, and return the exit status.

    Args:
        arguments: What stands on the command line after the name of the program.

    Returns:
        0 when all went well, 1 for a fault that was told, 2 for no such command.
    """
    command = _COMMANDS.get(arguments[0]) if arguments else None
    if command is None:
        sys.stderr.write(_USAGE)
        return 2
    return command(arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
