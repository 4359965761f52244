"""Text of others in all that is shown: it stands there, and does nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen
from harmful_text import (
    HERE,
    SIGNS,
    WORST,
    harm,
    log_of,
    nasty,
)
from hypothesis import example, given

from bri_timeline import Event, EventLog
from bri_timeline._text import harmless, one_line
from bri_timeline.extend import describe_event
from bri_timeline.relations import (
    relationship,
)


SIGNS += "\u202a\u202e\u2066\u2069\u2028\ufffe\u05d0"


def shown_in(log: EventLog) -> Iterator[str]:
    """The text of everything in a log that has one, a line each."""
    view = log.as_of("2019-12-31")
    for entry in log:
        if entry.event is not None:
            yield str(entry.event.what)
            for cited in entry.event.cite:
                yield str(cited)
                yield str(cited.source)
    both = relationship("AZE", "CHN")
    explained = view.explain(both, of=lambda state: len(state.positions))
    yield from str(explained).splitlines()
    yield from map(str, explained.steps)
    yield str(view.outcomes(both, of=lambda state: tuple(state.positions)))
    yield from map(str, log.contradictions())


@given(nasty)
@example(WORST)
@example("\r\n")
@example("\u206a\u206f\ufdd0\ufdef\uffff\U0001fffe\U0010ffff")
def test_harmless_text_has_no_character_that_acts(said: str) -> None:
    """Controls and what reorders are replaced; all else stays."""
    assert not harm(harmless(said))
    assert not harm(one_line(said))
    assert len(one_line(said).splitlines()) <= 1
    assert harmless(harmless(said)) == harmless(said)
    if not harm(said):
        assert said == harmless(said)


def test_letters_of_all_scripts_stay() -> None:
    """Hebrew and Arabic, marks, joiners, and spaces that do not break."""
    said = (
        "\u05e9\u05dc \u0633\u0644\u0627\u0645\u200c \U0001f468\u200d\u2695 1\u00a0000"
    )

    assert said == harmless(said) == one_line(said)


@HERE
@given(nasty)
@example(WORST)
def test_the_text_of_a_value_is_harmless(said: str) -> None:
    """`str()` of facts, sources, citations, explanations, outcomes: one line each."""
    for line in shown_in(log_of(said)):
        assert not harm(line)
        assert "\n" not in line


def test_a_field_without_a_value_is_not_told() -> None:
    """Nobody says that there is a seller called None."""

    @frozen
    class Bought:
        thing: str
        seller: str | None = None

    told = describe_event(Event(Bought("x"), when="2015"))
    assert "Bought: thing x" == told
    assert "Bought: thing x, seller y" == describe_event(Bought("x", "y"))
