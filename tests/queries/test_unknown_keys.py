"""Keys that a panel is asked for, and that no event has."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

import pytest
from members_asked import DAY, LOG, SPAN, asked, member

from bri_timeline import Event, EventLog
from bri_timeline.errors import PanelError, ProjectionError
from bri_timeline.extend import PanelShares, to_day
from bri_timeline.measures import count
from bri_timeline.relations import Joined, states


def test_all_such_keys_are_told_at_once() -> None:
    """Up to fifty in words; of a stream, those that are met together."""
    names = [f"{state.name}" for state in states().values()]
    log = EventLog.of(*(Event(Joined(code, "x"), when="2010") for code in states()))
    for panel in asked(log, names):
        with pytest.raises(PanelError, match=r"'ABW' for 'Aruba'.* more likewise"):
            list(panel)
    stream = LOG.panel(count(), by=member, at=iter([("GEO", DAY), ("Syria", DAY)]))
    with pytest.raises(PanelError, match="write 'SYR' for 'Syria'"):
        list(stream)


def test_any_other_key_that_no_event_has_is_listed() -> None:
    """An id, whatever else it is a code of, and what means nothing here."""
    unknown = "GEO", "org:x", "Georgia", "alfa", ("GEO", "AZE"), tuple("abcde")
    for panel in asked(LOG, [*unknown, "SYR"]):
        assert panel.unknown_keys == unknown
        assert [row.value for row in panel] == [0] * len(unknown) + [1]
        assert "; no event has 6 of its keys>" in repr(panel)
    stream = LOG.panel(count(), by=member, at=iter([("GEO", DAY), ("SYR", DAY)]))
    assert stream.unknown_keys == ()
    assert len([*stream]) == 2
    assert stream.unknown_keys == ("GEO",)
    assert LOG.panel(count(), by=member, **SPAN).unknown_keys == ()
    for panel in asked(LOG, ["SYR"], lambda event: [(one,) for one in member(event)]):
        assert panel.unknown_keys == ("SYR",)


def test_an_empty_selection_has_no_key_that_another_could_mean() -> None:
    """Nothing is known of what its keys would be."""
    for log in (EventLog(), LOG.where(lambda _: False)):
        for panel in asked(log, ["Syria", ("SYR",)]):
            assert panel.unknown_keys == ("Syria", ("SYR",))
            assert [row.value for row in panel] == [0, 0]


def test_a_key_that_some_knowledge_has_is_known_to_questions_of_it() -> None:
    """Also one that was put right since, on the same day or on another."""
    for known in ("2015-01-01", "2016-01-01"):
        log = EventLog().append(
            Event(Joined("SYR", "x"), when="2010"), known="2015-01-01"
        )
        log = log.append(
            Event(Joined("CHN", "x"), when="2010"), supersedes=log[0], known=known
        )
        panel = log.panel(count(), by=member, at=[("SYR", DAY, 0)])
        assert ((), [1]) == (panel.unknown_keys, [row.value for row in panel])
        now = log.panel(count(), by=member, keys=["SYR"], **SPAN)
        assert now.unknown_keys == ("SYR",)


def test_a_repr_does_not_raise_what_reading_does() -> None:
    """A function that fails is told of where the rows are read."""

    def failing(_event: Event) -> Iterator[str]:
        raise LookupError

    panel = LOG.panel(count(), by=failing, keys=["SYR"], **SPAN)
    assert "no event has" not in repr(panel)
    with pytest.raises(ProjectionError, match="by"):
        list(panel)


def test_a_share_asks_for_keys_of_any_shape() -> None:
    """That they are two parties is asked of pairs only."""
    rows, like = [("SYR", DAY)], EventLog().panel(count(), by=member, at=[("SYR", DAY)])
    shares = PanelShares.of(like, lambda _: (inf, 0), lambda: inf, member, at=rows)

    assert [row[:2] for row in shares.questions()] == [("SYR", to_day(DAY))]
