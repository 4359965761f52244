"""What stands on the command line, and how it ends."""

from __future__ import annotations

import os
import sys
from argparse import (
    ArgumentError,
    ArgumentParser,
    Namespace,
    RawDescriptionHelpFormatter,
)
from collections.abc import Callable, Sequence

from bri_timeline._command import (
    _doctor,
    _explain,
    _export,
    _import,
    _state,
    _timeline,
    _verify,
)
from bri_timeline._command._output import complain
from bri_timeline.errors import BriTimelineError


__all__ = ["main"]

_FAULTY, _USAGE = 1, 2
_VERBS = {
    "import": _import,
    "export": _export,
    "state": _state,
    "explain": _explain,
    "timeline": _timeline,
    "verify": _verify,
    "doctor": _doctor,
}
_EPILOG = """\
Files are told apart by their names: .toml is a chronicle, .jsonl JSON Lines, .csv a
table of entries, .parquet and .arrow Arrow, .db a store of SQLite, .json TimelineJS.

It ends with 0 when all is well, with 1 when there were faults, each of which is told,
and with 2 when the command line itself says nothing that can be done.
"""


def main(arguments: Sequence[str]) -> int:
    """Run a command, and return the exit status.

    Args:
        arguments: What stands on the command line after the name of the program.

    Returns:
        0 when all went well, 1 for faults that were told, 2 for a command line that
        says nothing that can be done.
    """
    try:
        return _run(arguments)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else _USAGE
    except ArgumentError as error:
        return complain(error, _USAGE)
    except BrokenPipeError:
        # Whoever read along has read enough: what is left is for nobody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (BriTimelineError, OSError) as error:
        return complain(error, _FAULTY)


def _run(arguments: Sequence[str]) -> int:
    given = _parser().parse_args(arguments)
    run: Callable[[Namespace], int] = given.run
    return run(given)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="python -m bri_timeline",
        description="Read, ask and check logs of dated claims.",
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    for name, verb in _VERBS.items():
        verb.add(
            verbs.add_parser(
                name,
                help=verb.SUMMARY,
                description=verb.__doc__,
                epilog=verb.EXAMPLES,
                formatter_class=RawDescriptionHelpFormatter,
            )
        )
    return parser
