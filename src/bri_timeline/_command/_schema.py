"""Print the JSON Schema of a chronicle, of proposals, or of an answer."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

from bri_timeline import Vocabulary
from bri_timeline._command._output import print_lines
from bri_timeline._command._own import add_vocabulary, vocabulary_of
from bri_timeline.answers import ExplainAnswer, StateAnswer, VerifyAnswer, schema
from bri_timeline.relations import Relationship


__all__ = ["EXAMPLES", "add", "run", "schema_text"]

EXAMPLES = """\
examples:
  python -m bri_timeline schema > visits-schema.json
  python -m bri_timeline schema --facts pledges:FACTS > pledges-schema.json
  python -m bri_timeline schema state > state.schema.json

Editors of TOML check and complete a chronicle whose first line is
  #:schema ./visits-schema.json
`state`, `explain` and `verify` stand for what these verbs print with --format json.
"""
_ANSWERS = {
    "state": StateAnswer[Relationship],
    "explain": ExplainAnswer,
    "verify": VerifyAnswer,
}


def add(parser: ArgumentParser) -> None:
    """Add the arguments of the verb."""
    parser.add_argument(
        "of",
        metavar="OF",
        nargs="?",
        choices=("chronicle", "proposals", *_ANSWERS),
        default="chronicle",
        help="chronicle, proposals, state, explain or verify; by default chronicle",
    )
    add_vocabulary(parser)
    parser.set_defaults(run=run)


def run(given: Namespace) -> int:
    """Print the schema."""
    print_lines(schema_text(given.of, vocabulary_of(given)))
    return 0


def schema_text(of: str, vocabulary: Vocabulary) -> str:
    """Return a JSON Schema as text: in ASCII, so that every character survives.

    Args:
        of: What it describes.
        vocabulary: The kinds of facts.
    """
    if of in _ANSWERS:
        found = schema(_ANSWERS[of], vocabulary)
    else:
        found = vocabulary.json_schema(of)
    return json.dumps(found, indent=2)
