"""The events that a log or a view shows, or would if other claims were taken."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import product
from operator import attrgetter, itemgetter
from typing import Any, TypeVar

from attrs import evolve, frozen

from bri_timeline._answer import Answer
from bri_timeline._events import Event
from bri_timeline._events.entries import unchecked_entry
from bri_timeline._events.marks import (
    Key,
    Mark,
    closing_classes,
    event_of,
    sort_key,
)
from bri_timeline._happening import (
    EVER,
    Disputed,
    Happening,
    SetAside,
    Version,
    Window,
    Wording,
    content,
)
from bri_timeline._journal import Basis, Journal, Resolution, Wanted
from bri_timeline._lasting import Endings, lasting, lasts, replaced
from bri_timeline._order._cache import FoldCache
from bri_timeline._order._order import FoldOrder
from bri_timeline._order._remembering import kept_in, remembering, state_of, untold
from bri_timeline._order._sequence import EventSequence
from bri_timeline._payload import last_of, until_of, with_subclasses
from bri_timeline._process import uncollected
from bri_timeline._projection import (
    ANY,
    Projection,
    classes_needed,
    kinds_in_doubt,
    made_by,
    refuse_left_out,
    refuse_unknown,
    refuse_untaken,
)


S = TypeVar("S")
T = TypeVar("T")
_EVERYTHING = Projection(int, lambda state, _: state)
_Dispute = tuple[Happening, tuple[Happening, ...]]


@frozen(eq=False, repr=False)
class Facts:
    """The events of a selection that count under one basis, within a window.

    What is derived from all events that count is kept on the cache of the log, as long
    as the log does not grow.

    Attributes:
        cache: The cache of the log.
        wanted: The selection.
        basis: The entries that count as known.
        window: The days.
    """

    cache: FoldCache
    wanted: Wanted
    basis: Basis
    window: Window = EVER

    def read_by(self, projection: Projection[Any], *, ends: bool = True) -> Facts:
        """Return what a projection reads of them.

        Args:
            projection: The projection.
            ends: Include ends, if it takes ends.
        """
        selection = self.wanted.read_by(projection)
        return evolve(self, wanted=selection if ends else selection.with_ends(None))

    def told(
        self, projection: Projection[S], *more: Facts, undecided: bool = False
    ) -> Projection[S]:
        """Return a projection that also ends what other events end, if any may.

        Args:
            projection: The projection. States of what is returned are `state_of()`.
            more: Facts of other logs of which it is asked too.
            undecided: It folds what is undecided within the window too.
        """
        if projection.ends is None:
            return projection
        kinds = list[type]()
        for facts in (self, *more):
            with facts.cache.journal.lock:
                kinds += facts.cache.journal.entries.kinds()
        window = self.window if undecided else EVER
        return remembering(projection, tuple(kinds), window)

    def state_of(self, state: S) -> S:
        """Return a state of such a projection as the projection made it."""
        return state_of(state)

    def kept_in(self, state: object) -> object:
        """Return what tells how such a state goes on, also if it is not shown."""
        return kept_in(state)

    def told_each(
        self, projection: Callable[..., Projection[S]]
    ) -> Callable[[Any], Projection[S]]:
        """Return a function of a key that returns such a projection, which it checks.

        Args:
            projection: Takes the parts of a key, and returns a projection.
        """
        made = made_by(projection)

        def told(key: Any) -> Projection[S]:
            found = self.told(made(key))
            self.check(found)
            return found

        return told

    def of_classes(self, reads: tuple[type, ...] | None) -> Facts:
        """Return those whose payloads are of some classes; None for any."""
        return evolve(self, wanted=self.wanted._replace(reads=reads))

    # --- within the window ------------------------------------------------------------

    def ask(self, question: Callable[[EventSequence], T]) -> T:
        """Return the answer of the event sequence."""
        return self.cache.ask(self.wanted, self.basis, question)

    def state(self, projection: Projection[S], *, is_shown: bool = False) -> S:
        """Return the certain state at the end of the window.

        Args:
            projection: How to fold it.
            is_shown: Nothing is folded after it.
        """
        asked = projection, self.wanted, self.basis, self.window
        return self.cache.state(*asked, is_shown=is_shown)

    def marks(self) -> list[Mark]:
        """Return what is certain, in fold order, with ends if these are selected."""
        return self.ask(lambda sequence: sequence.certain(self.window))

    def begun(self) -> tuple[Event, ...]:
        """Return the events that had certainly happened, in fold order."""
        return tuple(map(event_of, self.marks()))

    def shown(self) -> tuple[object, ...]:
        """Return everything that a view shows, for comparison."""
        resolution = self.resolution()
        return tuple(evolve(self, window=EVER).happenings()), *resolution[1:3]

    def happenings(self) -> list[Happening]:
        """Return what is certain, in fold order, with the entries that claim it."""
        return self.ask(lambda sequence: list(sequence.happenings(self.window)))

    def undecided(self) -> list[Happening]:
        """Return what is undecided, in order of becoming possible."""
        return self.ask(lambda sequence: sequence.undecided(self.window))

    def open_events(self) -> list[Event]:
        """Return the events that are undecided, in any order."""
        return self.ask(lambda sequence: sequence.open_events(self.window))

    def possible(self) -> list[Happening]:
        """Return what had happened, certainly or possibly."""
        with uncollected():  # happenings make no reference cycles
            return self.happenings() + self.undecided()

    def dated(self) -> tuple[list[Event], list[int]]:
        """Return the same events, without ends, in less time.

        Returns:
            The events, and the row of the first entry of each.
        """
        marks, rows = self.ask(lambda sequence: sequence.with_rows(self.window))
        undecided, row = self.undecided(), self.cache.journal.entries.row
        events = [*map(event_of, marks), *(happening.event for happening in undecided)]
        return events, [*rows, *(row(happening.position) for happening in undecided)]

    def active(self, kinds: tuple[type, ...] = ()) -> tuple[tuple[Event, Answer], ...]:
        """Return what lasts at the end of the window, or may, in fold order.

        Args:
            kinds: Only payloads of these classes; empty for any.
        """
        facts = self.of_classes(kinds) if kinds else self
        self.check_known(lambda: self._closing(kinds))
        events = facts.extents_and(until_of)
        return lasting(events, self.window, self.endings())

    def extents_and(self, says: Callable[[type], object]) -> list[Event]:
        """Return what began, or may have, and is an extent, or of certain classes.

        Args:
            says: Whether a payload class is one of these: it says what ends its facts.

        Returns:
            The events, in fold order.
        """
        events = self.ask(lambda sequence: sequence.extents(self.window))
        with self.cache.journal.lock:
            kinds = self.cache.journal.entries.kinds()
            reads = self.wanted.reads or (object,)
            classes = tuple(k for k in kinds if says(k) and issubclass(k, reads))
        if classes:
            dated, row = self.of_classes(classes).dated(), self.cache.journal.entries
            pairs = zip(dated[0], map(row.position, dated[1]), strict=True)
            events |= {sort_key(event, position): event for event, position in pairs}
        return [event for _, event in sorted(events.items(), key=itemgetter(0))]

    def ended(self, event: Event) -> Answer:
        """Return whether an event is over at the end of the window, or replaced.

        Raises:
            VocabularyError: There are facts of a class that may have ended it, which
                the vocabulary lacks.
        """
        self.check_known(lambda: _over_by(type(event.what)))
        endings = self.endings()
        peers = self.alike(event)
        over = endings.ended(event, self.window)
        return over | replaced(event, peers, endings, self.window)

    def alike(self, event: Event) -> Sequence[Event]:
        """Return the events of which only the last holds; empty if all do.

        Args:
            event: One of them, whose class says so.
        """
        cls = type(event.what)
        names = last_of(cls)
        if names is None:
            return ()
        key = attrgetter(*names)

        def made(order: FoldOrder) -> dict[object, list[Event]]:
            by_key: dict[object, list[Event]] = {}
            for mark in order.under(self.basis).certain(EVER):
                fact = event_of(mark)
                by_key.setdefault(key(fact.what), []).append(fact)
            return by_key

        selection = self.wanted._replace(reads=(cls,)).with_ends(None)
        groups = self.cache.derived(selection, ("alike", self.basis), made)
        return groups.get(key(event.what), ())

    def may_have_ended(self) -> tuple[Event, ...]:
        """Return what certainly happened, and may be over, in fold order."""
        return tuple(
            event
            for event in self.extents_and(lambda cls: until_of(cls) or last_of(cls))
            if self.window.answer(event.when) is Answer.YES
            and self.ended(event) is Answer.MAYBE
        )

    def endings(self) -> Endings:
        """Return what ends facts of the same selection."""
        with self.cache.journal.lock:
            closing = self.cache.journal.entries.closing()
        if not closing:
            return Endings(())

        def made(order: FoldOrder) -> Endings:
            return Endings(map(event_of, order.under(self.basis).certain(EVER)))

        selection = self.wanted._replace(reads=closing).with_ends(None)
        return self.cache.derived(selection, ("endings", self.basis), made)

    def check(self, projection: object) -> None:
        """Check that a projection gets the facts that it reads, and what ends them.

        Raises:
            VocabularyError: See `check_known()`.
            SelectionError: See `check_lasting()`.
        """
        # No day changes the answer, nor do entries that come later.
        question = self.wanted, self.basis
        checked = self.cache.checked
        if checked and checked[0] is projection and checked[1] == question:
            return
        refuse_untaken(getattr(projection, "reads", None) or ())
        self.check_known(lambda: classes_needed(projection, lambda: self._closing(())))
        if not self.cache.is_share:
            self.check_lasting(kinds_in_doubt(untold(projection)))
        self.cache.checked = projection, question

    def check_known(self, reads: Callable[[], Iterable[type]]) -> None:
        """Check that no fact of some classes is an `Unknown`.

        Only the classes of the selection matter: an `Unknown` need not tell whom it
        concerns.

        Args:
            reads: Returns the payload classes.

        Raises:
            VocabularyError: There are such facts.
        """
        # Few logs have any: the classes of the others are not gone through.
        if unknown := self.cache.journal.unknown(self.basis.size):
            selected = [one.kinds for one in self.wanted.filters if one.kinds]
            refuse_unknown(reads(), unknown, selected)

    def _closing(self, kinds: tuple[type, ...]) -> Iterator[type]:
        """Yield the classes of what ends facts of some classes; of any if empty."""
        if kinds:
            return with_subclasses(closing_classes(with_subclasses(kinds)))
        with self.cache.journal.lock:
            return with_subclasses(self.cache.journal.entries.closing())

    def check_lasting(self, kinds: tuple[type, ...]) -> None:
        """Check that some facts of some classes last, whatever the day.

        Args:
            kinds: The payload classes; empty for any.

        Raises:
            SelectionError: There are such facts, and each is dated by a day, of a class
                that does not say what ends them.
        """
        if kinds and not any(map(until_of, kinds)):
            refuse_left_out(kinds, len(self.left_out(kinds) or ()))

    def left_out(self, kinds: tuple[type, ...]) -> frozenset[str] | None:
        """Return the ids of the facts of some classes if none lasts; None if one does.

        Args:
            kinds: Classes that do not say what ends their facts.
        """

        def made(order: FoldOrder) -> frozenset[str] | None:
            events = [event_of(mark) for mark in order.under(self.basis).certain(EVER)]
            if any(map(lasts, events)):
                return None
            return frozenset(event.id for event in events)

        selection = self.wanted._replace(reads=kinds).with_ends(None)
        return self.cache.derived(selection, ("left out", self.basis), made)

    def set_aside(self) -> list[SetAside]:
        """Return the claims that do not count, and may lie in the window."""
        asides = self.resolution().set_aside
        return [aside for aside in asides if self.window.meets(aside.event.when)]

    def resolution(self) -> Resolution:
        """Return what counts of related entries, on whatever day, and what does not."""
        return self.ask(EventSequence.resolution)

    def resolutions(self) -> list[list[tuple[float, Resolution]]]:
        """Return the same of each cluster under every knowledge up to the basis.

        Returns:
            For each cluster, the days of knowledge on which it changed, in order, each
            with what is resolved of it since.
        """
        return self.cache.derived(
            self.wanted, None, lambda order: order.resolutions(self.basis)
        )

    def spans(self) -> list[tuple[int, Event, float, float]]:
        """Return what counts on some day of knowledge, as `counting_spans()` says."""
        selection = self.wanted.with_ends(None)
        return self.cache.derived(selection, None, lambda o: [*o.spans(self.basis)])

    def wordings(self) -> Callable[[Event], tuple[Wording, ...]] | None:
        """Return what tells who says what of an event, if any claims of one differ."""
        told = {happening.event: happening for happening in self.resolution().several}
        # Few are told so, and a key is at hand: a hash of each event is not.
        keys = {event._key for event in told}

        def said(event: Event) -> tuple[Wording, ...]:
            is_told = event._key in keys and event in told
            return told[event].wordings() if is_told else ()

        return said if told else None

    def places(self, keys: list[Key]) -> list[int]:
        """Return how many certain marks lie before each of some keys."""
        if self.window.since == -math.inf:
            return self.ask(lambda sequence: sequence.places(keys))
        certain = [happening.certainty_order() for happening in self.happenings()]
        return [bisect_left(certain, key) for key in keys]

    def known_by(self, known: float, *, by_position: bool) -> Facts:
        """Return them as known by a day or a position."""
        size = known + 1 if by_position else self.basis.size
        day = math.inf if by_position else known
        return evolve(self, basis=Basis(day, size, self.basis.prefer))

    def disputed(
        self, projection: Projection[Any] | None
    ) -> tuple[Disputed, ...] | None:
        """Return the claims of each dispute; None if one decides which others count.

        Args:
            projection: Whatever differs in what it reads; None for all that counts.
        """
        return self.rivals(projection or _EVERYTHING).disputed

    def rivals(self, projection: Projection[Any]) -> Rivals:
        """Return what would count if other claims of disputes were taken.

        Args:
            projection: Whatever differs in what it reads.
        """
        read, window = self.read_by(projection, ends=False), self.window
        selection = read.wanted

        def is_shown(claim: Happening) -> bool:
            event, datasets = claim.event, {entry.dataset for entry in claim.entries}
            return (
                window.meets(event.when)
                and selection.is_read(event, datasets)
                and all(rule.holds(event) for rule in selection.rules)
            )

        size = self.basis.size
        if selection.rules and self.cache.journal.has_references(size):
            # Whom an event concerns may depend on any claim that it refers to.
            whole = Facts(self.cache, Wanted(bounded=selection.bounded), self.basis)
            if disputes := whole.resolution().disputes:
                return Rivals(whole.happenings, disputes, _content, None)

        def made(order: FoldOrder) -> Rivals:
            return Rivals(
                read.possible,
                order.under(self.basis).resolution().disputes,
                lambda claim: _content(claim) if is_shown(claim) else None,
                is_shown,
            )

        name = "rivals", self.basis, window
        return self.cache.derived(selection, name, made)

    # --- compared with others ---------------------------------------------------------

    def compared(self, projection: Projection[Any]) -> Facts:
        """Return those in which a change can touch the state of a projection."""
        # Payloads of every class: an event that is no longer read may have been
        # corrected into one of another class.
        return self.read_by(projection).of_classes(self.wanted.reads)

    def equal_until(self, other: Facts) -> float | None:
        """Return a day until which others certainly have the same marks.

        Returns:
            A day number, maybe infinite; None if they may differ from the beginning.
        """
        windows = self.window, other.window
        is_cut = any(window.since > -math.inf for window in windows)
        if is_cut or self.cache is not other.cache or self.wanted != other.wanted:
            return None
        day = self.ask(lambda sequence: other.ask(sequence.equal_until))
        # Day 0 is a day.
        return None if day is None else min(day, *(window.until for window in windows))

    # --- whatever the window ----------------------------------------------------------

    def all_marks(
        self,
        name: Hashable,
        make: Callable[[list[Mark]], T],
        projection: Projection[Any] | None = None,
        *,
        ends: bool,
    ) -> T:
        """Return what is made of the marks that count, in fold order.

        Args:
            name: Tells it from whatever else is made of them; None not to keep it.
            make: Makes it.
            projection: Only the events that concern its parties, if it names any.
            ends: Ends of extents are marks too.
        """

        def made(order: FoldOrder) -> T:
            return make(order.under(self.basis).certain(EVER))

        return self._derived(name, self.basis, made, projection, ends=ends)

    def versions(
        self,
        name: Hashable,
        make: Callable[[list[Version]], T],
        projection: Projection[Any] | None = None,
        *,
        by_position: bool,
        ends: bool,
    ) -> T:
        """Return what is made of the marks that count under some knowledge.

        Args:
            name: Tells it from whatever else is made of them; None not to keep it.
            make: Makes it.
            projection: Only the events that concern its parties, if it names any.
            by_position: Knowledge is a log position, not a day.
            ends: Ends of extents are marks too.
        """
        # The day up to which the panel knows is no part of it: rows have their own.
        basis = Basis(math.inf, self.basis.size, self.basis.prefer)

        def made(order: FoldOrder) -> T:
            return make(order.versions(basis, by_position=by_position))

        return self._derived(name, (basis, by_position), made, projection, ends=ends)

    def _derived(
        self,
        name: Hashable,
        basis: Hashable,
        made: Callable[[FoldOrder], T],
        projection: Projection[Any] | None,
        *,
        ends: bool,
    ) -> T:
        selection = self.wanted.with_ends(ANY if ends else None)
        if projection is not None:
            selection = selection.concerning(projection)
        full_name = None if name is None else (name, basis)
        return self.cache.derived(selection, full_name, made)


class Rivals:
    """The events that count, for each choice of one claim in each dispute.

    Args:
        happenings: Returns all that counts: targets of references are looked for among
            them.
        disputes: The claim taken and the others, of each dispute.
        differs: Returns what distinguishes a claim from others; claims for which it
            returns the same are one choice.
        is_shown: Tells whether a claim is selected, whatever the others are; None if
            that depends on these.
    """

    def __init__(
        self,
        happenings: Callable[[], Sequence[Happening]],
        disputes: Sequence[_Dispute],
        differs: Callable[[Happening], object],
        is_shown: Callable[[Happening], bool] | None,
    ) -> None:
        self._is_shown = is_shown
        self._happenings = happenings
        self._choices: list[list[Happening]] = []
        for taken, rivals in disputes:
            distinct: dict[object, Happening] = {}
            # What a correction put right is never taken.
            for claim in (taken, *(one for one in rivals if not one.is_put_right)):
                distinct.setdefault(differs(claim), claim)
            if len(distinct) > 1:
                self._choices.append([*distinct.values()])

    @cached_property
    def _rest(self) -> list[Happening]:
        """The happenings that count whichever claims are taken."""
        ids = {choice[0].event.id for choice in self._choices}
        return [h for h in self._happenings() if h.event.id not in ids]

    @cached_property
    def disputed(self) -> tuple[Disputed, ...] | None:
        """The claims of each dispute; None if one decides which others count."""
        shown = self._is_shown
        if shown is None:
            return None

        def event(claim: Happening) -> Event | None:
            return claim.event if shown(claim) else None

        return tuple(
            Disputed(event(choice[0]), tuple(map(event, choice)))
            for choice in self._choices
        )

    @property
    def count(self) -> int:
        """The number of combinations, without that of the claims taken."""
        return math.prod(map(len, self._choices)) - 1

    @property
    def size(self) -> int:
        """The number of events in each."""
        return len(self._rest) + len(self._choices)

    def all(self) -> Iterator[FoldCache]:
        """Yield what counts for each combination of claims."""
        combinations = product(*self._choices)
        next(combinations)  # the claims taken
        return map(self._cache, combinations)

    def one_by_one(self) -> Iterator[FoldCache]:
        """Yield what counts if the claim of one dispute is another."""
        taken = [choice[0] for choice in self._choices]
        for place, choice in enumerate(self._choices):
            for claim in choice[1:]:
                yield self._cache((*taken[:place], claim, *taken[place + 1 :]))

    def _cache(self, chosen: Sequence[Happening]) -> FoldCache:
        # Each event is the only claim about its happening, so that nothing is left to
        # resolve; positions stay, as they order what ties. All entries that rest on a
        # dataset say which.
        every = [
            unchecked_entry(entry.position, h.event, None, dataset=entry.dataset)
            for h in (*self._rest, *chosen)
            for entry in h.entries
            if entry is h.entries[0] or entry.dataset is not None
        ]
        every.sort(key=lambda entry: entry.position)
        return FoldCache(Journal(every, every[-1].position + 1), 0)


def _over_by(cls: type) -> Iterator[type]:
    """Yield the classes of facts that end those of a class, or take their place."""
    if last_of(cls) is not None:
        yield cls
    yield from with_subclasses(closing_classes((cls,)))


def _content(claim: Happening) -> object:
    return content(claim.event)
