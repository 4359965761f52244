"""Print answers about many days: panels, periods, first days and differences."""

from __future__ import annotations

import math
from argparse import ArgumentError, ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, NamedTuple

from attrs import evolve

from bri_timeline import (
    Event,
    EventLog,
    First,
    Panel,
    Period,
    Projection,
    View,
    dyads,
)
from bri_timeline._command._options import (
    Request,
    actor_ids,
    add_actors,
    add_knowledge,
    add_log,
    add_projection,
    has_own,
    knowledge,
    projection_of,
    tell_if_empty,
    vocabulary_of,
)
from bri_timeline._command._output import print_json, print_lines, report, table_lines
from bri_timeline._command._references import calling
from bri_timeline._command._state import (
    add_format,
    cell,
    cited,
    event_cells,
    print_rows,
    print_stream,
    sources_of,
    words,
    wrapped,
)
from bri_timeline._command._state import parts_of as named_parts
from bri_timeline._command._values import (
    AskedValue,
    add_keys,
    add_value,
    keys_of,
    kind_named,
)
from bri_timeline.edtf import in_words
from bri_timeline.errors import ProjectionError, counted, shown
from bri_timeline.extend import describe_event, iso
from bri_timeline.pages import numbered
from bri_timeline.relations import Plan, Relationship


_PANEL_EXAMPLES = """\
examples:
  python -m bri_timeline panel visits.toml --of visits --during 2014/2019 \\
      --every year --flow --format csv
  python -m bri_timeline panel visits.db --count Visited --keys AZE,CHN KAZ,CHN \\
      --during 2015 --every month
  python -m bri_timeline panel pledges.db --by actors --total Pledged.amount \\
      --facts pledges:FACTS --during 2020

Each row has the certain value, and from the least to the most that the dates allow.
"""
_FIRST_EXAMPLES = """\
examples:
  python -m bri_timeline first visits.toml --count Visited --at-least 3
  python -m bri_timeline first visits.toml --between AZE CHN --of visits --at-least 1
  python -m bri_timeline first visits.toml --by dyads --count --at-least 10
"""
_HISTORY_EXAMPLES = """\
examples:
  python -m bri_timeline history visits.toml --between AZE CHN --of visits
  python -m bri_timeline history visits.toml --by dyads --count Visited --format csv
"""
_DIFF_EXAMPLES = """\
examples:
  python -m bri_timeline diff visits.toml --between AZE CHN --on 2015-12-31 2019-04-24
  python -m bri_timeline diff visits.toml --between AZE CHN \\
      --on 2019-04-24 2019-04-24 --known-by 2019-04-24 2019-04-26

Give one day twice, and two days of knowledge, to see what was learned between them.
"""


class AnswerTable(NamedTuple):
    """An answer as lines for people, as a table, and as data.

    Attributes:
        lines: The lines.
        heads: The names of the columns.
        rows: The cells, as text.
        data: The same for JSON: an answer, or a tuple or a mapping of answers.
    """

    lines: Iterable[str]
    heads: tuple[str, ...]
    rows: Iterable[tuple[str, ...]]
    data: object


def print_answer(form: str, table: AnswerTable, *views: View) -> int:
    """Print an answer, and return the exit status.

    Args:
        form: The format.
        table: The answer.
        views: Those of which it is: as JSON it cites what was out for one of them.
    """
    if form == "json":
        print_json(table.data, *views)
    elif form == "text":
        for line in table.lines:
            print_lines(line)
    else:
        print_rows(table.heads, table.rows, form)
    return 0


