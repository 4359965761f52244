"""The command line: its parser, its verbs and its exit statuses.

The module of a verb has a function that adds its arguments to a parser, together with
the function that runs it. Modules that verbs share have none.
"""

from __future__ import annotations

import os
import re
import sys
from argparse import (
    Action,
    ArgumentError,
    ArgumentParser,
    Namespace,
    RawDescriptionHelpFormatter,
)
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from bri_timeline._command._output import complain, in_words, interrupted, print_lines
from bri_timeline.errors import BriTimelineError, ExtensionError, without_secrets
from bri_timeline.extend import harmless, needing, one_line, url_problem, warn
from bri_timeline.extensions import extension, extensions, naming


__all__ = ["main"]

_FAULTY, _USAGE = 1, 2
_SCRIPT = "bri-timeline"
_SHELLS = ("bash", "zsh", "tcsh")
# Ours stand here, so that only the module of the verb that runs is imported: all of
# them together take longer than most questions.
_SUMMARIES = {
    "import": "read files into a log, without repeating what it has",
    "export": "write a log in another format, and list what that cannot hold",
    "init": "write a starter: a chronicle, or a sheet with its declaration",
    "facts": "list the kinds of facts, with their fields and an example of each",
    "schema": "print the JSON Schema of a chronicle, of proposals, or of an answer",
    "propose": "propose claims that a model, or a person, read in a document",
    "review": "accept, reject or correct what was proposed",
    "serve": "answer a language model by MCP, which may propose and never accept",
    "state": "print a state on a day, with its sources",
    "explain": "explain a value by the events that changed it and their sources",
    "panel": "print a table of values by pair and period",
    "history": "print the periods through which a value held",
    "first": "print the day on which a value was first reached",
    "diff": "print what changed between two days, or was learned",
    "match": "list events of two files that may be one happening",
    "compare": "list the differences between two releases, row by row",
    "timeline": "draw an interactive page or a picture",
    "embed": "print the HTML that shows a page in another",
    "verify": "verify a store, and list contradictions in a log",
    "doctor": "list what is installed, or check a file for known problems",
}
_EPILOG = """\
The name of a file gives its format: .toml is a chronicle, .jsonl JSON Lines, .csv a
table of entries, .parquet and .arrow Arrow, .db a store of SQLite, .json TimelineJS.

The exit status is 0 for success, 1 if there were faults, which are reported, 2 for a
command line that is not valid, and 130 if it was interrupted.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, and return the exit status.

    Args:
        arguments: The command line without the name of the program; by default that of
            the process.

    Returns:
        0 for success, 1 for faults that were reported, 2 for a command line that is
        not valid, 130 if it was interrupted.
    """
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    # argparse exits by itself, also for `--help`.
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else _USAGE
    except ArgumentError as error:
        return complain(error, _USAGE)
    except BrokenPipeError:
        # The reader, such as `head`, has closed the pipe. Python flushes the standard
        # output at exit, which would raise again, so it goes to the null device.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (BriTimelineError, OSError) as error:
        return complain(in_words(error), _FAULTY)
    except KeyboardInterrupt:
        return interrupted()


def _run(arguments: Sequence[str]) -> int:
    # Only the module of the verb that runs is imported, and entry points are read only
    # where it is not ours.
    verb = next((word for word in arguments if word[:1] != "-"), None)
    verbs = _SUMMARIES if verb in _SUMMARIES else extensions("verbs")
    is_script = Path(sys.argv[0]).stem == _SCRIPT
    name = _SCRIPT if is_script else "python -m bri_timeline"
    given = _parser(name, verbs, [verb]).parse_args(arguments)
    _check_paths(given)
    run: Callable[[Namespace], int] = given.run
    if "-" not in arguments:
        return run(given)
    from bri_timeline._command._pipes import piped

    with piped(given):
        return run(given)


def _check_paths(given: Namespace) -> None:
    """Refuse URLs where files are given, before any is shown: they may hold a password.

    Raises:
        ArgumentError: One is given.
    """
    for value in vars(given).values():
        for path in value if isinstance(value, list) else [value]:
            if isinstance(path, Path) and (problem := url_problem(path)):
                raise ArgumentError(None, f"{without_secrets(str(path))} {problem}")


