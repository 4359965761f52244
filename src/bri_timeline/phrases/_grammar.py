"""The grammar of phrases: prepositions with one date or two."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product
from typing import NamedTuple

from bri_timeline.phrases._dates import CalendarDate, Node, pairs
from bri_timeline.phrases._periods import OPEN, OPEN_END, UNKNOWN, PhrasePeriod, named
from bri_timeline.phrases._points import clock, compared, doubtful, point
from bri_timeline.phrases._rules import Context, Meaning, Tense, beyond, short_of
from bri_timeline.phrases._words import ABOUT, Words


ONCE, LASTING, EACH = "once", "lasting", "each"
_TO = ("to", "until", "till", "through", "-")
_INSIDE = (
    *("some time in", "sometime in", "some time on", "sometime on"),
    *("in", "on", "during", "within", "at", "over"),
)
# "At 1500" is an hour, and "over 2015" may be all of it, or more than so many.
_KINDS = {"at": ("span", "weekend"), "over": ("weekend", "window")}
_BOTH_READINGS = (
    "it may have lasted or happened once: write 'from ... to ...' or 'between ... and'"
)


class Statement(NamedTuple):
    """The meaning of a phrase.

    Attributes:
        kind: `ONCE`, and each meaning is one period, or two of which one is meant;
            `LASTING`, and each is a start and an end; `EACH`, and each is the periods
            of several days.
        read: Returns every meaning.
        tense: The tense, if the phrase itself decides it.
    """

    kind: str
    read: Callable[[Context], list[Meaning]]
    tense: Tense | None = None


def statement(words: Words, tense: Tense | None) -> Statement:
    """Read a whole phrase."""
    for openings, read in _OPENINGS.items():
        if words.takes(*openings):
            result = read(words, tense)
            break
    else:
        result = _plain(words, tense)
    # Words left over may change the meaning, so they are refused, not skipped.
    words.finish()
    return result


# --- one date ---------------------------------------------------------------------


def _single(
    words: Words, inside: str | None = None, tense: Tense | None = None
) -> Node:
    """Read a date that is complete without a second one."""
    at = words.place
    node = point(words, inside=inside, tense=tense)
    _whole(words, node, at)
    return node


def _whole(words: Words, node: Node, at: int) -> None:
    if isinstance(node, CalendarDate) and node.day is not None and node.month is None:
        words.fail("a day without a month: say which month", at=at)


def _once(
    node: Node, bound: Callable[[PhrasePeriod], PhrasePeriod] | None = None
) -> Statement:
    """Make the statement that something happened at a date, or within its bound."""

    def read(context: Context) -> list[Meaning]:
        return [
            ((bound(period) if bound else period),) for period in node.read(context)
        ]

    return Statement(ONCE, read)


def _bounded(words: Words, bound: Callable[[PhrasePeriod], PhrasePeriod]) -> Statement:
    """Read a date up to which, or from which on, something happened.

    A statement in the past tense may still give a future day as its bound.
    """
    at = words.place
    node = _single(words, "by" if bound is _upto else None)
    _firm(words, at, node)
    statement = _once(node, bound)
    if bound is _upto:
        return Statement(ONCE, lambda context: statement.read(_either_way(context)))
    return statement


def _before(words: Words, tense: Tense | None) -> Statement:
    """Read "before May"; "before the end of May" is by that end."""
    at = words.place
    if words.takes("the end of") is None:
        return _apart(words, 0)
    words.place = at
    return _bounded(words, _upto)


def _apart(words: Words, side: int) -> Statement:
    """Read a date before which something happened (0), or after which (1).

    Where the day on which that begins or ends is not certain, the days next to it may
    or may not be meant, so the phrase is refused.
    """
    at = words.place
    node = _single(words, None if side else "by")
    _firm(words, at, node)

    def read(context: Context) -> list[Meaning]:
        before = _either_way(context) if context.tense == "past" else context
        periods = node.read(context if side else before)
        edges = {(period.first, period.last)[side] for period in periods}
        if len(edges) > 1 or not all(period.sharp[side] for period in periods):
            words.fail(_NO_EDGE[side], at=at)
        return [((_below, _above)[side](period),) for period in periods]

    return Statement(ONCE, read)


def _firm(words: Words, at: int, *nodes: Node) -> None:
    """Refuse a bound or a range that is itself approximate."""
    if any(isinstance(node, CalendarDate) and node.doubt for node in nodes):
        words.fail("an approximate date bounds nothing: give the date alone", at=at)


def _either_way(context: Context) -> Context:
    return context._replace(tense=None)


def _upto(period: PhrasePeriod) -> PhrasePeriod:
    text = f"{OPEN_END}{name}" if (name := _name(period)) else None
    return PhrasePeriod(-math.inf, period.last, period.grain, text=text)


def _below(period: PhrasePeriod) -> PhrasePeriod:
    return PhrasePeriod(-math.inf, period.first - 1, period.grain)


def _onward(period: PhrasePeriod) -> PhrasePeriod:
    text = f"{name}{OPEN_END}" if (name := _name(period)) else None
    return PhrasePeriod(period.first, math.inf, period.grain, text=text)


def _above(period: PhrasePeriod) -> PhrasePeriod:
    return PhrasePeriod(period.last + 1, math.inf, period.grain)


def _name(period: PhrasePeriod) -> str | None:
    """Return the name of a period with certain ends; None if it has none."""
    return named(period) if all(period.sharp) else None


def _as_early_as(words: Words, tense: Tense | None) -> Statement:
    """Read "as early as May", which is always past."""
    if tense == "future":
        words.fail("what is to come may be later: write 'not before'", at=0)
    node = _single(words)

    def read(context: Context) -> list[Meaning]:
        return [(period,) for period in node.read(context._replace(tense="past"))]

    return Statement(ONCE, read, "past")


def _since(words: Words, _: Tense | None) -> Statement:
    """Read "since May": it began in the past, whatever the tense."""
    node = _single(words, "since")

    def read(context: Context) -> list[Meaning]:
        return [(period, OPEN) for period in node.read(_either_way(context))]

    return Statement(LASTING, read, "past")


def _until(words: Words, tense: Tense | None) -> Statement:
    """Read "until May"; "was put off until" is past with a future day."""
    node = _single(words, "by", tense)

    def read(context: Context) -> list[Meaning]:
        return [(UNKNOWN, period) for period in node.read(_either_way(context))]

    return Statement(LASTING, read)


def _starting(words: Words, tense: Tense | None) -> Statement:
    """Read "starting in May"; "beginning of May" is a part of it."""
    if words.peek() == "of":
        words.place -= 1
        return _plain(words, tense)
    inside = words.takes("in", "on", "from") or ""
    return _onwards(_single(words, inside, tense))


# --- two dates --------------------------------------------------------------------


def _second(words: Words, first: Node, at: int) -> tuple[Node, Node]:
    """Read a second date, and let each date give the other its month."""
    place = words.place
    second = point(words)
    if isinstance(first, CalendarDate) and isinstance(second, CalendarDate):
        if first.day is not None and first.month is None:
            first = first._replace(month=second.month)
        elif second.day is not None and second.month is None:
            second = second._replace(month=first.month if first.day else None)
        both_recur = first.recurs and second.recurs
        # Only two dates that recur every year can share the year of one.
        if first.is_floating != second.is_floating and not both_recur:
            words.fail("give both dates their year", at=at)
    _whole(words, first, at)
    _whole(words, second, place)
    return first, second


def _from(words: Words, tense: Tense | None) -> Statement:
    at = words.place
    is_ahead = words.peek() in ("next", "tomorrow")
    first = point(words)
    if words.takes("on", "onward", "onwards"):
        _whole(words, first, at)
        return _onwards(first)
    if words.takes(*_TO):
        return _lasting(*_second(words, first, at))
    # "From last year" may say of what year a document is.
    if not (is_ahead or tense == "future"):
        words.fail("expected 'to' and a second date, or 'on'")
    _whole(words, first, at)
    return _onwards(first)


def _onwards(first: Node) -> Statement:
    return Statement(
        LASTING, lambda context: [(period, OPEN) for period in first.read(context)]
    )


def _lasting(first: Node, second: Node) -> Statement:
    return Statement(
        LASTING, lambda context: pairs(first, second, context, same_year=False)
    )


def _between(words: Words, _: Tense | None) -> Statement:
    at = words.place
    first = point(words)
    if not words.takes("and", "-"):
        words.fail("expected 'and' and a second date")
    first, second = _second(words, first, at)
    _firm(words, at, first, second)

    def read(context: Context) -> list[Meaning]:
        combinations = pairs(first, second, context, same_year=False)
        return [(_spanning(*pair),) for pair in combinations]

    return Statement(ONCE, read)


def _spanning(one: PhrasePeriod, two: PhrasePeriod) -> PhrasePeriod:
    names = _name(one), _name(two)
    text = None if None in names else OPEN_END.join(map(str, names))
    return PhrasePeriod(one.first, two.last, max(one.grain, two.grain), text=text)


def _listed(words: Words, first: Node, at: int, joint: str) -> Statement:
    """Read "2015 or 2016", "2015 and 2017"."""
    first, second = _second(words, first, at)
    _firm(words, at, first, second)

    def read(context: Context) -> list[Meaning]:
        return pairs(first, second, context, same_year=True)

    def either(context: Context) -> list[Meaning]:
        if first.is_floating != second.is_floating:
            return read(context)
        return list(product(first.read(context), second.read(context)))

    return Statement(EACH, read) if joint == "and" else Statement(ONCE, either)


def _either(words: Words, _: Tense | None) -> Statement:
    words.takes("in", "on")
    at = words.place
    first = point(words)
    if not words.takes("or"):
        words.fail("expected 'or' and a second date")
    return _listed(words, first, at, "or")


def _doubtful(words: Words, _: Tense | None) -> Statement:
    """Read "possibly in 1998", "probably around 1998"."""
    words.takes("in", "on")
    is_about = words.takes(*ABOUT) is not None
    return _once(doubtful(words, "%" if is_about else "?"))


def _around(words: Words, _: Tense | None) -> Statement:
    return _once(doubtful(words, "~"))


# --- whole phrases -----------------------------------------------------------------


def _plain(words: Words, tense: Tense | None) -> Statement:
    """Read one date or two that no opening word relates to the event."""
    at = words.place
    inside = "" if clock(words) else words.takes(*_INSIDE) or ""
    # "at 6 p.m." is a time, not the preposition "at": `point()` reads it again.
    words.place = words.place if inside else at
    at = words.place
    first = point(words, inside=inside, tense=tense)
    if first.kind not in _KINDS.get(inside, (first.kind,)):
        words.fail(f"{inside!r} dates nothing here: write 'in' or 'more than'", at=at)
    bound = words.takes(*_AFTERTHOUGHTS)
    joint = words.takes("or", "and")
    if joint is not None and bound is None:
        return _listed(words, first, at, joint)
    if bound is None and words.takes(*_TO):
        if inside in ("in", "during", "within"):
            words.fail(_BOTH_READINGS, at=at)
        first, second = _second(words, first, at)
        _firm(words, at, first, second)
        return _lasting(first, second)
    _whole(words, first, at)
    if bound is None:
        return _once(first)
    _firm(words, at, first)
    return _once(first, _AFTERTHOUGHTS[bound])


_AS_OF = "'as of' may mean from then on, or up to then: write 'since' or 'by'"
_NO_EDGE = (
    "the day on which that begins is not certain: write 'by', or give the day",
    "the day on which that ends is not certain: write 'on or after', or give the day",
)
_AFTERTHOUGHTS = {
    **dict.fromkeys(("or earlier", "or before", "at the latest"), _upto),
    **dict.fromkeys(("or later", "or after", "at the earliest"), _onward),
}
_OPENINGS: dict[tuple[str, ...], Callable[[Words, Tense | None], Statement]] = {
    ("ever since", "since"): _since,
    ("up until", "until", "till", "through"): _until,
    ("on or before", "in or before", "by", "no later than", "not later than"): (
        lambda words, _: _bounded(words, _upto)
    ),
    (
        *("on or after", "in or after", "no earlier than", "not earlier than"),
        "not before",
    ): lambda words, _: _bounded(words, _onward),
    ("before", "prior to"): _before,
    ("after",): lambda words, _: _apart(words, 1),
    ("as early as",): _as_early_as,
    ("more than", "at least"): lambda words, _: _once(compared(words, beyond)),
    ("less than", "at most"): lambda words, _: _once(compared(words, short_of)),
    ("as of",): lambda words, _: words.fail(_AS_OF, at=0),
    ("from",): _from,
    ("between",): _between,
    ("starting", "beginning", "effective"): _starting,
    ("either",): _either,
    ("possibly", "perhaps", "maybe", "probably"): _doubtful,
    tuple(
        f"{word} or {near}" for word in ("in", "on") for near in ("around", "about")
    ): (_around),
}
# What may stand before a date.
OPENING_WORDS = (*_INSIDE, *(words for words_of in _OPENINGS for words in words_of))
