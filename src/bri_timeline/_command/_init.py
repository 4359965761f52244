"""Write a starter chronicle with its schema, or a sheet with its declaration."""

from __future__ import annotations

import errno
import os
from argparse import ArgumentParser, Namespace
from pathlib import Path

from bri_timeline._command._kinds import kind_of
from bri_timeline._command._output import print_lines
from bri_timeline._command._own import add_vocabulary, vocabulary_of
from bri_timeline._command._schema import schema_text


__all__ = ["EXAMPLES", "add", "run"]

EXAMPLES = """\
examples:
  python -m bri_timeline init visits.toml
  python -m bri_timeline init visits.csv

Beside a chronicle stands its JSON Schema, by which editors of TOML check and complete
it. A file that exists is never replaced.
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

[[entries]]
id = "first-visit"             # a name of your own for what happened; may be left out
when = "2015"                  # as much as is known: "2015", "2015-04", "2015-04-24"
cite = ["paper: p. 1"]         # the source, a colon, and the place in it

[entries.Visited]              # the kind of fact; its fields follow
guest = "AZE"
host = "CHN"

[[entries]]
when = "2016/2017"             # what lasted, from a date to another; "2016/.." goes on
cite = ["paper: p. 2"]

[entries.Joined]
member = "AZE"
body = "An Organisation"
"""
_SHEET = """\
when,guest,host,occasion,told_by,published
2015,AZE,CHN,,The Paper,2019-04-24
2016-04,CHN,AZE,,The Paper,2019-04-24
2019-04-24,AZE,CHN,a forum,An Agency,2019-04-30
"""
_DECLARATION = """\
# The meaning of a row of {sheet}.
# Read it:  python -m bri_timeline import {sheet} --table {name} -o visits.db
# The kinds of facts and their fields:  python -m bri_timeline facts
title = "Visits"
coverage = "2015/2019"       # the period that the table covers

[source]                     # a name in braces is that of a column
title = "{{told_by}}"
published = "{{published}}"

[[events]]
kind = "Visited"
# A date as precise as it is written: the first format that fits counts.
when = {{ columns = ["when"], format = "yyyy-mm-dd | yyyy-mm | yyyy" }}

[events.fields]
guest = {{ column = "guest", as = "alpha3" }}
host = {{ column = "host", as = "alpha3" }}
occasion = {{ column = "occasion", optional = true }}
"""


def add(parser: ArgumentParser) -> None:
    """Add the arguments of the verb."""
    parser.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        help="the file to write: .toml for a chronicle, .csv for a sheet",
    )
    add_vocabulary(parser)
    parser.set_defaults(run=run)


def run(given: Namespace) -> int:
    """Write the files."""
    path: Path = given.file
    names = {"name": path.name}
    if kind_of(path, ("chronicle", "csv")) == "chronicle":
        described = path.with_name(f"{path.stem}-schema.json")
        text = schema_text("chronicle", vocabulary_of(given))
        starter = _CHRONICLE.format(**names, schema=described.name)
        files = {path: starter, described: f"{text}\n"}
    else:
        declaration = path.with_name(f"{path.stem}-table.toml")
        names = {"sheet": path.name, "name": declaration.name}
        files = {path: _SHEET, declaration: _DECLARATION.format(**names)}
    # Neither is written if the other is there; "x" is for what appears in between.
    for place in files:
        if place.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(place))
    for place, text in files.items():
        with place.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
        print_lines(f"{place}: written")
    return 0
