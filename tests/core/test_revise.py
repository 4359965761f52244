"""Releases of a dataset: what they change, in whichever order they come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import pytest
from attrs import frozen
from deals import LATER, PAPER, TABLE, Deal, contents, deal
from effort import Work
from erasing import erase
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import (
    Amendment,
    Covers,
    Entry,
    Event,
    EventLog,
    Release,
    Revision,
    Source,
    compare,
)
from bri_timeline.errors import (
    DayError,
    EntryError,
    EventError,
    FaultsError,
    SelectionError,
)


@frozen
class Visit:
    """Another kind of row."""

    guest: str


FIRST = date(2019, 1, 1)


def revised(log: EventLog, rows: Iterable[Event], published: str) -> EventLog:
    given = [*rows]
    covers = None if given else Covers()
    return log.revise(given, dataset="deals", published=published, covers=covers)[0]


class Download(NamedTuple):
    """A release, as the tests draw it."""

    published: str
    rows: tuple[Event, ...]
    covers: Covers
    unread: tuple[str, ...] = ()

    @property
    def given(self) -> dict[str, Any]:
        """What `revise()` is told beside the rows."""
        named = ("published", "covers", "unread")
        return {"dataset": "deals"} | {name: getattr(self, name) for name in named}


_DATES = ("2017-05-01", "2017-12/2018-01", "2018", "2018")
_COVERS = (
    Covers(),
    Covers(),
    Covers(days="2018"),
    Covers(Visit, days="2018"),
    Covers("Deal", parties="UZB"),
    Covers(any_of=("UZB", "TJK")),
)
_UNREAD = (), (), ("a",), ("b", "a"), ("c",)


def rows() -> st.SearchStrategy[Event]:
    """Rows that often have the same id, and are often the same but for the source."""
    what = st.builds(
        lambda country, value: Deal(country, value, frozenset({country})),
        st.sampled_from(["KAZ", "KAZ", "UZB"]),
        st.integers(1, 2),
    ) | st.just(Visit("KAZ"))
    cite = st.sampled_from([TABLE, PAPER, ()])
    names = st.sampled_from(["a", "a", "b", None, None])
    row = st.builds(Event, what, when=st.sampled_from(_DATES), cite=cite, id=names)
    # The id that a row without one has: both are about one happening. No other row says
    # what it says then, with which it would be one happening too.
    first, other = deal(None), deal(None, 3)
    same = st.sampled_from([first.what, other.what])
    named = st.builds(
        Event, same, when=st.just("2018"), cite=cite, id=st.just(first.id)
    )
    return st.one_of(row, row, row, row, named)


@st.composite
def downloads(draw: st.DrawFn, covers: Sequence[Covers] = _COVERS) -> list[Download]:
    """Releases of different days, in order; no id twice with different content."""
    found = []
    for number in range(draw(st.integers(1, 4))):
        several = draw(st.lists(rows(), max_size=5))
        unique = {row.id: row for row in several}
        again = [row for row in several if _content(unique[row.id]) == _content(row)]
        day = FIRST + timedelta(days=10 * number)
        scope, unread = draw(st.sampled_from(covers)), draw(st.sampled_from(_UNREAD))
        found.append(Download(day.isoformat(), tuple(again), scope, unread))
    return found


def _content(event: Event) -> object:
    return event.id, event.what, event.when


def imported(some: Iterable[Download], log: EventLog | None = None) -> EventLog:
    found = EventLog() if log is None else log
    for one in some:
        found, _ = found.revise(one.rows, **one.given)
    return found


def days(some: Sequence[Download]) -> list[str]:
    """A day before the first release, and the days of all of them and thereafter."""
    several = [one.published for one in some]
    around = [
        date.fromisoformat(day) + timedelta(days=n) for day in several for n in (0, 5)
    ]
    return ["2018-12-31", *(day.isoformat() for day in around)]


def known(log: EventLog, day: str) -> object:
    """Everything that a log says as known on a day, but for citations."""
    view = log.as_of(LATER, known_by=day)
    disputes = {
        (_content(one.taken), frozenset(map(_content, one.others)))
        for one in view.disputes
    }
    return view.project(contents), disputes


def expected(some: Iterable[Download], day: str) -> frozenset[object]:
    """The rows that count on a day, by the definition of a release."""
    state: dict[str, Event] = {}
    for one in some:
        if one.published <= day:
            new = {row.id: row for row in one.rows}
            kept = {
                name: row
                for name, row in state.items()
                if name in one.unread or not one.covers.includes(row)
            }
            state = kept | new
    return frozenset(map(_content, state.values()))


@given(downloads())
def test_each_release_can_be_asked_for_by_its_day(some: list[Download]) -> None:
    """Each release can be asked for by its day."""
    log = imported(some)
    for day in days(some):
        assert known(log, day) == (expected(some, day), set())


@given(downloads(), st.data())
def test_releases_in_any_order_give_what_the_right_order_gives(
    some: list[Download], data: st.DataObject
) -> None:
    """Releases in any order give what the right order gives."""
    others = data.draw(st.lists(rows(), max_size=4))
    base = EventLog()
    for number, event in enumerate(others):
        day = FIRST + timedelta(days=7 * number + 1)
        if event not in others[:number]:
            base = base.append(event, known=day)
    right, mixed = (
        imported(some, base),
        imported(data.draw(st.permutations(some)), base),
    )
    for day in days(some):
        assert known(mixed, day) == known(right, day)
    last = len(mixed) - 1
    assert known(mixed, LATER) == known(right, LATER)
    assert mixed.as_of(LATER, known_by=last).project(contents) == right.as_of(
        LATER
    ).project(contents)


@given(downloads(), st.data())
def test_a_release_that_is_imported_again_adds_nothing(
    some: list[Download], data: st.DataObject
) -> None:
    """A release that is imported again adds nothing."""
    log = imported(data.draw(st.permutations(some)))
    one = data.draw(st.sampled_from(some))
    again, revision = log.revise(data.draw(st.permutations(one.rows)), **one.given)
    assert again is log
    assert not revision


@given(downloads(), st.data())
def test_a_log_that_was_read_before_says_what_one_read_anew_says(
    some: list[Download], data: st.DataObject
) -> None:
    """Whichever entries came at once since it was read: a law of its memory."""
    *first, last = data.draw(st.permutations(some))
    entries, twice, log = [*imported(first)], [deal("a", 1), deal("a", 2)], EventLog()
    while len(log) < len(entries):
        with pytest.raises(FaultsError):  # all is read, and nothing is added
            log.revise(twice, dataset="deals", published=LATER)
        rest = len(entries) - len(log)
        size = data.draw(st.just(rest) | st.integers(1, rest))
        log = log._recorded(*entries[len(log) :][:size])
    anew = EventLog(log)
    if first:
        assert log.revisions() == anew.revisions()
    found, expected = (one.revise(last.rows, **last.given) for one in (log, anew))

    assert found == expected
    assert found[0].revisions() == expected[0].revisions()


def test_releases_are_read_anew_with_what_voids_them() -> None:
    """Releases came at once with the older one after which they were applied again."""
    log, twice = EventLog(), [deal("a", 1), deal("a", 2)]
    with pytest.raises(FaultsError):
        log.revise(twice, dataset="deals", published="2019-03-01")
    other = revised(EventLog(), [deal("a"), deal("b")], "2019-02-01")
    log += revised(other, [deal("a", 2)], "2019-01-01")

    assert [(1, 0), (2, 1)] == [(one.rows, one.changed) for one in log.revisions()]


@given(downloads(), st.data())
def test_the_order_of_rows_makes_no_difference(
    some: list[Download], data: st.DataObject
) -> None:
    """The order of rows makes no difference."""
    shuffled = [
        one._replace(rows=tuple(data.draw(st.permutations(one.rows)))) for one in some
    ]
    one, other = imported(some), imported(shuffled)
    for day in days(some):
        assert known(one, day) == known(other, day)


@given(downloads(), st.data())
def test_what_a_release_does_not_cover_it_cannot_withdraw(
    some: list[Download], data: st.DataObject
) -> None:
    """What a release does not cover it cannot withdraw."""
    log = imported(some)
    scope = data.draw(st.sampled_from(_COVERS))
    after, revision = log.revise((), dataset="deals", published=LATER, covers=scope)
    left = set(log.as_of(LATER).project(contents)) - {
        _content(row) for row in revision.withdrawn
    }
    assert all(scope.includes(row) for row in revision.withdrawn)
    assert after.as_of(LATER).project(contents) == left


@given(downloads())
def test_a_revision_leads_from_the_rows_before_to_the_rows_of_the_release(
    some: list[Download],
) -> None:
    """A revision leads from the rows before to the rows of the release."""
    log = EventLog()
    for one in some:
        before = log.as_of(LATER).project(contents)
        log, found = log.revise(one.rows, **one.given)
        gone = {*found.withdrawn, *(amendment.before for amendment in found.changed)}
        new = {*found.added, *(amendment.after for amendment in found.changed)}
        assert log.as_of(LATER).project(contents) == before - {*map(_content, gone)} | {
            *map(_content, new)
        }
        rows = found.equal + len(found.recited) + len(new) + found.repeated
        assert rows == len(one.rows)
        assert all(amendment.fields for amendment in found.changed)


def test_nothing_is_withdrawn_that_may_be_a_row_without_an_id() -> None:
    """Not at once, and not if an older release comes later; but if that is meant."""
    both = [deal("a"), deal("b")]
    older = {"dataset": "deals", "published": "2019-01-01"}
    newer = {"dataset": "deals", "published": "2020-01-01", "unread": [None]}
    first, _ = EventLog().revise(both, **older)
    last, _ = EventLog().revise(both[:1], **newer)
    for log, rows, said in ((first, both[:1], newer), (last, both, older)):
        with pytest.raises(SelectionError, match="no id could be read, and it lacks 1"):
            log.revise(rows, **said)
    meant, revision = first.revise(both[:1], covers=Covers(), **newer)

    assert (deal("b"),) == revision.withdrawn
    assert 1 == len(meant.as_of(LATER).events)
    assert 2 == len(first.revise(both, **newer)[0].as_of(LATER).events)


def test_a_changed_row_supersedes_the_version_that_counts() -> None:
    """A changed row supersedes the version that counts."""
    log = EventLog()
    for value, year in ((1, 2019), (2, 2020), (3, 2021)):
        log = revised(log, [deal("a", value)], f"{year}-01-01")
    assert [entry.supersedes for entry in log] == [None, None, None, 1, None, 3]
    assert {entry.dataset for entry in log} == {"deals"}


def test_the_entry_of_a_release_has_its_dataset_its_day_and_what_it_covers() -> None:
    """The entry of a release has its dataset its day and what it covers."""
    scope = Covers(Deal, days="2018")
    log, revision = EventLog().revise(
        (), dataset="deals", published="2019-01-01", covers=scope, because="empty"
    )
    (entry,) = log
    assert (entry.dataset, str(entry.known)) == ("deals", "2019-01-01")
    assert (entry.release, entry.because) == (Release(scope), "empty")
    assert (entry.event, revision) == (None, Revision())


def test_a_missing_row_is_withdrawn_by_retracting_its_original() -> None:
    """A missing row is withdrawn by retracting its original."""
    log = revised(EventLog(), [deal("a", 1)], "2019-01-01")
    log = revised(log, [deal("a", 2)], "2020-01-01")
    log = revised(log, [], "2021-01-01")
    assert log[-1].retracts == 1
    assert log[-1].because == "not in the release of 2021-01-01"
    assert log.as_of(LATER).events == ()
    assert len(log.as_of(LATER, known_by="2020-12-31").events) == 1


def test_another_citation_of_an_equal_row_adds_nothing_and_is_listed_apart() -> None:
    """Another citation of an equal row adds nothing and is listed apart."""
    log = revised(EventLog(), [deal("a"), deal("b")], "2019-01-01")
    after, revision = log.revise(
        [deal("a", cite=PAPER), deal("b")], dataset="deals", published="2020-01-01"
    )
    assert len(after) == len(log) + 1
    assert [row.cite[0].source for row in revision.recited] == [PAPER]
    assert (revision.equal, revision.changed) == (1, ())


def test_what_others_say_about_a_row_is_a_dispute_and_stays() -> None:
    """What others say about a row is a dispute and stays."""
    log = EventLog.of(deal("a", 5, cite=PAPER))
    log = revised(log, [deal("a", 1)], "2019-01-01")
    log, _ = log.revise([deal("a", 7)], dataset="rival", published="2019-02-01")
    log = revised(log, [], "2020-01-01")
    (dispute,) = log.as_of(LATER).disputes
    values = sorted(claim.what.value for claim in dispute.claims)
    assert values == [5, 7]


def test_equal_rows_of_two_datasets_are_two_witnesses() -> None:
    """Equal rows of two datasets are two witnesses."""
    log = revised(EventLog(), [deal("a")], "2019-01-01")
    log, _ = log.revise(
        [deal("a", cite=PAPER)], dataset="other", published="2019-01-01"
    )
    log = revised(log.append(deal("a")), [], "2020-01-01")
    (event,) = log.as_of(LATER).events
    assert [citation.source for citation in event.cite] == [PAPER, TABLE]


def test_another_release_of_one_day_is_refused() -> None:
    """Which of two releases of one day came first, only their instants say."""
    log = revised(EventLog(), [deal("a", 1)], "2019-01-01")
    assert revised(log, [deal("a", 1)], "2019-01-01") is log
    noon = datetime(2019, 1, 1, 12, tzinfo=UTC)
    for when in ("2019-01-01", noon):
        with pytest.raises(DayError, match="another release of 'deals'"):
            log.revise([deal("a", 2)], dataset="deals", published=when)
    with pytest.raises(DayError, match="has no time zone"):
        log.revise([], dataset="deals", published=noon.replace(tzinfo=None))


def test_words_put_right_by_hand_stay_so_in_later_releases() -> None:
    """A release that repeats them, drops the row or changes it: the last overtakes."""
    log = revised(EventLog(), [deal("a", 500)], "2019-01-01")
    log = log.append(deal("a", 510), supersedes=1, known="2019-01-15")
    for published, values, expected, overtaken in (
        ("2019-02-01", [], [510], []),
        ("2019-03-01", [500], [510], []),
        ("2019-04-01", [600], [600], [600]),
        ("2019-05-01", [510], [510], []),
        ("2019-06-01", [500], [510], []),
    ):
        log, revision = log.revise(
            [deal("a", value) for value in values],
            dataset="deals",
            published=published,
            covers=Covers(),
        )
        counting = [event.what.value for event in log.as_of(LATER).events]
        assert counting == expected, published
        assert [row.what.value for row in revision.overtaken] == overtaken, published
        assert ("overtake a correction by hand" in str(revision)) is bool(overtaken)


def test_a_dataset_that_changes_its_mind_says_nothing_about_another() -> None:
    """Only a person puts right what others say."""
    log = revised(revised(EventLog(), [deal("a", 2)], "2019-01-01"), [], "2019-01-02")
    log = revised(log, [deal("a", 2)], "2019-01-03")
    log = revised(log, [deal("a", 3)], "2019-01-04")
    log, _ = log.revise([deal("a", 2)], dataset="other", published="2019-01-05")
    (event,) = log.as_of(LATER).events
    assert event.what.value == 2


def test_of_datasets_of_one_day_the_name_decides() -> None:
    """Not the order in which they were imported."""
    found = set()
    for names in (("first", "second"), ("second", "first")):
        log = EventLog()
        for name in names:
            rows = [deal("a", len(name))]
            log, _ = log.revise(rows, dataset=name, published="2019-01-01")
        (event,) = log.as_of(LATER).events
        found.add(event.what.value)
    assert found == {len("second")}


def test_what_was_written_by_hand_survives_an_older_release_that_comes_later() -> None:
    """What was written by hand survives an older release that comes later."""
    log = revised(EventLog(), [deal("a", 1), deal("b", 1), deal("c", 1)], "2019-01-01")
    log = log.append(deal("a", 9), supersedes=log[1], known="2019-06-01")
    log = log.retract(log[2], because="made up", known="2019-06-01")
    log = log.append(deal("a", 8), supersedes=log[4], known="2019-07-01")
    before = log.as_of(LATER).project(contents)
    late = revised(log, [deal("a", 1)], "2018-01-01")
    assert late.as_of(LATER).project(contents) == before
    june = late.as_of(LATER, known_by="2019-06-01").project(contents)
    assert june == log.as_of(LATER, known_by="2019-06-01").project(contents)
    assert len(late.as_of(LATER, known_by="2018-06-01").events) == 1


@pytest.mark.parametrize(
    "first",
    [
        [("2019-01-01", [deal("a", 1)])],
        [("2019-01-01", [deal("a", 2)]), ("2020-01-01", [])],
        [("2019-01-01", [deal("a", 1)]), ("2020-01-01", [deal("a", 3)])],
    ],
    ids=["began otherwise", "gone between", "other versions"],
)
def test_a_row_that_was_withdrawn_by_hand_stays_so(
    first: list[tuple[str, list[Event]]],
) -> None:
    """Whatever an older release that comes later says of it; and until restored."""
    log = revised(EventLog(), [deal("a", 2), deal("b")], "2021-01-01")
    log = log.retract(1, because="an invention", known="2022-01-01")
    for published, rows in first:
        log = revised(log, [*rows, deal("b")], published)

    assert known(log, LATER) == known(revised(EventLog(), [deal("b")], LATER), LATER)
    assert deal("a", 2).what in {what for _, what, _ in known(log, "2021-06-01")[0]}
    by_hand = [e.position for e in log if e.because == "an invention"]
    for position in by_hand:
        log = log.retract(position, because="it was true")
    assert deal("a", 2).what in {what for _, what, _ in known(log, LATER)[0]}


def test_what_an_older_release_replaces_counts_as_withdrawn_all_along() -> None:
    """What an older release replaces counts as withdrawn all along."""
    log = revised(EventLog(), [deal("a")], "2019-01-01")
    late = revised(log, [deal("a")], "2018-01-01")
    by = [entry for entry in late if entry.retracts is not None]
    assert [(entry.retracts, entry.known) for entry in by] == [(0, None), (1, None)]
    view = late.as_of(LATER, known_by="2019-06-01")
    assert [aside.entry.position for aside in view.set_aside] == [1]


def test_rows_of_one_id_that_differ_within_a_release_are_all_named() -> None:
    """Rows of one id that differ within a release are all named."""
    some = [deal("a", 1), deal("b", 1), deal("a", 2), deal("b", 1, when="2017")]
    with pytest.raises(FaultsError) as raised:
        revised(EventLog(), some, "2019-01-01")
    assert [
        (fault.place, fault.problem.split(":")[0]) for fault in raised.value.faults
    ] == [
        ("id 'a'", "stands there twice, and differs by value"),
        ("id 'b'", "stands there twice, and differs by when"),
    ]
    assert "the release of 'deals' of 2019-01-01" in str(raised.value)


def test_the_first_thousand_faults_of_a_release_are_named() -> None:
    """A release that is faulty throughout names a thousand of its faults."""
    some = [deal(f"id {n}", value) for n in range(1_001) for value in (1, 2)]
    with pytest.raises(FaultsError) as raised:
        compare((), some)
    assert len(raised.value.faults) == 1_000


def test_equal_rows_of_a_release_are_one_row_with_all_citations() -> None:
    """Equal rows of a release are one row with all citations."""
    some = [deal("a"), deal("a", cite=PAPER), deal(None), deal(None)]
    log, revision = EventLog().revise(some, dataset="deals", published="2019-01-01")
    assert (len(revision.added), revision.repeated, len(log)) == (2, 2, 3)
    assert len(log[1].claim.cite) == 2
    assert "2 repeat what another says" in str(revision)


def test_a_release_may_be_a_log_of_which_what_counts_is_taken() -> None:
    """A release may be a log of which what counts is taken."""
    release = EventLog.of(deal("a", 1), deal("b", 1))
    release = release.append(deal("a", 2), supersedes=0).retract(1, because="wrong")
    log = revised(EventLog(), release, "2019-01-01")
    assert [entry.claim.what.value for entry in log[1:]] == [2]
    assert revised(EventLog(), EventLog.of(deal("a", 2)), "2019-01-01") == log


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"published": "2019-01"}, DayError, "say which"),
        ({"dataset": ""}, SelectionError, "'' is not the name of a dataset"),
        ({"dataset": None}, SelectionError, "None is not the name of a dataset"),
        ({"covers": "2018"}, SelectionError, "write covers=Covers"),
        ({"release": deal("a")}, EventError, "is not a release"),
        ({"release": [deal("a"), "b"]}, EventError, "'b' is not an event"),
        ({"release": 1}, EventError, "1 is not a release"),
    ],
)
def test_arguments_that_are_no_release_are_refused(
    arguments: dict[str, object], error: type[Exception], words: str
) -> None:
    """Arguments that are no release are refused."""
    given_ = {"release": (), "dataset": "deals", "published": "2019-01-01"} | arguments
    with pytest.raises(error, match=words):
        EventLog().revise(**given_)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"kinds": 1}, SelectionError, "1 is not a payload class"),
        ({"kinds": [2]}, SelectionError, "2 is not a payload class"),
        ({"parties": 1}, SelectionError, "1 is not an actor id"),
        ({"any_of": [2]}, SelectionError, "2 is not an actor id"),
        ({"days": 2018}, DayError, "not a period"),
        ({"days": "2018~"}, DayError, "qualifier"),
    ],
)
def test_what_no_release_can_cover_is_refused(
    arguments: dict[str, object], error: type[Exception], words: str
) -> None:
    """What no release can cover is refused."""
    with pytest.raises(error, match=words):
        Covers(**arguments)


def test_a_partial_log_cannot_be_revised() -> None:
    """A partial log cannot be revised."""
    log = EventLog.of(deal("a"), deal("b"))
    part = EventLog.partial([log[0]], 2)
    with pytest.raises(EntryError, match="revise the whole log"):
        revised(part, [], "2019-01-01")


def test_a_release_cannot_be_retracted_or_corrected_by_hand() -> None:
    """A release cannot be retracted or corrected by hand."""
    log = revised(EventLog(), [deal("a")], "2019-01-01")
    with pytest.raises(EntryError, match="records a release"):
        log.retract(0, because="bad")
    with pytest.raises(EntryError, match="claims nothing"):
        log.append(deal("a"), supersedes=0)


def test_logs_with_releases_of_one_dataset_are_not_added() -> None:
    """Logs with releases of one dataset are not added."""
    one = revised(EventLog(), [deal("a")], "2019-01-01")
    other = revised(EventLog(), [deal("a")], "2020-01-01")
    assert EventLog.of(deal("z")) + one == revised(
        EventLog.of(deal("z")), [deal("a")], "2019-01-01"
    )
    assert one + one == one
    with pytest.raises(EntryError, match="do not add up"):
        one + other


def test_what_a_log_has_withdrawn_does_not_come_back_with_an_older_copy() -> None:
    """Neither the rows of a release that both have, nor a claim of one's own."""
    copy = revised(EventLog.of(deal("z")), [deal("a"), deal("b")], "2019-01-01")
    log = revised(copy, [deal("b")], "2020-01-01").retract(0, because="an invention")

    assert log == log + copy
    again = EventLog.of(deal("z", cite=PAPER))
    assert 2 == len((log + again).as_of(LATER).events)


