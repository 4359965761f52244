"""A projection: how a state begins, and how an event changes it."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Hashable, Iterable, Iterator
from types import CodeType, FrameType
from typing import Any, Generic, TypeVar, cast

from attrs import field, fields, frozen

from bri_timeline._events import Event
from bri_timeline._events.marks import (
    Ending,
    Mark,
    closing_classes,
    event_of,
    marks_in_order,
    marks_of,
)
from bri_timeline._events.open_facts import with_ends
from bri_timeline._payload import takes_no_event, until_of, with_subclasses
from bri_timeline._scope import PartyRule, concerning, narrowed, satisfying
from bri_timeline.errors import (
    BriTimelineError,
    ProjectionError,
    SelectionError,
    VocabularyError,
    shown,
)


S = TypeVar("S")
# The payload classes of events that may end others: found among those of a log.
ANY: tuple[type, ...] = (object,)


def _classes(reads: type | Iterable[type] | None) -> tuple[type, ...] | None:
    """Return classes as a tuple.

    Raises:
        ProjectionError: Something else is among them.
    """
    if reads is None:
        return None
    classes = (reads,) if isinstance(reads, type) else tuple(reads)
    for cls in classes:
        if not isinstance(cls, type):
            problem = "is not a class: name the payload classes that are read"
            raise ProjectionError(cls, problem)
    return classes


def _check_call(function: object, name: str, *wanted: str) -> None:
    """Check that a function can be called with some arguments.

    Raises:
        ProjectionError: It cannot.
    """
    takes = " and ".join(wanted) or "no argument"
    if not callable(function):
        problem = f"is not a function: give as {name} one that takes {takes}"
        raise ProjectionError(function, problem)
    # Inspecting a signature is slow; the argument count of plain functions is enough.
    code = getattr(function, "__code__", None) or _call_of(function)
    own = 0 if hasattr(function, "__code__") else 1
    if code is not None and code.co_argcount - own == len(wanted):
        return
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some built-in functions have no signature
        return
    try:
        signature.bind(*wanted)
    except TypeError as error:
        problem = f"cannot be {name}, which takes {takes}: {error}"
        raise ProjectionError(function, problem) from None


def party_ids(parties: Iterable[str]) -> frozenset[str]:
    """Return actor ids as a set.

    Raises:
        ProjectionError: They are one text, or something else is among them.
    """
    is_text = isinstance(parties, str) or not isinstance(parties, Iterable)
    ids = [None] if is_text else [*parties]
    if not all(isinstance(party, str) for party in ids):
        problem = "is not a collection of actor ids: write ('AZE', 'CHN')"
        raise ProjectionError(parties, problem)
    return frozenset(filter(None, ids))


@frozen(repr=False, cache_hash=True)
class Projection(Generic[S]):
    """A way to read a state from events: a beginning and a pure function.

    It is still a function: `pledged({}, event)` works, so it can be tested alone. It
    must not change the state it is given but return another, must return the state
    unchanged for kinds of event that it does not know, and must depend on nothing else.

    Args:
        initial: Returns the state before any event. A factory, so that no two folds
            share a state.
        evolve: Returns the state after an event.
        reads: The payload classes that it looks at; events of others are not passed
            to it, and are found by an index rather than by looking at each. By default
            it sees every event.
        parties: The actors whose affairs it is about. Questions then pass it only the
            events that concern them: those that involve at least two of them, or nobody
            else; and those that refer to such an event, and so on. For a single actor:
            those that involve it. By default it sees all events.
        ends: Returns the state after the end of an event: of one whose date is an
            extent, such as `2015/2017`, and of one that another event has certainly
            ended, as its class says by `until`. It is called after all events of the
            last day, before those of the next; once for an event, never for an open
            end, and only after *evolve* was called for it. What ends it need not be
            read. By default an end changes nothing.
        merge: Returns the state after two parts of a history, from the state after the
            earlier part and that of the later part, folded from the beginning:
            `merge(fold(a), fold(b)) == fold(a + b)`. It must not change either. Then a
            late event costs the block of events in which it lies, not all after it. By
            default states do not merge.
        name: What to call it; by default the name of *evolve*.

    Raises:
        ProjectionError: *reads* or *parties* holds something else, or one of the
            functions takes other arguments.
    """

    initial: Callable[[], S]
    evolve: Callable[[S, Event], S]
    reads: tuple[type, ...] | None = field(
        default=None, converter=_classes, kw_only=True
    )
    parties: frozenset[str] = field(default=(), converter=party_ids, kw_only=True)
    ends: Callable[[S, Event], S] | None = field(default=None, kw_only=True)
    merge: Callable[[S, S], S] | None = field(default=None, kw_only=True)
    name: str = field(kw_only=True)

    def __attrs_post_init__(self) -> None:
        _check_call(self.initial, "initial")
        _check_call(self.evolve, "evolve", "a state", "an event")
        if self.ends is not None:
            _check_call(self.ends, "ends", "a state", "an event")
        if self.merge is not None:
            _check_call(self.merge, "merge", "a state", "a later one")

    @name.default
    def _name_of_function(self) -> str:
        return getattr(self.evolve, "__name__", type(self.evolve).__name__)

    def __call__(self, state: S, event: Mark) -> S:
        """Return the state after one event; unchanged if that cannot concern it.

        Args:
            state: The state before.
            event: The event, where it begins; or its end, an `extend.Ending`.
        """
        if isinstance(event, Ending):
            is_read = self.reads is None or isinstance(event.event.what, self.reads)
            return self._step(state, event) if is_read else state
        if self.reads is not None and not isinstance(event.what, self.reads):
            return state
        # The target of a reference is known to a log only, so such an event is passed.
        if self.parties and not event.refers_to:
            is_read = concerning(self.parties).holds(event)
            return self.evolve(state, event) if is_read else state
        return self.evolve(state, event)

    def differs(self, state: S, event: Event, other: Event) -> bool:
        """Check whether a state depends on which of two events of it comes last.

        Args:
            state: A state in which *event* came last, if that matters.
            event: The one.
            other: The other.
        """
        after = self(state, other)
        return after != state and self.orders(state, event, other)

    def orders(self, state: S, event: Event, other: Event) -> bool:
        """Check whether it matters which of two events comes first after a state."""
        return self(self(state, other), event) != self(self(state, event), other)

    def fold(self, events: Iterable[Event]) -> S:
        """Return the state after *events*, taken in the order given.

        Their beginnings are folded; of ends only those that an event of them brings by
        `until`, after it. For an end of its own, `ends` is called by the questions of a
        log. If it names its parties, only what concerns them is taken: what an event
        refers to is looked for among *events*.
        """
        if self.parties:
            events = satisfying([*events], concerning(self.parties))
        state, step = self.initial(), self._step
        try:
            for mark in self._brought(events):
                state = step(state, mark)
        except Exception as error:
            blame(error, self)
            raise
        return state

    def _among(self, rules: tuple[PartyRule, ...]) -> tuple[PartyRule, ...]:
        """Return the rules for its events within a selection."""
        return narrowed(rules, self.parties) if self.parties else rules

    def _seen(self, events: Iterable[Event]) -> Iterable[Event]:
        """Return those of some events whose payloads it reads."""
        if self.reads is None:
            return events
        return [event for event in events if isinstance(event.what, self.reads)]

    def _brought(self, events: Iterable[Event]) -> Iterable[Mark]:
        """Return the beginnings of some events, and the ends that others of them bring.

        Args:
            events: What comes first is folded first.
        """
        if self.ends is None:
            return self._seen(events)
        every = [*events]
        closing = closing_classes({type(event.what) for event in self._seen(every)})
        if not closing:
            return self._seen(every)
        marks = (
            mark
            for event in every
            for mark in marks_of(event, closing)
            if not isinstance(mark, Ending) or mark.closes
        )
        return with_ends(marks, self.reads)

    def _folds(self, events: Iterable[Event]) -> list[Mark]:
        """Return what it folds of some events, in fold order."""
        every = [*events]
        closing = closing_classes({type(event.what) for event in self._seen(every)})
        return self._taken(with_ends(marks_in_order(every, closing), self.reads))

    def _taken(self, marks: Iterable[Mark]) -> list[Mark]:
        """Return those of some marks that it reads; ends only if it takes ends."""
        if self.ends is None:
            return [*self._seen(mark for mark in marks if isinstance(mark, Event))]
        reads = self.reads or (object,)
        return [mark for mark in marks if isinstance(event_of(mark).what, reads)]

    @property
    def depends_on(self) -> tuple[type, ...] | None:
        """The payload classes that it reads, and those of what ends it; None for all.

        A log that is to answer for it needs the events of these.
        """
        if self.reads is None or self.ends is None:
            return self.reads
        return *self.reads, *closing_classes(with_subclasses(self.reads))

    @property
    def _closing(self) -> tuple[type, ...]:
        """The payload classes whose events end others in its states, as these tell."""
        return ()

    @property
    def _begun(self) -> tuple[type, ...]:
        """The payload classes of events that may change its states as they begin."""
        return self.reads or (object,)

    @property
    def _step(self) -> Callable[[S, Mark], S]:
        """Returns the state after a mark: the beginning of an event, or an end.

        Without `ends` it is *evolve*, and takes no ends.
        """
        return self._step_of(is_ordered=False)

    @property
    def _ordered_step(self) -> Callable[[S, Mark], S]:
        """Returns the same, where marks come in the order of their days.

        In fold order a mark comes when it is certain, whatever came before it.
        """
        return self._step_of(is_ordered=True)

    def _step_of(self, *, is_ordered: bool) -> Callable[[S, Mark], S]:
        evolve, ends = self.evolve, self.ends
        if ends is None:
            # Every road selects ends for projections with `ends` only.
            return cast("Callable[[S, Mark], S]", evolve)

        def step(state: S, mark: Mark) -> S:
            if not isinstance(mark, Ending):
                return evolve(state, mark)
            # Other projections of one question may have ends of what events end.
            return state if mark.closes else ends(state, mark.event)

        return step

    def _folded(self, marks: Iterable[Mark]) -> S:
        """Return the state after marks in the order given, of what it reads."""
        state, step, reads = self.initial(), self._step, self.reads
        for mark in marks:
            if reads is None or isinstance(event_of(mark).what, reads):
                state = step(state, mark)
        return state

    def __repr__(self) -> str:
        return f"<projection {self.name}>"

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle a projection of a module by its name, as functions are."""
        place = self.evolve.__module__, getattr(self.evolve, "__qualname__", "")
        if _by_name(*place) is self:
            return _by_name, place
        values = {part.name: getattr(self, part.name) for part in fields(type(self))}
        return _made, (values,)


