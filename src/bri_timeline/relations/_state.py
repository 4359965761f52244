"""The state of a relationship."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from decimal import Decimal
from functools import reduce
from itertools import chain, permutations
from operator import attrgetter, xor
from typing import Any, ClassVar, NamedTuple

from attrs import field, frozen

from bri_timeline import Event
from bri_timeline._text import table
from bri_timeline.edtf import Edtf, in_words
from bri_timeline.extend import describe_event, until_of
from bri_timeline.folds import FrozenList
from bri_timeline.relations._actors import among
from bri_timeline.relations._bundles import Bundles
from bri_timeline.relations._facts import Money
from bri_timeline.relations._map import FrozenMap, layered
from bri_timeline.relations._plans import Plan


Runs = tuple[tuple[tuple[str, Event], ...], ...]


class Stack(NamedTuple):
    """The events of one key of a state, of which at least one lasts until it ends.

    Attributes:
        last: The event that began last, whether it has ended or not.
        extents: Those that last and have begun and not ended, in fold order.
    """

    last: Event
    extents: tuple[Event, ...]

    @property
    def top(self) -> Event | None:
        """The event that holds, if any does."""
        if not lasts(self.last):
            return self.last
        return self.extents[-1] if self.extents else None


Stacks = FrozenMap[Any, Stack]
_NO_STACKS = Stacks()


def _listed(events: Iterable[Event] = ()) -> FrozenList[Event]:
    return events if isinstance(events, FrozenList) else FrozenList(events)


_NO_EVENTS: FrozenList[Event] = FrozenList()


@frozen(slots=False)
class Relationship:
    """The state of a relationship between two or more parties; holds `Event`s.

    Of two changes on one day the last in the log counts; `View.outcomes()` has both.

    A membership, a position or a status may be an extent (`2015/2017`): it leaves the
    state after its last day, and what holds then is the last begun of the extents of
    its key that have not ended. Without an extent a position or a status holds until
    the next of its key begins, and does not return; a membership until it has `Left`.

    Attributes:
        parties: The parties of the relationship.
        initiatives: Initiatives launched by any of the parties.
        memberships: (member, body) -> the event by which a party joined, unless it has
            left since, or the membership has ended.
        visits: Visits of one party to another.
        meetings: Meetings of at least two of the parties.
        agreements: Agreements among at least two of them, parts of bundles included.
        agreement_count: The number of agreements; a part is not counted again if its
            bundle counts.
        agreed_value: currency -> their total value, likewise.
        agreements_without_value: Agreements without a stated value, likewise.
        agreement_statuses: id of an agreement -> the last change of its status.
        positions: (actor, topic) -> the last position of a party that concerns another,
            or nobody in particular.
        indicators: (actors, name, period) -> the last such figure; the period is that
            of the figure, or else the date of the event.
        projects: name -> the last status of a project.
        plans: id -> `Plan`.
    """

    _is_hashable: ClassVar[bool] = True  # so that it is not hashed to be kept

    parties: frozenset[str]
    initiatives: FrozenList[Event] = field(default=_NO_EVENTS, converter=_listed)
    memberships: FrozenMap[tuple[str, str], Event] = field(factory=FrozenMap)
    visits: FrozenList[Event] = field(default=_NO_EVENTS, converter=_listed)
    meetings: FrozenList[Event] = field(default=_NO_EVENTS, converter=_listed)
    agreements: FrozenList[Event] = field(default=_NO_EVENTS, converter=_listed)
    agreement_count: int = 0
    agreed_value: FrozenMap[str, Decimal] = field(factory=FrozenMap)
    agreements_without_value: FrozenList[Event] = field(
        default=_NO_EVENTS, converter=_listed
    )
    agreement_statuses: FrozenMap[str, Event] = field(factory=FrozenMap)
    positions: FrozenMap[tuple[str, str], Event] = field(factory=FrozenMap)
    indicators: FrozenMap[tuple[frozenset[str], str, Edtf], Event] = field(
        factory=FrozenMap
    )
    projects: FrozenMap[str, Event] = field(factory=FrozenMap)
    plans: FrozenMap[str, Plan] = field(factory=FrozenMap)
    # A later event may need these, but they are not part of the state: changes of plans
    # whose plan is not certain yet, with its id; bundles of agreements, once a part was
    # seen; and by attribute and key what lasts.
    _early: Runs = field(default=(), repr=False, eq=False)
    _bundles: Bundles | None = field(default=None, repr=False, eq=False)
    _stacks: FrozenMap[str, Stacks] = field(factory=FrozenMap, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        # The tokens of what the maps hold; None if they are still to be read.
        is_empty = not any(getattr(self, name) for name in _MAPS)
        self.__dict__["_mixed"] = 0 if is_empty else None

    def __getstate__(self) -> dict[str, object]:
        # The hash of a text is another in each process.
        return {**self.__dict__, "_mixed": None}

    def __hash__(self) -> int:
        # To read all events would take as long as to fold them.
        if self.__dict__["_mixed"] is None:
            held = chain.from_iterable(
                getattr(self, name).in_any_order().values() for name in _MAPS
            )
            self.__dict__["_mixed"] = reduce(xor, map(_token, held), 0)
        return hash((self.parties, self.__dict__["_mixed"], *map(len, _LISTS(self))))

    def _repr_html_(self) -> str:
        """Return a table for a notebook."""
        return state_table(self.parties, self)


_LISTS = attrgetter(
    "initiatives", "visits", "meetings", "agreements", "agreements_without_value"
)
_MAPS = (
    "memberships",
    "agreement_statuses",
    "positions",
    "indicators",
    "projects",
    "plans",
)


def _token(held: Event | Plan | None) -> int:
    """Return a number that equal events or plans have in common."""
    if held is None:
        return 0
    if isinstance(held, Plan):
        return hash((held.event, len(held.changes)))
    return hash(held)


def changed(state: Relationship, **changes: object) -> Relationship:
    """Return a state with some fields changed, much faster than `attrs.evolve`.

    Args:
        state: The state.
        changes: New values by the names of the attributes.
    """
    # Safe without the constructor: the class has no slots, converters or validators.
    new_state = object.__new__(Relationship)
    new_state.__dict__.update(state.__dict__, **changes)
    return new_state


def put(
    state: Relationship, name: str, key: object, held: Event | Plan, **changes: object
) -> Relationship:
    """Return a state in which a map has another value of a key.

    Args:
        state: The state.
        name: The attribute, a map.
        key: The key of the map.
        held: The value.
        changes: New values of other attributes.
    """
    part: FrozenMap[object, Event | Plan] = getattr(state, name)
    mixed = state.__dict__["_mixed"]
    if mixed is not None:
        mixed ^= _token(part.get(key)) ^ _token(held)
    by = held.event if isinstance(held, Plan) else held
    changes[name] = part.brought(key, held, by)
    return changed(state, _mixed=mixed, **changes)


def replaced(
    state: Relationship,
    name: str,
    key: object,
    new: Event | None,
    old: Event | None,
    before: Sequence[tuple[object, Event]],
    after: Sequence[tuple[object, Event]],
) -> Relationship | None:
    """Return a state in which a map had an event at its place; None if it is not known.

    Args:
        state: The state.
        name: The attribute, a map of which no event of the key lasts.
        key: The key of the map.
        new: The event that comes, if one does.
        old: The event of the same days that goes, if one does.
        before: The keys of events in the state that have the same days, and come
            before the new one.
        after: Those that come after it.
    """
    part: FrozenMap[object, Event] = getattr(state, name)
    now, mixed = part.get(key), state.__dict__["_mixed"]
    is_first, is_last = part.brought_by(key) is old, now is old
    if new is None and not is_first and not is_last:
        return state
    # If it is both, it is the only one of the key; else others are not known.
    is_led = is_first and any(earlier_key == key for earlier_key, _ in before)
    if old is not None and (is_first is not is_last if new is None else is_led):
        return None
    if new is None:
        held, part = None, part.without(key)
    else:
        rivals = [event for later_key, event in after if later_key == key]
        if now is None or now is old:
            held = rivals[-1] if rivals else new
        else:
            is_later = _days(now) > _days(new) or any(now is rival for rival in rivals)
            held = now if is_later else new
        part = part.late(key, held, new, old, after)
    if mixed is not None:
        mixed ^= _token(now) ^ _token(held)
    return changed(state, _mixed=mixed, **{name: part})


def taken(
    state: Relationship,
    name: str,
    key: object,
    other: Relationship,
    after: Sequence[tuple[object, Event]],
) -> Relationship:
    """Return a state that has the value of another state for a key.

    Args:
        state: The state.
        name: The attribute, a map.
        key: The key of the map.
        other: The other state, which has nothing else.
        after: The keys of events in the state that have the same days as what brought
            the key, and come after it.
    """
    part: FrozenMap[object, Event | Plan] = getattr(state, name)
    its: FrozenMap[object, Event | Plan] = getattr(other, name)
    mixed, held, by = state.__dict__["_mixed"], its.get(key), its.brought_by(key)
    if mixed is not None:
        mixed ^= _token(part.get(key)) ^ _token(held)
    if held is None or by is None:
        part = part.without(key)
    else:
        part = part.late(key, held, by, part.brought_by(key), after)
    own, new = (
        relationship._stacks.get(name, _NO_STACKS) for relationship in (state, other)
    )
    stacks = own.set(key, new[key]) if key in new else own.without(key)
    early = state._early
    if name == "plans":
        runs = (tuple(item for item in run if item[0] != key) for run in early)
        early = (*filter(None, runs), *other._early)
    changes = {name: part, "_mixed": mixed, "_early": early}
    all_stacks = state._stacks if stacks is own else state._stacks.set(name, stacks)
    return changed(state, **changes, _stacks=all_stacks)


def _days(event: Event) -> tuple[float, float]:
    return event.when.latest_start, event.when.earliest_start


def begun(state: Relationship, name: str, key: object, event: Event) -> Relationship:
    """Return a state in which an event holds for a key, until the next or its end.

    Args:
        state: The state.
        name: The attribute, a map.
        key: The key of the map.
        event: The event that begins.
    """
    stacks = state._stacks.get(name, _NO_STACKS)
    if key not in stacks and not lasts(event):
        return put(state, name, key, event)
    extents = stacks[key].extents if key in stacks else ()
    if lasts(event):
        extents = (*extents, event)
    stacks = stacks.set(key, Stack(event, extents))
    return put(state, name, key, event, _stacks=state._stacks.set(name, stacks))


def ended(state: Relationship, name: str, key: object, event: Event) -> Relationship:
    """Return a state in which an extent no longer holds for a key.

    Args:
        state: The state.
        name: The attribute, a map.
        key: The key of the map.
        event: The extent that ends. It need not be in the state.
    """
    stacks = state._stacks.get(name, _NO_STACKS)
    if key not in stacks or event not in stacks[key].extents:
        return state  # it never held here, or was left before
    last, extents = stacks[key]
    place = extents.index(event)
    stack = Stack(last, extents[:place] + extents[place + 1 :])
    all_stacks = state._stacks.set(name, stacks.set(key, stack))
    if (top := stack.top) is not None:
        return put(state, name, key, top, _stacks=all_stacks)
    part, mixed = getattr(state, name), state.__dict__["_mixed"]
    if mixed is not None:
        mixed ^= _token(part.get(key))
    changes = {name: part.without(key), "_mixed": mixed}
    return changed(state, **changes, _stacks=all_stacks)


def left(
    state: Relationship, key: tuple[str, str], event: Event, *, is_ordered: bool
) -> Relationship:
    """Return a state without the memberships that an event ends.

    Args:
        state: The state.
        key: The member and the body.
        event: The event by which it left.
        is_ordered: All in the state began on the day of the event or before.
    """
    stacks = state._stacks.get("memberships", _NO_STACKS)
    for extent in stacks[key].extents if key in stacks else ():
        # In fold order what comes before may begin later.
        if is_ordered or extent.when.latest_start <= event.when.earliest_start:
            state = ended(state, "memberships", key, extent)
    return state


def joined(
    shared: Relationship,
    others: tuple[Relationship, ...],
    place: Callable[[Event], int],
) -> Relationship:
    """Join the state of the events of several parties with those of each party alone.

    Args:
        shared: The state of the events that involve several of them.
        others: The states of the events that are the affair of one party alone.
        place: Returns the place of an event in the fold order.
    """
    states = (shared, *others)

    def later(one: Event, other: Event) -> Event:
        return max(one, other, key=place)

    # Where an extent was, the last event that is shown is not always what holds.
    stacks = {
        name: _stacked(states, name, place)
        for name in dict.fromkeys(chain.from_iterable(s._stacks for s in states))
    }

    def together(name: str) -> FrozenMap[Any, Event]:
        tops = {key: stack.top for key, stack in stacks.get(name, {}).items()}
        return layered((getattr(state, name) for state in states), later, tops)

    def either_stack(one: Stack, _other: Stack) -> Stack:
        return one  # those of several states are in `stacks`

    initiatives = [state.initiatives for state in states if state.initiatives]
    # An initiative belongs to its one actor, so that no two states share an event.
    if len(initiatives) > 1:
        initiatives = [FrozenList(sorted(chain(*initiatives), key=by_date))]
    return changed(
        shared,
        initiatives=initiatives[0] if initiatives else shared.initiatives,
        memberships=together("memberships"),
        positions=together("positions"),
        indicators=layered((state.indicators for state in states), later),
        projects=together("projects"),
        plans=layered((state.plans for state in states), _either),
        _early=tuple(chain.from_iterable(state._early for state in states)),
        _mixed=None,
        _stacks=FrozenMap(
            (
                name,
                layered(
                    (state._stacks.get(name, _NO_STACKS) for state in states),
                    either_stack,
                    by_key,
                ),
            )
            for name, by_key in stacks.items()
        ),
    )


def _stacked(
    states: tuple[Relationship, ...], name: str, place: Callable[[Event], int]
) -> dict[object, Stack]:
    """Return the stacks of the keys of which several states know something.

    Args:
        states: The states, folded apart.
        name: An attribute of them, a map.
        place: Returns the place of an event in the fold order.
    """
    sides = [(getattr(s, name), s._stacks.get(name, _NO_STACKS)) for s in states]
    several: dict[object, None] = {}
    for (_, stacks), (other_part, beside) in permutations(sides, 2):
        for far in (other_part, beside) if stacks and (other_part or beside) else ():
            small, large = sorted((stacks, far), key=len)
            several.update((key, None) for key in small if key in large)
    by_key: dict[object, Stack] = {}
    for key in several:
        own = [
            stacks[key] if key in stacks else Stack(part[key], ())
            for part, stacks in sides
            if key in stacks or key in part
        ]
        extents = sorted(chain.from_iterable(stack.extents for stack in own), key=place)
        last = max((stack.last for stack in own), key=place)
        by_key[key] = Stack(last, tuple(extents))
    return by_key


def _either(one: Plan, _other: Plan) -> Plan:
    """Return one of two equal plans with equal changes."""
    return one


def by_date(event: Event) -> tuple[tuple[float, float, str], str]:
    """Return the sort key of lists of events."""
    return event.when.sort_key(), event.id


@frozen
class Section:
    """A list of claims in a relationship.

    Attributes:
        title: Its title.
        name: The attribute of the relationship.
        holds: Whether its claims are in force.
    """

    title: str
    name: str
    holds: bool = False


@frozen
class Value:
    """A value of a relationship that can be explained.

    Attributes:
        title: Its title.
        name: The attribute of the relationship.
        words: Returns the value as text.
    """

    title: str
    name: str
    words: Callable[[Any], str]

    def of(self, state: object) -> str:
        """Return the value in a state, as text."""
        return self.words(getattr(state, self.name))


def items_of(part: object) -> tuple[Event | Plan, ...]:
    """Return the events or plans of a section, from a sequence or a mapping."""
    items = part.values() if isinstance(part, Mapping) else part
    return tuple(items) if isinstance(items, Iterable) else ()


def _length(part: Sized) -> str:
    return f"{len(part):,}"


def _worth(sums: Mapping[str, Decimal]) -> str:
    amounts = [str(Money(amount, code)) for code, amount in sorted(sums.items())]
    return " + ".join(amounts) or "none stated"


SECTIONS = (
    Section("Plans", "plans", holds=True),
    Section("Positions", "positions", holds=True),
    Section("Memberships", "memberships", holds=True),
    Section("Projects", "projects", holds=True),
    Section("Status of agreements", "agreement_statuses", holds=True),
    Section("Figures", "indicators"),
    Section("Agreements", "agreements"),
    Section("Visits", "visits"),
    Section("Meetings", "meetings"),
    Section("Initiatives", "initiatives"),
)
VALUES = (
    Value("Visits", "visits", _length),
    Value("Meetings", "meetings", _length),
    Value("Agreements", "agreement_count", "{:,}".format),
    Value("Agreed value", "agreed_value", _worth),
    Value("Agreements of unstated value", "agreements_without_value", _length),
)


def lasts(event: Event) -> bool:
    """Check whether an event lasts until something ends it."""
    return event.when.is_extent or until_of(type(event.what)) is not None


def state_table(parties: frozenset[str], state: object) -> str:
    """Return a table of the values and sections of a relationship, for a notebook.

    Args:
        parties: The parties of the relationship.
        state: The relationship.
    """
    rows = [*_rows(state)]
    titles = ("", "what", "when", "who says so")
    return table(among(parties), rows, len(rows), titles)


def _rows(state: object) -> Iterator[tuple[str, ...]]:
    for value in VALUES:
        yield value.title, value.of(state), "", ""
    for section in SECTIONS:
        for item in items_of(getattr(state, section.name)):
            event = item.event if isinstance(item, Plan) else item
            cited = "; ".join(map(str, event.cite)) or "no source"
            yield section.title, describe_event(event), in_words(event.when), cited
