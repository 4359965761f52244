"""iCalendar: the plans of a log, as they stood."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import icalendar
import pytest
from fact_strategies import events
from hypothesis import HealthCheck, given, settings

from bri_timeline import Event, EventLog, Place, Source, Vocabulary
from bri_timeline.errors import VocabularyError
from bri_timeline.formats import ical
from bri_timeline.relations import (
    FACTS,
    Cancelled,
    Held,
    Joined,
    Planned,
    Postponed,
    Rescheduled,
)


HERE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
PAPER = Source("The Paper", published="2019-04").at("p. 1")
SUMMIT = Planned({"AZE", "CHN"}, "Summit; of, three", "2019-08", {"RUS"}, "Sochi")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A path in a folder of its own."""
    return tmp_path / "plans.ics"


def planned(what: object = SUMMIT, name: str = "s", when: str = "2019-04-24") -> Event:
    """An event that plans something, or changes a plan."""
    return Event(what, when=when, cite=PAPER, id=name)


def read(path: Path) -> list[icalendar.Event]:
    """The events of a calendar, as another program reads them."""
    return list(icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT"))


def test_a_plan_is_an_event_of_whole_days(path: Path) -> None:
    """A plan for a month is the whole of it, and that it is loose is said."""
    losses = ical.dump(EventLog.of(planned()), path, FACTS, on="2019-05-01")
    (event,) = read(path)

    assert ("s", "Summit; of, three", "Sochi", "TENTATIVE") == (
        str(event["uid"]), str(event["summary"]), str(event["location"]),
        str(event["status"]),
    )  # fmt: skip
    assert (date(2019, 8, 1), date(2019, 9, 1)) == (
        event["dtstart"].dt, event["dtend"].dt
    )  # fmt: skip
    assert ["AZE", "CHN", "RUS"] == list(map(str, event["categories"].cats))
    assert "Expected: some time in August 2019\nStatus: planned\n" in str(
        event["description"]
    )
    assert [
        "plan s: when it was made, and what became of it, is not written but as text",
        "plan s: its date 2019-08 is written as days, and in words",
    ] == list(map(str, losses))


def test_a_plan_for_a_day_loses_no_date(path: Path) -> None:
    """A known day is written as it is; without a place there is none."""
    plan = Planned({"AZE"}, "x", "2019-08-02")

    assert 1 == len(ical.dump(EventLog.of(planned(plan)), path, FACTS))
    assert "location" not in read(path)[0]


@pytest.mark.parametrize(
    ("change", "status", "day"),
    [
        (Held("s"), "CONFIRMED", date(2019, 8, 1)),
        (Cancelled("s"), "CANCELLED", date(2019, 8, 1)),
        (Rescheduled("s", "2020-01-02"), "TENTATIVE", date(2020, 1, 2)),
    ],
)
def test_dump_writes_the_status_of_a_plan_on_the_day(
    path: Path, change: object, status: str, day: date
) -> None:
    """What was recorded later changes status and date, from that day on."""
    log = EventLog.of(planned(), planned(change, "c", "2019-07-01"))
    ical.dump(log, path, FACTS)
    (after,) = read(path)
    ical.dump(log, path, FACTS, on="2019-06-30")
    (before,) = read(path)
    ical.dump(log, path, FACTS, on="2019-03-01")

    assert (status, day) == (str(after["status"]), after["dtstart"].dt)
    assert ("TENTATIVE", date(2019, 8, 1)) == (
        str(before["status"]), before["dtstart"].dt
    )  # fmt: skip
    assert [] == read(path)


@pytest.mark.parametrize("first", [Held("s"), Cancelled("s")])
def test_a_plan_is_tentative_where_dates_leave_open_what_came_last(
    path: Path, first: object
) -> None:
    """Of two changes in one year either may be the last; in two years it is known."""
    moved = planned(Rescheduled("s", "2020-01-02"), "m", "2019-06")
    log = EventLog.of(planned(), planned(first, "c", "2019"), moved)
    lost = ical.dump(log, path, FACTS)
    (item,) = read(path)
    ical.dump(EventLog.of(planned(), planned(first, "c", "2018"), moved), path, FACTS)
    (settled,) = read(path)

    assert "TENTATIVE" == item["status"]
    assert "Status: dates do not tell which change came last" in item["description"]
    assert "plan s: dates do not tell which change came last" in map(str, lost)
    assert "Status: overdue" in settled["description"]


def test_a_plan_that_may_have_been_put_off_is_said_to_be_lost(path: Path) -> None:
    """It has no date if it was put off last, which dates do not tell."""
    moved = planned(Rescheduled("s", "2020-01-02"), "m", "2019-06")
    log = EventLog.of(planned(), planned(Postponed("s"), "c", "2019"), moved)
    (lost, *_) = ical.dump(log, path, FACTS)

    said = "dates do not tell which change came last, and a calendar needs days"
    assert f"plan s: is not written: {said}" == str(lost)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (Planned({"AZE"}, "x"), "it has no expected date, and a calendar needs days"),
        (
            Planned({"AZE"}, "x", "2019/.."),
            "2019/.. is open, and a calendar needs days",
        ),
        (Planned({"AZE"}, "x", "Y12345"), "Y12345 is open, and a calendar needs days"),
    ],
)
def test_dump_reports_a_plan_without_a_date(
    path: Path, what: Planned, said: str
) -> None:
    """A calendar cannot show a plan without a date."""
    (loss,) = ical.dump(EventLog.of(planned(what)), path, FACTS)

    assert f"plan s: is not written: {said}" == str(loss)
    assert [] == read(path)