class _Asked(NamedTuple):
    """The log of a command line, and the value that is asked for."""

    log: EventLog
    value: AskedValue
    request: Request

    @classmethod
    def of(cls, given: Namespace) -> _Asked:
        request, vocabulary = Request.of(given), vocabulary_of(given)
        value = AskedValue.of_command(given, vocabulary, request.between)
        # The keys are those of all that counts, whatever the value reads.
        is_one = given.by is None and isinstance(value.projection, Projection)
        read = value.projection if is_one else None
        log = request.select(request.read(given, vocabulary, read), read)
        tell_if_empty(given, log)
        return cls(log, value, request)

    def keys_of(self, by: str) -> Callable[[Event], Iterable[Any]]:
        """Return the function of `--by`.

        Of pairs, only those within `--between`: of another pair that selection has only
        a part, of which no answer should be printed.
        """
        found, between = keys_of(by), frozenset(self.request.between)
        if not between or found is not dyads:
            return found

        def within(event: Event) -> list[tuple[str, str]]:
            return [pair for pair in dyads(event) if between.issuperset(pair)]

        return within

    def tell_if_keyless(self, given: Namespace, rows: Iterable[object]) -> None:
        """Say on the standard error that none of the events has a key."""
        if not any(True for _ in rows) and any(True for _ in self.log):
            remedy = "give another, such as --by actors or --by kinds"
            report("no event of these has a key", [f"--by {given.by}: {remedy}"])

    @property
    def views(self) -> tuple[View, ...]:
        """A view of what was known, on any day; none of everything."""
        basis = self.request.basis
        return () if basis is None else (self.log.as_of(date.max, known_by=basis),)

    def as_cited(self, periods: tuple[Period[Any], ...]) -> tuple[Period[Any], ...]:
        """Return periods of which the events rest on what was out, as it was known."""
        for view in self.views:
            cite = view.as_cited
            return tuple(evolve(p, events=tuple(map(cite, p.events))) for p in periods)
        return periods


def _add_question(parser: ArgumentParser, examples: str, by: str | None) -> None:
    parser.epilog = examples
    add_log(parser)
    add_value(parser)
    add_keys(parser, by)
    add_actors(parser)
    add_knowledge(parser)
    add_format(parser)


# --- panel --------------------------------------------------------------------------


_LENGTHS = "day", "month", "quarter", "year"


def add_panel(parser: ArgumentParser) -> None:
    """Add the arguments of the verb `panel`."""
    _add_question(parser, _PANEL_EXAMPLES, "dyads")
    days, bounds = (parser.add_mutually_exclusive_group() for _ in range(2))
    for group, option, metavar, what in (
        (parser, "--during", "PERIOD", "the days of all rows: 2014, 2014-05/2015"),
        (parser, "--every", "LENGTH", "a period: day, month, quarter, year; else one"),
        (days, "--window", "LENGTH", "what began so long before the end of a period"),
        (parser, "--known-after", "LENGTH", "as known so long after each period"),
        (parser, "--coverage", "PERIOD", "rows about other days are empty, not zero"),
    ):
        lengths = _LENGTHS if metavar == "LENGTH" else None
        is_needed = option == "--during"
        group.add_argument(
            option, metavar=metavar, choices=lengths, required=is_needed, help=what
        )
    parser.add_argument(
        "--keys", metavar="KEY", nargs="+", help="these keys alone: AZE,CHN KAZ,CHN"
    )
    for group, option, what in (
        (days, "--flow", "a row is about what began in its own period"),
        (bounds, "--rivals", "the least and the most whichever rival claim is true"),
        (bounds, "--no-bounds", "without the least and the most"),
    ):
        group.add_argument(option, action="store_true", help=what)
    parser.set_defaults(run=_run_panel)


def _run_panel(given: Namespace) -> int:
    question = _Asked.of(given)
    days = question.request.window
    if days is None or math.isinf(days.since):
        raise ArgumentError(None, f"--during {given.during}: give the first day too")
    with calling("--projection", given.projection):
        panel = question.log.panel(
            question.value.projection,
            by=question.keys_of(given.by),
            of=question.value.of,
            every=given.every,
            window=given.window,
            start=iso(int(days.since)),
            stop=iso(int(days.until)),
            flow=given.flow,
            known_by=question.request.basis,
            known_after=given.known_after,
            coverage=given.coverage,
            keys=None if given.keys is None else _keys(given, question),
            bounds=not given.no_bounds,
            rivals=given.rivals,
        )
        question.tell_if_keyless(given, range(len(panel)))
        unknown = [",".join(_parts(key)) for key in panel.unknown_keys]
        report("no event has these keys", unknown)
        if given.format == "arrow":
            print_stream(panel)
            return 0
        return print_answer(given.format, _panel_table(panel, question.value.name))


