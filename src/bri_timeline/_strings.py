"""The words of the library in several languages: of pages, of dates, of facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import cast

from attrs import field, frozen

from bri_timeline.errors import PictureError


LANGUAGES = ("en", "de", "ru", "zh")

_HOLE = re.compile(r"\{([a-z_]+)\}")
_EXACT = Context(prec=60)
# The Gregorian calendar repeats after so many days.
_CYCLE = 146_097


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


@frozen(eq=False)
class Strings:
    """The words of one language.

    Attributes:
        tables: By section and key: a text, or the forms of a text for a number.
        plans: The titles of plans by their ids, which are the author's own: what
            changes a plan is told by its title.
    """

    tables: Mapping[str, Mapping[str, object]]
    plans: Mapping[str, str] = field(factory=dict)

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

    def choice(self, key: str, place: int) -> str:
        """Return one of the texts of a list, by its place."""
        section, _, name = key.partition(".")
        return cast("Sequence[str]", self.tables[section][name])[place]

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
        is_word = number < len(numerals)
        written = numerals[number] if is_word else self.number(number)
        form = forms[_PLURALS[str(language["plural"])](number)]
        return _filled(form, {"n": written, **values})

    def number(self, number: Decimal | Fraction | float) -> str:
        """Return a number with the marks of the language: `1.300,5` in German."""
        language = self.tables["language"]
        marks = str.maketrans(",.", f"{language['group']}{language['decimal']}")
        if isinstance(number, Fraction):
            return str(number)
        # A decimal number is never told by a power of ten.
        written = f"{number:,f}" if isinstance(number, Decimal) else f"{number:,}"
        return written.translate(marks)

    def money(self, amount: Decimal, currency: str) -> str:
        """Return an amount in words, never rounded: `821 million USD`."""
        for power, word in cast("list[tuple[int, str]]", self.tables["money"]["words"]):
            if amount.adjusted() >= power:
                scaled = amount.scaleb(-power, _EXACT).normalize(_EXACT)
                if _places(scaled) <= 3:
                    number = self("money.scaled", n=self.number(scaled), word=word)
                    return f"{number} {currency}"
                break
        cents = amount.quantize(Decimal("0.01")) if _places(amount) == 1 else amount
        return f"{self.number(cents)} {currency}"

    def year(self, year: int) -> str:
        """Return a year in words; 0 is 1 BC, as in ISO 8601."""
        if year < 1:
            return self("when.bc", year=1 - year)
        return self("when.year" if year > 999 else "when.ad", year=year)

    def date(self, year: int, month: int, day: int = 0, *, of: bool = False) -> str:
        """Return a day, or a month, in words.

        Args:
            year: The year.
            month: From 1.
            day: From 1; 0 for the month.
            of: In the form that follows "of", where the language has another one.
        """
        name = self.choice(f"when.{'months_of' if day or of else 'months'}", month - 1)
        key = "when.day" if day else "when.month"
        return self(key, day=day, month=name, year=self.year(year))

    def day(self, number: int) -> str:
        """Return a day in words, by its number."""
        # By itself: `_calendar` would lengthen the chain of what imports what.
        cycles, within = divmod(number - 1, _CYCLE)
        day = date.fromordinal(within + 1)
        return self.date(day.year + 400 * cycles, day.month, day.day)

    def listed(self, parts: Sequence[str]) -> str:
        """Return parts as a list in a sentence: `a, b and c`."""
        return self.joined(parts, self("sentence.and"))

    def joined(self, parts: Sequence[str], last: str) -> str:
        """Return parts as a list, with a word before the last of them."""
        comma = self("sentence.comma")
        return last.join([comma.join(parts[:-1]), parts[-1]] if parts[1:] else parts)

    def keys(self) -> Iterator[str]:
        """Yield all keys."""
        for section, table in self.tables.items():
            yield from (f"{section}.{name}" for name in table)


def _filled(text: str, values: Mapping[str, str | int]) -> str:
    # In one pass: a value can contain braces too.
    return _HOLE.sub(lambda hole: str(values.get(hole[1], hole[0])), text)


def _places(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


# The files of an installed package do not change while it runs.
@cache
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
    # Imported here: a program that shows no words needs no tables.
    import tomllib

    text = files(__package__).joinpath("strings", f"{language}.toml").read_text("utf-8")
    return Strings(tomllib.loads(text))