def test_a_claim_that_equals_what_was_withdrawn_otherwise_is_added() -> None:
    """A row that a release dropped, and a correction, are no claims of one's own."""
    day = "2019-01-01"
    dropped = revised(revised(EventLog(), [deal("a")], day), [deal("b")], "2020-01-01")
    corrected = EventLog.of(deal("z")).append(deal("a"), supersedes=0, known=day)
    corrected = corrected.retract(1, because="no")
    claimed = EventLog().append(deal("a"), known=day)
    for log in (dropped, corrected):
        assert len(log) < len(log + claimed)
        assert deal("a").what in {e.what for e in (log + claimed).as_of(LATER).events}


def test_logs_that_share_entries_see_their_own_releases_only() -> None:
    """Logs that share entries see their own releases only."""
    base = revised(EventLog(), [deal("a", 1)], "2019-01-01")
    one = revised(base, [deal("a", 2)], "2020-01-01")
    other = revised(base, [deal("a", 3)], "2020-01-01")
    assert revised(base, [deal("a", 1)], "2019-01-01") is base
    assert [log.as_of(LATER).events[0].what.value for log in (base, one, other)] == [
        1,
        2,
        3,
    ]


def test_rows_of_a_release_are_read_as_bounded_by_reports_like_others() -> None:
    """Rows of a release are read as bounded by reports like others."""
    report = Source("Report", published="2018-06-30")
    log = revised(EventLog(), [deal("a", cite=report), deal("b")], "2019-01-01")
    log = log.append(deal("c")).reading(bounded_by_reports=True)
    view = log.as_of("2018-06-30")
    assert [event.id for event in view.events] == ["a"]
    assert log[1].dataset == "deals"