def _keys(given: Namespace, question: _Asked) -> list[Any]:
    """Return the keys of `--keys`, as the keys of events are.

    Raises:
        ArgumentError: One is not an actor, a pair of actors in the order of `dyads`, or
            a kind.
    """
    ids = partial(actor_ids, "--keys", is_own=has_own(given))
    if given.by == "actors":
        return [*ids(given.keys)]
    if given.by == "kinds":
        vocabulary = vocabulary_of(given)
        return [kind_named("--keys", key, vocabulary).__name__ for key in given.keys]
    if given.by == "dyads":
        pairs = [key.split(",") for key in given.keys]
        for pair in pairs:
            if len(pair) != 2:
                problem = f"--keys: {shown(','.join(pair))} is not a pair: AZE,CHN"
                raise ArgumentError(None, problem)
        return [tuple(sorted(ids(pair))) for pair in pairs]
    # A key that is a number, or has several parts, is found by how it is printed.
    events = (entry.event for entry in question.log if entry.event is not None)
    with calling("--by", given.by):
        known = {
            ",".join(_parts(key)): key
            for event in events
            for key in keys_of(given.by)(event)
        }
    return [known.get(key, key) for key in given.keys]


def _panel_table(panel: Panel[Any, Any], name: str) -> AnswerTable:
    rows = iter(panel)
    first = next(rows, None)
    names = _key_names([first.key] if first else [])

    def cells() -> Iterator[tuple[str, ...]]:
        for row in panel:
            since = "" if row.since is None else str(row.since)
            values = row.value, row.low, row.high
            texts = ("" if value is None else cell(value) for value in values)
            complete = "yes" if row.complete else "no"
            yield (*_key_cells(row.key, names), since, str(row.until), *texts, complete)

    heads = (*names, "since", "until", "value", "low", "high", "complete")
    lines = _table_lines(f"Panel of {name}", heads, cells())
    return AnswerTable(lines, heads, cells(), panel)


def _table_lines(
    caption: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]
) -> Iterator[str]:
    yield caption
    yield from table_lines([heads, *rows])


def _parts(key: object) -> tuple[str, ...]:
    return tuple(map(str, key)) if isinstance(key, tuple) else (str(key),)


def _key_names(keys: Iterable[object]) -> list[str]:
    """Return the names of the columns of keys, which are those of the first."""
    width = len(_parts(next(iter(keys), "")))
    return [f"key_{i}" for i in range(1, width + 1)] if width > 1 else ["key"]


def _key_cells(key: object, names: Sequence[str]) -> tuple[str, ...]:
    """Return the cells of a key.

    Raises:
        ArgumentError: It has more or fewer parts than there are columns.
    """
    if len(cells := _parts(key)) == len(names):
        return cells
    problem = (
        f"--by: {shown(','.join(cells))} has {len(cells)} parts, and the first key"
    )
    remedy = "give keys of one length, or --format json"
    raise ArgumentError(None, f"{problem} {len(names)}: {remedy}")


# --- history and first --------------------------------------------------------------


def add_history(parser: ArgumentParser) -> None:
    """Add the arguments of the verb `history`."""
    _add_question(parser, _HISTORY_EXAMPLES, None)
    parser.set_defaults(run=_run_history)


def _run_history(given: Namespace) -> int:
    question = _Asked.of(given)
    value, known_by = question.value, question.request.basis
    with calling("--projection", given.projection):
        # For people the last are told: tables and JSON have all, with each state.
        most = _MOST_PERIODS if given.format == "text" else None
        if given.by is None:
            history = tuple(question.log.history(value.projection, known_by))
            found = _held(history, value)
            left_out, periods = _last(found, most)
            periods = question.as_cited(periods)
            lines = _period_lines(value, {None: periods}, {None: left_out})
            rows = _period_rows(periods)
            table = AnswerTable(lines, _PERIOD, rows, periods)
            return print_answer(given.format, table, *question.views)
        by = question.keys_of(given.by)
        each, more = dict[Any, tuple[Period[Any], ...]](), dict[Any, tuple[Any, ...]]()
        found_by_key = question.log.history(value.projection, known_by, by=by)
        for key, listed in found_by_key.items():
            more[key], periods = _last(_held(tuple(listed), value), most)
            each[key] = question.as_cited(periods)
        question.tell_if_keyless(given, each)
        lines = _period_lines(value, each, more)
        table = _by_key(given.by, lines, _PERIOD, each, _period_rows)
        return print_answer(given.format, table, *question.views)


_PERIOD = ("since", "value", "event", "when", "id", "sources")
# The most periods of a value, or of each key, that are told to people.
_MOST_PERIODS = 100


def _last(
    periods: tuple[Period[Any], ...], most: int | None
) -> tuple[tuple[Period[Any], ...], tuple[Period[Any], ...]]:
    """Return all periods but for the last, and these: as many as are asked for."""
    start = 0 if most is None else max(len(periods) - most, 0)
    return periods[:start], periods[start:]