def test_a_plan_that_was_put_off_has_no_date(path: Path) -> None:
    """Nor does one that was put off without a new one."""
    log = EventLog.of(planned(), planned(Postponed("s"), "c", "2019-07-01"))

    assert "has no expected date" in str(ical.dump(log, path, FACTS)[0])


def test_dump_of_a_plan_on_the_last_day_has_no_end(path: Path) -> None:
    """A plan for the end of time has no end that could be written."""
    plan = Planned({"AZE"}, "x", "9999-12-31")
    ical.dump(EventLog.of(planned(plan)), path, FACTS)

    assert "dtend" not in read(path)[0]


def test_dump_reports_events_that_are_not_plans(path: Path) -> None:
    """Other events and retractions are named as losses."""
    log = EventLog.of(planned(), Event(Joined("AZE", "x"), when="2015"))
    losses = ical.dump(log.retract(1, because="no"), path, FACTS, known_by=1)

    assert [
        "entry 1: is not written: it is not about a plan",
        "entry 2: is not written: it is not about a plan",
    ] == [str(loss) for loss in losses][:2]


@HERE
@given(found=events())
def test_every_plan_is_written_or_said_to_be_lost(
    found: list[Event], tmp_path: Path
) -> None:
    """A plan is in the calendar once, unless a loss says that it is not."""
    file = tmp_path / "plans.ics"
    log = EventLog.of(*found)
    losses = list(map(str, ical.dump(log, file, FACTS)))
    plans = {event.id for event in found if isinstance(event.what, Planned)}
    written = [str(event["uid"]) for event in read(file)]

    assert len(written) == len(set(written))
    assert plans == {*written} | {
        name for name in plans
        if any(loss.startswith(f"plan {name}: is not written") for loss in losses)
    }  # fmt: skip


def test_the_same_log_gives_the_same_bytes(path: Path) -> None:
    """No clock is read."""
    ical.dump(EventLog.of(planned()), path, FACTS)
    once = path.read_bytes()
    ical.dump(EventLog.of(planned()), path, FACTS)

    assert once == path.read_bytes()
    assert once.startswith(b"BEGIN:VCALENDAR\r\n")


def test_payloads_are_of_the_vocabulary(path: Path) -> None:
    """A payload of another class is refused, and nothing is written."""
    with pytest.raises(VocabularyError):
        ical.dump(EventLog.of(planned()), path, Vocabulary())

    assert not path.exists()


def test_the_place_where_a_plan_was_made_is_lost(path: Path) -> None:
    """The location is that of what is planned, and not where that was announced."""
    made = Event(SUMMIT, when="2019-04-24", where=Place("Baku"), id="s")
    losses = ical.dump(EventLog.of(made), path, FACTS)

    assert read(path)[0]["location"] == "Sochi"
    assert "plan s: the place where it was made is not written" in map(str, losses)
