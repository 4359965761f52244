"""Events, entries, and the sources that they rest on."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import ClassVar, NamedTuple

import attrs
import msgspec
import pendulum
import pytest
from attrs import frozen
from hypothesis import given
from log_strategies import Deed, Fact, events

import bri_timeline
from bri_timeline import Citation, Edtf, Entry, Event, EventLog, Source
from bri_timeline.errors import (
    BriTimelineError,
    DayError,
    DayRangeError,
    EdtfError,
    EventError,
    PayloadError,
)


NAMES = {name: getattr(bri_timeline, name) for name in bri_timeline.__all__}
DAILY = Source("On a visit", published="2019-04", container="Daily", author="N. N.")


@frozen
class Signed:
    """A payload with a part of its own."""

    title: str
    parts: object = ()
    known: int = 0


@dataclasses.dataclass(frozen=True)
class Plain:
    """A payload that is a frozen dataclass."""

    part: object


class Amended(Signed):
    """A subclass that is not decorated, so that `clause` is no field of it."""

    clause: int = 1


class Named(NamedTuple):
    """A payload that is a named tuple."""

    part: int


class Struct(msgspec.Struct, frozen=True):
    """A payload that is a struct of msgspec."""

    part: int


class Model:
    """A payload that says of itself what a model of pydantic does."""

    __pydantic_fields__: ClassVar[dict[str, object]] = {}

    def __hash__(self) -> int:
        return 0


@attrs.define
class Loose:
    """A payload that can change."""

    part: int = 0


@dataclasses.dataclass
class LooseData:
    """A dataclass that can change."""

    part: int = 0


class Bare:
    """An object that is equal to itself alone."""


class Content:
    """Somebody else's value, with a hash by its content."""

    def __init__(self, content: str) -> None:
        self.content = content

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Content) and self.content == other.content

    def __hash__(self) -> int:
        return hash(self.content)

    def __repr__(self) -> str:
        return f"Content({self.content!r})"


class Kind(Enum):
    """Values that are no text."""

    PAIR = (1, 2)


@attrs.frozen
class Listed:
    """A payload whose parties are a tuple."""

    parties: tuple[str, ...] = ("AZE", "CHN")


@attrs.frozen
class Chosen:
    """A payload whose parties are a sequence, or nothing."""

    parties: Sequence[str] | None = None


@attrs.frozen
class Worded:
    """A payload whose parties are text."""

    parties: str = "AZE"


@attrs.frozen
class Asked:
    """A payload whose parties are a method."""

    def parties(self) -> frozenset[str]:
        return frozenset({"AZE"})


@attrs.frozen
class Derived:
    """A payload that refers to a tuple of events, by a property."""

    @property
    def refers_to(self) -> tuple[str, ...]:
        return ("plan",)


@attrs.frozen
class Free:
    """A payload of which nothing says that its parties are ids, or are not."""

    parties: frozenset[str] | None = None
    affair_of: object = 5

    @property
    def refers_to(self):
        return frozenset()


# A payload with a type that cannot be found.
Lost = attrs.make_class("Lost", {"parties": attrs.field(type="Nowhere")}, frozen=True)