def test_a_release_shows_what_it_covers() -> None:
    """The text of a release has its conditions, and nothing for all of a dataset."""
    assert repr(Release()) == "Release()"
    assert repr(Release(Covers(days="2018"))) == "Release(Covers(days=Edtf('2018')))"


def test_compare_lists_changes_field_by_field() -> None:
    """Compare lists changes field by field."""
    old = [deal("a", 1), deal("b", 1, when="2017"), deal("c"), deal(None)]
    new = [deal("a", 2, country="UZB"), deal("b", 1), deal("d"), deal(None)]
    found = compare(old, EventLog.of(*new))
    assert [amendment.fields for amendment in found.changed] == [
        {
            "country": ("KAZ", "UZB"),
            "value": (1, 2),
            "parties": (frozenset({"KAZ"}), frozenset({"UZB"})),
        },
        {"when": (deal("b", when="2017").when, deal("b").when)},
    ]
    assert [row.id for row in (*found.added, *found.withdrawn)] == ["d", "c"]
    assert str(found) == (
        "1 row added, 1 withdrawn, 2 changed (country 1, value 1, parties 1, when 1),"
        " 1 as before"
    )
    assert found
    assert not compare(old, old)


def test_an_amendment_names_the_kind_if_that_changed() -> None:
    """An amendment names the kind if that changed."""
    one = Event(Visit("KAZ"), when="2018", id="a")
    fields = Amendment(one, deal("a")).fields
    assert fields == {"kind": ("Visit", "Deal")}
    texts = [Event(text, when="2018", id="a") for text in ("x", "y")]
    assert Amendment(*texts).fields == {"what": ("x", "y")}
    assert Amendment(texts[0], texts[0]).fields == {}


