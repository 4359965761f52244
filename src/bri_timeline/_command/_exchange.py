"""Read files into a log, write it in another format, or draw it."""

from __future__ import annotations

import csv
import io
from argparse import ArgumentError, ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from datetime import date
from inspect import signature
from pathlib import Path
from typing import Any

from attrs import evolve

from bri_timeline import (
    Covers,
    Edtf,
    EventLog,
    Projection,
    Revision,
    View,
    Vocabulary,
)
from bri_timeline._command._kinds import (
    LOGS,
    READ,
    WRITTEN,
    Kinds,
    can_read,
    count_erased,
    existing,
    is_store,
    kind_of,
    merged,
    read,
    takes,
    title_of,
    update,
    write,
)
from bri_timeline._command._options import (
    Request,
    add_log,
    add_projection,
    add_selection,
    add_vocabulary,
    projection_of,
    tell_if_empty,
    vocabulary_of,
)
from bri_timeline._command._output import (
    complain,
    print_lines,
    report,
    showing,
)
from bri_timeline._command._references import calling
from bri_timeline._command._slips import split_claims, twins
from bri_timeline.errors import (
    FaultsError,
    NothingReadError,
    PictureError,
    counted,
)
from bri_timeline.extend import LANGUAGES, iso, replaced
from bri_timeline.extensions import (
    PICTURES,
    accepted,
    broken,
    each,
    extension,
    named,
    suffix_of,
    suffixes,
)
from bri_timeline.formats import (
    Imported,
    ReadOptions,
    RejectedRow,
    neutral,
)
from bri_timeline.pages import Page, Picture


_IMPORT_EXAMPLES = """\
examples:
  python -m bri_timeline import visits.csv -o visits.db
  python -m bri_timeline import 20180101.export.CSV.zip --from gdelt -o events.db
  python -m bri_timeline import events.tab --from icews --published 2018-05 -o events.db
  python -m bri_timeline import treaties.csv --table treaties.toml -o treaties.jsonl
  python -m bri_timeline import deals-2019.csv --table deals.toml --revise deals \\
      --published 2019-07-01 -o deals.db

Without -o the files are only read and counted. --rejected FILE keeps the rows of which
a rule gave no event, as CSV. An existing log is extended. --revise NAME takes the files
as a new release of the dataset of this name: rows that changed are corrected, and rows
that are gone are withdrawn, all known since the day of publication.
"""
_EVENT_DATA = ("gdelt", "icews", "plover", "polecat", "ucdp")
_FIELD = (*_EVENT_DATA, "tables")
_FOREIGN = (
    "{0}: these are not the columns of a table of entries. Facts of your own are read"
    " with --facts, event data with --from, and a table of your own with a declaration,"
    " --table TOML: `init {0}` drafts it from the cells"
)
# The kinds of files for which an option of an import has an effect. Rows of GDELT say
# when they were published; of UCDP, only those with reports do.
_MEANT_FOR = {"table": ("tables",), "published": _EVENT_DATA[1:], "rejected": _FIELD}

_EXPORT_EXAMPLES = """\
examples:
  python -m bri_timeline export visits.toml -o visits.parquet
  python -m bri_timeline export visits.db -o visits.toml --title "Visits"
  python -m bri_timeline export visits.db -o plans.ics --on 2019-09-01
  python -m bri_timeline export visits.db -o sources.json --to csl

What the other format cannot hold is listed on the standard error.
"""
_TIMELINE_EXAMPLES = """\
examples:
  python -m bri_timeline timeline visits.toml -o visits.html --between AZE CHN
  python -m bri_timeline timeline visits.toml -o visits.html --embed
  python -m bri_timeline timeline visits.db -o visits.svg --on 2019-04-30
  python -m bri_timeline timeline visits.db -o visits.png --picture beliefs
  python -m bri_timeline timeline visits.db -o visits.txt --language de
  python -m bri_timeline timeline visits.db -o visits.md

A page has sliders for the day and for the day of knowledge, unless a day is given. It
is one file that loads nothing from elsewhere. Markdown is a chronology with footnotes,
for pandoc and Quarto. Of too many events no picture is drawn: select some.
"""
# The most events of a picture. Of many, pages and drawings show how many there are.
_MOST = 50_000