def _call_of(function: Callable[..., object]) -> CodeType | None:
    """Return the code of an object that can be called, if it has any."""
    code = getattr(type(function).__call__, "__code__", None)
    return code if isinstance(code, CodeType) else None


def require_projection(given: object) -> Projection[object]:
    """Return an argument that has to be a projection.

    Raises:
        ProjectionError: It is not, as where somebody forgot to call the function that
            makes one.
    """
    if isinstance(given, Projection):
        return given
    problem = "is not a projection: make one by @projection(initial=...)"
    if callable(given):
        problem += "; if it is a function that returns one, call it"
    raise ProjectionError(given, problem) from None


def require_function(given: object, name: str) -> None:
    """Check that an argument is a function of the state.

    Raises:
        ProjectionError: It is not one, but text, as the name of a field.
    """
    if not callable(given):
        field = given if isinstance(given, str) and given.isidentifier() else "visits"
        remedy = f"write {name}=lambda state: state.{field}"
        raise ProjectionError(given, f"is not a function of the state: {remedy}")


def kinds_in_doubt(projection: object) -> tuple[type, ...]:
    """Return the classes of which a projection counts what lasts, if none may.

    Empty if it counts anything else, or if a class says what ends its facts.
    """
    # Only measures have kinds, and views need not import them.
    is_active = getattr(projection, "active", False)
    kinds: tuple[type, ...] = getattr(projection, "kinds", ()) if is_active else ()
    return () if any(map(until_of, kinds)) else kinds


