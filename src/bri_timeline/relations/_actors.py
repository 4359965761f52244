"""The ids of states, organisations, people and regions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Context, Decimal
from functools import cache, lru_cache

from bri_timeline.edtf import Edtf, to_edtf
from bri_timeline.errors import (
    EventError,
    MissingExtraError,
    UnknownActorError,
    shown,
)
from bri_timeline.extend import Day, needing, state_names, strings, to_day


plain: Callable[[str], str] = state_names.plain
states: Callable[[], Mapping[str, state_names.State]] = state_names.states

_OTHER = re.compile(r"[a-z]{1,30}:[a-z0-9]{1,60}(-[a-z0-9]{1,60}){0,20}")
_REMEDY = (
    "write an alpha-3 code of ISO 3166-1, such as 'AZE',"
    " or a prefix and a name, such as 'org:huawei'"
)
_LONGEST_GUESSED = 60  # comparing longer text would take long, and help nobody
_SMALL_WORDS = frozenset({"and", "for", "in", "of", "on", "the"})


def actor(code: str) -> str:
    """Check the id of an actor, and return it unchanged.

    The id of a state is its alpha-3 code in ISO 3166-1. Any other id is a prefix in
    lower case, a colon, and a name of lower-case letters and digits, its words joined
    by hyphens. Nothing is corrected: another spelling is an error.

    >>> actor("AZE"), actor("org:huawei"), actor("person:ilham-aliyev")
    ('AZE', 'org:huawei', 'person:ilham-aliyev')

    Args:
        code: The id.

    Raises:
        UnknownActorError: It is not such an id; `suggestions` has similar ones.
    """
    if isinstance(code, str):
        if code in states() or _OTHER.fullmatch(code):
            return code
        if terms := state_names.withdrawn_terms().get(code):
            ids = tuple(dict.fromkeys(term.actor for term in terms))
            remedy = f"it is a withdrawn code, {state_names.told(terms)}: write the id"
            raise UnknownActorError(code, ids, remedy)
        suggestions = _suggestions(code)
        named = [f"{suggestion} is {name_of(suggestion)}" for suggestion in suggestions]
        remedy = f"({'; '.join(named)}) {_REMEDY}" if named else _REMEDY
        raise UnknownActorError(code, suggestions, remedy)
    raise UnknownActorError(code, (), _REMEDY)


def actor_named(text: str, *, on: Day | None = None) -> str:
    """Return the id of an actor that is given by its id, or by the name of a state.

    Names are those of ISO 3166-1 in English and those that the files of the field use,
    whatever their case and accents: `Gambia, The`, `Korea, Rep.`, `Russia (Soviet
    Union)`. Some mean several states in turn, or at once: "Yemen" is `YEM` in 2015 and
    one of two states in 1980. Nothing is guessed: then it is an error.

    >>> actor_named("China"), actor_named("Turkey"), actor_named("org:huawei")
    ('CHN', 'TUR', 'org:huawei')
    >>> actor_named("Yugoslavia", on="1991-06-25")
    'state:yugoslavia'
    >>> actor_named("Congo", on="2015-01-01")
    'COG'

    Args:
        text: The id or the name.
        on: The day. Without a day, the short name of a state of today means it, and any
            other name must have meant one state only.

    Raises:
        UnknownActorError: It is neither, or means several states; `suggestions` has
            those, or similar ones.
        DayError: *on* is not one whole day.
    """
    if on is not None:
        to_day(on)  # also where the day does not matter
    if text in states() or len(text) > _LONGEST_GUESSED or _has_lost_letters(text):
        return actor(text)
    ids = state_names.states_called(text, on)
    if len(ids) == 1:
        return ids[0]
    terms = state_names.named_terms().get(plain(text), ())
    if not terms:
        return actor(text)
    remedy = f"the name is used for {state_names.told(terms)}"
    if on is None:
        remedy += ": write the id, or say on which day (on=)"
    else:
        remedy += f"; on {on} it means {'several' if ids else 'none'}: write the id"
    raise UnknownActorError(text, ids or [term.actor for term in terms], remedy)


def actors(codes: Iterable[str]) -> frozenset[str]:
    """Check ids of actors, and return them as a set.

    Args:
        codes: The ids; a single one is given in a list too.

    Raises:
        UnknownActorError: One of them is not an id of an actor, or *codes* is text or
            not a collection.
    """
    # Text is iterable too: "AZE" would be read letter by letter.
    # The values of a mapping would be lost.
    if isinstance(codes, str | Mapping) or not isinstance(codes, Iterable):
        remedy = "give a list of ids, even if there is only one"
        raise UnknownActorError(codes, (), remedy)
    return frozenset([actor(code) for code in codes])


def affair_of(parties: frozenset[str]) -> frozenset[str]:
    """Return the actors whose affair a fact is.

    With one state among the parties, it is the affair of that state, whatever persons,
    organisations or regions take part. Otherwise it is the affair of all parties.

    Args:
        parties: The parties of the fact.
    """
    some = [party for party in parties if is_state(party)]
    return frozenset(some) if len(some) == 1 else parties


def is_state(code: str) -> bool:
    """Check whether the id of an actor is that of a state, of today or ended."""
    return code in states() or code.startswith("state:")


def name_of(code: str) -> str:
    """Return the name of an actor in English.

    The name of a prefixed id consists of its words, so capitals within words are lost.

    >>> name_of("AZE"), name_of("org:huawei"), name_of("person:ilham-aliyev")
    ('Azerbaijan', 'Huawei', 'Ilham Aliyev')

    Args:
        code: The id.

    Raises:
        UnknownActorError: It is not the id of an actor.
    """
    state = states().get(actor(code))
    if state is not None:
        return state.name
    first, *rest = code.partition(":")[2].split("-")
    words = [word if word in _SMALL_WORDS else word.capitalize() for word in rest]
    return " ".join([first.capitalize(), *words])


def names(code: str, language: str) -> tuple[str, ...]:
    """Return the names of an actor in a language, the most usual first.

    Names of states are those of CLDR, from Babel: it needs the package `babel`.
    No other actor has one, nor a state that CLDR does not name in the language.

    >>> names("KAZ", "de"), names("KAZ", "ru"), names("org:huawei", "de")
    (('Kasachstan',), ('\u041a\u0430\u0437\u0430\u0445\u0441\u0442\u0430\u043d',), ())

    Args:
        code: The id of the actor.
        language: A language of BCP 47, with a script or a country if that is needed:
            `de`, `pt-BR`, `zh-Hant`.

    Raises:
        UnknownActorError: It is not the id of an actor, or not a language of CLDR.
        MissingExtraError: Babel is not installed.
    """
    with needing("names"):
        import babel

    state = states().get(actor(code))
    try:
        known = babel.Locale.parse(language, sep="-").territories
    except (babel.UnknownLocaleError, TypeError, ValueError):
        lacking = f"no names are known in {shown(language)}"
        problem = f"{lacking}: write a language such as 'de', 'ru' or 'zh-Hant'"
        raise UnknownActorError(code, (), problem) from None
    name = None if state is None else known.get(state.alpha2)
    return () if name is None else (name,)


@lru_cache(8192)
def named(code: str, language: str = "en") -> str:
    """Return the name of an actor; text that is not an id is returned unchanged.

    Args:
        code: The id.
        language: The language of names of states. Without Babel they are in English,
            as are those that CLDR does not name in the language.
    """
    try:
        name = name_of(code)
        if language == "en":
            return name
        return next(iter(names(code, language)), name)
    except UnknownActorError:
        return code
    except MissingExtraError:
        return name


def among(codes: Iterable[str], language: str = "en") -> str:
    """Return the names of some actors: `Azerbaijan, China and Russia`."""
    return strings(language).listed(sorted(named(code, language) for code in codes))


def _suggestions(code: str) -> tuple[str, ...]:
    """Return ids that may have been meant: by exact name or code, else by similar."""
    if len(code) > _LONGEST_GUESSED:
        return ()
    prefix, colon, name = code.partition(":")
    if colon:
        # Letters of other scripts would vanish, and suggest another actor.
        if _has_lost_letters(name):
            return ()
        tidy = f"{plain(prefix).replace(' ', '')}:{plain(name).replace(' ', '-')}"
        return (tidy,) if _OTHER.fullmatch(tidy) else ()
    text = plain(code)
    names = _names()
    exact = [state.code for state in states().values() if text == state.alpha2.lower()]
    if text.upper() in states():
        exact.append(text.upper())
    if text in names:
        exact.append(names[text])
    return tuple(dict.fromkeys(exact or _near(text, names)))[:3]


_CODE = 3


def _near(text: str, names: dict[str, str]) -> list[str]:
    # A code is the beginning of a name; of another text all words are in it.
    end = "" if len(text) == _CODE else " "
    near = [names[name] for name in names if f" {text}{end}" in f" {name} "]
    codes = [*state_names.like_names().all(text), *near]
    if len(text) == _CODE:
        codes += [code for code in states() if code[:2] == text[:2].upper()]
    return codes


@cache
def _names() -> dict[str, str]:
    """Return the ids of states by their names in plain letters, if they mean one."""
    known, called = state_names.named_terms(), state_names.states_called
    named = {name: called(name) for name in known}
    return {name: codes[0] for name, codes in named.items() if len(codes) == 1}


def _decomposed(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part))


def _has_lost_letters(text: str) -> bool:
    """Check whether *text* has letters without a plain form."""
    return any(part.isalnum() and not part.isascii() for part in _decomposed(text))


_FIGURE = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([Ee][+-]?[0-9]{1,2})?")
_DIGITS = 40
_LONGEST_INT = 140
_EXACT = Context(prec=_DIGITS + 1)
_NO_FIGURE = "is not a figure: write digits and a point alone, like '1300000.5'"
_TOO_LONG = f"is not a figure: at most {_DIGITS} digits are kept"


def optional_edtf(value: Edtf | str | date | None) -> Edtf | None:
    """Return a date as an `Edtf`, or None."""
    return None if value is None else to_edtf(value)


def optional_actor(value: str | None) -> str | None:
    """Check the id of an actor, and return it unchanged, or None."""
    return None if value is None else actor(value)


def some_actors(value: Iterable[str]) -> frozenset[str]:
    """Check ids of actors, and return them as a set that is not empty."""
    parties = actors(value)
    if not parties:
        raise EventError(value, "has no parties: name at least one")
    return parties


def figure(value: Decimal | int | str) -> Decimal:
    """Return the canonical form of a figure, so that equal figures look alike."""
    if isinstance(value, float):
        raise EventError(value, "is a float: write a Decimal, or text such as '1.3'")
    is_text = isinstance(value, str) and _FIGURE.fullmatch(value)
    is_number = isinstance(value, Decimal | int) and not isinstance(value, bool)
    if not (is_text or is_number):
        raise EventError(value, _NO_FIGURE)
    if isinstance(value, int) and value.bit_length() > _LONGEST_INT:
        raise EventError(value, _TOO_LONG)  # converting it first would take long
    figure = Decimal(value)
    if not figure.is_finite():
        raise EventError(value, "is not a figure: leave it out where it is not known")
    if len(figure.as_tuple().digits) > _DIGITS or abs(figure.adjusted()) > _DIGITS:
        raise EventError(value, _TOO_LONG)
    # normalize() alone would turn 100 into 1E+2.
    plain = figure.normalize(_EXACT)
    is_whole = plain == plain.to_integral_value()
    return Decimal(int(plain)) if is_whole else plain


def count(value: int) -> int:
    """Check a whole number from 1, and return it."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise EventError(value, "is not a count: give a whole number from 1")
    return value