def add_import(parser: ArgumentParser) -> None:
    """Add the arguments of the verb `import`."""
    parser.epilog = _IMPORT_EXAMPLES
    parser.add_argument(
        "files", metavar="FILE", nargs="+", type=Path, help="the files to read"
    )
    parser.add_argument(
        "-o", "--output", metavar="LOG", type=Path, help="the log to write to"
    )
    parser.add_argument(
        "--from",
        dest="kind",
        choices=Kinds(can_read, _FIELD),
        metavar="FORMAT",
        help="their format, if not given by their names: %(choices)s",
    )
    parser.add_argument(
        "--table", metavar="TOML", type=Path, help="the declaration of a table"
    )
    parser.add_argument(
        "--published",
        metavar="DATE",
        help="the date of publication of event data whose rows do not have it, or of a"
        " release",
    )
    parser.add_argument(
        "--revise",
        metavar="NAME",
        help="the dataset of which the files are a new release",
    )
    parser.add_argument(
        "--covers",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="what the release should contain: all, days=2018, parties=AZE,CHN,"
        " any_of=KAZ,KGZ or kinds=Visited",
    )
    parser.add_argument(
        "--rejected",
        metavar="CSV",
        type=Path,
        help="the file for rejected rows",
    )
    add_vocabulary(parser)
    parser.set_defaults(run=_run_import)


def _run_import(given: Namespace) -> int:
    """Read the files, and write new entries."""
    vocabulary, output = vocabulary_of(given), given.output
    scope = _scope(given, vocabulary)
    kind = None if output is None else kind_of(output, LOGS)
    log, rejected = EventLog(), list[tuple[Path, RejectedRow]]()
    useless, unread = list[tuple[Path, Imported]](), list[str | None]()
    for file_kind, path in _kinds_of(given):
        try:
            content = _read(file_kind, path, vocabulary, given)
        except NothingReadError as error:
            content = Imported.without_events(error)
        if isinstance(content, Imported):
            is_dated = given.revise is not None and given.published is not None
            print_lines(f"{path}: {content.as_release() if is_dated else content}")
            rejected += [(path, remark) for remark in content.rejected]
            unread += content.unread
            useless += [] if content.log or content.ongoing else [(path, content)]
        news = content.log if isinstance(content, Imported) else content
        with showing(f"{path}, entry") as show:
            log = merged(log, news, show)
    if given.rejected is not None:
        _keep(given, rejected)
    status = min(report("nothing to import", (_useless(*pair) for pair in useless)), 1)
    # Nothing was read: do not create or touch the output.
    if useless and not log:
        return status
    if output is None or kind is None:
        read = counted(len(log), "entry was", "entries were")
        print_lines(f"{read} read; -o LOG writes them")
        return status
    published = None if given.revise is None else _published_day(log, given)
    revisions = list[Revision]()

    def added(stored: EventLog) -> EventLog:
        if published is None:
            with showing(f"{output}, entry") as show:
                return merged(stored, log, show)
        whole, revision = stored.revise(
            log,
            dataset=given.revise,
            published=published,
            covers=scope if given.covers else None,
            unread=unread,
        )
        revisions.append(revision)
        return whole

    # The output may hold entries already: they are read, and only new ones added.
    done = update(output, added, vocabulary, kind)
    if given.revise is None and (gone := count_erased(done.before, log)):
        print_lines(f"{gone:,} left without the words that were erased here")
    # Somebody else may have written meanwhile: then the last one is what was written.
    for revision in revisions[-1:]:
        print_lines(f"{given.revise}: {revision}")
    added_now = len(done.after) - len(done.before)
    print_lines(
        f"{output}: {counted(added_now, 'entry was', 'entries were')} added,"
        f" and it has {len(done.after):,}"
    )
    report("lost", done.losses)
    for problem, ask in (
        ("equal but for the id", twins),
        ("without an id, and may be one", split_claims),
    ):
        questions = {*ask(done.before)}
        report(problem, [one for one in ask(done.after) if one not in questions])
    return status


def _published_day(release: EventLog, given: Namespace) -> str:
    """Return the day on which a release was published.

    Raises:
        ArgumentError: It is not known.
    """
    days = {entry.known_day for entry in release}
    if given.published is not None:
        days = {Edtf(given.published).last_day}
    if len(days) != 1 or None in days:
        problem = "--revise needs the day of publication: --published 2019-07-01"
        raise ArgumentError(None, problem)
    return iso(days.pop() or 0)


