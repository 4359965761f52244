"""Help for who writes a file: the verbs `facts`, `schema` and `init`."""

from __future__ import annotations

import errno
import inspect
import io
import json
import os
import re
import typing
from argparse import ArgumentError, ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal
from enum import Enum
from itertools import islice, product
from pathlib import Path
from types import NoneType

import attrs
from attrs import frozen

from bri_timeline import Edtf, Vocabulary
from bri_timeline._command._options import add_vocabulary, vocabulary_of
from bri_timeline._command._output import print_json, print_lines, report
from bri_timeline.errors import FaultsError, VocabularyError, shown
from bri_timeline.extend import (
    AsDict,
    PayloadField,
    did_you_mean,
    members_of,
    payload_fields,
)
from bri_timeline.relations import Relationship, Visited


_FACTS_EXAMPLES = """\
examples:
  python -m bri_timeline facts
  python -m bri_timeline facts Visited
  python -m bri_timeline facts Pledged --facts pledges:FACTS
  python -m bri_timeline facts --facts pledges:FACTS --format markdown > facts.md

An example is a line below `[[entries]]` of a chronicle. Fields in square brackets may
be left out.
"""
_SIMPLE: dict[object, tuple[str, tuple[object, ...]]] = {
    str: ("text", ("text", "2015", "USD")),
    bool: ("true or false", (True, False)),
    int: ("a whole number", (1, 0)),
    float: ("a number", (1.5,)),
    Decimal: ("a number", (Decimal("1.5"), 1)),
    Edtf: ("a date of EDTF", ("2015",)),
    date: ("a day", ("2015-04-24",)),
}
_BARE = re.compile("[A-Za-z0-9_-]+")
_ACTORS = ("AZE", "CHN")
_MOST_TRIED = 256

_SCHEMA_EXAMPLES = """\
examples:
  python -m bri_timeline schema > visits-schema.json
  python -m bri_timeline schema --facts pledges:FACTS > pledges-schema.json
  python -m bri_timeline schema state > state.schema.json

Editors of TOML check and complete a chronicle whose first line is
  #:schema ./visits-schema.json
`state`, `explain` and `verify` stand for what these verbs print with --format json.
"""
_ANSWERS = ("state", "explain", "verify")

_INIT_EXAMPLES = """\
examples:
  python -m bri_timeline init visits.toml
  python -m bri_timeline init visits.csv
  python -m bri_timeline init members.xlsx --kind Joined

Beside a chronicle stands its JSON Schema, by which editors of TOML check and complete
it. Of a table that is there already, CSV or a workbook, the declaration is drafted from
its cells: mend what is said to be a guess, and import the table with it. A file that
exists is never replaced.
"""
_CHRONICLE = """\
#:schema ./{schema}
# A chronicle: dated claims, each with the sources on which it rests.
# Check it:  python -m bri_timeline verify {name}
# The kinds of facts and their fields:  python -m bri_timeline facts
chronicle = 1

# Each source has a name, by which entries cite it. `published` is a day, a month or a
# year; what it reports counts as known from the last possible day.
[sources.paper]
title = "The Paper"
published = "2019-04-24"
# author = "..."
# url = "https://example.org/article"
"""
_ENTRIES = (
    """
[[entries]]
id = "first-{id}"{space}# a name of your own for what happened; may be left out
when = "2015"                  # as much as is known: "2015", "2015-04", "2015-04-24"
cite = ["paper: p. 1"]         # the source, a colon, and the place in it

[entries.{kind}]{gap}# the kind of fact; its fields follow
""",
    """
[[entries]]
when = "2016/2017"             # what lasted, from a date to another; "2016/.." goes on
cite = ["paper: p. 2"]

[entries.{kind}]
""",
)
# Of the facts of states, the two that every reader understands.
_USUAL = ("Visited", "Joined")
_PAPER = "2019-04-24"
_TABLES = (".csv", ".tsv", ".tab", ".txt", ".gz", ".zip")
_SHEET = """\
when,guest,host,occasion,told_by,published
2015,AZE,CHN,,The Paper,2019-04-24
2016-04,CHN,AZE,,The Paper,2019-04-24
2019-04-24,AZE,CHN,a forum,An Agency,2019-04-30
"""


