"""Claims in the words of all languages, as the script of a page reads them."""

from __future__ import annotations

import re

from attrs import define, field

from bri_timeline.pages._wording import (
    LANGUAGES,
    because_phrase,
    event_phrase,
    line_of,
    strings,
)


__all__ = ["Phrases"]

_HOLE = re.compile(r"\{([a-z_]+)\}")
_OWN = ("{what}",) * len(LANGUAGES)
# What the script needs to word a day: all other dates are worded here.
_WHEN = ("year", "ad", "bc", "day", "months_of")


@define
class Phrases:
    """Phrases of a log by patterns and terms, each of which has a text per language.

    Few patterns and names are met in thousands of claims.
    """

    _patterns: dict[tuple[str, ...], tuple[int, tuple[str, ...]]] = field(factory=dict)
    _terms: dict[tuple[str, ...], int] = field(factory=dict)

    def of_event(self, event: object) -> str | list[int | str]:
        """Return what an event says: its text if it has one for all languages.

        Otherwise the number of a pattern, then what fills its holes: a text of the log,
        or the number of a term.
        """
        return self._of([event_phrase(event, code) for code in LANGUAGES])

    def of_reason(self, because: str) -> str | list[int | str]:
        """Return the reason of a correction or a withdrawal, likewise."""
        return self._of([because_phrase(because, strings(code)) for code in LANGUAGES])

    def _of(self, said: list[tuple[str, dict[str, str]]]) -> str | list[int | str]:
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

    def _filling(self, texts: list[str]) -> int | str:
        if all(text == texts[0] for text in texts):
            return line_of(texts[0])
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