def _held(
    periods: tuple[Period[Any], ...], value: AskedValue
) -> tuple[Period[Any], ...]:
    """Return the periods of a part of a state: those that changed it."""
    if value.of is None:
        return periods
    held: list[Period[Any]] = []
    before: object = None
    for period in periods:
        state, events = value.of(period.state), period.events
        if held and held[-1].state == state:
            before = period.state
            continue
        if held and value.events is not None:
            part = {*value.events(before)} ^ {*value.events(period.state)}
            events = tuple(event for event in events if event in part) or events
        held.append(Period(period.since_day, state, events))
        before = period.state
    return tuple(held)


def _period_lines(
    value: AskedValue,
    each: Mapping[Any, Iterable[Period[Any]]],
    left_out: Mapping[Any, Sequence[Period[Any]]],
) -> Iterator[str]:
    """Yield the lines of periods for people, with numbered sources.

    Args:
        value: The value.
        each: The periods, by key.
        left_out: Those before, of which it is told how many there are.
    """
    yield f"History of {value.name}"
    numbers = numbered(
        event for periods in each.values() for p in periods for event in p.events
    )
    for key, periods in each.items():
        if key is not None:
            yield ""
            yield ", ".join(_parts(key))
        before: object = None
        if earlier := left_out[key]:
            more = f"... {counted(len(earlier), 'earlier period')} left out"
            yield f"{more}: give --format csv for all, or --of for one value"
        for period in periods:
            since = "before" if period.since_day is None else iso(period.since_day)
            yield f"{since:<10}  {_changed(period.state, before)}"
            before = period.state
            for event in period.events:
                claim = f"{in_words(event.when)}: {describe_event(event)}"
                yield from wrapped(f"{claim} {cited(event, numbers)}", " " * 12)
    yield from sources_of(numbers)


def _changed(state: object, before: object) -> str:
    """Return in words what of a state is another than before, or all of a value.

    Of a state before which there is none it is what is not empty.
    """
    now, old = (dict(named_parts(one) or ()) for one in (state, before))
    if isinstance(state, Relationship):
        # Whose relationship it is, is the question.
        now, old = (
            {k: v for k, v in one.items() if k != "parties"} for one in (now, old)
        )
    if not now:
        return words(state)
    texts = [
        f"{name} {_size(part)}"
        for name, part in now.items()
        if (part is not old[name] and part != old[name] if name in old else part)
    ]
    gone = [f"{name} none" for name in old if name not in now]
    return ", ".join([*texts, *gone]) or "nothing"


def _size(part: object) -> str:
    """Return how many events a part of a state holds; anything else in words."""
    held: Any = part.values() if isinstance(part, Mapping) else part
    is_list = isinstance(held, Collection) and not isinstance(held, str | Event | Plan)
    if is_list and held and all(isinstance(one, Event | Plan) for one in held):
        return words(len(held))
    return words(part)


