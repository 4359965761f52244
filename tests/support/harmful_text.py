"""Text that acts where it is shown, and logs that are full of it."""

from __future__ import annotations

import unicodedata

from effort import at_most
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from bri_timeline import Event, EventLog, Source
from bri_timeline.relations import (
    AgreementSigned,
    AgreementStatusChanged,
    Cancelled,
    Held,
    IndicatorObserved,
    InitiativeLaunched,
    Joined,
    Left,
    Met,
    Planned,
    PositionDeclared,
    Postponed,
    ProjectStatusChanged,
    Rescheduled,
    Visited,
)


TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
SIGNS = "a}{;|=+-@,\\'\" <>&%\t\n\r\v\x00\x1b\x7f\x85\x9b"
nasty = st.text(st.sampled_from(SIGNS) | st.characters(), min_size=1, max_size=12)
HERE = settings(
    at_most(40), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
WORST = "\x1b[2J\x9b31m\u202egnp\u2066}{;=1+1|@x\x07\ud800"


def is_harmful(letter: str) -> bool:
    """Whether a character acts on whoever shows it; by the tables of Unicode."""
    category = unicodedata.category(letter)
    is_control = category == "Cc" and letter not in "\n\t"
    is_turning = unicodedata.bidirectional(letter) in TURNING
    # Deprecated in Unicode: they switched the shapes of letters and digits.
    is_turning |= "\u206a" <= letter <= "\u206f"
    code = ord(letter)
    is_nothing = 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
    return is_control or is_turning or is_nothing or category in {"Cs", "Zl", "Zp"}


def harm(shown: str) -> list[str]:
    """The characters in a text that do something."""
    return [f"U+{ord(letter):04X}" for letter in shown if is_harmful(letter)]


def facts(said: str) -> list[object]:
    """Each of the shipped facts, with a text wherever it has one."""
    parties = ("AZE", "CHN")
    return [
        InitiativeLaunched(said, "CHN", said),
        Joined("AZE", said),
        Left("AZE", said),
        Visited("AZE", "CHN", occasion=said, described_as=said),
        Met(parties, place=said, occasion=said, about=said),
        AgreementSigned(parties, said, between=said),
        AgreementStatusChanged(parties, said, said),
        PositionDeclared("CHN", said, said),
        IndicatorObserved(parties, said, 1, said),
        ProjectStatusChanged(parties, said, said),
        Planned(parties, said, place=said, expected="2019-05"),
        Rescheduled(said, "2020"),
        Postponed(said),
        Cancelled(said),
        Held(said),
    ]


def log_of(said: str) -> EventLog:
    """A log that says a text in every place."""
    source = Source(said, published="2019", container=said, author=said, url=said)
    log = EventLog()
    for number, fact in enumerate(facts(said)):
        name = f"{said} {number}"
        log = log.append(Event(fact, when="2019-04-24", cite=source.at(said), id=name))
    right = Event(Joined("AZE", said), when="2019", cite=source)
    log = log.append(right, supersedes=1, because=said)
    return log.retract(2, because=said, known="2020-01-01")