class TestPayloads:
    """What an event may hold."""

    @pytest.mark.parametrize(
        ("what", "field"),
        [
            ([1], "list"),
            ({}, "dict"),
            ({1}, "set"),
            (bytearray(b"x"), "bytearray"),
            (Bare(), "Bare"),
            (Loose(), "Loose"),
            (LooseData(), "LooseData"),
            (Signed("t", [1]), "Signed.parts"),
            (Signed("t", {"a": 1}), "Signed.parts"),
            (Signed("t", ("a", [1])), "Signed.parts[1]"),
            (Signed("t", (Signed("u", (Loose(),)),)), "Signed.parts[0].parts[0]"),
            (Signed("t", Plain([1])), "Signed.parts.part"),
            (Plain(Plain({})), "Plain.part.part"),
            ((1, (2, [])), "tuple[1][1]"),
        ],
    )
    def test_event_refuses_payloads_that_can_change(
        self, what: object, field: str
    ) -> None:
        """A part that could change is refused, with the path of its field."""
        with pytest.raises(PayloadError) as caught:
            Event(what, when="2015")

        assert field == caught.value.field
        assert str(caught.value).endswith(
            f"in {field} could change after it was recorded:"
            " use tuple, frozenset or an attrs.frozen class"
        )
        assert isinstance(caught.value, TypeError | BriTimelineError)

    @pytest.mark.parametrize(
        "what",
        [
            "text", 1, 1.5, 2**70, 1j, b"bytes", None, True, Kind.PAIR, Bare,
            Decimal("1.50"), Fraction(1, 3), Edtf("2015~"), date(2015, 1, 1),
            datetime(2015, 1, 1, tzinfo=UTC), timedelta(days=1), (1, ("a",)),
            frozenset({"a", "b"}), frozenset({1, "a", None}),
            frozenset({1, "b", ("c", Signed("t"))}),
            Signed("t", Plain(1)), Content("c"),
            Signed("t", (Signed("u"),)), DAILY, "\ud800",
        ],
    )  # fmt: skip
    def test_event_takes_payloads_that_cannot_change(self, what: object) -> None:
        """What is hashable through and through is a payload, and has an id."""
        event = Event(what, when="2015")

        assert what == event.what
        assert 32 == len(event.id)

    @pytest.mark.parametrize("what", [Plain(1), Named(1), Struct(1), Model()])
    def test_event_refuses_dataclasses_structs_and_models(self, what: object) -> None:
        """What no vocabulary could store is no payload, and the remedy is named."""
        with pytest.raises(
            PayloadError, match=r"decorate the class with attrs\.frozen"
        ):
            Event(what, when="2015")

    @pytest.mark.parametrize(
        ("what", "field"),
        [
            (Amended("t"), "Amended"),
            (Signed("t", Amended("t")), "Signed.parts"),
            ((1, Amended("t")), "tuple[1]"),
        ],
    )
    def test_event_refuses_an_undecorated_subclass(
        self, what: object, field: str
    ) -> None:
        """A class of which only the base is one of attrs is refused, with the field."""
        with pytest.raises(PayloadError) as caught:
            Event(what, when="2015")

        assert field == caught.value.field
        assert str(caught.value).endswith(
            f"in {field} is of an undecorated subclass of an attrs class:"
            " decorate the class with attrs.frozen too"
        )

    @pytest.mark.parametrize(
        ("what", "field"),
        [
            (Listed(), "Listed.parties"),
            (Chosen(), "Chosen.parties"),
            (Worded(), "Worded.parties"),
            (Asked(), "Asked.parties"),
            (Derived(), "Derived.refers_to"),
        ],
    )
    def test_event_refuses_ids_that_are_not_declared_as_a_frozenset(
        self, what: object, field: str
    ) -> None:
        """No log would find the event by them, and none would say so."""
        with pytest.raises(PayloadError, match="is not a frozenset of ids") as caught:
            Event(what, when="2015")

        assert field == caught.value.field

    @pytest.mark.parametrize("what", [Free(), Lost(frozenset({"AZE"})), Signed("t")])
    def test_event_takes_ids_of_a_type_that_may_be_a_frozenset(
        self, what: object
    ) -> None:
        """What is not declared as something else is looked at when it is needed."""
        assert what == Event(what, when="2015").what

    def test_equal_payloads_have_one_id(self) -> None:
        """The id without a name is that of the content: payload, class and date."""
        same = Event(Signed("t"), when="2015"), Event(Signed("t"), when=Edtf("2015"))
        others = (
            Event(Signed("u"), when="2015"),
            Event(Signed("t"), when="2016"),
            Event(Signed("t", Plain("t")), when="2015"),
            Event(Signed("t", known=1), when="2015"),
        )

        assert 1 == len({event.id for event in same})
        assert 5 == len({event.id for event in (*same, *others)})

    def test_ids_are_the_same_everywhere(self) -> None:
        """The id of a content is fixed: it does not depend on the process."""
        event = Event(frozenset({"b", "a", "c"}), when="2015")

        assert "97801205c1b321df2064d5990bbd7c0e" == event.id

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (Decimal("1.0"), Decimal("1.00")),
            (Decimal("1E+2"), 100),
            (1, 1.0),
            (Fraction(1, 2), 0.5),
            (date(2019, 4, 24), pendulum.date(2019, 4, 24)),
            (
                frozenset({Signed("a"), Signed("b")}),
                frozenset({Signed("b"), Signed("a")}),
            ),
            (frozenset({1, "a", None}), frozenset({None, "a", 1})),
        ],
    )
    def test_equal_contents_have_one_id(self, one: object, other: object) -> None:
        """Payloads that are equal are one happening, however they were written."""
        log = EventLog.of(
            Event(Signed("t", one), when="2015"),
            Event(Signed("t", other), when="2015", cite=DAILY),
        )

        assert one == other
        assert 1 == len(log.as_of("2016-01-01").events)

    @pytest.mark.parametrize(
        "part", [float("inf"), Decimal("-Infinity"), Decimal("1E+999999")]
    )
    def test_event_ids_of_extreme_numbers(self, part: object) -> None:
        """What is no finite number, or a huge one, has an id too, and at once."""
        assert 32 == len(Event(Signed("t", part), when="2015").id)

    def test_event_ids_ignore_citations(self) -> None:
        """A second witness of the same has the same id."""
        one = Event("a", when="2015", cite=DAILY)

        assert one.id == Event("a", when="2015").id == one.cited(()).id


