"""A name that is no id names what was meant; what cannot be is not recorded."""

from __future__ import annotations

import string

import pytest
from attrs import evolve, frozen
from hypothesis import example, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from bri_timeline import Answer, Event, EventLog
from bri_timeline.errors import (
    SelectionError,
    UnknownActorError,
)
from bri_timeline.extend import state_names
from bri_timeline.relations import Visited, actor, states
from bri_timeline.testing import payloads


VISIT = Event(Visited("CHN", "KAZ"), when="2013-09-07", id="visit-7")
LOG = EventLog.of(VISIT)


@frozen
class Owned:
    """A fact of an own domain, of which the ids may be any text."""

    owner: str

    @property
    def parties(self) -> frozenset[str]:
        return frozenset({self.owner})


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("China", "is a name of 'CHN'"),
        ("russian federation", "is a name of 'RUS'"),
        ("SUN", "is a withdrawn code: RUS until 1992-08-29"),
        ("DDR", "is a withdrawn code: state:german-democratic-republic until"),
    ],
)
def test_the_name_of_a_state_is_refused_as_an_id(name: str, meant: str) -> None:
    """It would select nothing, on every road; unless somebody in the log has it."""
    log = LOG
    for ask in (
        lambda: log.among(name),
        lambda: log.among("KAZ", any_of=[name, "CHN"]),
        lambda: log.where(kinds=Visited).concerning(name),
        lambda: log.as_of("2020-01-01").concerning(name),
    ):
        with pytest.raises(SelectionError) as found:
            ask()
        assert f"{name!r} {meant}" in str(found.value)
    own = log.append(Event(Owned(name), when="2014"))
    assert 1 == len(own.among(name)) == len(own.as_of("2020-01-01").concerning(name))


@given(
    st.sampled_from(sorted(states()))
    | st.text(string.ascii_lowercase + ":", max_size=3)
)
@example("uk")
def test_any_other_id_is_one(code: str) -> None:
    """Whether the log has it or not; a name as short as `UK` is refused."""
    if code.islower() and (meant := state_names.states_called(code)):
        with pytest.raises(SelectionError, match=f"is a name of '{meant[0]}'"):
            LOG.among(code)
        return

    assert 0 == len(EventLog().among(code))
    assert len(LOG.among(code)) == (code in ("CHN", "KAZ"))


def test_a_part_of_a_log_cannot_know_whom_the_whole_has() -> None:
    """Of a partial log nobody is refused."""
    part = EventLog.partial(LOG, 5)
    assert (
        0
        == len(part.among("China"))
        == len(part.as_of("2020-01-01").concerning("China"))
    )


def test_a_withdrawn_code_names_its_states() -> None:
    """Not those that look like it."""
    for code, meant in (("SUN", ["RUS"]), ("YUG", ["state:yugoslavia", "SRB"])):
        with pytest.raises(UnknownActorError) as found:
            actor(code)
        assert meant == [*found.value.suggestions]
        assert "it is a withdrawn code" in str(found.value)


SLIPS = [
    ("vist-7", "a letter less"),
    ("visiit-7", "a letter more"),
    ("visit-7x", "one more at the end"),
    ("wisit-7", "another letter"),
    ("Visit-7", "a capital"),
    ("ivsit-7", "two of them changed"),
]


@pytest.mark.parametrize(("slip", "_why"), SLIPS)
def test_an_id_with_a_slip_is_refused(slip: str, _why: str) -> None:
    """It was answered "no", as if it were known that nothing had happened."""
    view = LOG.as_of("2020-01-01")
    with pytest.raises(SelectionError, match="did you mean 'visit-7'"):
        view.has_happened(slip)
    # An id of a log that has both is no slip, whatever is known by then.
    both = LOG.append(evolve(VISIT, id=slip), known="2019-01-01")
    assert Answer.NO is both.as_of("2020-01-01", "2018-01-01").has_happened(slip)
    assert Answer.YES is both.as_of("2020-01-01").has_happened(slip)


@pytest.mark.parametrize(
    "name",
    [
        *("visit-8", "visit-77", "visit-", "visit_7", "visitor-7", "w", ""),
        *("a" * 61, "0" * 32),
    ],
)
def test_any_other_id_has_not_happened(name: str) -> None:
    """One that differs in a digit, a mark or more, is another, which may come yet."""
    assert Answer.NO is LOG.as_of("2020-01-01").has_happened(name)


def test_of_one_letter_there_is_a_slip_only_with_another() -> None:
    """`w` is not `v`, and `vv` may be."""
    view = EventLog.of(evolve(VISIT, id="v")).as_of("2020-01-01")
    assert Answer.NO is view.has_happened("w")
    with pytest.raises(SelectionError, match="did you mean 'v'"):
        view.has_happened("vv")
    earlier = EventLog.of(VISIT)
    earlier.append(evolve(VISIT, id="v"))
    assert Answer.NO is earlier.as_of("2020-01-01").has_happened("vv")


@pytest.mark.slow
def test_a_visit_to_oneself_is_not_generated() -> None:
    """`testing.events()` gives what a log takes."""
    many = settings(max_examples=500)
    with pytest.raises(NoSuchExample):
        find(payloads(Visited), lambda visit: visit.guest == visit.host, settings=many)
