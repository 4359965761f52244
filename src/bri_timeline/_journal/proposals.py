"""The queue of proposals, and the decisions on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from attrs import evolve, fields, frozen

from bri_timeline._events import (
    Entry,
    Event,
    check_sayable,
    describe_event,
    given_id,
)
from bri_timeline._events.entries import EntryColumns, Review
from bri_timeline._events.rows import InRows, columns
from bri_timeline._names import states
from bri_timeline._payload import is_attrs_class
from bri_timeline._text import AsDict, one_line
from bri_timeline.errors import EntryError, EventError


Status = Literal["open", "accepted", "rejected", "withdrawn"]


@frozen
class Proposal(AsDict, InRows):
    """A proposed claim, its status and the decision on it.

    Attributes:
        position: The position of the entry that proposes it.
        event: The claim.
        by: The person, or the program, that proposes it.
        supersedes: The position of the entry that it would correct.
        status: `open`, `accepted`, `rejected` or `withdrawn`.
        decision: The entry that accepts or rejects it.
    """

    _COLUMNS = columns(
        position=int, status=str, by=str, supersedes=int, decision=int, in_full=str,
        event=Event,
    )  # fmt: skip
    position: int
    event: Event
    by: str
    supersedes: int | None = None
    status: Status = "open"
    decision: Entry | None = None

    def __str__(self) -> str:
        what = f"{self.event.when}  {describe_event(self.event)}"
        return one_line(f"{self.position}  {what}  ({self.status}, {self.by})")

    @property
    def review(self) -> Review:
        """The review that its entry records."""
        return Review(by=self.by, proposes=self.event, supersedes=self.supersedes)

    @property
    def in_full(self) -> str:
        """All that it claims, field by field, where words leave some of it out."""
        return "; ".join(f"{name}: {text}" for name, text in event_fields(self.event))


def event_fields(event: Event) -> Iterator[tuple[str, str]]:
    """Yield the parts of a claim by name, in full; not its date, nor what is a default.

    Words leave some of them out: who decides on a claim has to see all.

    Args:
        event: The claim.
    """
    what, cls = event.what, type(event.what)
    for part in fields(cls) if is_attrs_class(cls) else ():
        value = getattr(what, part.name)
        if part.init and value != part.default:
            yield str(part.alias), one_line(_in_full(value))
    if event.where is not None:
        yield "where", str(event.where)
    name = given_id(event)
    if name is not None:
        yield "id", one_line(name)


def _in_full(value: object) -> str:
    """Return the value of a field as text, uncut: states by name and code."""
    if isinstance(value, tuple | frozenset):
        texts = [*map(_in_full, value)]
        return ", ".join(sorted(texts) if isinstance(value, frozenset) else texts)
    state = states().get(value) if isinstance(value, str) else None
    return str(value) if state is None else f"{state.name} ({value})"


def proposals_among(entries: Iterable[tuple[Entry, bool]]) -> list[Proposal]:
    """Return the proposals among some entries: the latest decision on each counts.

    Args:
        entries: Those that propose, accept or reject, in order of position; each with
            whether it is live: whether no live retraction withdraws it.
    """
    proposals: dict[int, Proposal] = {}
    for entry, is_live in entries:
        review, (*_, accepts, rejects) = entry.review, entry._targets()
        if review is not None and review.proposes is not None:
            proposals[entry.position] = Proposal(
                entry.position,
                review.proposes,
                review.by,
                review.supersedes,
                "open" if is_live else "withdrawn",
            )
            continue
        is_accepted = accepts is not None
        target = accepts if is_accepted else rejects
        # A partial log need not have the proposal.
        proposal = None if target is None else proposals.get(target)
        if not is_live or proposal is None or proposal.status == "withdrawn":
            continue
        # Rejecting withdraws what was accepted. If that is live all the same, it was
        # restored later: the claim counts, whatever was said in between.
        if is_accepted or proposal.status != "accepted":
            status: Status = "accepted" if is_accepted else "rejected"
            proposals[proposal.position] = evolve(
                proposal, status=status, decision=entry
            )
    return [*proposals.values()]


def check_event(event: object) -> None:
    """Check that something given for an event is one, and may be recorded.

    Raises:
        EventError: It is not, or says what cannot be.
    """
    if not isinstance(event, Event):
        problem = "is not an event: write Event(payload, when=..., cite=...)"
        if isinstance(event, list | tuple):
            problem = "is several events: write EventLog.of(*events), or extend(events)"
        raise EventError(event, problem)
    check_sayable(event)


def _check_review(entry: Entry, others: Mapping[int, Entry]) -> None:
    """Check that the entries that a review accepts, rejects or corrects are there.

    Args:
        entry: Any entry.
        others: Entries of its log by position; of a partial log, not all.

    Raises:
        EntryError: It is not, or is not a proposal, or not a claim.
    """
    review = entry.review
    if review is None:
        return
    for target in (review.supersedes, review.accepts, review.rejects):
        target_entry = None if target is None else others.get(target)
        if target is not None and not 0 <= target < entry.position:
            problem = f"entry {entry.position} has the target {target}"
            raise EntryError(entry, f"{problem}: a target stands earlier in the log")
        if target_entry is not None and target != review.supersedes:
            if not (target_entry.is_proposal or target_entry.is_lost):
                problem = f"entry {entry.position} decides on entry {target}"
                raise EntryError(entry, f"{problem}, which is not a proposal")
        elif target_entry is not None and not (
            target_entry.is_version or target_entry.is_lost
        ):
            problem = f"entry {entry.position} would correct entry {target}"
            raise EntryError(entry, f"{problem}, which claims nothing")


def check_targets(entries: EntryColumns) -> None:
    """Check that each target is present, and earlier than its entry.

    Raises:
        EntryError: One is not, or is a retraction that a correction corrects.
    """
    bound = [
        entry
        for entry in entries.others.values()
        if entry.supersedes != entry.retracts or entry.review is not None
    ]
    if not bound:
        return
    places = {position: place for place, position in enumerate(entries.positions)}
    by_position = {
        target: entries[places[target]]
        for entry in bound
        for target in entry._targets()
        if target in places
    }
    for entry in bound:
        _check_review(entry, by_position)
        for target in (entry.supersedes, entry.retracts):
            target_entry = None if target is None else by_position.get(target)
            if target is not None and (
                target_entry is None or target >= entry.position
            ):
                problem = f"entry {entry.position} has the target {target}"
                remedy = "a target stands earlier in the log"
                raise EntryError(entry, f"{problem}: {remedy}")
            if (
                target_entry
                and target == entry.supersedes
                and target_entry.retracts is not None
            ):
                problem = f"entry {entry.position} corrects entry {target}"
                raise EntryError(entry, f"{problem}, which claims nothing")