def test_a_revision_is_plain_data() -> None:
    """A revision is plain data."""
    found = compare([deal("a", 1)], [deal("a", 2)])
    assert found.as_dict()["changed"] == [
        {
            "id": "a",
            "fields": {"value": {"before": 1, "after": 2}},
            "before": deal("a", 1).as_dict(),
            "after": deal("a", 2).as_dict(),
        }
    ]
    log, _ = EventLog().revise(
        (), dataset="deals", published="2019-01-01", covers=Covers(Deal, days="2018")
    )
    assert log[0].as_dict()["release"] == {
        "covers": {"kinds": ["Deal"], "parties": [], "any_of": [], "days": "2018"},
        "repeats": [],
        "instant": None,
        "unread": [],
    }


def test_a_change_of_citation_alone_is_no_difference_of_views() -> None:
    """A change of citation alone is no difference of views."""
    one = EventLog.of(deal(None), deal("a"), deal("b", 1))
    other = EventLog.of(deal(None, cite=PAPER), deal("a", cite=PAPER), deal("b", 2))
    found = one.as_of(LATER).diff(other.as_of(LATER), contents)
    assert [change.after.id for change in found.changes if change.after] == ["b"]


def test_a_log_is_made_of_entries_of_several_datasets() -> None:
    """Entries of a dataset, of another and of none keep what they belong to."""
    log, _ = EventLog().revise(
        [deal("a"), deal("b")], dataset="first", published="2019-01-01"
    )
    log = log.append(deal("own"))
    again = EventLog(list(log))

    assert again == log
    assert ["first", "first", "first", None] == [entry.dataset for entry in again]


