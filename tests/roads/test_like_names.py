"""Names of states in other spellings: what they mean, or no guess."""

from __future__ import annotations

from collections.abc import Iterator

import pycountry
import pytest

from bri_timeline.errors import UnknownActorError
from bri_timeline.formats.tables._columns import near_state
from bri_timeline.relations import actor, names, states


LANGUAGES = ("en", "fr", "ru", "zh")
LONG = {
    "en": [
        "Republic of {}",
        "Rep. of {}",
        "The Kingdom of {}",
        "Federal Republic of {}",
    ],
    "fr": ["République de {}", "Royaume du {}", "République populaire de {}"],
    "ru": ["Республика {}", "Королевство {}", "Демократическая Республика {}"],
    "zh": ["{}共和国", "{}王国", "{}人民共和国"],
}
SHORT = {
    "Republic": "Rep.",
    "Democratic": "Dem.",
    "People's": "Peoples",
    " and ": " & ",
}
# The long form is that of a state that ended.
OTHERS = {"VNM", "YEM"}


def spellings() -> Iterator[tuple[str, str, str]]:
    """Yield short and long names of states, each with its language and its state."""
    for code in states():
        for language in LANGUAGES:
            for name in names(code, language):
                yield name, language, code
                for form in LONG[language] if code not in OTHERS else ():
                    yield form.format(name), language, code
    for country in pycountry.countries:
        for attribute in ("name", "official_name", "common_name"):
            name = getattr(country, attribute, None)
            if name is not None:
                yield name, "en", country.alpha_3
                for word, short in SHORT.items():
                    yield name.replace(word, short), "en", country.alpha_3


def test_no_name_of_a_state_is_taken_for_that_of_another() -> None:
    """Short and long, in four languages, also where the language is not known."""
    found = 0
    every = dict.fromkeys(spellings())
    for name, language, code in every:
        for spoken in ("", *LANGUAGES[1:]):
            meant = near_state(name, spoken)
            assert meant in (code, "..."), (name, spoken)
            found += meant == code and (spoken or "en") == language
        with pytest.raises(UnknownActorError) as refused:
            actor(name)
        suggestions = refused.value.suggestions
        assert code in suggestions or not suggestions, name
    assert found > 0.97 * len(every)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Kirgizstan", "KGZ"),
        ("Kyrgyz Rep.", "KGZ"),
        ("Republic of Georgia", "GEO"),
        ("PR China", "CHN"),
        ("DPR Korea", "PRK"),
        ("Rep. of Korea", "KOR"),
        ("DR Congo", "COD"),
        ("Iran (Islamic Republic of)", "IRN"),
        ("PDR Yemen", "state:south-yemen"),
        # Of several there is no guess.
        ("Rep. of China", "..."),
        ("Kingdom of Korea", "..."),
        ("Federal Republic", "..."),
        ("United Kingdom of the", "..."),
        ("Liban", "..."),
    ],
)
def test_words_of_form_count_only_where_they_tell_states_apart(
    name: str, code: str
) -> None:
    """They do of the two Koreas, and say nothing of Georgia."""
    assert near_state(name, "") == code
