"""The words of pages and pictures in several languages, from data files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import cast

import pendulum
from attrs import frozen

from bri_timeline._calendar import civil, iso
from bri_timeline.errors import PictureError


__all__ = [
    "LANGUAGES",
    "Strings",
    "strings",
]


LANGUAGES = ("en", "de", "ru", "zh")

_LEAP_YEAR = 2000
_HOLE = re.compile(r"\{([a-z]+)\}")


def _one_other(number: int) -> str:
    return "one" if number == 1 else "other"


def _other(_number: int) -> str:
    return "other"


def _east_slavic(number: int) -> str:
    last, teens = number % 10, number // 10 % 10 == 1
    if last == 1 and not teens:
        return "one"
    return "few" if last in (2, 3, 4) and not teens else "many"


# The plural categories of whole numbers (Unicode CLDR, plural rules).
_PLURALS: dict[str, Callable[[int], str]] = {
    "one-other": _one_other,
    "other": _other,
    "east-slavic": _east_slavic,
}


@frozen
class Strings:
    """The words of one language.

    Attributes:
        tables: By section and key: a text, or the forms of a text for a number.
    """

    tables: Mapping[str, Mapping[str, object]]

    @property
    def code(self) -> str:
        """The language, as a BCP 47 tag."""
        return str(self.tables["language"]["code"])

    def __call__(self, key: str, **values: str | int) -> str:
        """Return a text with its holes filled.

        Args:
            key: The section and the name: `page.search`.
            values: What to fill in, by the name in braces.
        """
        section, _, name = key.partition(".")
        return _filled(str(self.tables[section][name]), values)

    def known(self, section: str, name: str) -> str:
        """Return the text for a name that need not be in the table: then the name."""
        return str(self.tables[section].get(name, name))

    def count(self, name: str, number: int, **values: str | int) -> str:
        """Return a number with its noun, in words where the language has them.

        Args:
            name: A key of the section `counts`: `visits`.
            number: The number.
            values: What else to fill in.
        """
        language = self.tables["language"]
        forms = cast("Mapping[str, str]", self.tables["counts"][name])
        numerals = cast("list[str]", language["numerals"])
        written = numerals[number] if number < len(numerals) else f"{number:,}"
        form = forms[_PLURALS[str(language["plural"])](number)]
        return _filled(form, {"n": written, **values})

    def day(self, number: int) -> str:
        """Return a day in words, by its number."""
        year, month, day = civil(number)
        if year < 1:
            return iso(number)
        # pendulum ends at the year 9999; months and days are the same in any leap year.
        pattern = str(self.tables["language"]["day"]).replace("YYYY", f"[{year}]")
        return pendulum.Date(_LEAP_YEAR, month, day).format(pattern, locale=self.code)

    def listed(self, parts: list[str]) -> str:
        """Return parts as a list in a sentence: `a, b and c`."""
        comma, last = self("sentence.comma"), self("sentence.and")
        return last.join([comma.join(parts[:-1]), parts[-1]] if parts[1:] else parts)

    def keys(self) -> Iterator[str]:
        """Yield all keys."""
        for section, table in self.tables.items():
            yield from (f"{section}.{name}" for name in table)


def _filled(text: str, values: Mapping[str, str | int]) -> str:
    # In one pass: a value can contain braces too.
    return _HOLE.sub(lambda hole: str(values.get(hole[1], hole[0])), text)


def strings(language: str) -> Strings:
    """Return the words of a language.

    Args:
        language: One of `LANGUAGES`.

    Raises:
        PictureError: The language has no table.
    """
    if language not in LANGUAGES:
        problem = f"is not a language of pages: give one of {', '.join(LANGUAGES)}"
        raise PictureError(language, problem)
    return _read(language)


# The files of an installed package do not change while it runs.
@cache
def _read(language: str) -> Strings:
    text = files(__package__).joinpath("strings", f"{language}.toml").read_text("utf-8")
    return Strings(tomllib.loads(text))
