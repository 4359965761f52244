"""Plans: how they stand on any day, by what was recorded about them."""

from __future__ import annotations

from itertools import permutations

import pytest
from attrs.exceptions import FrozenInstanceError

from bri_timeline import Event
from bri_timeline.edtf import Edtf
from bri_timeline.errors import DayError, EventError
from bri_timeline.relations import (
    Cancelled,
    Held,
    Plan,
    Planned,
    PlanStatus,
    Postponed,
    Rescheduled,
)


def plan(expected: str | None, *changes: tuple[object, str]) -> Plan:
    """A plan of January 2019, and what was recorded since."""
    made = Plan(Event(Planned(["AZE"], "summit", expected), when="2019-01-01", id="p"))
    for what, when in changes:
        made = made.changed(Event(what, when=when))
    return made


PLANNED, DUE, OVERDUE = PlanStatus.PLANNED, PlanStatus.DUE, PlanStatus.OVERDUE
POSTPONED, HELD, CANCELLED = PlanStatus.POSTPONED, PlanStatus.HELD, PlanStatus.CANCELLED
PUT_OFF = (Postponed("p"), "2019-07-10")
PUT_OFF_AGAIN = (Postponed("p"), "2019-07-30")
NEW_DATE = (Rescheduled("p", "2020"), "2019-07-20")
CASES = [
    (plan("2019-08"), "2019-07-31", PLANNED),
    (plan("2019-08"), "2019-08-01", DUE),
    (plan("2019-08"), "2019-08-31", DUE),
    (plan("2019-08"), "2019-09-01", OVERDUE),
    (plan("2019-08-15"), "2019-08-15", DUE),
    (plan(None), "2999-01-01", PLANNED),
    (plan("2019-08/2019-09"), "2019-09-30", DUE),
    (plan("2019-08/2019-09"), "2019-10-01", OVERDUE),
    (plan("2019-08/.."), "2019-07-31", PLANNED),
    (plan("2019-08/.."), "2999-01-01", DUE),
    (plan("2019-08/"), "2999-01-01", DUE),
    (plan("../2019-08"), "2018-01-01", DUE),
    (plan("[..2019-08]"), "2019-09-01", OVERDUE),
    (plan("2019-08~"), "2019-09-01", OVERDUE),
    (plan("2019-08", PUT_OFF), "2019-07-09", PLANNED),
    (plan("2019-08", PUT_OFF), "2019-07-10", POSTPONED),
    (plan("2019-08", PUT_OFF), "2019-09-01", POSTPONED),
    (plan("2019-08", PUT_OFF, NEW_DATE), "2019-07-19", POSTPONED),
    (plan("2019-08", PUT_OFF, NEW_DATE), "2019-09-01", PLANNED),
    (plan("2019-08", PUT_OFF, NEW_DATE), "2020-06-01", DUE),
    (plan("2019-08", PUT_OFF, NEW_DATE), "2021-01-01", OVERDUE),
    (plan("2019-08", NEW_DATE), "2019-09-01", PLANNED),
    (plan("2019-08", NEW_DATE, PUT_OFF_AGAIN), "2021-01-01", POSTPONED),
    (plan("2019-08", (Held("p"), "2019-08-05")), "2019-08-04", DUE),
    (plan("2019-08", (Held("p"), "2019-08-05")), "2019-08-05", HELD),
    (plan("2019-08", (Held("p"), "2019-08-05")), "2030-01-01", HELD),
    (plan("2019-08", (Held("p"), "2019-08")), "2019-08-30", DUE),
    (plan("2019-08", (Held("p"), "2019-08")), "2019-08-31", HELD),
    (plan("2019-08", (Cancelled("p"), "2019-02-01")), "2019-09-01", CANCELLED),
    (plan(None, (Cancelled("p"), "2019-02-01")), "2019-02-01", CANCELLED),
    (plan("2019-08", (Cancelled("p"), "2019-02"), NEW_DATE), "2020-01-01", DUE),
]  # fmt: skip