def _scope(given: Namespace, vocabulary: Vocabulary) -> Covers:
    """Return what a release covers, before a file is read.

    Raises:
        ArgumentError: It is not written as a name and a value.
    """
    if given.revise is None:
        if given.covers:
            raise ArgumentError(None, "--covers says what a release covers: --revise")
        return Covers()
    by_name: dict[str, list[str]] = {}
    for text in given.covers:
        if text == "all":
            continue
        name, sign, value = text.partition("=")
        if not sign or name not in ("any_of", "days", "kinds", "parties"):
            problem = (
                f"--covers {text}: write days=2018, parties=AZE,CHN, any_of=KAZ,KGZ"
            )
            raise ArgumentError(None, f"{problem} or kinds=Visited")
        by_name.setdefault(name, []).extend(value.split(","))
    lacking = [name for name in by_name.get("kinds", ()) if name not in vocabulary]
    if lacking:
        problem = (
            f"--covers kinds={lacking[0]}: the vocabulary has {', '.join(vocabulary)}"
        )
        raise ArgumentError(None, problem)
    days = ",".join(by_name["days"]) if "days" in by_name else None
    return Covers(
        [vocabulary.classes[name] for name in by_name.get("kinds", ())],
        parties=by_name.get("parties", ()),
        any_of=by_name.get("any_of", ()),
        days=days,
    )


def _useless(path: Path, found: Imported) -> str:
    if not found.rows:
        return f"{path}: has no rows below its header: is the file complete?"
    return (
        f"{path}: no row gives an event: see the reasons above; --from or --table may"
        " be those of another kind of file"
    )


def _kinds_of(given: Namespace) -> list[tuple[str, Path]]:
    """Return the files, each with its kind.

    Raises:
        ArgumentError: An option would have no effect with a kind of file.
    """
    # Fail before the first file is read, which may take minutes.
    usual = given.kind or ("tables" if given.table else None)
    pairs = [(usual or _kind_of(existing(path)), path) for path in given.files]
    for kind, path in pairs:
        for option, kinds in _MEANT_FOR.items():
            is_release = option == "published" and given.revise is not None
            if getattr(given, option) and kind not in kinds and not is_release:
                problem = f"--{option} is for --from {'|'.join(kinds)}"
                problem += " and for --revise" if option == "published" else ""
                problem = f"{problem}, and {path} is read as {kind}"
                raise ArgumentError(None, f"{problem}: leave it out")
    return pairs


def _read(
    kind: str, path: Path, vocabulary: Vocabulary, given: Namespace
) -> EventLog | Imported:
    """Read a file of a kind.

    Raises:
        ArgumentError: An option that the format needs is missing.
    """
    if kind not in _FIELD:
        try:
            return read(path, vocabulary, kind)
        except FaultsError as error:
            is_head = any(f.place.partition(":")[0] == "line 1" for f in error.faults)
            if given.kind is None and kind == "csv" and is_head:
                complain(_FOREIGN.format(path), 1)
            raise
    if kind == "tables":
        # Imported where they are used: other verbs need no reader of such files.
        from bri_timeline.formats import tables

        if given.table is None:
            problem = "a table needs its declaration: --table DECLARATION.toml, which"
            raise ArgumentError(None, f"{problem} `init {path}` drafts")
        declaration = tables.read_declaration(given.table)
        with showing(f"{path}, line") as show:
            return tables.load(path, declaration, vocabulary, progress=show)
    from bri_timeline.formats import gdelt, icews, plover, ucdp

    loads: dict[str, Callable[..., Imported]] = {
        "gdelt": gdelt.load,
        "icews": icews.load,
        "plover": plover.load,
        "polecat": plover.load_table,
        "ucdp": ucdp.load,
    }
    with showing(f"{path}, line") as show:
        reading = ReadOptions(published=given.published)
        return loads[kind](path, reading, progress=show)


def _kind_of(path: Path) -> str:
    try:
        return kind_of(path, READ, "--from")
    except ArgumentError as error:
        problem = f"{error}; or, for event data, --from {'|'.join(_FIELD)}"
        remedy = f"for a table of your own, --table TOML, which `init {path}` drafts"
        raise ArgumentError(None, f"{problem}; or, {remedy}") from None