def add_facts(parser: ArgumentParser) -> None:
    """Add the arguments of the verb `facts`."""
    parser.epilog = _FACTS_EXAMPLES
    parser.add_argument("kind", metavar="KIND", nargs="?", help="only this kind")
    add_vocabulary(parser)
    parser.add_argument(
        "--format",
        choices=("text", "json", "markdown"),
        default="text",
        help="the format of the list; markdown is a page of reference",
    )
    parser.set_defaults(run=_run_facts)


@frozen
class _KindField(AsDict):
    """A field of a kind: its name, type and meaning, and whether it must be given."""

    name: str
    type: str
    required: bool
    about: str


@frozen
class _FactKind(AsDict):
    """A kind of fact; the example is a line of TOML, None if there is none."""

    kind: str
    about: str
    fields: tuple[_KindField, ...]
    example: str | None

    @classmethod
    def of(cls, name: str, payload: type) -> _FactKind:
        """Return the description of a payload class."""
        # Of the class itself, and not inherited; -OO leaves none.
        about, texts = _documented(vars(payload).get("__doc__") or "")
        fields = (
            _KindField(name, _words(part), part.required, texts.get(name, ""))
            for name, part in payload_fields(payload).items()
        )
        sample = _example(payload)
        example = None if sample is None else f"{name} = {_toml(sample)}"
        return cls(name, about, (*fields,), example)

    def lines(self) -> Iterator[str]:
        """Yield the lines for people."""
        yield f"{self.kind}  {self.about}".strip()
        rows = [
            (
                field.name if field.required else f"[{field.name}]",
                field.type,
                field.about,
            )
            for field in self.fields
        ]
        widths = [max((len(row[place]) for row in rows), default=0) for place in (0, 1)]
        for name, kind, about in rows:
            yield f"  {name:<{widths[0]}}  {kind:<{widths[1]}}  {about}".rstrip()
        yield f"  example: {self.example or 'none that its class accepts was found'}"

    def page(self) -> Iterator[str]:
        """Yield the lines of a section in Markdown."""
        yield from (f"## {self.kind}", "", self.about or "Not described.", "")
        yield from ("| field | type | meaning |", "|---|---|---|")
        for field in self.fields:
            kind = field.type if field.required else f"{field.type}; may be left out"
            yield f"| `{field.name}` | {_cell(kind)} | {_cell(field.about)} |"
        example = f"`{self.example}`" if self.example else "none was found"
        yield f"| *example* | | {_cell(example)} |"


@frozen
class _FactKinds(AsDict):
    """The kinds of a vocabulary."""

    kinds: tuple[_FactKind, ...]


def _run_facts(given: Namespace) -> int:
    """List the kinds."""
    vocabulary = vocabulary_of(given)
    if given.kind is not None and given.kind not in vocabulary:
        hint = did_you_mean(given.kind, vocabulary)
        problem = f"{shown(given.kind)} is not a kind of fact.{hint} There are"
        raise ArgumentError(None, f"{problem} {', '.join(sorted(vocabulary))}")
    names = sorted(vocabulary) if given.kind is None else [given.kind]
    kinds = tuple(_FactKind.of(name, vocabulary.classes[name]) for name in names)
    if given.format == "json":
        print_json(_FactKinds(kinds))
        return 0
    for number, kind in enumerate(kinds):
        lines = kind.lines() if given.format == "text" else kind.page()
        print_lines(*[""][:number], *lines)
    return 0


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def _documented(text: str) -> tuple[str, dict[str, str]]:
    """Return the first sentence of a docstring, and what it says of each field."""
    summary, _, rest = inspect.cleandoc(text).partition("\n\n")
    by_field: dict[str, str] = {}
    name, is_field = "", False
    for line in rest.splitlines():
        match = re.match(r"    (\w+): *(.*)", line)
        if not line.startswith(" "):
            is_field = line in ("Args:", "Attributes:")
        elif is_field and match is not None:
            name, by_field[match[1]] = match[1], match[2]
        elif is_field and name:
            by_field[name] += f" {line.strip()}"
    return " ".join(summary.split()), by_field


def _words(part: PayloadField) -> str:
    """Return the type of a field in words."""
    if part.is_of_actors:
        return "actors" if _is_list(part.type) else "an actor"
    return _type(part.type)


def _type(wanted: object) -> str:
    kinds = [kind for kind in members_of(wanted) if kind is not NoneType]
    return " or ".join(map(_one, kinds))