def test_a_release_without_rows_must_be_meant() -> None:
    """An empty download would withdraw all of a dataset."""
    log = revised(EventLog(), [deal("a", 1)], "2018-01-01")
    for empty in ((), EventLog()):
        with pytest.raises(SelectionError, match=r"say that with covers=Covers\(\)"):
            log.revise(empty, dataset="deals", published="2019-01-01")
    found, revision = log.revise(
        (), dataset="deals", published="2019-01-01", covers=Covers()
    )
    assert (len(revision.withdrawn), len(found)) == (1, 4)


def test_a_row_that_its_dataset_withdrew_twice_is_withdrawn() -> None:
    """A log that is read may have a retraction that repeats another one."""
    log = revised(EventLog(), [deal("a")], "2019-01-01")
    again = [
        Entry(position=n, retracts=1, because=f"{n}", dataset="deals") for n in (2, 3)
    ]
    log = revised(EventLog([*log, *again]), [deal("a")], "2019-02-01")
    assert (deal("a"),) == tuple(log.as_of(LATER).events)


@given(some=downloads(), data=st.data())
def test_revisions_tell_of_each_release_what_it_changed(
    some: list[Download], data: st.DataObject
) -> None:
    """They say so in numbers, whichever release came first."""
    log, told, rows = EventLog(), [], dict[str, tuple[Event, int]]()
    for one in some:
        log, revision = log.revise(one.rows, **one.given)
        for event in revision.withdrawn:
            del rows[event.id]
        for event in (*revision.added, *(pair.after for pair in revision.changed)):
            rows[event.id] = event, 1 + rows.get(event.id, (event, 0))[1]
        counts = len(revision.added), len(revision.changed), len(revision.withdrawn)
        told.append((one.published, len(rows), *counts))
    found = log.revisions("deals")

    assert told == [
        (str(s.published), s.rows, s.added, s.changed, s.withdrawn) for s in found
    ]
    again = imported(data.draw(st.permutations(some))).revisions()
    assert [*found] == [*again]