def refuse_left_out(kinds: tuple[type, ...], count: int) -> None:
    """Refuse to ask what lasts of facts of which none does.

    Args:
        kinds: Their payload classes.
        count: The number of the facts; 0 if some last.

    Raises:
        SelectionError: There are such facts.
    """
    if count:
        problem = "does not last: its date is a day, and its class does not say"
        remedy = "until = (Left, ('member', 'body')), or date it by an extent"
        counted = f"{count:,} such facts are left out, and none lasts"
        names = ", ".join(kind.__name__ for kind in kinds)
        raise SelectionError(
            names, f"{problem} what ends it: {counted}: write {remedy}"
        )


def classes_needed(
    projection: object, closing: Callable[[], Iterable[type]] = tuple
) -> Iterator[type]:
    """Yield the classes of the facts on which the answers of a projection depend.

    Args:
        projection: A projection, or a function that returns one, which says nothing.
        closing: Returns the classes of what ends facts, whichever these are.
    """
    if not isinstance(projection, Projection):
        return
    yield from with_subclasses(projection.depends_on or ())
    if projection.reads is None and projection.ends is not None:
        yield from with_subclasses(closing())


def refuse_untaken(classes: Iterable[type]) -> None:
    """Refuse to ask about classes of which no event can have a payload.

    Raises:
        VocabularyError: There is one: an event would refuse an instance of it.
    """
    for cls in classes:
        if takes_no_event(cls):
            problem = f"no event takes a payload of {shown(cls)}"
            remedy = "decorate the class with attrs.frozen, or name one that is"
            raise VocabularyError(cls, f"{problem}: {remedy}")


