"""The words of pages and pictures: the same keys and holes in every language."""

from __future__ import annotations

import re

import pytest

from bri_timeline.errors import PictureError
from bri_timeline.pages._wording import LANGUAGES, strings


# Three words have forms for one, two, and five.
FORMS = {
    "en": ["one visit", "two visits", "five visits", "21 visits"],
    "de": ["ein Besuch", "zwei Besuche", "fünf Besuche", "21 Besuche"],
    "ru": ["1 визит", "2 визита", "5 визитов", "21 визит"],
    "zh": ["1次访问", "2次访问", "5次访问", "21次访问"],
}
CATEGORIES = {
    "one-other": {"one", "other"},
    "other": {"other"},
    "east-slavic": {"one", "few", "many"},
}

# Where a language has another order than English, on purpose. The flags of a visit, and
# who guests, are words of their own.
MOVED = {
    "de": {"facts.InitiativeLaunched", "facts.Visited"},
    "ru": {"facts.InitiativeLaunched", "facts.Visited", "when.season"},
    "zh": {
        *("facts.Visited", "when.month", "when.day", "when.season", "when.each_span"),
        *("when.each_since", "when.each_until", "page.found", "page.bins"),
    },
}


class TestStrings:
    """The tables of strings, and the texts that they give."""

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_language_has_the_same_keys(self, language: str) -> None:
        """No table lacks a text, and none has one more."""
        assert [*strings("en").keys()] == [*strings(language).keys()]

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_text_has_the_same_holes(self, language: str) -> None:
        """What English fills in is filled in by each language."""
        english, other = strings("en").tables, strings(language).tables
        for section, table in english.items():
            for name, text in table.items():
                translated = other[section][name]
                assert (text and translated) or name in ("numerals", "gap")
                if section == "counts":
                    assert holes(" ".join(text.values())) | {"n"} == holes(
                        " ".join(translated.values())
                    ) | {"n"}
                elif isinstance(text, str):
                    assert holes(text) == holes(translated), (section, name)

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_holes_stand_in_the_order_of_english(self, language: str) -> None:
        """Two days or two actors that change places would say something else."""
        english, other = strings("en").tables, strings(language).tables
        moved = set()
        for section, table in english.items():
            for name, text in table.items():
                if isinstance(text, str):
                    wanted, found = (
                        re.findall(r"\{([a-z]+)", some)
                        for some in (text, str(other[section][name]))
                    )
                    moved |= {f"{section}.{name}"} if wanted != found else set()

        assert moved == MOVED.get(language, set())

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize(
        "section", ["facts", "status", "counts", "pictures", "sentence", "kinds"]
    )
    def test_what_english_tells_apart_is_told_apart(
        self, language: str, section: str
    ) -> None:
        """No two texts of a language are the same, but where they are in English."""
        same = {}
        for code in ("en", language):
            table = strings(code).tables[section]
            same[code] = {
                (name, other)
                for name in table
                for other in table
                if name < other and table[name] == table[other]
            }

        assert same[language] <= same["en"]

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_count_has_the_forms_of_its_language(self, language: str) -> None:
        """Each count has a form for each plural category, and no other."""
        tables = strings(language).tables
        wanted = CATEGORIES[str(tables["language"]["plural"])]

        assert all(wanted == forms.keys() for forms in tables["counts"].values())

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_count_has_the_form_of_its_number(self, language: str) -> None:
        """A noun has the form that its number wants: 1, 2, 5, 21."""
        count = strings(language).count

        assert FORMS[language] == [count("visits", n) for n in (1, 2, 5, 21)]

    def test_count_writes_teens_in_russian(self) -> None:
        """11 to 14 take the form of many in Russian."""
        assert strings("ru").count("visits", 12) == "12 визитов"

    def test_day_is_written_as_the_language_writes_it(self) -> None:
        """A day has the order and the month of the language, in any year."""
        days = [strings(language).day(737_174) for language in LANGUAGES]

        assert days == [
            *(
                "25 April 2019",
                "25. April 2019",
                "25 апреля 2019\u00a0г.",
                "2019年4月25日",
            )
        ]
        assert strings("en").day(0) == "31 December 1 BC"
        assert strings("en").day(3_652_060) == "1 January 10000"

    def test_listed_joins_as_the_language_does(self) -> None:
        """Parts of a sentence are joined by commas and, at last, a word."""
        assert strings("en").listed(["a", "b", "c"]) == "a, b and c"
        assert strings("zh").listed(["a", "b"]) == "a和b"
        assert strings("de").listed(["a"]) == "a"

    def test_what_is_filled_in_is_not_read_again(self) -> None:
        """Braces in a text that is filled in stay as they are."""
        words = strings("en")("sentence.worth", what="{value}", value="7 USD")

        assert words == "{value} worth 7 USD"

    def test_known_gives_back_what_no_table_has(self) -> None:
        """A kind of one's own is called as its author calls it."""
        assert strings("de").known("kinds", "Visits") == "Besuche"
        assert strings("de").known("kinds", "Tariff set") == "Tariff set"

    def test_strings_refuse_a_language_without_a_table(self) -> None:
        """Another language is refused, with those that there are."""
        with pytest.raises(PictureError, match=r"'xx' is not a language.*en, de, ru"):
            strings("xx")


def holes(text: str) -> set[str]:
    """Return the names in braces in a text."""
    return {hole.removesuffix("_of") for hole in re.findall(r"\{([a-z_]+)\}", text)}