def _keep(given: Namespace, rejected: list[tuple[Path, RejectedRow]]) -> None:
    """Write the rejected rows with their reasons, as a table of the same kind.

    Raises:
        ArgumentError: They come from tables with different columns.
    """
    heads = {row.head for _, row in rejected}
    if len(heads) > 1:
        problem = "--rejected keeps rows of one kind, and the files have different"
        raise ArgumentError(None, f"{problem} columns: import them one by one")
    delimiter, encoding = ",", "utf-8"
    lines: list[tuple[str, ...]] = [("file", "line", "reason", "cells")]
    if head := next(iter(heads), ()):
        from bri_timeline.formats import tables

        declaration = tables.read_declaration(given.table)
        delimiter = declaration.delimiter or delimiter
        encoding = declaration.encoding or encoding
        lines = [*head[:-1], (*head[-1], tables.REASON)]
    # Of a row that was kept, and made two rows of, both have its line.
    by_row: dict[tuple[Path, int, tuple[str, ...]], list[RejectedRow]] = {}
    for source, remark in rejected:
        by_row.setdefault((source, remark.line, remark.cells), []).append(remark)
    for (source, line, cells), remarks in by_row.items():
        why = "; ".join(one.reason for one in remarks)
        if head:
            gaps = ("",) * (len(head[-1]) - len(cells))
            lines.append((*cells, *gaps, f"line {line}: {why}"))
        else:
            lines.append((str(source), str(line), why, *cells))
    text = io.StringIO(newline="")
    # A spreadsheet would execute a cell that begins like a formula.
    csv.writer(text, delimiter=delimiter).writerows(map(neutral, row) for row in lines)
    with replaced(given.rejected) as file:
        file.write(text.getvalue().encode(encoding, "replace"))


def add_export(parser: ArgumentParser) -> None:
    """Add the arguments of the verb `export`."""
    parser.epilog = _EXPORT_EXAMPLES
    add_log(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=Path,
        required=True,
        help="the file to write; - is the standard output",
    )
    parser.add_argument(
        "--to",
        choices=WRITTEN,
        metavar="FORMAT",
        help="its format, if not given by its name: %(choices)s",
    )
    add_selection(parser)
    parser.add_argument("--title", help="for a chronicle: its title")
    parser.set_defaults(run=_run_export)


def _run_export(given: Namespace) -> int:
    """Write the file."""
    suffix = suffix_of(given.output)
    # Pages of others are imported only if no format has the suffix.
    if not (given.to or named(suffix, "stores", "formats")) and named(suffix, "pages"):
        problem = f"{given.output} is a picture: draw it with the verb timeline"
        raise ArgumentError(None, problem)
    kind = given.to or kind_of(given.output, WRITTEN, "--to")
    # An option without effect would suggest that the file depends on it.
    if given.title is not None and not takes(kind, "title"):
        problem = f"--title is for chronicle, and not for {kind}"
        raise ArgumentError(None, problem)
    request, vocabulary = Request.of(given), vocabulary_of(given)
    log = request.read(given, vocabulary)
    later: list[str] = []
    # What shows a state is not a log: a selection is enough for it.
    if takes(kind, "known_by"):
        log = request.within(log)
    else:
        log = merged(EventLog(), request.alone(log), lambda _done: None)
        cited = _as_cited(log, request)
        # A log that is read again has its claims as they were recorded.
        if kind in LOGS:
            later = [*_uncited(log, cited)]
        else:
            log = cited
    tell_if_empty(given, log)
    is_replaced = given.output.exists() and not is_store(kind)
    losses = write(
        log,
        given.output,
        vocabulary,
        kind,
        on=request.on,
        known_by=request.basis,
        title=given.title,
    )
    rest = ", in place of what was there" if is_replaced else ""
    entries = counted(len(log), "entry", "entries")
    print_lines(f"{given.output}: {entries}, as {kind}{rest}")
    report("lost", losses)
    report(f"kept, though not out by {request.known_by}", later)
    return 0


def _as_cited(log: EventLog, request: Request) -> EventLog:
    """Return a log whose claims cite what was out by the day of knowledge."""
    if request.basis is None:
        return log
    view = log.as_of(date.max, request.basis)
    return EventLog(
        evolve(entry, event=entry.event and view.as_cited(entry.event)) for entry in log
    )


def _uncited(log: EventLog, cited: EventLog) -> Iterator[str]:
    """Yield the sources that the same claims of another log do not cite."""
    for entry, same in zip(log, cited, strict=True):
        if entry != same:
            sources = dict.fromkeys(place.source for place in entry.claim.cite)
            out = {place.source for place in same.claim.cite}
            late = ", ".join(str(source) for source in sources if source not in out)
            yield f"entry {entry.position}: {late}"


def add_timeline(parser: ArgumentParser) -> None:
    """Add the arguments of the verb `timeline`."""
    parser.epilog = _TIMELINE_EXAMPLES
    add_log(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="PICTURE",
        type=Path,
        required=True,
        help="a file, whose name gives the kind of picture, such as visits.svg",
    )
    parser.add_argument(
        "--picture",
        metavar="NAME",
        help="another picture, as .svg or .png: " + ", ".join(PICTURES),
    )
    add_projection(parser)
    add_selection(parser)
    parser.add_argument(
        "--title", help="by default that of a chronicle, or the name of the file"
    )
    parser.add_argument(
        "--embed",
        action="store_true",
        help="a page for a small frame in another page: the sentence, the chart and the"
        " sources",
    )
    parser.add_argument(
        "--url", help="of a page: the address at which readers will find it"
    )
    parser.add_argument(
        "--language",
        choices=LANGUAGES,
        default="en",
        help="of its words, dates and facts; names of states need the extra names",
    )
    parser.set_defaults(run=_run_timeline)


