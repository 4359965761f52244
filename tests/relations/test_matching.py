"""Events of two logs are matched as comparing each with each would match them."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from datetime import date, timedelta
from math import inf
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Answer, Edtf, Event, EventLog, Source
from bri_timeline.edtf import Interval, near
from bri_timeline.errors import EventError, QuestionError
from bri_timeline.relations import Match, Met, Visited, match


@frozen
class Told:
    """A claim of the tests."""

    parties: frozenset[str]
    number: int


PARTIES = [frozenset({"AZE", "CHN"}), frozenset({"CHN", "KAZ"})]
TEXTS = [
    "/2019-04-25",
    "2019-04-24", "2019-04-25", "2019-04-27", "2019-05-01", "2019-04", "2019-05?",
    "[2019-04-22,2019-04-29]", "[..2019-04-20]", "2019-04-2X", "201X-04-25",
    "2019-04-20/2019-04-22", "2019-04-28/..", "../2019-04-21", "2019-04-26/", "2018",
]  # fmt: skip
TODAY = "2019-05-02"
CLAIMS = st.lists(
    st.tuples(st.sampled_from(PARTIES), st.sampled_from(TEXTS)), max_size=7
)
Claims = list[tuple[frozenset[str], str]]


def events_of(claims: Claims, start: int = 0) -> list[Event]:
    return [
        Event(Told(parties, n), when=text)
        for n, (parties, text) in enumerate(claims, start)
    ]


def near_beginnings(one: Edtf, two: Edtf, days: int) -> Answer:
    """Compare the beginnings of two dates; an open start is before all days.

    So may be one without a first day.
    """
    begun, other = one.start, two.start
    if begun is not None and other is not None:
        return begun.near(other, days)
    if begun is None and other is None:
        return Answer.YES
    unknown = one if begun is not None else two
    return Answer.MAYBE if unknown.earliest_start == -inf else Answer.NO


def by_hand(
    one: Sequence[Event], two: Sequence[Event], days: int, *, extents: bool
) -> list[Match]:
    """Compare each with each."""
    found = []
    for a in one:
        for b in two:
            answer = (
                a.when.near(b.when, days, today=TODAY)
                if extents
                else near_beginnings(a.when, b.when, days)
            )
            if a.parties == b.parties and answer is not Answer.NO:
                found.append(Match(a, b, answer))
    return found


@given(ours=CLAIMS, theirs=CLAIMS, days=st.integers(0, 5), extents=st.booleans())
def test_two_logs_are_matched_as_by_hand(
    ours: Claims, theirs: Claims, days: int, extents: bool
) -> None:
    """The pairs are those of a comparison of each with each, and the rest is alone."""
    one, two = events_of(ours), events_of(theirs, 100)
    expected = by_hand(one, two, days, extents=extents)
    found = match(one, two, days=days, extents=extents, today=TODAY)

    assert tuple(expected) == found.pairs
    assert [e for e in one if e not in [m.one for m in expected]] == [*found.only_one]
    assert [e for e in two if e not in [m.other for m in expected]] == [
        *found.only_other
    ]


@given(claims=CLAIMS, days=st.integers(0, 5), extents=st.booleans())
def test_one_log_is_matched_with_itself(
    claims: Claims, days: int, extents: bool
) -> None:
    """Each pair of different ids is there once."""
    some = events_of(claims)
    expected = [
        pair
        for pair in by_hand(some, some, days, extents=extents)
        if some.index(pair.one) < some.index(pair.other)
    ]
    found = match(some, days=days, extents=extents, today=TODAY)

    assert tuple(expected) == found.pairs
    paired = [e for pair in expected for e in (pair.one, pair.other)]
    assert [e for e in some if e not in paired] == [*found.only_one]
    assert () == found.only_other


def test_memberships_that_overlap_are_no_match_unless_extents_are_compared() -> None:
    """Joined in 2013 and joined in 2023 are two happenings, though both hold today."""
    ours, theirs = (
        Event(Met({"AZE"}), when=when) for when in ("2013/..", "2023-10/..")
    )

    assert () == match([ours], [theirs], days=180).pairs
    found = match([ours], [theirs], days=180, extents=True, today="2024-01-01").pairs
    assert [Answer.YES] == [pair.answer for pair in found]


def test_one_id_is_one_happening_whatever_the_day() -> None:
    """What both logs call by one name is a pair, also where days and kinds differ."""
    ours = Event(Met({"AZE", "CHN"}), when="2019-04-24", id="talks")
    theirs = Event(Told(PARTIES[1], 0), when="2018", id="talks")
    found = match([ours], [theirs])

    assert (Match(ours, theirs, Answer.YES),) == found.pairs
    assert () == match([ours, theirs]).pairs


def test_a_guest_is_not_a_host() -> None:
    """A visit and its return are not one happening, unless *same* says so."""
    there = Event(Visited("CHN", "KAZ"), when="2019-04-24")
    back = Event(Visited("KAZ", "CHN"), when="2019-04-25")

    assert () == match([there], [back]).pairs
    assert 1 == len(match([there], [back], same=lambda event: event.parties).pairs)


def test_logs_and_views_are_matched_by_what_counts() -> None:
    """What was withdrawn is not compared; what is undecided is."""
    log = EventLog.of(*events_of([(PARTIES[0], "2019-04"), (PARTIES[1], "2019-04-24")]))
    shorter = log.retract(log[1], because="a misprint")
    found = match(log, shorter.as_of("2019-04-15"))

    assert [log[0].claim] == [pair.one for pair in found.pairs]
    assert (log[1].claim,) == found.only_one
    assert Answer.YES is found.pairs[0].answer


@pytest.mark.parametrize("events", ["x", [Source("x")], 3])
def test_what_is_not_events_is_refused(events: Any) -> None:
    """On either side."""
    for pair in ((events, []), ([], events)):
        with pytest.raises(EventError, match=r"is not an event: give events, such as"):
            match(*pair)


def test_negative_days_are_refused() -> None:
    """The error says what to give."""
    with pytest.raises(QuestionError, match="0 days or more"):
        match([], days=-1)


def test_matching_asks_as_often_as_there_are_pairs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Four times as many events are compared four times as often, a long one beside."""
    asked = 0

    def counted(one: Interval, two: Interval, days: int) -> Answer:
        nonlocal asked
        asked += 1
        return near(one, two, days)

    monkeypatch.setattr("bri_timeline.relations._matching.near", counted)

    def comparisons(size: int) -> int:
        nonlocal asked
        asked = 0
        whens = [str(date(1990, 1, 1) + timedelta(5 * n)) for n in range(size)]
        some = events_of([(PARTIES[0], text) for text in [*whens, "1990/2100"]])
        others = events_of([(PARTIES[0], text) for text in whens], size + 1)
        assert 2 * size == len([*match(some, others, extents=True).pairs])
        return asked

    assert comparisons(400) <= 4.1 * comparisons(100)