def refuse_unknown(
    reads: Iterable[type],
    unknown: Iterable[tuple[str, int]],
    selected: Iterable[tuple[type, ...]] = (),
) -> None:
    """Refuse to read classes of whose name there are `Unknown` payloads.

    Args:
        reads: The classes.
        unknown: The names and versions of the payloads.
        selected: Only classes that are derived from one of each of these are read.

    Raises:
        VocabularyError: There are some.
    """
    versions, conditions = dict(sorted(unknown)), [*selected]
    for cls in reads if versions else ():
        version = versions.get(cls.__name__)
        if version is not None and all(issubclass(cls, one) for one in conditions):
            which, add = shown(cls), "add the class to it"
            if version > 1:
                which, add = f"version {version} of {which}", f"{add}, of that version"
            raise VocabularyError(cls, f"the vocabulary has no {which}: {add}")


def refuse_lacking(
    projection: object,
    lacking: Iterable[tuple[str, int]],
    present: Iterable[type] = (),
) -> None:
    """Refuse to fold facts of which those that are needed are `Unknown`.

    Args:
        projection: A projection, or a function that returns one, which says nothing.
        lacking: The names and versions of unknown payloads.
        present: The classes of the facts, some of which end others.

    Raises:
        VocabularyError: It needs facts of the name of one of these.
    """
    needed = classes_needed(projection, lambda: closing_classes(present))
    refuse_unknown(needed, lacking)


def check_keys(
    by: Callable[[Event], Iterable[Hashable]],
    keys: Iterable[Hashable],
    marks: Iterable[Mark],
) -> None:
    """Check that a function returned collections of keys, and not text.

    Each letter of a text would be a key, and no error would say so. Only keys of one
    letter can come of it: without such a key the function is not called again.

    Args:
        by: The function.
        keys: All keys that it returned.
        marks: The marks of the events for which it returned them.

    Raises:
        ProjectionError: It returned text.
    """
    if any(isinstance(key, str) and len(key) == 1 for key in keys):
        for mark in marks:
            refuse_text(by(event_of(mark)))


def refuse_text(keys: Iterable[Hashable]) -> None:
    """Check that the keys of an event are not one text.

    Raises:
        ProjectionError: They are.
    """
    if isinstance(keys, str):
        problem = "is what by= returned for an event, and its letters are not keys"
        raise ProjectionError(keys, f"{problem}: return a tuple, (key,)")


def blame(error: Exception, projection: object) -> None:
    """Note on an error at which event a projection raised it.

    It reads the traceback after the fact, so that folding itself is not slowed down.

    Args:
        error: What was raised while the projection was used.
        projection: What was given for one.

    Raises:
        ProjectionError: That is not a projection.
    """
    valid_projection = require_projection(projection)
    parts = (valid_projection.evolve, valid_projection.ends)
    functions = [function for function in parts if function is not None]
    codes = [
        getattr(function, "__code__", None) or _call_of(function)
        for function in functions
    ]
    trace, inside = error.__traceback__, False
    while trace is not None:
        frame, trace = trace.tb_frame, trace.tb_next
        inside = inside or frame.f_code in codes
        events = [e for e in frame.f_locals.values() if isinstance(e, Event)]
        if inside and events:
            note = f"in {projection!r}, at {events[0].when}: {events[0]!r}"
            if note not in getattr(error, "__notes__", ()):
                error.add_note(note)
            return


# What each function is asked of, and so has to have an answer for.
_ASKED_OF = {
    "by": "it is asked of every event, of whatever kind",
    "of": "it is asked of the state before any event too",
    "holds": "it is asked of the state before any event too",
}