def test_revisions_tell_how_late_and_how_often() -> None:
    """Days are counted from the last day that a row can have begun on."""
    log = EventLog()
    for day, value, more in (
        ("2019-01-01", 1, [deal("b", when="2018-12-01")]),
        ("2019-02-01", 2, [deal("b", when="2018-12-01"), deal("c", when="2019-03")]),
        ("2019-03-01", 3, [deal("b", when="2018-12-02", country="UZB")]),
    ):
        log = revised(log, [deal("a", value), *more], day)
    first, second, third = log.revisions()

    assert (1, 16.0, 31) == first.lag
    assert (-58, -58.0, -58) == second.lag
    assert third.lag is None
    assert {1: 2} == first.versions
    assert {1: 2, 2: 1} == second.versions
    assert {2: 1, 3: 1} == third.versions
    assert {"value": 1} == second.fields
    assert {"value": 1, "when": 1, "country": 1, "parties": 1} == third.fields
    assert 1 == third.withdrawn
    text = str(log.revisions())
    assert "3 releases" in text
    assert "[1, 16.0, 31]" in text
    assert "value: 1" in second._repr_html_()


def test_a_row_that_moved_to_another_day_is_withdrawn_once() -> None:
    """A release that covers the day on which it was before finds it no more."""
    log = revised(EventLog(), [deal("a", when="2018-01-01")], "2019-01-01")
    log = revised(log, [deal("a", when="2018-02-01"), deal("b")], "2019-01-02")
    log = revised(log, [deal("b")], "2019-01-03")
    given: dict[str, Any] = {"dataset": "deals", "covers": Covers(days="2018-01-01")}
    _, revision = log.revise([deal("b")], published="2019-01-04", **given)

    assert not revision