def _period_rows(periods: Iterable[Period[Any]]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each event that changed the value."""
    for period in periods:
        since = "" if period.since_day is None else iso(period.since_day)
        for event in period.events or (None,):
            yield (since, cell(period.state), *event_words(event))


def event_words(event: Event | None) -> tuple[str, ...]:
    """Return the cells of an event: its words, date, id and sources; empty without."""
    return ("",) * 4 if event is None else (describe_event(event), *event_cells(event))


def _by_key(
    by: str,
    lines: Iterable[str] | str,
    heads: tuple[str, ...],
    each: Mapping[Any, Any],
    rows_of: Callable[[Any], Iterable[tuple[str, ...]]],
) -> AnswerTable:
    """Return the answers of keys as one table, with the parts of the keys first."""
    names = _key_names(each)

    def rows() -> Iterator[tuple[str, ...]]:
        for key, answer in each.items():
            for row in rows_of(answer):
                yield (*_key_cells(key, names), *row)

    heads = (*names, *heads)
    told = _table_lines(lines, heads, rows()) if isinstance(lines, str) else lines
    # Pairs are a list in JSON, which a mapping without keys does not tell.
    data = each or ([] if keys_of(by) is dyads else {})
    return AnswerTable(told, heads, rows(), data)


def add_first(parser: ArgumentParser) -> None:
    """Add the arguments of the verb `first`."""
    _add_question(parser, _FIRST_EXAMPLES, None)
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--at-least", metavar="NUMBER", type=_number, help="the least")
    group.add_argument("--at-most", metavar="NUMBER", type=_number, help="the most")
    parser.add_argument(
        "--rivals", action="store_true", help="whichever of rival claims is true"
    )
    parser.add_argument(
        "--limit", metavar="NUMBER", type=int, help="how many orders to try: 4,096"
    )
    parser.set_defaults(run=_run_first)


def _number(text: str) -> int | Decimal:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("nan")
    if number.is_nan():
        problem = f"{shown(text)} is not a number: write one, such as 3 or 2.5"
        raise ArgumentTypeError(problem)
    return number


def _run_first(given: Namespace) -> int:
    question = _Asked.of(given)
    value = question.value
    if value.of is None:
        conditions: dict[str, Any] = {
            "at_least": given.at_least,
            "at_most": given.at_most,
        }
    else:
        part, least, most = value.of, given.at_least, given.at_most

        def holds(state: object) -> bool:
            number = part(state)
            if number is None:  # there is no such part yet
                return False
            try:
                return bool(number <= most if least is None else number >= least)
            except TypeError:
                problem = f"is not a number but {words(number)}: ask for one that is"
                raise ProjectionError(value.name, problem) from None

        conditions = {"holds": holds}
    conditions |= {"known_by": question.request.basis, "rivals": given.rivals}
    conditions |= {} if given.limit is None else {"limit": given.limit}
    with calling("--projection", given.projection):
        if given.by is None:
            first = question.log.first(value.projection, **conditions)
            lines = [f"{value.name} {_reached(given)}: {first}"]
            table = AnswerTable(lines, _FIRST, _first_rows(first), first)
            return print_answer(given.format, table)
        by = question.keys_of(given.by)
        each = dict(question.log.first(value.projection, by=by, **conditions).items())
        question.tell_if_keyless(given, each)
        caption = f"{value.name} {_reached(given)}"
        table = _by_key(given.by, caption, _FIRST, each, _first_rows)
        return print_answer(given.format, table)


def _reached(given: Namespace) -> str:
    least, most = given.at_least, given.at_most
    return f"first at most {most}" if least is None else f"first at least {least}"


_FIRST = ("when", "earliest", "latest", "it held", "complete")


def _first_rows(first: First) -> Iterator[tuple[str, ...]]:
    when = first.when
    days = ("", "", "")
    if when is not None:
        days = str(when), _day(when.first_day), _day(when.last_day)
    complete = "yes" if first.complete else f"no: {first.remedy}".rstrip(": ")
    yield (*days, str(first.answer), complete)


def _day(day: float | None) -> str:
    return "" if day is None or abs(day) == float("inf") else iso(int(day))


# --- diff ---------------------------------------------------------------------------


def add_diff(parser: ArgumentParser) -> None:
    """Add the arguments of the verb `diff`."""
    parser.epilog = _DIFF_EXAMPLES
    add_log(parser)
    add_projection(parser)
    add_actors(parser)
    parser.add_argument(
        "--on", metavar="DAY", nargs=2, required=True, help="the two days", dest="days"
    )
    parser.add_argument(
        "--known-by",
        metavar="DAY",
        nargs=2,
        default=(None, None),
        dest="known",
        help="what was known by a day, for each of the two",
    )
    add_format(parser)
    parser.set_defaults(run=_run_diff, known_by=None)


def _run_diff(given: Namespace) -> int:
    request, vocabulary = Request.of(given), vocabulary_of(given)
    projection = projection_of(given, request.between, vocabulary)
    log = request.select(request.read(given, vocabulary, projection), projection)
    tell_if_empty(given, log)
    known = (None if text is None else knowledge(text) for text in given.known)
    views = [log.as_of(*pair) for pair in zip(given.days, known, strict=True)]
    with calling("--projection", given.projection):
        difference = views[0].diff(views[1], projection)
    rows = (
        (
            "end" if change.ends else "claim",
            *event_words(change.before and views[0].as_cited(change.before)),
            *event_words(change.after and views[1].as_cited(change.after)),
            "; ".join(f"entry {entry.position}" for entry in change.entries),
        )
        for change in difference.changes
    )
    table = AnswerTable([str(difference)], _CHANGE, rows, difference)
    return print_answer(given.format, table, *views)


_CHANGE = (
    "of",
    *("before", "when_before", "id_before", "sources_before"),
    *("after", "when_after", "id_after", "sources_after"),
    "entries",
)
