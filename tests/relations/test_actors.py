"""Ids of actors: read as they stand, or refused with suggestions."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bri_timeline._names import states
from bri_timeline.errors import UnknownActorError
from bri_timeline.relations import actor, name_of, names
from bri_timeline.relations._actors import actors


WORD = st.text("abz09", min_size=1, max_size=3)
NAMES = st.lists(WORD, min_size=1, max_size=3).map("-".join)
OTHERS = st.builds("{}:{}".format, st.text("aoz", min_size=1, max_size=4), NAMES)
ACTORS = OTHERS | st.sampled_from(sorted(states()))


def _refusal(code: object) -> UnknownActorError:
    with pytest.raises(UnknownActorError) as caught:
        actor(code)
    return caught.value


def _is_accepted(text: str) -> bool:
    try:
        return actor(text) == text
    except UnknownActorError:
        return False


def test_every_code_of_the_standard_is_there_once() -> None:
    """ISO 3166-1 has 249 codes, each with two letters and a name of its own."""
    assert 249 == len(states())
    assert 249 == len({state.alpha2 for state in states().values()})
    assert 249 == len({state.name for state in states().values()})


def test_codes_are_letters_and_names_are_words() -> None:
    """A code is three capitals or two, and a name begins with one."""
    for code, state in states().items():
        assert code == state.code
        assert re.fullmatch("[A-Z]{3} [A-Z]{2}", f"{state.code} {state.alpha2}")
        assert state.name == state.name.strip()
        assert state.name[0].isupper()


@pytest.mark.parametrize(
    ("code", "alpha2", "name"),
    [
        ("AZE", "AZ", "Azerbaijan"),
        ("CHN", "CN", "China"),
        ("CHE", "CH", "Switzerland"),
        ("NAM", "NA", "Namibia"),
        ("SRB", "RS", "Serbia"),
        ("GGY", "GG", "Guernsey"),
        ("IRN", "IR", "Iran"),
        ("RUS", "RU", "Russia"),
        ("TUR", "TR", "Türkiye"),
        ("COD", "CD", "DR Congo"),
        ("SSD", "SS", "South Sudan"),
    ],
)
def test_states_that_are_often_confused(code: str, alpha2: str, name: str) -> None:
    """Each of these codes means the state that the standard says."""
    assert (code, alpha2, name) == states()[code]


@given(ACTORS)
def test_actor_returns_an_id_unchanged(code: str) -> None:
    """`actor` of an id is that id, and it has a name."""
    assert code == actor(code)
    assert name_of(code).strip()


@pytest.mark.parametrize(
    "code",
    [
        *["org:huawei", "person:ilham-aliyev", "region:south-caucasus"],
        *["state:kosovo", "org:g20", "org:3m", "x:1"],
    ],
)
def test_whoever_has_no_code_carries_a_prefix(code: str) -> None:
    """A prefix in small letters and words joined by hyphens make an id."""
    assert code == actor(code)


@given(ACTORS, st.sampled_from([" ", "\n", "\x00", "-", ":", "\u0661", "_", "É"]))
def test_actor_refuses_an_id_with_a_stray_character(code: str, stray: str) -> None:
    """An id with one character too many, at either end, is refused."""
    for text in (code + stray, stray + code):
        assert text == _refusal(text).code


@given(ACTORS)
def test_actor_refuses_an_id_in_the_wrong_case(code: str) -> None:
    """An id in the wrong case is refused, and the right one suggested."""
    wrong = code.swapcase()
    assume(wrong != code)

    assert code in _refusal(wrong).suggestions


@given(st.text(max_size=8) | st.from_regex("[a-zA-Z:-]{1,9}", fullmatch=True))
def test_suggestions_are_ids(text: str) -> None:
    """Whatever is refused, each suggestion would have been accepted."""
    suggestions = () if _is_accepted(text) else _refusal(text).suggestions

    assert all(_is_accepted(code) for code in suggestions)
    assert len(set(suggestions)) == len(suggestions) <= 3


def test_two_letters_or_a_name_suggest_the_state() -> None:
    """No alpha-2 code and no name passes for a state, but each suggests it."""
    for code, alpha2, name in states().values():
        assert (code,) == _refusal(alpha2).suggestions
        assert code in _refusal(name).suggestions, name
        assert code in _refusal(name.upper()).suggestions, name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("azerbaidjan", ("AZE",)),
        ("AZR", ("AZE",)),
        ("Swizerland", ("CHE",)),
        ("GER", ("DEU",)),
        ("Korea", ("KOR", "PRK")),
        ("Congo", ("COG", "COD")),
        ("Virgin Islands", ("VGB", "VIR")),
        ("UK", ("GBR",)),
        ("Turkey", ("TUR",)),
        ("Cote d'Ivoire", ("CIV",)),
        ("Cote d\u2019Ivoire", ("CIV",)),
        ("sao tome and principe", ("STP",)),
        ("org:Huawei", ("org:huawei",)),
        ("Org: Bank of China", ("org:bank-of-china",)),
        ("person:Ana_Müller", ("person:ana-muller",)),
    ],
)
def test_actor_suggests_what_was_meant(text: str, expected: tuple[str, ...]) -> None:
    """Names, other names, near spellings and loose writing lead to suggestions."""
    suggestions = _refusal(text).suggestions

    assert set(expected) <= set(suggestions)


def test_kosovo_is_not_taken_for_serbia() -> None:
    """A state without a code in the standard is pointed to an id of its own."""
    assert ("state:kosovo",) == _refusal("Kosovo").suggestions
    assert ("state:kosovo",) == _refusal("XKX").suggestions


@pytest.mark.parametrize(
    "code",
    ["", ":", "org:", ":x", "QXJW", "中国", "person:Əliyev", "x" * 10**6, "1:a"],
    ids=lambda code: code[:9],
)
def test_what_resembles_nothing_gets_no_suggestion(code: str) -> None:
    """Nothing is suggested where nothing is near or letters would be lost."""
    error = _refusal(code)

    assert () == error.suggestions
    assert "write an alpha-3 code of ISO 3166-1" in str(error)
    assert len(str(error)) < 300


@pytest.mark.parametrize("text", ["saint", "virgin islands", "UNI", "Swizerland"])
def test_suggestions_are_few_and_distinct(text: str) -> None:
    """Three ids at most are suggested, each once, however many are near."""
    suggestions = _refusal(text).suggestions

    assert 1 <= len(set(suggestions)) == len(suggestions) <= 3


def test_long_text_is_not_guessed_at() -> None:
    """Text longer than any name gets no suggestion, so that none costs much."""
    assert () == _refusal("Azerbaijan".rjust(61)).suggestions
    assert ("AZE",) == _refusal("Azerbaijan".rjust(60)).suggestions


@pytest.mark.parametrize("code", [None, 5, b"AZE", ["AZE"], ("AZE",)], ids=repr)
def test_actor_refuses_values_that_are_not_text(code: object) -> None:
    """A value that is not text is refused as an id."""
    assert code is _refusal(code).code


def test_a_refusal_says_who_a_suggestion_is() -> None:
    """The message names each suggested state, since codes of other systems differ."""
    assert "did you mean CHE? (CHE is Switzerland)" in str(_refusal("CH"))


@given(st.lists(ACTORS))
def test_several_ids_become_a_set(codes: list[str]) -> None:
    """`actors` gives back the ids, each once, from any iterable."""
    assert frozenset(codes) == actors(codes) == actors(iter(codes))


@pytest.mark.parametrize("codes", ["AZE", "org:huawei", "", 5, None], ids=repr)
def test_a_bare_string_is_not_several_ids(codes: object) -> None:
    """One id where several are wanted is refused, not read letter by letter."""
    with pytest.raises(UnknownActorError, match="give a list of ids") as caught:
        actors(codes)

    assert codes is caught.value.code


def test_one_bad_id_among_several_is_named() -> None:
    """The error names the id that is at fault, with its suggestions."""
    with pytest.raises(UnknownActorError) as caught:
        actors(["AZE", "China"])

    assert ("China", ("CHN",)) == (caught.value.code, caught.value.suggestions)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("AZE", "Azerbaijan"),
        ("org:huawei", "Huawei"),
        ("person:ilham-aliyev", "Ilham Aliyev"),
        ("region:south-caucasus", "South Caucasus"),
        ("org:bank-of-china", "Bank of China"),
        ("org:the-nature-fund", "The Nature Fund"),
        ("org:g20", "G20"),
    ],
)
def test_name_of_gives_the_name_of_an_actor(code: str, expected: str) -> None:
    """`name_of` gives the state's name, or the words of the id with capitals."""
    assert expected == name_of(code)


def test_name_of_refuses_text_that_is_not_an_id() -> None:
    """`name_of` refuses text that is not an id."""
    with pytest.raises(UnknownActorError, match="did you mean AZE"):
        name_of("AZ")


@pytest.mark.parametrize(
    ("code", "language", "found"),
    [
        ("KAZ", "de", ("Kasachstan",)),
        ("KAZ", "zh-Hant", ("哈薩克",)),
        ("CHN", "pt-BR", ("China",)),
        ("org:huawei", "de", ()),
        ("state:hyderabad", "de", ()),
    ],
)
def test_names_are_given_in_a_language(
    code: str, language: str, found: tuple[str, ...]
) -> None:
    """CLDR names the states of today in many languages, and nobody else."""
    assert names(code, language) == found


@pytest.mark.parametrize("language", ["xx", "", "not a language", 7, None])
def test_names_need_a_language(language: str) -> None:
    """A language that CLDR lacks is refused with an example."""
    with pytest.raises(UnknownActorError, match="write a language such as 'de'"):
        names("KAZ", language)