def test_pairs_are_made_when_they_are_asked_for() -> None:
    """They are counted, sliced, compared, hashed and pickled as a tuple is."""
    some = events_of([(PARTIES[0], "2019")] * 100)
    found = match(some)
    pairs = tuple(found.pairs)

    assert 4950 == len(found.pairs) == len(pairs)
    assert pairs == found.pairs != pairs[1:]
    assert hash(pairs) == hash(found.pairs)
    assert found == pickle.loads(pickle.dumps(found))
    assert found.pairs != [*pairs]
    for index in (0, 1, -1, 98, 99, 3000):
        assert pairs[index] == found.pairs[index]
    for part in (slice(97, 102), slice(None, None, -1000), slice(5, 2)):
        assert pairs[part] == found.pairs[part]
    with pytest.raises(IndexError):
        _ = found.pairs[4950]
    assert repr(found.pairs).endswith(", and 4,947 more>")
    assert f"<{pairs[0]!r}>" == repr(match(some[:2]).pairs)
    assert "<>" == repr(match(some[:1]).pairs)


@given(ours=CLAIMS, theirs=CLAIMS, names=st.lists(st.sampled_from("abc"), max_size=7))
def test_as_many_pairs_are_counted_as_are_made(
    ours: Claims, theirs: Claims, names: list[str]
) -> None:
    """Also where several events of a side have one id."""
    one, two = events_of(ours), events_of(theirs, 100)
    one = [*one, *(evolve(e, id=name) for e, name in zip(one, names, strict=False))]
    two = [*two, *(evolve(e, id=name) for e, name in zip(two, names, strict=False))]
    for found in (match(one), match(one, two)):
        paired = {id(event) for pair in found.pairs for event in (pair.one, pair.other)}

        assert len([*found.pairs]) == len(found.pairs)
        assert [e for e in one if id(e) not in paired] == [*found.only_one]
