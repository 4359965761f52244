"""Claims in the words of all languages, as the script of a page reads them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from attrs import define, evolve, field

from bri_timeline import Event
from bri_timeline.pages._wording import (
    LANGUAGES,
    among,
    because_phrase,
    line_of,
    phrase_of,
    strings,
)
from bri_timeline.relations import AgreementSigned


_HOLE = re.compile(r"\{([a-z_]+)\}")
_OWN = ("{what}",) * len(LANGUAGES)
# A number in English, and what is written behind it: it is nearly always another one.
_NUMBER = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+)(.*)")
# What the script needs to word a day: all other dates are worded here.
_WHEN = ("year", "ad", "bc", "day", "months_of")

PhraseOf = Callable[[object, str], tuple[str, dict[str, str]]]
Filling = int | str | tuple[int, str]
Said = str | list[Filling]


def page_phrases(plans: Mapping[str, str], *, between: bool) -> PhraseOf:
    """Return what tells the events of a page in a language, as `phrase_of()`.

    Args:
        plans: The titles of its plans, as `Strings` has them.
        between: Name the parties of agreements, whose titles need not; those of parts
            are those of the bundle.
    """
    named_in = {code: evolve(strings(code), plans=plans) for code in LANGUAGES}

    def phrase(event: object, code: str) -> tuple[str, dict[str, str]]:
        pattern, values = phrase_of(event, named_in[code])
        if (
            between
            and isinstance(event, Event)
            and isinstance(what := event.what, AgreementSigned)
            and not what.part_of
        ):
            values = {**values, "parties": among(event.parties, code)}
            pattern = strings(code)("sources.dated", title=pattern, date="{parties}")
        return pattern, values

    return phrase


@define
class Phrases:
    """Phrases of a log by patterns and terms, each of which has a text per language.

    Few patterns and names are met in thousands of claims.

    Args:
        phrase: What tells an event.
    """

    _phrase: PhraseOf
    _patterns: dict[tuple[str, ...], tuple[int, tuple[str, ...]]] = field(factory=dict)
    _terms: dict[tuple[str, ...], int] = field(factory=dict)

    def of_event(self, event: Event) -> Said:
        """Return what an event says: its text if it has one for all languages.

        Otherwise the number of a pattern, then what fills its holes: a text of the log,
        the number of a term, or a number with what is written behind it.
        """
        return self._of([self._phrase(event, code) for code in LANGUAGES])

    def of_reason(self, because: str) -> Said:
        """Return the reason of a correction or a withdrawal, likewise."""
        return self._of([because_phrase(because, strings(code)) for code in LANGUAGES])

    def _of(self, said: list[tuple[str, dict[str, str]]]) -> Said:
        patterns = tuple([pattern for pattern, _ in said])
        if patterns == _OWN:
            return line_of(said[0][1]["what"])
        known = self._patterns.get(patterns)
        if known is None:
            names = tuple(dict.fromkeys(_HOLE.findall("".join(patterns))))
            known = self._patterns[patterns] = len(self._patterns), names
        number, names = known
        texts = ([values[name] for _, values in said] for name in names)
        return [number, *map(self._filling, texts)]

    def _filling(self, texts: list[str]) -> Filling:
        if all(text == texts[0] for text in texts):
            return line_of(texts[0])
        if number := _NUMBER.fullmatch(texts[0]):
            value, rest = int(number[1].replace(",", "")), number[2]
            if texts == [strings(code).number(value) + rest for code in LANGUAGES]:
                return value, rest
        return self._terms.setdefault(tuple(map(line_of, texts)), len(self._terms))

    def tables(self, place: int) -> dict[str, object]:
        """Return what the script needs of a language, beside its strings.

        Args:
            place: The place of the language among `LANGUAGES`.
        """
        words = strings(LANGUAGES[place])
        return {
            "when": {name: words.tables["when"][name] for name in _WHEN},
            "patterns": [
                _numbered(texts[place], names)
                for texts, (_, names) in self._patterns.items()
            ],
            "terms": [texts[place] for texts in self._terms],
        }


def _numbered(pattern: str, names: tuple[str, ...]) -> str:
    """Return a pattern with the places of its holes instead of their names."""
    return _HOLE.sub(lambda hole: f"{{{names.index(hole[1])}}}", pattern)
