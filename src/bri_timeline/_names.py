"""States by their codes and names, as the tables of the package have them."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain
from typing import NamedTuple

from attrs import frozen

from bri_timeline._calendar import Day, iso, to_day
from bri_timeline._messages import SimilarNames


class State(NamedTuple):
    """A country or territory that has a code in ISO 3166-1.

    Attributes:
        code: Its three letters (alpha-3).
        alpha2: Its two letters.
        name: A short name in English.
    """

    code: str
    alpha2: str
    name: str


@cache
def states() -> Mapping[str, State]:
    """Return the countries and territories of ISO 3166-1 by their alpha-3 codes.

    The file is read at the first call.
    """
    rows = _rows("states.csv")
    all_states = [State(row["alpha3"], row["alpha2"], row["name"]) for row in rows]
    return {state.code: state for state in all_states}


@frozen
class Term:
    """The days on which a code or a name stands for an actor, both included.

    Attributes:
        text: The code or the name.
        actor: The id of the actor.
        first: The first day; None if it is not checked.
        last: The last day; None if it is still in use.
        is_given: Whether it is the one that is given for the actor on these days.
            Others are only understood.
    """

    text: str
    actor: str
    first: int | None
    last: int | None
    is_given: bool = True

    def holds(self, day: int | None) -> bool:
        """Return whether *day* is one of the days; without a day, True."""
        if day is None:
            return True
        begun = self.first is None or self.first <= day
        return begun and (self.last is None or day <= self.last)

    @property
    def period(self) -> str:
        """The days in words, such as `until 1992-04-26`."""
        if self.first is None:
            return "on all days" if self.last is None else f"until {iso(self.last)}"
        if self.last is None:
            return f"since {iso(self.first)}"
        return f"from {iso(self.first)} to {iso(self.last)}"


def terms_in(table: str, column: str) -> Iterator[tuple[dict[str, str], Term]]:
    """Yield the rows of a table of codes or names, each with its term.

    Args:
        table: The name of the file among the data of this package.
        column: The column of the codes or names.
    """
    for row in _rows(table):
        first, last = (to_day(row[c]) if row[c] else None for c in ("since", "until"))
        is_given = row.get("use") != "read"
        yield row, Term(row[column], row["actor"], first, last, is_given=is_given)


def told(terms: Iterable[Term]) -> str:
    """Return terms with the actor and the days of each, in words."""
    return ", ".join(f"{term.actor} {term.period}" for term in terms)


def _rows(name: str) -> Iterator[dict[str, str]]:
    table = files("bri_timeline").joinpath("relations", "data", name)
    lines = table.read_text("utf-8").splitlines()
    return csv.DictReader(line for line in lines if not line.startswith("#"))


_WORDS = re.compile(r"[^\W_]+")

# Letters that Unicode does not decompose into a base letter and an accent.
_SPELT = str.maketrans(
    {"\u0131": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ß": "ss", "æ": "ae"}
)


def plain(text: str) -> str:
    """Return text in lower case without accents, with one space between words."""
    small = text.lower().replace("'", "")
    if small.isascii():
        return " ".join(_WORDS.findall(small))
    small = small.translate(_SPELT).replace("\u2019", "")
    parts = unicodedata.normalize("NFKD", small)
    letters = "".join(part for part in parts if not unicodedata.combining(part))
    return " ".join(_WORDS.findall(letters))


def states_called(name: str, on: Day | None = None) -> tuple[str, ...]:
    """Return the ids of the states that a name means: several if it is ambiguous.

    Accents, case and punctuation are ignored; the match is otherwise exact.

    Args:
        name: The name.
        on: The day. Without a day, the short name of a state of today means it, and
            another name every state that it ever meant.
    """
    key = plain(name)
    if on is None and key in _short_names():
        return (_short_names()[key],)
    day = None if on is None else to_day(on)
    terms = named_terms().get(key, ())
    return tuple(dict.fromkeys(term.actor for term in terms if term.holds(day)))


@cache
def named_terms() -> Mapping[str, tuple[Term, ...]]:
    """Return what each name in plain letters means, and on which days.

    The file is read at the first call.
    """
    terms = {
        name: (Term(states()[code].name, code, None, None),)
        for name, code in _short_names().items()
    }
    for _, term in terms_in("names.csv", "name"):
        key = plain(term.text)
        terms[key] = (*terms.get(key, ()), term)
    return terms


# A name like another has this much in common with it; a short one differs in a letter.
_LIKE, _LIKE_SHORT, _SHORT = 0.8, 0.82, 7
_MOST_LIKE = 8


@lru_cache(4096)
def without_form(text: str) -> tuple[str, frozenset[str]]:
    """Return a name in plain letters without words such as `Republic of`, and these.

    >>> without_form("PR China") == ("china", {"peoples", "republic"})
    True

    Args:
        text: The name.
    """
    words, parts = _forms()
    rest, form = list[str](), set[str]()
    for word in plain(text).split():
        if word in words:
            form.update(words[word])
            continue
        form.update(parts.findall(word))
        rest += filter(None, [parts.sub("", word)])
    return " ".join(rest), frozenset(form)


@cache
def _forms() -> tuple[Mapping[str, Sequence[str]], re.Pattern[str]]:
    rows = {row["word"]: row["form"].split() for row in _rows("forms.csv")}
    # Chinese has no spaces.
    parts = [word for word in rows if word > "\u3000"]
    longest_first = sorted(parts, key=len, reverse=True)
    return rows, re.compile("|".join(longest_first))


class LikeNames:
    """Names of states, to find the one that another spelling means.

    Args:
        named: Names, each with the ids that it means.
    """

    def __init__(self, named: Iterable[tuple[str, Iterable[str]]]) -> None:
        self._ids: dict[str, dict[frozenset[str], dict[str, None]]] = {}
        for name, ids in named:
            rest, form = without_form(name)
            by_form = self._ids.setdefault(rest, {})
            by_form.setdefault(form, {}).update(dict.fromkeys(ids))
        self._nearby = SimilarNames(self._ids)

    def of(self, text: str) -> str | None:
        """Return the id that a text means; None rather than a guess among several.

        Args:
            text: A name that is not among these.
        """
        ids = self.all(text)
        return ids[0] if len(ids) == 1 else None

    def all(self, text: str) -> tuple[str, ...]:
        """Return all ids that a text may mean.

        Words of form count only where they tell two states apart.

        Args:
            text: A name that is not among these.
        """
        rest, form = without_form(text)
        if not rest:
            return ()
        if rest in self._ids:
            by_form = self._ids[rest]
            every = dict.fromkeys(chain.from_iterable(by_form.values()))
            return tuple(by_form.get(form, every) if len(every) > 1 else every)
        least = _LIKE if len(rest) >= _SHORT else _LIKE_SHORT
        near = self._nearby.of(rest, _MOST_LIKE, least)
        found = (ids for name in near for ids in self._ids[name].values())
        return tuple(dict.fromkeys(chain.from_iterable(found)))


@cache
def like_names() -> LikeNames:
    """Return the names of the tables, to find those that are like another."""
    return LikeNames((name, states_called(name)) for name in named_terms())


@cache
def _short_names() -> Mapping[str, str]:
    return {plain(state.name): state.code for state in states().values()}


@cache
def withdrawn_terms() -> Mapping[str, tuple[Term, ...]]:
    """Return what each withdrawn code of three letters meant, and on which days."""
    terms: dict[str, tuple[Term, ...]] = {}
    for row, term in terms_in("codes.csv", "code"):
        is_iso3 = "iso3" in row["systems"].split()
        if is_iso3 and term.last is not None and term.text not in states():
            terms[term.text] = (*terms.get(term.text, ()), term)
    return terms


def is_actor_id(text: str) -> bool:
    """Check whether a text is written as the id of an actor is."""
    return text in states() or ":" in text


@lru_cache(4096)
def actors_meant(text: str) -> tuple[str, ...]:
    """Return the ids of the actors of which a text is a name or a code, in any system.

    >>> actors_meant("China"), actors_meant("710"), actors_meant("alfa")
    (('CHN',), ('ZAF', 'CHN'), ())

    Args:
        text: The text.
    """
    codes = _coded_terms().get(text.upper().lstrip("0"), ())
    return tuple(dict.fromkeys((*states_called(text), *codes)))


@cache
def _coded_terms() -> Mapping[str, tuple[str, ...]]:
    codes: dict[str, tuple[str, ...]] = {code: (code,) for code in states()}
    for _, term in terms_in("codes.csv", "code"):
        key = term.text.lstrip("0")
        codes[key] = (*codes.get(key, ()), term.actor)
    return codes


@lru_cache(4096)
def state_meant(text: str) -> str:
    """Return which state a text means that is not an id, in words; empty for none.

    >>> state_meant("China"), state_meant("SUN"), state_meant("alfa")
    ("is a name of 'CHN'", 'is a withdrawn code: RUS until 1992-08-29', '')

    Args:
        text: The text.
    """
    if is_actor_id(text):
        return ""
    if terms := withdrawn_terms().get(text):
        return f"is a withdrawn code: {told(terms)}"
    ids = states_called(text)
    return f"is a name of {' or '.join(map(repr, ids))}" if ids else ""