def test_what_is_said_again_rests_on_the_first_release_that_said_it() -> None:
    """Whatever came between, and whichever source the later release names."""
    log = EventLog()
    for day, row in enumerate([deal("a"), deal("a", 2), deal("a", cite=PAPER)], 1):
        log = revised(log, [row], f"2019-01-0{day}")

    assert log[1].claim.cite == log[-1].claim.cite


def test_rows_that_are_gone_are_told_in_the_order_of_the_log() -> None:
    """Not in that of their days, by which they are found."""
    rows = [deal("b", 1, "2018-01"), deal("a", 1, "2018-02"), deal("c", 3, "2018-01")]
    log, covers = revised(EventLog(), rows, "2019-01-01"), Covers(days="2018")
    given: dict[str, Any] = {"published": "2019-01-02", "covers": covers}
    _, revision = log.revise([deal("d")], dataset="deals", **given)

    assert ["b", "a", "c"] == [row.id for row in revision.withdrawn]


def _into(found: list[Any], log: EventLog, rows: list[Event], given: Any) -> None:
    found.append(log.revise(rows, **given))


@pytest.mark.slow
def test_a_release_of_each_day_is_read_without_those_before() -> None:
    """The fortieth takes as many lines as the tenth, whatever was put right by hand."""
    log, before, lines = EventLog(), list[Event](), list[int]()
    for number in range(40):
        days = [(FIRST + timedelta(number - back)).isoformat() for back in (1, 0)]
        rows = [deal(f"{number}-{n}", when=days[1]) for n in range(9)]
        given: dict[str, Any] = {
            "covers": Covers(days="/".join(days)),
            "dataset": "deals",
            "published": days[1],
        }
        if number:
            # Of the day before, one row is gone, one is another, the rest is repeated.
            rows += [*before[2:], deal(f"{number - 1}-1", 2, days[0])]
            hand = deal(f"{number - 1}-4", 3, days[0])
            log = log.append(hand, supersedes=len(log) - 5)
        work, found = Work(), list[tuple[EventLog, Revision]]()
        work.of(partial(_into, found, log, rows, given))
        lines.append(work.total)
        [(log, revision)], before = found, rows[:9]
        figures = len(revision.added), len(revision.changed), len(revision.withdrawn)

        assert figures == ((9, 1, 1) if number else (9, 0, 0))
    assert max(lines[-4:]) < 1.1 * lines[10]