def _run_timeline(given: Namespace) -> int:
    """Write the picture."""
    draw = _drawer(given)
    title = given.title or title_of(given.log, given.kind)
    # An option without effect would suggest that the picture depends on it.
    taken = signature(draw).parameters
    for name in ("embed", "url"):
        if getattr(given, name) and name not in taken:
            problem = f"--{name} is for a page, .html, and not for {given.output}"
            raise ArgumentError(None, problem)
    if given.title is not None and "title" not in taken:
        problem = f"--title: {given.output} shows no title: leave it out"
        raise ArgumentError(None, problem)
    request, vocabulary = Request.of(given), vocabulary_of(given)
    # Without a day the whole log is drawn, in which readers choose the knowledge.
    if request.known_by and request.window is None:
        problem = f"--known-by {request.known_by} needs --on, the day to show, or"
        raise ArgumentError(None, f"{problem} --during")
    projection: Projection[Any] | None = None
    # What concerns one actor alone is drawn without a state.
    if len(request.between) > 1 or given.projection:
        projection = projection_of(given, request.between, vocabulary)
    log = request.select(request.read(given, vocabulary, projection), projection)
    tell_if_empty(given, log)
    shown = log if request.window is None else request.view(log)
    many = _checked_size(given, shown)
    with (
        calling("--projection", given.projection),
        showing(f"{given.output}, day") as show,
    ):
        options = {
            "projection": projection,
            "title": title,
            "language": given.language,
            "embed": given.embed,
            "url": given.url,
            "progress": show,
        }
        if given.picture:
            days = _days_of(given, request, {*accepted(draw, {"on": 0, "known_by": 0})})
            options |= days
            # Without one it has a title of its own.
            if not given.title:
                del options["title"]
            # A picture that compares days of knowledge asks the log.
            shown = log if days else shown
        picture = draw(shown, **accepted(draw, options))
        if given.picture and given.output.suffix.lower() == ".png":
            picture = extension("pages", "png").of(picture)
        picture.save(given.output)
    print_lines(f"{given.output}: {many:,} event{'s' * (many != 1)} drawn")
    return 0


def _days_of(given: Namespace, request: Request, taken: set[str]) -> dict[str, object]:
    """Return the days that a picture of a log takes; none for one of a view.

    Raises:
        ArgumentError: It does not take what is given.
    """
    days = {"on": request.on, "known_by": request.basis}
    asked = {name for name, day in days.items() if day is not None}
    asked |= {"during"} if request.during else set()
    if taken and asked - taken:
        option = "--" + min(asked - taken).replace("_", "-")
        problem = f"--picture {given.picture} shows days of knowledge: leave out"
        raise ArgumentError(None, f"{problem} {option}")
    return {name: days[name] for name in days if name in taken}


def _checked_size(given: Namespace, shown: EventLog | View) -> int:
    """Return the number of events, and refuse more than a picture can show.

    Raises:
        PictureError: There are more.
    """
    many = len(shown) + (len(shown.undecided) if isinstance(shown, View) else 0)
    if many <= _MOST:
        return many
    problem = f"has {many:,} events, and a picture shows at most {_MOST:,}"
    remedy = "select some with --between, --any-of or --during"
    raise PictureError(str(given.log), f"{problem}: {remedy}")


def _drawer(given: Namespace) -> Callable[..., Page | Picture]:
    """Return what draws a kind of picture."""
    path, name = given.output, given.picture
    kind = named(path.suffix.lower(), "pages")
    if kind is None:
        known = [suffix for _, one in each("pages") for suffix in suffixes(one)]
        wanted = f"{', '.join(known[:-1])} or {known[-1]}"
        wanted += broken("pages")
        raise ArgumentError(None, f"{path} is not a picture: name it {wanted}")
    if name is not None and kind not in ("svg", "png"):
        problem = f"--picture {name} is drawn as .svg or .png, and {path} is neither"
        raise ArgumentError(None, problem)
    drawn = extension("pages", name or kind)
    if name is not None and suffixes(drawn):
        problem = f"--picture {name} is told by the name of the file"
        raise ArgumentError(None, f"{problem}: {', '.join(suffixes(drawn))}")
    render: Callable[..., Page | Picture] = drawn.render
    return render