def _one(wanted: object) -> str:
    if wanted in _SIMPLE:
        return _SIMPLE[wanted][0]
    args = [arg for arg in typing.get_args(wanted) if arg is not ...]
    if _is_list(wanted):
        return f"a list of {', '.join(map(_type, args)) or 'anything'}"
    if typing.get_origin(wanted) is typing.Literal:
        return " or ".join(map(repr, args))
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return " or ".join(repr(member.value) for member in wanted)
    if isinstance(wanted, type) and attrs.has(wanted):
        inner = (f"{n} ({_words(p)})" for n, p in payload_fields(wanted).items())
        return f"a table: {', '.join(inner)}"
    return getattr(wanted, "__name__", str(wanted))


def _is_list(wanted: object) -> bool:
    return typing.get_origin(wanted) in (frozenset, tuple)


def _example(cls: type) -> dict[str, object] | None:
    """Return example values of the fields that the class accepts; None without any."""
    parts = {n: p for n, p in payload_fields(cls).items() if p.required}
    choices = [_choices(part, place) for place, part in enumerate(parts.values())]
    vocabulary = Vocabulary(cls)
    for values in islice(product(*choices), _MOST_TRIED):
        fields = dict(zip(parts, values, strict=True))
        with suppress(Exception):  # a user's class may raise anything
            vocabulary.build(cls.__name__, fields)
            return fields
    return None


def _choices(part: PayloadField, place: int) -> list[object]:
    """Return values that a field may accept, the likeliest first."""
    if part.is_of_actors:
        actors = [*_ACTORS[place % 2 :], *_ACTORS[: place % 2]]
        return [actors] if _is_list(part.type) else [*actors]
    choices: list[object] = []
    for kind in members_of(part.type):
        args = typing.get_args(kind)
        if kind in _SIMPLE:
            choices += _SIMPLE[kind][1]
        elif _is_list(kind):
            inner = PayloadField(args[0], None, True, frozenset(), False)
            choices += ([item] for item in _choices(inner, 0))
        elif typing.get_origin(kind) is typing.Literal:
            choices += args
        elif isinstance(kind, type) and issubclass(kind, Enum):
            choices += (member.value for member in kind)
        elif isinstance(kind, type) and attrs.has(kind):
            choices += filter(None, [_example(kind)])
    return choices or ["text", 1, True]


def _toml(value: object) -> str:
    """Return a value in TOML, in one line."""
    if isinstance(value, dict):
        items = (f"{name} = {_toml(item)}" for name, item in value.items())
        return f"{{ {', '.join(items)} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


def add_schema(parser: ArgumentParser) -> None:
    """Add the arguments of the verb `schema`."""
    parser.epilog = _SCHEMA_EXAMPLES
    parser.add_argument(
        "of",
        metavar="OF",
        nargs="?",
        choices=("chronicle", "proposals", *_ANSWERS),
        default="chronicle",
        help="chronicle, proposals, state, explain or verify; by default chronicle",
    )
    add_vocabulary(parser)
    parser.set_defaults(run=_run_schema)


def _run_schema(given: Namespace) -> int:
    """Print the schema."""
    print_lines(_schema_text(given.of, vocabulary_of(given)))
    return 0


def _schema_text(of: str, vocabulary: Vocabulary) -> str:
    """Return a JSON Schema as text: in ASCII, so that every character survives.

    Args:
        of: What it describes.
        vocabulary: The kinds of facts.
    """
    if of in _ANSWERS:
        # The other verbs need not wait for its import.
        from bri_timeline import answers

        kinds: dict[str, object] = {
            "state": answers.StateAnswer[Relationship],
            "explain": answers.ExplainAnswer,
            "verify": answers.VerifyAnswer,
        }
        schema = answers.schema(kinds[of], vocabulary)
    else:
        schema = vocabulary.json_schema(of)
    return json.dumps(schema, indent=2)


def add_init(parser: ArgumentParser) -> None:
    """Add the arguments of the verb `init`."""
    parser.epilog = _INIT_EXAMPLES
    parser.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        help="a chronicle to write (.toml), or a table: a new sheet (.csv), or one that"
        " is there, in text or a workbook",
    )
    parser.add_argument(
        "--kind", metavar="KIND", help="the kind of the rows of a table, if not guessed"
    )
    parser.add_argument(
        "--sheet",
        metavar="NAME",
        default="",
        help="the sheet of a workbook; by default the first that has dates",
    )
    add_vocabulary(parser)
    parser.set_defaults(run=_run_init)


