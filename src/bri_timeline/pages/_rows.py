"""The rows of a picture: happenings, each with its other dates and its status."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from attrs import evolve, frozen

from bri_timeline import Event, Projection, Reason, Source, View
from bri_timeline._calendar import iso, to_day
from bri_timeline._queries import ClaimStatus
from bri_timeline.pages._marks import Span, in_force_events, lane_of, lasts, span
from bri_timeline.pages._markup import isolated
from bri_timeline.pages._state_values import Tell, told
from bri_timeline.pages._wording import Strings, date_words, describe_event
from bri_timeline.relations import (
    Cancelled,
    Held,
    Plan,
    Planned,
    Postponed,
    Relationship,
    Rescheduled,
    relationship,
)


__all__ = ["Row", "basis_words", "rows_of", "sentence", "summary"]

S = TypeVar("S")
# The values of a relationship that the sentence counts; its rows show the others.
_COUNTED = ("Visits", "Meetings", "Agreements")
_PLANS = (Planned, Rescheduled, Postponed, Cancelled, Held)


@frozen
class Row:
    """A happening as a picture shows it.

    Attributes:
        event: The claim that counts; or one that does not, if none counts.
        lane: The title of the rows that it stands among.
        status: Its status in the view.
        in_force: True if it still holds on the day of the view.
        part: True if it is part of a bundle that has a row above it.
        expected: The bounds of the date for which it is planned.
        ghosts: Claims of other dates about it, and what it was before a correction.
        notes: What to say about it beside its date, each safe to draw.
    """

    event: Event
    lane: str
    status: ClaimStatus
    in_force: bool = False
    part: bool = False
    expected: Span | None = None
    ghosts: tuple[Event, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """True unless it was withdrawn or replaced."""
        return self.status in (ClaimStatus.CERTAIN, ClaimStatus.UNDECIDED)

    @property
    def claims(self) -> tuple[Event, ...]:
        """All claims that the row shows."""
        return self.event, *self.ghosts

    @property
    def days(self) -> Iterator[float]:
        """The finite bounds of all dates that the row shows."""
        for claim in self.claims:
            yield from span(claim.when).days
        if self.expected is not None:
            yield from self.expected.days


def rows_of(
    view: View, projection: Projection[S] | None, by: str, words: Strings
) -> list[Row]:
    """Return the rows of a view: lane by lane, each by date, parts below their bundle.

    Args:
        view: The view.
        projection: Its state decides what is in force, if it is a `Relationship`.
        by: Lanes by `kind` or by `party`.
        words: The language of the notes.

    Raises:
        PictureError: *by* is not a kind of lane.
    """
    day = iso(view.day_number)
    state = None if projection is None else view.project(projection)
    holding = set[Event]()
    if isinstance(state, Relationship):
        holding = {*in_force_events(state, day)}
    plans = _plans(view)
    rows = {
        event.id: Row(
            event,
            lane_of(event, by),
            status,
            status is ClaimStatus.CERTAIN and (event in holding or lasts(event, view)),
            notes=(words("status.perhaps"),) * (status is ClaimStatus.UNDECIDED),
        )
        for status, events in (
            (ClaimStatus.CERTAIN, view.events),
            (ClaimStatus.UNDECIDED, view.undecided),
        )
        for event in events
    }
    for name in rows.keys() & plans.keys():
        rows[name] = _planned(rows[name], plans[name], day, words)
    alone = [*_with_asides(rows, view, by, words)]
    return _sorted([*rows.values(), *alone])


def _plans(view: View) -> Mapping[str, Plan]:
    """Return the plans of all parties: whether they were carried out, moved or not."""
    plans = [event for event in view.events if isinstance(event.what, Planned)]
    parties = sorted({party for event in plans for party in event.parties})
    if len(parties) < 2:
        return {}
    return view.project(evolve(relationship(*parties), reads=_PLANS)).plans


def _planned(row: Row, plan: Plan, day: str, words: Strings) -> Row:
    notes = (*row.notes, words(f"status.{plan.status_on(day).name.lower()}"))
    when = plan.expected_on(day)
    if when is None:
        return evolve(row, notes=notes)
    expected = words("status.expected", when=date_words(when, words))
    return evolve(row, notes=(*notes, expected), expected=span(when))


def _with_asides(
    rows: dict[str, Row], view: View, by: str, words: Strings
) -> Iterator[Row]:
    """Add claims that do not count to the rows of what does; yield rows of others."""
    others: dict[str, list[Event]] = {}
    for aside in view.set_aside:
        event, by_event = aside.event, aside.by.event
        if aside.reason is Reason.DISPUTED and event.id in rows:
            others.setdefault(event.id, []).append(event)
            row = rows[event.id]
            rows[event.id] = evolve(row, ghosts=(*row.ghosts, event))
        elif aside.reason is Reason.SUPERSEDED and by_event and by_event.id in rows:
            row = rows[by_event.id]
            was = isolated(describe_event(event))
            note = words(
                "status.corrected", what=was, when=date_words(event.when, words)
            )
            ghosts = (*row.ghosts, event)
            rows[by_event.id] = evolve(row, ghosts=ghosts, notes=(*row.notes, note))
        else:
            status = {
                Reason.RETRACTED: ClaimStatus.RETRACTED,
                Reason.SUPERSEDED: ClaimStatus.SUPERSEDED,
                Reason.DISPUTED: ClaimStatus.DISPUTED,
            }[aside.reason]
            notes = [words(f"status.{aside.reason.value}")]
            if aside.by.because:
                why = isolated(aside.by.because)
                notes.append(words("status.because", why=why))
            yield Row(event, lane_of(event, by), status, notes=tuple(notes))
    for name, claims in others.items():
        row = rows[name]
        dates = "; ".join(
            f"{date_words(claim.when, words)} ({_cited(claim, words)})"
            for claim in claims
        )
        note = f"{words('status.differ')}: {dates}"
        rows[name] = evolve(row, notes=(*row.notes, note))


def _cited(event: Event, words: Strings) -> str:
    sources = dict.fromkeys(citation.source for citation in event.cite)
    return ", ".join(_dated(source, words) for source in sources) or words(
        "status.no_source"
    )


def _dated(source: Source, words: Strings) -> str:
    title = isolated(source.container or source.title)
    if source.published is None:
        return title
    return f"{title}, {date_words(source.published, words)}"


def _sorted(rows: Iterable[Row]) -> list[Row]:
    ordered = sorted(rows, key=lambda row: row.event.when.sort_key())
    lanes = {lane: n for n, lane in enumerate(dict.fromkeys(r.lane for r in ordered))}
    ordered.sort(key=lambda row: lanes[row.lane])
    # Parts that count follow the bundle; of an unknown bundle they stay where they are.
    bundles = {row.event.id: row.lane for row in ordered if row.counts}
    parts: dict[str, list[Row]] = {}
    found = []
    for row in ordered:
        bundle = getattr(row.event.what, "part_of", None)
        known = isinstance(bundle, str) and bundles.get(bundle) == row.lane
        if isinstance(bundle, str) and known and row.counts:
            parts.setdefault(bundle, []).append(evolve(row, part=True))
        else:
            found.append(row)
    # What is part of a part, or of a circle, has no bundle among the rows: it stays.
    tops = {row.event.id for row in found if row.counts}
    lost = [row for name in parts.keys() - tops for row in parts[name]]
    result = []
    for row in found:
        result.append(row)
        result += parts.get(row.event.id, []) if row.counts else []
    return [*result, *sorted(lost, key=lambda row: row.event.when.sort_key())]


def summary(
    view: View,
    projection: Projection[S] | None,
    tell: Tell[S] | None,
    words: Strings,
) -> str:
    """Return a sentence about a view: its values, what differs, what may have happened.

    Args:
        view: The view.
        projection: The state whose values are told; without, the claims are counted.
        tell: Returns the values of the state by their labels.
        words: The language.
    """
    if projection is None:
        values = [words.count("claims", len(view.events))]
    else:
        values = [*_values(view.project(projection), tell, words)]
    what = words.listed(values) if values else words("sentence.nothing")
    clauses = [what]
    if view.disputes:
        clauses.append(words.count("differ", len(view.disputes)))
    if view.undecided:
        clauses.append(words.count("maybe", len(view.undecided)))
    return sentence(view, words("sentence.clause").join(clauses), words)


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


def basis_words(view: View, words: Strings) -> str:
    """Return the day of knowledge of a view in words; a position as it is."""
    # A position in the log is not a day.
    is_day = view.basis[:1].isdigit()
    return words.day(to_day(view.basis)) if is_day else view.basis


def _values(state: S, tell: Tell[S] | None, words: Strings) -> Iterator[str]:
    """Yield the values of a state in words, without those that are zero."""
    is_pair = tell is None and isinstance(state, Relationship)
    found = {value.label: value for value in told(state, tell)}
    if not is_pair:
        for label, value in found.items():
            name, text = isolated(label), isolated(value.text)
            yield words("sentence.value", label=name, value=text) if label else text
        return
    for label in _COUNTED:
        number = found[label].value
        if isinstance(number, int) and number:
            what = words.count(label.lower(), number)
            worth = found["Agreed value"] if label == "Agreements" else None
            if worth is not None and worth.amounts:
                what = words("sentence.worth", what=what, value=worth.text)
            yield what