class _Parser(ArgumentParser):
    """A parser that shows what was given without control characters.

    The parser of a verb takes what is given before options and behind them, in any
    order.
    """

    _given: Sequence[str] | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # A day before year 1 is no option, as it is not to Python 3.14.
        self._negative_number_matcher = re.compile(r"-\.?\d")

    def parse_known_args(
        self, args: Any = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Parse arguments, of a verb in any order."""
        # Intermixed parsing calls this method twice again, and forgets that nothing
        # behind `--` is an option.
        is_mixed = self._subparsers is None and "--" not in (args or ())
        if self._given is not None or not is_mixed:
            return super().parse_known_args(args, namespace)
        self._given = args
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._given = None

    def format_help(self) -> str:
        """Return the help, in which another package may have put what acts."""
        return harmless(super().format_help())

    def error(self, message: str) -> NoReturn:
        """Report a command line that is not valid, and exit."""
        taken = self._swallowed() if "are required" in message else None
        hint = f": {taken} was taken for a value of an option: give it first"
        super().error(one_line(f"{message}{hint if taken else ''}"))

    def _swallowed(self) -> str | None:
        """Return the name of a file that an option with several values took."""
        option = ""
        for word in self._given or ():
            if word[:1] == "-":
                option = word
            elif option and Path(word).suffix:
                return word
        return None


class _VersionAction(Action):
    """Prints the version, which is looked up only then."""

    def __call__(self, parser: ArgumentParser, *_given: object) -> None:
        """Print it, and exit."""
        package = import_module("bri_timeline")
        print_lines(f"bri_timeline {package.__version__}")
        parser.exit()


class _Completion(Action):
    """Prints the script with which a shell completes the command."""

    def __call__(
        self, parser: ArgumentParser, _given: object, shell: Any, *_rest: object
    ) -> None:
        """Print it, and exit."""
        with needing("completion"):
            import shtab
        verbs = extensions("verbs")
        whole = _parser(_SCRIPT, verbs, verbs)
        for one in (whole, *_parsers_in(whole)):
            for action in one._actions:
                if action.type is Path:
                    # An attribute that the types of argparse do not have.
                    vars(action)["complete"] = shtab.FILE
        print_lines(shtab.complete(whole, shell))
        parser.exit()


def _parsers_in(parser: ArgumentParser) -> Iterator[ArgumentParser]:
    """Yield the parsers of the verbs."""
    for action in parser._actions:
        if isinstance(action.choices, dict):
            yield from action.choices.values()


def _summary(verb: str) -> str:
    """Return what a verb does: of another package, as its function says it."""
    if verb in _SUMMARIES:
        return _SUMMARIES[verb]
    try:
        words = extension("verbs", verb).__doc__ or ""
    except ExtensionError as error:
        words = str(error)
    return words.partition("\n")[0].replace("%", "%%")


def _add_arguments(name: str, parser: ArgumentParser) -> None:
    add = extension("verbs", name)
    if name in _SUMMARIES:
        add(parser)
        return
    with naming(name, "cannot be asked for"):
        add(parser)


def _parser(
    name: str, verbs: Iterable[str], loaded: Collection[str | None]
) -> ArgumentParser:
    """Return the parser of the command.

    Args:
        name: The name of the program.
        verbs: Its verbs.
        loaded: Those of which the arguments are needed.
    """
    parser = _Parser(
        prog=name,
        description="Read, query and check logs of dated claims.",
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", action=_VersionAction, nargs=0, help="print the version"
    )
    parser.add_argument(
        "--completion",
        action=_Completion,
        choices=_SHELLS,
        help="print a script for the shell, which then completes bri-timeline",
    )
    parsers = parser.add_subparsers(metavar="VERB", required=True)
    for name in verbs:
        verb = parsers.add_parser(name, help=_summary(name))
        if name in loaded:
            verb.formatter_class = RawDescriptionHelpFormatter
            if told := _SUMMARIES.get(name):
                verb.description = f"{told[0].upper()}{told[1:]}."
            try:
                _add_arguments(name, verb)
            except ExtensionError as error:
                if [*loaded] == [name]:
                    raise
                warn("%s", error)
    return parser