@pytest.mark.parametrize(("made", "day", "expected"), CASES)
def test_a_plan_has_a_status_on_any_day(
    made: Plan, day: str, expected: PlanStatus
) -> None:
    """The day, the expected date and what was recorded by then give the status."""
    assert expected is made.status_on(day)


def test_the_expected_date_changes_with_what_is_recorded() -> None:
    """A new date replaces the old one; putting off leaves none."""
    made = plan("2019-08", PUT_OFF, NEW_DATE)
    days = ("2019-07-09", "2019-07-10", "2019-07-20")

    assert [Edtf("2019-08"), None, Edtf("2020")] == list(map(made.expected_on, days))


def test_what_happens_on_one_day_takes_its_usual_course() -> None:
    """Put off, given a new date, cancelled, held: so, whatever the order of arrival."""
    day = "2019-07-10"
    changes = [Postponed("p"), Rescheduled("p", "2020"), Cancelled("p"), Held("p")]
    plans = {
        plan("2019-08", *((change, day) for change in order))
        for order in permutations(changes)
    }

    assert 1 == len(plans)
    assert changes == [event.what for event in plans.pop().changes]
    assert PLANNED is plan("2019", *((c, day) for c in changes[1::-1])).status_on(day)


def test_changes_of_different_days_stay_in_the_order_in_which_they_are_met() -> None:
    """Only within one known day the order of arrival does not count."""
    made = plan("2019-08", NEW_DATE, PUT_OFF)

    assert [Rescheduled, Postponed] == [type(event.what) for event in made.changes]


@pytest.mark.parametrize(
    ("first", "second", "is_open"),
    [
        ((Held("p"), "2019-08"), (Cancelled("p"), "2019"), True),
        ((Held("p"), "2019-08"), (Held("p"), "2019"), False),
        ((Held("p"), "2020-01"), (Cancelled("p"), "2019"), False),
        ((Held("p"), "2019-12-31"), (Cancelled("p"), "2019"), False),
        ((Cancelled("p"), "2019-12-31"), (Held("p"), "2019"), True),
        ((Rescheduled("p", "2021"), "2019-08-01"), NEW_DATE, False),
        ((Rescheduled("p", "2021"), "2019"), NEW_DATE, True),
        ((Rescheduled("p", "2021"), "2019-07-20"), NEW_DATE, True),
        ((Rescheduled("p", "2020"), "2019"), NEW_DATE, False),
    ],
)
def test_a_plan_is_unsettled_if_another_order_gives_another_status(
    first: tuple[object, str], second: tuple[object, str], is_open: bool
) -> None:
    """Within one day, changes have their usual order, and two of one kind none."""
    made = plan("2019-08", first, second)

    assert (made.changes if is_open else ()) == made.unsettled_on("2022-01-01")
    told = "dates do not tell which change came last"
    status = made.status_on("2022-01-01").value
    assert (told if is_open else status) == made.words_on("2022-01-01")
    assert () == made.unsettled_on("2019-01-01")


def test_the_date_of_a_plan_that_was_held_may_be_unsettled() -> None:
    """It was held after all; which date it had been given last is open."""
    moved = (Rescheduled("p", "2021"), "2019")
    made = plan("2019-08", NEW_DATE, moved, (Held("p"), "2021-05-01"))

    assert made.changes[:2] == made.unsettled_on("2022-01-01")


def test_a_plan_is_a_value() -> None:
    """Plans are equal by content, hashable, named by their event, and do not change."""
    made = plan("2019-08")
    with pytest.raises(FrozenInstanceError):
        made.changes = ()

    assert ("p", "summit") == (made.id, made.planned.title)
    assert {plan("2019-08")} == {made}
    assert () == made.changes


def test_a_plan_is_made_of_an_event_that_plans() -> None:
    """Another event plans nothing, and the error says so."""
    with pytest.raises(EventError, match="plans nothing"):
        _ = Plan(Event(Held("p"), when="2019")).planned


def test_the_status_is_asked_of_a_whole_day() -> None:
    """A month or a year is refused."""
    with pytest.raises(DayError):
        plan("2019-08").status_on("2019-08")