class TestEvents:
    """An event."""

    @given(event=events())
    def test_repr_evaluates_back(self, event: Event) -> None:
        """The repr of an event is an expression for an equal one."""
        assert event == eval(repr(event), {**NAMES, "Deed": Deed, "Fact": Fact})

    @given(event=events())
    def test_events_pickle(self, event: Event) -> None:
        """An event comes back from a pickle equal, with its id and hash."""
        expected = event, event.id, hash(event)
        back = pickle.loads(pickle.dumps(event))

        assert expected == (back, back.id, hash(back))

    @given(event=events())
    def test_events_are_frozen(self, event: Event) -> None:
        """Nothing in an event can be set."""
        for name in "what", "when", "cite", "id":
            with pytest.raises(AttributeError):
                setattr(event, name, None)

    def test_event_takes_dates_written_in_three_ways(self) -> None:
        """A date is an Edtf, its text, or a known day."""
        ways = "2019-04-24", Edtf("2019-04-24"), date(2019, 4, 24)
        ways = *ways, pendulum.date(2019, 4, 24)

        assert 1 == len({Event("a", when=when) for when in ways})

    def test_event_keeps_an_imprecise_date(self) -> None:
        """An imprecise date is kept as it is."""
        assert "2019-04" == str(Event("a", when="2019-04").when)

    @pytest.mark.parametrize("when", ["{2016,2018}", "{2016}", "{2016..2018}"])
    def test_event_refuses_an_all_of_set(self, when: str) -> None:
        """An all-of set is several events."""
        with pytest.raises(EventError) as caught:
            Event("a", when=when)

        assert f"'{when}' is several days: record one event for each" == str(
            caught.value
        )

    def test_event_refuses_an_instant(self) -> None:
        """An instant is no date of an event: say which day."""
        with pytest.raises(DayError, match="is an instant: say which day"):
            Event("a", when=datetime(2019, 4, 24, tzinfo=UTC))

    @pytest.mark.parametrize("when", ["", "2019-4", "yesterday", "2019-02-30"])
    def test_event_refuses_text_that_is_not_a_date(self, when: str) -> None:
        """Text that is not a date of EDTF is refused."""
        with pytest.raises(EdtfError):
            Event("a", when=when)

    @pytest.mark.parametrize("name", ["", 7, b"x", True])
    def test_event_refuses_ids_that_are_not_text(self, name: str) -> None:
        """An id that is empty, or no text, is refused."""
        with pytest.raises(
            EventError, match="is not an id: give text that is not empty"
        ):
            Event("a", when="2015", id=name)

    @pytest.mark.parametrize("cite", ["Daily", 7, [DAILY, "Daily"], [None]])
    def test_event_refuses_citations_of_other_values(self, cite: Source) -> None:
        """What is neither a source nor a citation is refused."""
        with pytest.raises(EventError, match="is not a citation: give a Source"):
            Event("a", when="2015", cite=cite)

    def test_a_citation_is_of_a_source(self) -> None:
        """What is no source cannot be cited, and the error says what to give."""
        with pytest.raises(EventError, match="'Daily' is not a source: give a Source"):
            Citation("Daily")

    def test_a_citation_is_kept_once(self) -> None:
        """Sources are cited as a whole; what is repeated counts once."""
        place = DAILY.at("p. 2")
        event = Event("a", when="2015", cite=[DAILY, place, DAILY, Citation(DAILY)])

        assert (Citation(DAILY), place) == event.cite
        assert (place,) == Event("a", when="2015", cite=place).cite

    def test_reports_are_the_sources_with_all_their_places(self) -> None:
        """A source that is cited twice is one report; an event without one has none."""
        other = Source("On a visit", published="2019-04", container="Weekly")
        event = Event(
            "a", when="2019", cite=[DAILY.at("1"), other, DAILY.at("2"), DAILY]
        )

        assert (Citation(DAILY, "1; 2"), Citation(other)) == event.reports
        assert () == Event("a", when="2019").reports

    def test_reports_of_a_view_are_those_known(self) -> None:
        """What stands behind a count grows with the witnesses."""
        early, late = [Source(day, published=day) for day in ("2019-04", "2019-06")]
        log = EventLog.of(
            Event("a", when="2019-04-01", cite=early.at("1")),
            Event("a", when="2019-04-01", cite=late),
            Event("a", when="2019-04-01", cite=early.at("2")),
        )
        known = [
            [
                len(event.reports)
                for event in log.as_of("2019-12-31", known_by=day).events
            ]
            for day in ("2019-05-01", "2019-12-31")
        ]

        assert [[1], [2]] == known

    def test_rows_are_those_that_formats_cite(self) -> None:
        """A line of a table, or the id of a coded row; a page is none."""
        places = "line 3", "p. 7; line 12 of the table", "event 86, event 87 (code 042)"
        cite = [DAILY.at(place) for place in (*places, "p. 7", "line 3")]
        cite.append(Source("Weekly").at("event 86"))
        found = [row for _, row in Event("a", when="2019", cite=cite).rows]

        assert ["line 3", "line 12", "event 86", "event 87"] == found

    def test_parties_come_from_the_payload(self) -> None:
        """A frozenset called `parties` names the actors; nothing else does."""
        named = Event(Fact("a", frozenset({"AAA"})), when="2015")

        assert frozenset({"AAA"}) == named.parties
        assert frozenset() == Event("a", when="2015").parties

    def test_an_event_may_be_known_by_its_sources(self) -> None:
        """The day by which an event was known is that of its earliest source."""
        other = Source("Yearbook", published="2020")
        days = [
            Event("a", when="2015", cite=cite).known_day
            for cite in ([], [other], [other, DAILY], [Source("Undated")])
        ]

        assert [
            None,
            date(2020, 12, 31).toordinal(),
            date(2019, 4, 30).toordinal(),
            None,
        ] == days