def _entries(vocabulary: Vocabulary) -> Iterator[str]:
    """Yield an entry of each of two kinds, as text in TOML."""
    names = [*(name for name in _USUAL if name in vocabulary), *vocabulary]
    examples = ((name, _example(vocabulary.classes[name])) for name in names)
    found = ((name, fields) for name, fields in examples if fields is not None)
    for (name, fields), entry in zip(found, _ENTRIES, strict=False):
        key = name if _BARE.fullmatch(name) else json.dumps(name)
        gaps = {"space": " " * (16 - len(name)), "gap": " " * (20 - len(name))}
        lines = (f"{part} = {_toml(value)}\n" for part, value in fields.items())
        yield entry.format(kind=key, id=name.lower(), **gaps) + "".join(lines)


def _run_init(given: Namespace) -> int:
    """Write the files."""
    # It knows pages and stores, for which the other verbs need not wait.
    from bri_timeline._command._kinds import kind_of

    path: Path = given.file
    if _is_table(path):
        return _drafted(path, given, {})
    vocabulary = vocabulary_of(given)
    if kind_of(path, ("chronicle", "csv")) == "csv":
        return _drafted(path, given, {path: _sheet(vocabulary, given)})
    schema = path.with_name(f"{path.stem}-schema.json")
    starter = _CHRONICLE.format(name=path.name, schema=schema.name)
    starter += "".join(_entries(vocabulary))
    _write({path: starter, schema: f"{_schema_text('chronicle', vocabulary)}\n"})
    return 0


def _is_table(path: Path) -> bool:
    """Check whether a file is a table that is there already."""
    from bri_timeline.formats import tables

    is_named = path.suffix.lower() in _TABLES or tables.is_workbook(path)
    return is_named and path.exists()


def _write(files: Mapping[Path, str]) -> None:
    """Write files, of which none is written if one is there.

    Raises:
        FileExistsError: One is there.
    """
    # "x" is for what appears in between.
    for place in files:
        if place.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(place))
    for place, text in files.items():
        with place.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
        print_lines(f"{place}: written")


def _drafted(path: Path, given: Namespace, sheet: Mapping[Path, str]) -> int:
    """Write the declaration of a table, and try it.

    Args:
        path: The table.
        given: The command line.
        sheet: The table, if it is to be written too.
    """
    from bri_timeline.formats import tables

    vocabulary = vocabulary_of(given)
    source = io.StringIO(sheet[path]) if sheet else path
    kind = given.kind or (_kind_of(vocabulary)[0] if sheet else None)
    draft = tables.draft(
        source, vocabulary, kind=kind, name=path.name, sheet=given.sheet
    )
    declaration = path.with_name(f"{path.name.partition('.')[0]}.toml")
    _write({**sheet, declaration: draft.text})
    try:
        found = tables.load(path, tables.read_declaration(declaration), vocabulary)
        print_lines(f"{path}: {found}")
    except (FaultsError, VocabularyError) as error:
        # A draft with a gap has the questions that say why.
        if not re.search(r'^\w+ = "\.\.\."', draft.text, re.MULTILINE):
            print_lines(str(error))
    report("to be mended in it", draft.questions)
    command = "python -m bri_timeline import"
    print_lines(f"then: {command} {path} --table {declaration} -o LOG.db")
    return 0


def _kind_of(vocabulary: Vocabulary) -> tuple[str, dict[str, object]]:
    """Return the kind of a starter sheet, and an example of it.

    Raises:
        ArgumentError: No kind has plain fields alone.
    """
    for name in [*(name for name in _USUAL if name in vocabulary), *vocabulary]:
        fields = _example(vocabulary.classes[name])
        if fields and all(
            type(value) in (str, int, Decimal) for value in fields.values()
        ):
            return name, fields
    problem = "no kind of --facts has text and numbers alone, as a sheet holds them"
    raise ArgumentError(None, f"{problem}: write a chronicle, `init FILE.toml`")


def _sheet(vocabulary: Vocabulary, given: Namespace) -> str:
    """Return a sheet with an example, in CSV."""
    name, fields = _kind_of(vocabulary)
    if vocabulary.classes[name] is Visited and not given.kind:
        return _SHEET
    columns = {"when": "2015", **fields, "told_by": "The Paper", "published": _PAPER}
    return f"{','.join(columns)}\n{','.join(map(str, columns.values()))}\n"
