"""The named values of a state, a sentence about them, and the days of a guided tour."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple, Protocol, TypeGuard, TypeVar, cast

import attrs
from attrs import field, frozen

from bri_timeline import Answer, Event, Projection, View
from bri_timeline.errors import PictureError, shape
from bri_timeline.extend import (
    Ending,
    describe_event,
    event_of,
    iso,
    marks_for,
    strings,
    to_day,
    until_of,
)
from bri_timeline.pages._marks import (
    basis_of,
    plan_status,
    plans_of,
    subject_of,
    succession_of,
)
from bri_timeline.pages._markup import isolated
from bri_timeline.pages._wording import Strings, event_words, kind
from bri_timeline.relations import SECTIONS, VALUES, Money, Plan, Relationship, items_of


S = TypeVar("S")
S_contra = TypeVar("S_contra", contravariant=True)
_MOST_LISTED = 6

# The other sections list the events that a value counts.
_SECTIONS = tuple(
    section
    for section in SECTIONS
    if section.name not in {value.name for value in VALUES} | {"agreements"}
)
_PICTURES = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif"}


class Tell(Protocol[S_contra]):
    """Returns the values of a state by their labels."""

    def __call__(self, state: S_contra, /) -> Mapping[str, object]: ...


def _picture(value: Path | bytes | None) -> bytes | None:
    picture = value.read_bytes() if isinstance(value, Path) else value
    if picture is not None and _kind_of(picture) is None:
        raise PictureError(value, "is not a picture: give a PNG, a JPEG or a GIF")
    return picture


def _kind_of(picture: bytes) -> str | None:
    return next(
        (k for start, k in _PICTURES.items() if picture.startswith(start)), None
    )


@frozen
class Telling:
    """A day that the author of a page tells something about.

    Args:
        day: The day shown.
        known_by: The day of knowledge; by default the last.
        note: A note on that day, in a few words.
        picture: A PNG, a JPEG or a GIF that is shown beside it: a file, or its bytes.

    Raises:
        PictureError: *picture* is not such a picture.
        OSError: The file cannot be read.
    """

    day: int = field(converter=to_day)
    known_by: int | None = field(
        default=None, converter=attrs.converters.optional(to_day)
    )
    note: str = ""
    picture: bytes | None = field(default=None, converter=_picture, kw_only=True)

    @property
    def address(self) -> str | None:
        """The picture as an address that holds it; None if there is none."""
        if self.picture is None:
            return None
        coded = b64encode(self.picture).decode()
        return f"data:image/{_kind_of(self.picture)};base64,{coded}"


_NAMES = [value.title for value in VALUES] + [section.title for section in _SECTIONS]
_PARTS = attrgetter(*(v.name for v in VALUES), *(section.name for section in _SECTIONS))


class Told(NamedTuple):
    """A named value of a state.

    Attributes:
        label: What it is called; empty for a state that is one value.
        value: A number, or text.
        text: The value as text.
        amounts: The amount in each currency, if the value is money.
        items: The events that the value holds, if it is a collection of them.
    """

    label: str
    value: int | float | Decimal | str
    text: str
    amounts: tuple[tuple[str, str], ...] = ()
    items: tuple[Event | Plan, ...] = ()


def told(state: S, tell: Tell[S] | None = None) -> tuple[Told, ...]:
    """Return the named values of a state.

    Without *tell* an attrs class gives its public fields, a mapping its items, anything
    else is one value, and `Relationship` gives its values and what is in force.

    Args:
        state: The state of a projection.
        tell: Returns the values by their labels.

    Raises:
        PictureError: *tell* returns something other than a mapping from text.
    """
    if tell is None and isinstance(state, Relationship):
        return tuple(_of_relationship(state))
    return tuple(told_as(*value) for value in values_of(state, tell).items())


def values_of(state: S, tell: Tell[S] | None = None) -> Mapping[str, object]:
    """Return the values of a state by their labels, as `told_as()` takes them.

    Args:
        state: The state of a projection, other than a `Relationship` without *tell*.
        tell: Returns the values by their labels.

    Raises:
        PictureError: *tell* returns something other than a mapping from text.
    """
    if tell is not None:
        return _checked(tell(state))
    if isinstance(state, Mapping):
        return {_label(key): value for key, value in state.items()}
    cls: type = type(state)
    # Of named tuples, and of records of compositions.
    names: Iterable[str] = getattr(cls, "_fields", ())
    if attrs.has(cls) and not isinstance(state, Event | Plan | Money):
        names = [f.name for f in attrs.fields(cls) if f.name[0] != "_"]
    return {_words(name): getattr(state, name) for name in names} or {"": state}


def _checked(values: object) -> Mapping[str, object]:
    if isinstance(values, Mapping) and all(isinstance(key, str) for key in values):
        return values
    problem = "is not a mapping from labels to values: return {'Visits': 2} from tell"
    raise PictureError(values, problem)


def _of_relationship(state: object) -> Iterator[Told]:
    for place, part in enumerate(parts_of(state)):
        yield of_part(place, part)


def parts_of(state: object) -> tuple[object, ...]:
    """Return the parts of a relationship that `told()` tells, in that order."""
    parts: tuple[object, ...] = _PARTS(state)
    return parts


def of_part(place: int, part: object) -> Told:
    """Return the value of a part of a relationship, by its place in `parts_of()`."""
    if place >= len(VALUES):
        items = items_of(part)
        return of_size(place, len(items))._replace(items=items)
    text = VALUES[place].words(part)
    if isinstance(part, Mapping):
        amounts = [(str(number), code) for code, number in sorted(part.items())]
        return Told(_NAMES[place], text, text, amounts=tuple(amounts))
    number = part if isinstance(part, int) else len(cast("Sized", part))
    return Told(_NAMES[place], number, text)


def of_size(place: int, size: int) -> Told:
    """Return how many events a part of a relationship holds, by its place likewise."""
    return Told(_NAMES[place], size, f"{size:,}")


def told_as(label: str, value: object) -> Told:
    """Return a value with its text, its amounts and the events that it holds."""
    if isinstance(value, Money):
        return Told(label, str(value), str(value), _amounts([value]))
    if isinstance(value, Event | Plan):
        event = value.event if isinstance(value, Plan) else value
        text = describe_event(event.what)
        return Told(label, text, text, items=(value,))
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return Told(label, value, _number(value))
    if isinstance(value, Mapping | frozenset | set) or _is_list(value):
        return _collection(label, value)
    text = _text(value)
    return Told(label, text, text)


def value_words(value: Told, words: Strings) -> str:
    """Return a value in a language, as a text that may be drawn as it is."""
    if value.amounts:
        sums = (words.money(Decimal(number), code) for number, code in value.amounts)
        return " + ".join(sums)
    if isinstance(value.value, int):
        return words.number(value.value)
    if len(value.items) == 1:
        item = value.items[0]
        return event_words((item.event if isinstance(item, Plan) else item).what, words)
    return isolated(words.known("labels", value.text))


def _collection(label: str, value: Mapping[object, object] | Iterable[object]) -> Told:
    values = [*value.values()] if isinstance(value, Mapping) else [*value]
    items = tuple(item for item in values if isinstance(item, Event | Plan))
    if len(items) == len(values):
        return Told(label, len(values), f"{len(values):,}", items=items)
    if all(isinstance(amount, Money) for amount in values):
        amounts = [amount for amount in values if isinstance(amount, Money)]
        text = " + ".join(map(str, amounts))
        return Told(label, text, text, _amounts(amounts))
    parts = _parts(value, 1)
    more = len(parts) - _MOST_LISTED
    listed = "; ".join(parts[:_MOST_LISTED])
    text = f"{listed}; \u2026 (+{more:,})" if more > 0 else listed
    return Told(label, text, text)


def _parts(value: Mapping[object, object] | Iterable[object], depth: int) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{_label(key)}: {_text(item, depth)}" for key, item in value.items()]
    parts = [_text(item, depth) for item in value]
    # A set has no order, and the text must be the same in every process.
    return sorted(parts) if isinstance(value, frozenset | set) else parts


def _amounts(values: Iterable[Money]) -> tuple[tuple[str, str], ...]:
    return tuple((str(value.amount), value.currency) for value in values)


def _text(value: object, depth: int = 0) -> str:
    if value is None:
        return "\u2014"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Event | Plan):
        return describe_event(
            value.event.what if isinstance(value, Plan) else value.what
        )
    if isinstance(value, int | float | Decimal | Fraction):
        return _number(value)
    # A class without a text of its own shows its fields in one line.
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping | frozenset | set) or _is_list(value):
        text = ", ".join(_parts(value, depth + 1)) or "none"
        return f"({text})" if depth > 1 else text
    return describe_event(value) if attrs.has(type(value)) else shape(value)


def _number(value: float | Decimal | Fraction) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return shape(value) if isinstance(value, float) else str(value)


def _label(key: object) -> str:
    if isinstance(key, tuple | frozenset):
        parts = [*map(_label, key)]
        return " \u2013 ".join(parts if isinstance(key, tuple) else sorted(parts))
    return key if isinstance(key, str) else _text(key)


def _words(name: str) -> str:
    return f"{name[:1].upper()}{name[1:]}".replace("_", " ")


# --- a view in a sentence ------------------------------------------------------------

# What the sentence about a relationship counts, in its order; its rows show all.
SPOKEN = (
    *("Visits", "Meetings", "Agreements", "Positions", "Projects", "Memberships"),
    *("Figures", "Plans", "Initiatives", "Status of agreements"),
)
_MOST_SPOKEN, _HAPPENINGS = 5, 3


@frozen
class _Counted:
    """A sentence by its parts, and what they count.

    Attributes:
        parts: Words, and how many they stand for.
        events: The events that are counted.
        plans: The plans among them.
    """

    parts: list[tuple[str, int]]
    events: Iterable[Event]
    plans: Iterable[Plan] = ()


def summary(
    view: View,
    projection: Projection[S] | None,
    tell: Tell[S] | None,
    words: Strings,
) -> str:
    """Return a sentence about a view: its values, what differs, what may have happened.

    It says that nothing is reported if the state is that before any event, and only
    then. Sources differ, and plans are overdue, among what it counts only.

    Args:
        view: The view, of what concerns the projection.
        projection: The state whose values are told; without, the claims are counted.
        tell: Returns the values of the state by their labels.
        words: The language.
    """
    if projection is None:
        counted, open_ones = _of_kinds(view, words), len(view.undecided)
    else:
        state = view.project(projection)
        values = told(state, tell)
        if tell is None and isinstance(state, Relationship):
            counted = _of_counts(state, values, words)
        else:
            parts = [*_said(values, words)] if state != projection.initial() else []
            counted = _Counted(parts, _moving(view, projection))
        after = (projection(state, event) for event in view.undecided)
        open_ones = sum(told(new_state, tell) != values for new_state in after)
    day = iso(view.day_number)
    rivals = {dispute.id for dispute in view.disputes}
    ids = {event.id for event in counted.events} if rivals else set[str]()
    numbers = {
        "differ": len(ids & rivals),
        "maybe": open_ones,
        "overdue": sum(plan_status(p, day)[0] == "overdue" for p in counted.plans),
    }
    clauses = [words.count(name, number) for name, number in numbers.items() if number]
    what = words("sentence.clause").join([_spoken(counted.parts, words), *clauses])
    return sentence(view, what, words)


def _spoken(parts: list[tuple[str, int]], words: Strings) -> str:
    """Return the first parts as a list, with the number of all others."""
    more = sum(number for _, number in parts[_MOST_SPOKEN:])
    rest = [words.count("more", more)] if more else []
    said = [text for text, _ in parts[:_MOST_SPOKEN]]
    return words.listed([*said, *rest]) if parts else words("sentence.nothing")


def sentence(view: View, what: str, words: Strings) -> str:
    """Return what is so on the day of a view, with the day of knowledge.

    The view of a period has its first day too.
    """
    known = "everything" if view.basis == "everything" else "known"
    parts = {"day": words.day(view.day_number), "known": basis_words(view, words)}
    if view.since_number is None:
        return words(f"sentence.{known}", **parts, what=what)
    parts["start"] = words.day(view.since_number)
    return words(f"sentence.period_{known}", **parts, what=what)


def view_words(view: View, words: Strings) -> str:
    """Return the days of a view, and what it knows, in words."""
    dates = dates_of(view, words)
    # A view of everything has one date only; say so where two views are compared.
    if view.basis == "everything":
        return words("comparison.everything", dates=dates)
    return dates


def dates_of(view: View, words: Strings | None = None) -> str:
    """Return the two dates of a view: `On 24 April 2019, as known by 5 May 2019`.

    Args:
        view: The view; the second date of one of everything is left out.
        words: The language; None for English.
    """
    words = words or strings("en")
    day = words.day(view.day_number)
    dates = words("comparison.on", day=day)
    if view.since_number is not None:
        start = words.day(view.since_number)
        dates = words("comparison.period", start=start, day=day)
    if view.basis == "everything":
        return dates
    return words("comparison.known", dates=dates, known=basis_words(view, words))


def changes_title(before: View, after: View, words: Strings) -> str:
    """Return the title of what two views differ in.

    Of one day nothing changed but what was known of it.
    """
    days = {(view.since_number, view.day_number) for view in (before, after)}
    return words("comparison.one_day" if len(days) == 1 else "comparison.title")


def basis_words(view: View, words: Strings) -> str:
    """Return the day, the position, or the beginning of the log that a view knows."""
    known = basis_of(view)
    if isinstance(known, int):
        return words.day(known)
    position = known.removeprefix("position ")
    if not position.isdigit():
        return words("sentence.beginning")
    return words("sentence.position", n=position)


def _of_kinds(view: View, words: Strings) -> _Counted:
    """Count what events of each kind are about, without parts of what is counted too.

    A plan and its changes are one, and so are facts of which only the last holds, and
    what lasts and what of its kind ends it. Of what lasts it is told how many are over.
    """
    whole = _whole(tuple(view.events))
    counted = [*_without_ends(whole)]
    sizes = _sizes(counted)
    # What has several claims is over if each of them is.
    ended: dict[tuple[str, object], Answer] = {}
    for event in counted:
        lasts = event.when.is_extent or until_of(type(event.what)) is not None
        one = view.ended(event) if lasts else Answer.NO
        ended[_subject(event)] = ended.get(_subject(event), Answer.YES) & one
    over = {
        key: Counter(name for (name, _), one in ended.items() if one is answer)
        for key, answer in (("over", Answer.YES), ("may_be_over", Answer.MAYBE))
    }
    # The largest first, and of equals the first by name.
    numbers = sorted(sizes.items(), key=lambda one: (-one[1], one[0]))
    names = {*words.tables["counts"]}
    parts = []
    for name, number in numbers:
        what = name.lower() if name.lower() in names else "of_kind"
        told_count = words.count(what, number, kind=isolated(name))
        ends = [words.count(key, n[name]) for key, n in over.items() if n[name]]
        # A visit of some days is counted as one of a day is: it is a happening.
        if ends and name not in SPOKEN[:_HAPPENINGS]:
            said = words("sentence.comma").join(ends)
            told_count = words("sources.dated", title=told_count, date=said)
        parts.append((told_count, number))
    return _Counted(parts, whole, plans_of(view).values())


def _without_ends(events: Iterable[Event]) -> Iterator[Event]:
    """Yield events without those that end others of their kind."""
    rules = {e: until_of(type(e.what)) for e in events}
    ended = {(kind(e), u, u.key(e.what)) for e, u in rules.items() if u is not None}
    untils = {until for _, until, _ in ended}
    for event, own in rules.items():
        ends = (u for u in untils - {own} if isinstance(event.what, u.by))
        if not any((kind(event), u, u.key(event.what)) in ended for u in ends):
            yield event


def _sizes(events: Iterable[Event]) -> Counter[str]:
    """Count by kind what events are about."""
    return Counter(name for name, _ in set(map(_subject, events)))


def _subject(event: Event) -> tuple[str, object]:
    return kind(event), succession_of(event) or subject_of(event)


def _whole(events: Sequence[Event]) -> list[Event]:
    """Return events without those that are parts of others."""
    there = {event.id for event in events}
    return [e for e in events if getattr(e.what, "part_of", None) not in there]


def _of_counts(state: Relationship, values: Iterable[Told], words: Strings) -> _Counted:
    """Count the parts of a relationship that are not zero."""
    by_label = {value.label: value for value in values}
    events = [*state.visits, *state.meetings, *_whole(state.agreements)]
    parts = []
    for label in SPOKEN:
        told_value = by_label[label]
        number = told_value.value
        if not isinstance(number, int) or not number:
            continue
        what = words.count(label.lower(), number)
        worth = by_label["Agreed value"] if label == "Agreements" else None
        if worth is not None and worth.amounts:
            value = value_words(worth, words)
            what = words("sentence.worth", what=what, value=value)
        parts.append((what, number))
        events += [i.event if isinstance(i, Plan) else i for i in told_value.items]
    return _Counted(parts, events, state.plans.values())


def _said(values: Iterable[Told], words: Strings) -> Iterator[tuple[str, int]]:
    """Yield the values of any state in words."""
    for value in values:
        if value.text:
            label = isolated(words.known("labels", value.label))
            text = value_words(value, words)
            said = words("sentence.value", label=label, value=text)
            yield said if value.label else text, 1


def _moving(view: View, projection: Projection[S]) -> Iterator[Event]:
    """Yield the events that change a state."""
    state = projection.initial()
    for mark in marks_for(view, projection):
        before, state = state, projection(state, mark)
        if state is not before and state != before:
            ender = mark.by if isinstance(mark, Ending) else None
            yield ender or event_of(mark)


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    """Check whether a value is a sequence of parts, and neither text nor bytes."""
    no_list = str | bytes | bytearray | memoryview | range
    return isinstance(value, Sequence) and not isinstance(value, no_list)