class TestSources:
    """Documents, and places in them."""

    def test_str_of_sources_and_citations(self) -> None:
        """A source is called by its container, and a citation adds the place."""
        assert "Daily (2019-04), p. 2" == str(DAILY.at("p. 2"))
        assert "Daily (2019-04)" == str(DAILY.at(""))
        assert "Letter" == str(Source("Letter"))

    def test_repr_evaluates_back(self) -> None:
        """The repr of a source and of a citation are expressions for equal ones."""
        for value in DAILY, DAILY.at("p. 2"), Source("Letter"), Citation(DAILY):
            assert value == eval(repr(value), NAMES)

    def test_a_publication_day_may_be_a_date(self) -> None:
        """A known day of publication is written as a date or as text."""
        assert Source("A", published=date(2019, 4, 1)) == Source(
            "A", published="2019-04-01"
        )

    def test_citations_pickle(self) -> None:
        """A citation comes back from a pickle equal."""
        assert DAILY.at("p. 2") == pickle.loads(pickle.dumps(DAILY.at("p. 2")))


class TestEntries:
    """A claim as recorded."""

    ENTRIES = (
        Entry(position=0),
        Entry(position=1, event=Event(Signed("t"), when="2015"), known="2019-04-24"),
        Entry(position=2, retracts=1, because="forged", known="-0300-01-01"),
        Entry(position=3, supersedes=1, event=Event("a", when="2015"), known=1),
        Entry(position=3, event=Event("a", when="2015"), known=10**7),
        Entry(position=4, event=Event(Signed("t", known=99), when="2015"), known=99),
        Entry(position=5, retracts=4, because="known=99", known=99),
    )  # fmt: skip

    @pytest.mark.parametrize("entry", ENTRIES)
    def test_repr_evaluates_back(self, entry: Entry) -> None:
        """The repr of an entry is an expression for an equal one."""
        assert entry == eval(repr(entry), {**NAMES, "Signed": Signed})

    def test_repr_shows_the_day(self) -> None:
        """The repr of an entry has the day it was known as people write it."""
        assert "known='2019-04-24'" in repr(self.ENTRIES[1])

    def test_repr_shows_a_day_beyond_date_as_a_number(self) -> None:
        """A day that a date cannot hold is there as a number."""
        entry = self.ENTRIES[4]

        assert 10**7 == entry.known_day
        with pytest.raises(DayRangeError, match="known_day"):
            _ = entry.known

    def test_entries_are_ordered_by_knowledge_then_position(self) -> None:
        """Entries are ordered by the day they were known, then by position."""
        order = sorted(self.ENTRIES, key=Entry._knowledge)

        assert [0, 2, 3, 4, 5, 1, 3] == [entry.position for entry in order]

    def test_evolving_keeps_the_day(self) -> None:
        """An entry that is copied with a change keeps the rest."""
        entry = EventLog.of(Event("a", when="2015", cite=DAILY))[0]
        stored = attrs.evolve(entry, recorded_at=datetime(2020, 1, 1, tzinfo=UTC))

        assert entry == stored
        assert stored.known == date(2019, 4, 30)


@pytest.mark.parametrize("silent", ["who", ("who",), ["who"], {"who"}])
def test_what_may_be_silent_is_declared_as_a_frozenset_of_fields(
    silent: object,
) -> None:
    """Anything else that names fields is an error that says what to write."""
    body = {"silent": silent}
    wrong = attrs.make_class("Wrong", ["who"], frozen=True, class_body=body)
    remedy = r"write silent = frozenset\(\{'who'\}\)"
    with pytest.raises(PayloadError, match=remedy) as caught:
        Event(wrong("a"), when="2015")
    assert "in Wrong.silent is not a frozenset" in str(caught.value)


def test_a_payload_whose_class_refuses_to_give_a_hash_is_refused() -> None:
    """No claim could be found again; the message says what the class said."""

    @frozen
    class Hidden:
        part: int = 0

        def __hash__(self) -> int:
            problem = "not for you"
            raise TypeError(problem)

    with pytest.raises(PayloadError, match="in Hidden has no hash: not for you"):
        Event(Hidden(), when="2015")