def test_revisions_of_what_is_no_dataset_are_refused() -> None:
    """The message names those that there are."""
    log = revised(EventLog(), [deal("a")], "2019-01-01")
    with pytest.raises(SelectionError, match="it has 'deals'"):
        log.revisions("deal")
    with pytest.raises(SelectionError, match="it has none"):
        EventLog().revisions("deals")
    assert () == EventLog().revisions()
    part = EventLog.partial([*log][:1], len(log))
    with pytest.raises(EntryError, match="this partial log may lack entries"):
        part.revisions()


def test_revisions_of_a_shorter_log_do_not_see_later_releases() -> None:
    """A log that others grew from keeps its answer."""
    log = revised(EventLog(), [deal("a")], "2019-01-01")
    before = log.revisions()
    longer = revised(log, [deal("a", 2)], "2019-02-01")
    longer, _ = longer.revise([deal("x")], dataset="other", published="2019-02-01")

    assert before == log.revisions()
    assert ["deals", "deals", "other"] == [one.dataset for one in longer.revisions()]


def test_a_row_without_words_counts_and_says_not_how_late_nor_what_changed() -> None:
    """Nor does one without a last day say how late it was."""
    log = revised(EventLog(), [deal("a", when="2018-12-01"), deal("b")], "2019-01-01")
    changed = [deal("a", 2, when="2018-12-01"), deal("b", country="UZB")]
    log = revised(log, changed, "2019-02-01")
    log = revised(log, [*changed, deal("c", when="[2019-03..]")], "2019-03-01")
    first = next(e.position for e in log if e.event and e.event.id == "a")
    before, after = log.revisions(), erase(log, [first]).revisions()

    for some in (before, after):
        counts = [(one.rows, one.added, one.changed, one.withdrawn) for one in some]
        assert [(2, 2, 0, 0), (2, 0, 2, 0), (3, 1, 0, 0)] == counts
    assert [(1, 16, 31), None, None] == [one.lag for one in before]
    assert [(1, 1, 1), None, None] == [one.lag for one in after]
    assert {"value": 1, "country": 1, "parties": 1} == before[1].fields
    assert {"country": 1, "parties": 1} == after[1].fields