def blame_function(error: Exception, **given: object) -> None:
    """Raise an error of a function that a question was given as an error of ours.

    Args:
        error: What was raised while the question was answered.
        given: The functions by the names of their arguments; None for none.

    Raises:
        ProjectionError: One of them raised it.
    """
    if isinstance(error, BriTimelineError):
        return
    frames, trace = list[FrameType](), error.__traceback__
    while trace is not None:
        frames.append(trace.tb_frame)
        trace = trace.tb_next
    for name, function in given.items():
        if not callable(function):
            continue
        code = getattr(function, "__code__", None) or _call_of(function)
        inside = [frame for frame in frames if frame.f_code is code]
        # What is not written in Python, such as an itemgetter, has no frame.
        last = str(frames[-1].f_globals.get("__name__"))
        if inside or (code is None and last.startswith("bri_timeline.")):
            said = f"raises {type(error).__name__}: {error}"
            of = [*inside[0].f_locals.values()][:1] if inside else []
            at = "".join(f", of {shown(argument)}" for argument in of)
            problem = f"given as {name}=, {said}{at}: {_ASKED_OF[name]}"
            raise ProjectionError(function, problem) from error


def _by_name(module: str, name: str) -> object:
    """Return the object with a name in a module; None if there is none."""
    target: object = importlib.import_module(module)
    for part in name.split("."):
        target = getattr(target, part, None)
    return target


def _made(kept: dict[str, Any]) -> Projection[Any]:
    return Projection(**kept)


def made_by(
    function: Callable[..., Projection[S]],
    check: Callable[[object], object] = require_projection,
) -> Callable[[Any], Projection[S]]:
    """Return a function of a key, from one that takes the parts of the key.

    Args:
        function: Takes the items of a key that is a tuple, else the key.
        check: Raises an error if the log cannot answer for what it returns.
    """

    def made(key: Any) -> Projection[S]:
        parts = key if isinstance(key, tuple) else (key,)
        try:
            result = function(*parts)
        except TypeError as error:
            # Only a wrong call is reported so: an error raised within is passed on.
            try:
                inspect.signature(function).bind(*parts)
            except TypeError:
                problem = f"cannot be called with the key {key!r}"
                remedy = "if it is a function that returns one, call it"
                raise ProjectionError(function, f"{problem}: {remedy}") from error
            raise
        if not isinstance(result, Projection):
            problem = f"is what the function of the key {key!r} returned"
            raise ProjectionError(result, f"{problem}: return a projection")
        check(result)
        return result

    return made


# The function tells the type of the state: `dict` alone is one of nothing.
def projection(
    *,
    initial: Callable[[], Any],
    reads: type | Iterable[type] | None = None,
    parties: Iterable[str] = (),
    ends: Callable[[Any, Event], Any] | None = None,
    merge: Callable[[Any, Any], Any] | None = None,
) -> Callable[[Callable[[S, Event], S]], Projection[S]]:
    """Make a projection of a function that returns the state after an event.

    >>> @projection(initial=int)
    ... def count(seen: int, event: Event) -> int:
    ...     return seen + 1
    >>> count.fold([])
    0

    Args:
        initial: Returns the state before any event: a class such as `dict`, or a
            function of no arguments.
        reads: The payload classes that the function looks at: events of others are not
            passed to it. By default every event is.
        parties: The actors whose affairs the function is about: a log passes it what
            concerns them, as `Projection` says. By default everything.
        ends: Returns the state after the end of an event that lasts, such as one from
            `2015/2017`, or one that another event ends by `until`, as `Projection`
            says. By default an end changes nothing.
        merge: Returns the state after two parts of a history, from the states of the
            parts, as `Projection` says: late events then cost little, in long logs. By
            default states do not merge.

    Raises:
        ProjectionError: *reads* or *parties* holds something else, *ends* is not a
            function of a state and an event, or *merge* not one of two states.
    """

    def decorate(evolve: Callable[[S, Event], S]) -> Projection[S]:
        return Projection(
            initial, evolve, reads=reads, parties=parties, ends=ends, merge=merge
        )

    return decorate


def is_hashable(state: object) -> bool:
    """Check whether a state has a hash: nobody who gets it can change it then.

    A class that says `_is_hashable` is taken at its word: to hash a state of many
    events at each checkpoint would take longer than the fold.
    """
    if "_is_hashable" in vars(type(state)):
        return True
    try:
        hash(state)
    except TypeError:
        return False
    return True
