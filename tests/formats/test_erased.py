"""What the formats make of entries whose words were erased."""

from __future__ import annotations

from random import Random

import pytest
from erasing import chosen, erase, grown
from format_strategies import FEW
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Event, EventLog
from bri_timeline.errors import FaultsError
from bri_timeline.formats import arrow, chronicle
from bri_timeline.formats.chronicle._writer import chronicle_text
from bri_timeline.relations import FACTS, Joined


JOINED = Event(Joined("AZE", "x"), when="2015", id="a")
RIGHT = Event(Joined("AZE", "y"), when="2016")
LOG = EventLog.of(JOINED).append(RIGHT, supersedes=0).retract(1, because="no")


def test_arrow_keeps_what_is_left() -> None:
    """In a column of its own, where there is any."""
    left = erase(LOG, [1, 2])

    assert left == arrow.from_arrow(arrow.to_arrow(left, FACTS), FACTS)
    table = arrow.to_arrow(LOG, FACTS)
    assert "erased" not in table.schema.names


@given(st.integers(0, 1 << 32))
def test_a_chronicle_keeps_what_is_left(seed: int) -> None:
    """Of every kind of entry, also if others correct it, or decide on it, later."""
    random = Random(seed)
    log = grown(random, EventLog(), 9)
    left = grown(random, erase(log, chosen(random, log)), 2)
    text, losses = chronicle_text([*left], FEW, {"chronicle": 1})

    assert ([], left) == (losses, chronicle.loads(text, FEW))


DECIDED = EventLog.of(JOINED).propose(RIGHT, by="m", supersedes=0)


@pytest.mark.parametrize(
    "log",
    [
        DECIDED.accept(1, by="p"),
        DECIDED.reject(1, by="p", because="no"),
        DECIDED.accept(1, by="p").reject(1, by="p", because="no"),
    ],
)
def test_a_chronicle_keeps_decisions_on_what_was_erased(log: EventLog) -> None:
    """What was accepted or rejected before stays so, with words or without."""
    for gone in ([1], [2], [1, 2], range(len(log))):
        left = erase(log, gone)
        assert left == chronicle.loads(chronicle.dumps(left, FACTS), FACTS)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("erased = false", "erased: is false: write erased = true, or leave it out"),
        ("erased = true\nat = 5", "is not what is left of erased words: Expected"),
        ("erased = true\nwhen = '2015'", "when: is not a key of an entry whose words"),
        ("erased = true\naccepts = 'a'", "accepts: names what is not a proposal"),
        ("erased = true\nsupersedes = 'b'", "supersedes: 'b' is not the label or id"),
        ("erased = true\nsupersedes = 'r'", "supersedes: names a retraction, which"),
    ],
)
def test_a_chronicle_refuses_what_is_not_left(written: str, problem: str) -> None:
    """Each fault is named with its entry and key."""
    text = chronicle.dumps(EventLog.of(JOINED), FACTS)
    text += "[[entries]]\nlabel = 'r'\nretracts = 'a'\nbecause = 'no'\n"
    with pytest.raises(FaultsError) as caught:
        chronicle.loads(f"{text}[[entries]]\n{written}\n", FACTS)
    assert problem in str(caught.value.faults[0])
