"""Reading and writing: text is a date that writes itself, or an `EdtfError`."""

from __future__ import annotations

import copy
import operator
import pickle
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.edtf_model import extents, several, singles

from bri_timeline import Edtf
from bri_timeline.edtf import Bound, Widening, in_words
from bri_timeline.errors import BriTimelineError, DayRangeError, EdtfError


VALID = st.one_of(singles(), extents(0), several()).map(lambda said: said.text)
CHARACTERS = st.sampled_from([*"0123456789XYESTZ?~%-/.:,+[]{} \n", "٣", "²", "é"])


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Generate a valid text with one part cut, doubled or replaced."""
    text = draw(VALID)
    start = draw(st.integers(0, len(text)))
    stop = draw(st.integers(start, min(start + 4, len(text))))
    return text[:start] + draw(st.text(CHARACTERS, max_size=3)) + text[stop:]


def _read(text: str) -> Edtf | EdtfError:
    try:
        return Edtf(text)
    except EdtfError as error:
        return error


class TestRoundTrip:
    """Text, repr, copies."""

    @given(text=VALID)
    def test_text(self, text: str) -> None:
        """The canonical text is read as the same date, and is its own."""
        value = Edtf(text)
        again = Edtf(str(value))

        assert value == again
        assert str(value) == str(again)
        assert hash(value) == hash(again)
        assert value.sort_key() == again.sort_key()
        assert (value.is_uncertain, value.is_approximate) == (
            again.is_uncertain,
            again.is_approximate,
        )
        assert (value.earliest_bound, value.latest_bound) == (
            again.earliest_bound,
            again.latest_bound,
        )

    @given(text=VALID)
    def test_repr_and_copies(self, text: str) -> None:
        """What `repr`, `pickle` and `copy` give back is equal and as precise."""
        value = Edtf(text)
        others = [
            eval(repr(value), {"Edtf": Edtf}),
            pickle.loads(pickle.dumps(value)),
            copy.copy(value),
            copy.deepcopy(value),
        ]

        assert [value] * 4 == others
        assert {value.sort_key()} == {other.sort_key() for other in others}

    def test_equality_is_by_canonical_text(self) -> None:
        """Two ways to write a date are equal; other dates and other types are not."""
        assert Edtf("2004-06?") == Edtf("?2004-?06")
        assert Edtf("[2018,2016,2016]") == Edtf("[2016,2018]")
        assert Edtf("[2016..2016]") == Edtf("2016")
        assert Edtf("Y17E3") == Edtf("Y17000")
        assert Edtf("2016") != Edtf("2016~")
        assert Edtf("2016") != "2016"

    def test_there_is_no_order(self) -> None:
        """Dates refuse `<`, which would have to say yes or no to a maybe."""
        with pytest.raises(TypeError):
            operator.lt(Edtf("2015"), Edtf("2016"))

    def test_sort_key_orders_for_display(self) -> None:
        """`sort_key()` puts open starts first and open ends last."""
        texts = ["../2014", "2014", "2015", "2015/2016", "2015/.."]
        shuffled = map(Edtf, reversed(texts))

        assert texts == list(map(str, sorted(shuffled, key=Edtf.sort_key)))

    def test_it_never_changes(self) -> None:
        """An attribute cannot be set."""
        with pytest.raises(AttributeError):
            Edtf("2015").level = 2
        with pytest.raises(AttributeError):
            del Edtf("2015").level


class TestAnyText:
    """Text that may be anything."""

    @given(text=st.one_of(st.text(CHARACTERS, max_size=30), st.text(), mutated()))
    def test_a_date_or_an_error(self, text: str) -> None:
        """Any text gives a date or an `EdtfError` that points into the text."""
        value = _read(text)

        if isinstance(value, EdtfError):
            assert 0 <= value.position <= len(text)
            assert text == value.text
            assert value.expected in str(value)
        else:
            assert text.isascii()
            assert value == Edtf(str(value))
            assert in_words(value)

    @given(text=mutated())
    def test_what_is_suggested_is_a_date(self, text: str) -> None:
        """Whatever a message suggests can be read."""
        refusal = _read(text)
        expected = refusal.expected if isinstance(refusal, EdtfError) else ""
        _, _, meant = expected.partition("did you mean ")
        suggestions = meant.removesuffix("?)").split(" or ") if meant else []

        for suggestion in suggestions:
            assert isinstance(_read(suggestion.strip("'")), Edtf)


# Examples and wording of the levels: Library of Congress, Extended Date/Time Format
# (EDTF) Specification, 4 February 2019.
SPECIFICATION = [
    # text, level, first day, last day
    ("1985-04-12", 0, "1985-04-12", "1985-04-12"),
    ("1985-04", 0, "1985-04-01", "1985-04-30"),
    ("1985", 0, "1985-01-01", "1985-12-31"),
    ("1985-04-12T23:20:30", 0, "1985-04-12", "1985-04-12"),
    ("1985-04-12T23:20:30Z", 0, "1985-04-12", "1985-04-12"),
    ("1985-04-12T23:20:30-04", 0, "1985-04-12", "1985-04-12"),
    ("1985-04-12T23:20:30+04:30", 0, "1985-04-12", "1985-04-12"),
    ("1964/2008", 0, "1964-01-01", "2008-12-31"),
    ("2004-06/2006-08", 0, "2004-06-01", "2006-08-31"),
    ("2004-02-01/2005-02-08", 0, "2004-02-01", "2005-02-08"),
    ("2004-02-01/2005-02", 0, "2004-02-01", "2005-02-28"),
    ("2004-02-01/2005", 0, "2004-02-01", "2005-12-31"),
    ("2005/2006-02", 0, "2005-01-01", "2006-02-28"),
    ("2001-21", 1, "2001-03-01", "2001-05-31"),
    ("1984?", 1, "1984-01-01", "1984-12-31"),
    ("2004-06~", 1, "2004-06-01", "2004-06-30"),
    ("2004-06-11%", 1, "2004-06-11", "2004-06-11"),
    ("201X", 1, "2010-01-01", "2019-12-31"),
    ("20XX", 1, "2000-01-01", "2099-12-31"),
    ("2004-XX", 1, "2004-01-01", "2004-12-31"),
    ("1985-04-XX", 1, "1985-04-01", "1985-04-30"),
    ("1985-XX-XX", 1, "1985-01-01", "1985-12-31"),
    ("1985-04-12/..", 1, "1985-04-12", None),
    ("1985/", 1, "1985-01-01", None),
    ("../1985-04", 1, None, "1985-04-30"),
    ("/1985", 1, None, "1985-12-31"),
    ("1984~/2004-06", 1, "1984-01-01", "2004-06-30"),
    ("1984-06-02?/2004-08-08~", 1, "1984-06-02", "2004-08-08"),
    ("2004-06~-11", 2, "2004-06-11", "2004-06-11"),
    ("2004?-06-11", 2, "2004-06-11", "2004-06-11"),
    ("?2004-06-~11", 2, "2004-06-11", "2004-06-11"),
    ("2004-%06-11", 2, "2004-06-11", "2004-06-11"),
    ("1950S2", 2, "1900-01-01", "1999-12-31"),
    ("2001-34", 2, "2001-04-01", "2001-06-30"),
    ("[1667,1668,1670..1672]", 2, "1667-01-01", "1672-12-31"),
    ("[..1760-12-03]", 2, None, "1760-12-03"),
    ("[1760-12..]", 2, "1760-12-01", None),
    ("[1760-01,1760-02,1760-12..]", 2, "1760-01-01", None),
    ("[1667,1760-12]", 2, "1667-01-01", "1760-12-31"),
    ("[..1984]", 2, None, "1984-12-31"),
    ("{1667,1668,1670..1672}", 2, "1667-01-01", "1672-12-31"),
    ("{1960,1961-12}", 2, "1960-01-01", "1961-12-31"),
    ("{..1984}", 2, None, "1984-12-31"),
    ("156X-12-25", 2, "1560-12-25", "1569-12-25"),
    ("15XX-12-25", 2, "1500-12-25", "1599-12-25"),
    ("1XXX-XX", 2, "1000-01-01", "1999-12-31"),
    ("1X1X-24", 2, "1010-12-01", "1920-02-29"),
    ("1984-1X", 2, "1984-10-01", "1984-12-31"),
    ("2004-06-~01/2004-06-~20", 2, "2004-06-01", "2004-06-20"),
    ("2004-06-XX/2004-07-03", 2, "2004-06-01", "2004-07-03"),
]


def _day(iso: str | None) -> date | None:
    return None if iso is None else date.fromisoformat(iso)


class TestSpecification:
    """The examples of the specification."""

    @pytest.mark.parametrize(("text", "level", "first", "last"), SPECIFICATION)
    def test_examples(
        self, text: str, level: int, first: str | None, last: str | None
    ) -> None:
        """Each example has the level and the days that the specification gives it."""
        value = Edtf(text)

        assert (level, _day(first), _day(last)) == (
            value.level,
            value.earliest,
            value.latest,
        )
        assert ("?" in text or "%" in text) == value.is_uncertain
        assert ("~" in text or "%" in text) == value.is_approximate
        assert ("/" in text) == value.is_extent
        assert ("{" in text) == value.is_several

    @pytest.mark.parametrize(
        ("text", "level", "first", "last"),
        [
            ("Y170000002", 1, 170_000_002, 170_000_002),
            ("Y-170000002", 1, -170_000_002, -170_000_002),
            ("Y-17E7", 2, -170_000_000, -170_000_000),
            ("Y171010000S3", 2, 171_000_000, 171_999_999),
            ("Y3388E2S3", 2, 338_000, 338_999),
            ("Y-171010000S3", 2, -171_999_999, -171_000_000),
            ("-1985", 1, -1985, -1985),
            ("-000X", 1, -9, -1),
            ("-1X1X", 2, -1919, -1010),
            ("-0001S1", 2, -999, -1),
        ],
    )
    def test_long_years(self, text: str, level: int, first: int, last: int) -> None:
        """Years of any size and sign are whole years; no `date` can hold them."""
        value = Edtf(text)
        days_before_year_1 = first * 365 + first // 4 - first // 100 + first // 400

        assert level == value.level
        assert abs(days_before_year_1 - value.first_day) < 400
        assert (last - first) * 365 < value.last_day - value.first_day
        with pytest.raises(DayRangeError, match="use the day number") as caught:
            _ = value.earliest
        assert value.first_day == caught.value.day

    @pytest.mark.parametrize(
        ("text", "first", "last"),
        [
            ("2015", Bound.DATE, Bound.DATE),
            ("2015/..", Bound.DATE, Bound.OPEN),
            ("2015/", Bound.DATE, Bound.UNKNOWN),
            ("../2015", Bound.OPEN, Bound.DATE),
            ("/2015", Bound.UNKNOWN, Bound.DATE),
            ("2015../2016", Bound.DATE, Bound.DATE),
            ("..2015/2016", Bound.OPEN, Bound.DATE),
            ("2015/2016..", Bound.DATE, Bound.OPEN),
            ("[..2015]", Bound.OPEN, Bound.DATE),
            ("{2015..}", Bound.DATE, Bound.OPEN),
        ],
    )
    def test_ends(self, text: str, first: Bound, last: Bound) -> None:
        """An end is a date, open (`..`), or unknown (nothing)."""
        value = Edtf(text)

        assert (first, last) == (value.earliest_bound, value.latest_bound)
        assert (first is not Bound.DATE) == (value.earliest is None)
        assert (last is not Bound.DATE) == (value.latest is None)


REFUSED = [
    ("", 0, "a year"),
    ("2015-", 5, "a month"),
    ("2015-13", 5, "a month from 01 to 12"),
    ("2015-00", 5, "a month from 01 to 12"),
    ("2015-02-29", 8, "a day from 01 to 28"),
    ("2015-02-3X", 8, "a day from 01 to 28"),
    ("2015-21-01", 8, "no day after a season"),
    ("2015-04-24-", 10, "nothing more"),
    ("-0000", 0, "0000"),
    ("-X000S1", 5, "no S after"),
    ("1950S5", 5, "from 1 to 4"),
    ("1950S0", 5, "from 1 to 4"),
    ("1950?S2", 5, "nothing more"),
    ("Y2015", 0, "beyond four digits"),
    ("Y0", 1, "the first of them not 0"),
    ("Y", 1, "digits of a year"),
    ("Y17E19", 4, "from 1 to 18"),
    ("Y17E0", 4, "from 1 to 18"),
    ("Y17101S6", 7, "from 1 to 5"),
    ("2015-04-24T24:00:00", 11, "00 to 23"),
    ("2015-04-24T10", 13, "':'"),
    ("2015-04-24T10:00", 16, "':'"),
    ("2015-04-24T10:00:60", 17, "00 to 59"),
    ("2015-04-24T10:00:00+15", 20, "00 to 14"),
    ("2015-04-24T10:00:00-13:00", 19, "from -12:00"),
    ("2015-04-24T10:00:00-00:00", 19, "from -12:00"),
    ("2015-04-24T10:00:00+14:01", 19, "to +14:00"),
    ("2015-04T10:00:00", 7, "no time"),
    ("2015-04-24?T10:00:00", 11, "no time"),
    ("/", 0, "a date on one side"),
    ("../..", 2, "a date on one side"),
    ("2016/2015", 5, "not before the start"),
    ("2015/2016/2017", 9, "nothing more"),
    ("2015x/2016", 4, "/ and a second date"),
    ("2015-04-24T10:00:00/2016", 19, "without a time"),
    ("[]", 1, "a year"),
    ("[2015", 5, "','"),
    ("[2015}", 5, "','"),
    ("[2015]x", 6, "nothing more"),
    ("[2015,..2016]", 6, "only the first"),
    ("{2015..,2016}", 7, "only the last"),
    ("[..]", 3, "a year"),
    ("[2016..2015]", 1, "ends after it starts"),
    ("[2015-04-24T10:00:00]", 20, "without a time"),
]


class TestRefused:
    """Text that is no date."""

    @pytest.mark.parametrize(("text", "position", "expected"), REFUSED)
    def test_table(self, text: str, position: int, expected: str) -> None:
        """A refusal names the text, the position and what was expected there."""
        with pytest.raises(EdtfError) as caught:
            Edtf(text)

        assert (text, position) == (caught.value.text, caught.value.position)
        assert expected in caught.value.expected

    @pytest.mark.parametrize(
        ("text", "meant"),
        [
            ("2019-4-1", "'2019-04-01'"),
            ("2019-4", "'2019-04'"),
            ("April 2019", "'2019-04'"),
            ("Sept. 2019", "'2019-09'"),
            ("24 April 2019", "'2019-04-24'"),
            ("24th apr 2019", "'2019-04-24'"),
            ("April 24, 2019", "'2019-04-24'"),
            ("24.04.2019", "'2019-04-24'"),
            ("2019/04/24", "'2019-04-24'"),
            ("2019/04", "'2019-04'"),
            ("20190424", "'2019-04-24' or 'Y20190424'"),
            ("2019-04-24T10:00", "'2019-04-24T10:00:00'"),
            ("2019-04-24 10:00:00Z", "'2019-04-24T10:00:00Z'"),
            ("2019-04..2019-06", "'[2019-04..2019-06]' or '2019-04/2019-06'"),
            ("2015-2017", "'[2015..2017]' or '2015/2017'"),
            ("2015 to 2017", "'[2015..2017]' or '2015/2017'"),
            ("c. 2016", "'2016~'"),
            ("2010s", "'201X'"),
            ("12015", "'Y12015'"),
            (" 2015\n", "'2015'"),
        ],
    )
    def test_remedies(self, text: str, meant: str) -> None:
        """A refusal suggests what may have been meant."""
        with pytest.raises(EdtfError) as caught:
            Edtf(text)

        assert f"(did you mean {meant}?)" in str(caught.value)

    @pytest.mark.parametrize("text", ["2019-13-1", "04/05/2019", "31.02.2019", "soon"])
    def test_no_remedy(self, text: str) -> None:
        """Nothing is suggested that is no date, or that would be a guess."""
        with pytest.raises(EdtfError) as caught:
            Edtf(text)

        assert "did you mean" not in str(caught.value)

    @pytest.mark.parametrize(
        ("value", "remedy"),
        [
            (2013, "Edtf('2013')"),
            (-1, "text, such as"),
            (None, "text, such as"),
            (date(2019, 4, 24), "Edtf('2019-04-24')"),
            (datetime(2019, 4, 24, tzinfo=UTC), "say which day"),
        ],
    )
    def test_what_is_no_text(self, value: object, remedy: str) -> None:
        """What is no text is refused with the way to write it."""
        with pytest.raises(EdtfError) as caught:
            Edtf(value)

        assert remedy in str(caught.value)
        assert isinstance(caught.value, BriTimelineError)


def _calls(action: Callable[[], object]) -> int:
    """Count the calls of Python functions that an action makes."""
    count = 0

    def counting(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    previous = sys.getprofile()
    sys.setprofile(counting)
    try:
        action()
    finally:
        sys.setprofile(previous)
    return count


HOSTILE = [
    "Y1E7000000",
    "Y1E7",
    "[0001-01-01..9999-12-31]",
    "{-9999-01-01..Y9E18}",
    "XXXX-XX-XX",
    "[" * 100_000,
    "[" * 4_096,
    "{[" * 2_048,
    "\uff12\uff10\uff11\uff15",
    "٢٠١٥",
    "2015\n",
    "2015\x00",
    "Y" + "9" * 4_090,
    "Y" + "1" * 4_000 + "E18S4018",
    "Y1E" + "9" * 4_000,
    "1950S" + "9" * 4_000,
    "[" + "," * 4_000,
    "[" + ",".join(["20X0"] * 800) + "]",
]


class TestHostileText:
    """Text that is meant to do harm."""

    @pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
    def test_nothing_is_expanded(self, text: str) -> None:
        """Nothing is expanded, repeated or counted through: a few hundred calls do."""
        assert _calls(lambda: _read(text)) < 500

    def test_a_large_set_costs_as_much_as_its_members(self) -> None:
        """A set of 800 years takes a few calls for each member."""
        text = f"[{','.join(str(year) for year in range(1000, 1800))}]"

        assert _calls(lambda: _read(text)) < 20 * 800
        assert Edtf("[1000..1799]").sort_key()[:2] == Edtf(text).sort_key()[:2]

    def test_text_is_bounded(self) -> None:
        """Text of 4,096 characters is read, and one more is not."""
        assert str(Edtf("Y" + "9" * 4_095)).endswith("9")
        with pytest.raises(EdtfError, match="at most 4,096 characters") as caught:
            Edtf("Y" + "9" * 4_096)
        assert len(str(caught.value)) < 300


WORDS = [
    ("2015", "some time in 2015"),
    ("2016~", "around 2016"),
    ("2016?", "2016, uncertain"),
    ("2016%", "around 2016, uncertain"),
    ("2019-04-24", "24 April 2019"),
    ("2019-04-24~", "around 24 April 2019"),
    ("2019-08", "some time in August 2019"),
    ("[2015..2017]", "between 2015 and 2017"),
    ("[2015~..2017?]", "between around 2015 and 2017 (uncertain)"),
    ("[..2015-09-16]", "on or before 16 September 2015"),
    ("[2015-09-16..]", "on or after 16 September 2015"),
    ("[2015..]", "in 2015 or later"),
    ("[..2015]", "in 2015 or earlier"),
    ("[2019-04-24..2019-04-26]", "between 24 and 26 April 2019"),
    ("[2019-04-30..2019-05-02]", "between 30 April and 2 May 2019"),
    ("[2019-04..2019-06]", "between April and June 2019"),
    ("[2019..2019-04]", "between 2019 and April 2019"),
    ("[2016,2018]", "2016 or 2018"),
    ("[2016,2018,2020..2022]", "2016, 2018 or 2020 to 2022"),
    ("201X", "some time in the 2010s"),
    ("19XX", "some time in the 1900s"),
    ("200X", "some time from 2000 to 2009"),
    ("20XX", "some time from 2000 to 2099"),
    ("2XXX", "some time from 2000 to 2999"),
    ("2015-XX-XX", "some time in 2015"),
    ("2015-04-XX", "some time in April 2015"),
    ("2015/2017", "from 2015 to 2017"),
    ("2015-04~/2017", "from around April 2015 to 2017"),
    ("2015/..", "since 2015"),
    ("2015/", "from 2015, end unknown"),
    ("/2017", "until 2017, start unknown"),
    ("../2017", "until 2017"),
    ("{2016,2018}", "2016 and 2018"),
    ("{2012,2016..2018}", "2012 and every year from 2016 to 2018"),
    ("{..2015-04}", "every month until April 2015"),
    ("{2015-04-01..}", "every day since 1 April 2015"),
    ("2019-21", "spring 2019"),
    ("2019-34", "second quarter of 2019"),
    ("2019-24~", "around winter 2019"),
    ("2019-04-24T10:00:00Z", "24 April 2019, 10:00:00 UTC"),
    ("2019-04-24T10:00:00+05:30", "24 April 2019, 10:00:00 UTC+05:30"),
    ("2019-04-24T10:00:00", "24 April 2019, 10:00:00"),
    ("-0044", "some time in 45 BC"),
    ("-0044-03-15", "15 March 45 BC"),
    ("0000", "some time in 1 BC"),
    ("0000-02-29", "29 February 1 BC"),
    ("0045", "some time in AD 45"),
    ("Y17000", "some time in 17000"),
    ("Y-17000", "some time in 17001 BC"),
]
AS_WRITTEN = [
    *("XXXX", "2015-XX-15", "2016-~04", "1950S2", "2015../2016", "-201X"),
    *("201X/2016", "2015/201X", "[201X,2016]", "[2015..201X]", "[..201X]"),
    *("[201X..2021,2022]", "{201X}", "{201X..2020}", "{2019-21..2019-22}"),
    *("{2015..2016-01}", "{..201X}", "2015/2016..", "..2015/2016", "201X-21"),
]


class TestWords:
    """Dates in plain English."""

    @pytest.mark.parametrize(("text", "words"), WORDS)
    def test_words(self, text: str, words: str) -> None:
        """A date of a common form is worded for people."""
        assert words == in_words(Edtf(text))

    @pytest.mark.parametrize("text", AS_WRITTEN)
    def test_as_written(self, text: str) -> None:
        """What has no plain wording stays as it is written."""
        assert text == in_words(Edtf(text))


class TestWidening:
    """The policy for approximate dates."""

    @pytest.mark.parametrize(
        ("text", "policy", "expected"),
        [
            ("2016~", Widening(years=1), "[2015..2017]"),
            ("2016-02~", Widening(months=2), "[2015-12..2016-04]"),
            ("2016-02-29~", Widening(days=1), "[2016-02-28..2016-03-01]"),
            ("2016%", Widening(years=1), "[2015?..2017?]"),
            ("2016%", Widening(years=1, uncertain=True), "[2015..2017]"),
            ("2016?", Widening(years=1, uncertain=True), "[2015..2017]"),
            ("0000~", Widening(years=1), "[-0001..0001]"),
            ("0000-01~", Widening(months=1), "[-0001-12..0000-02]"),
            ("9999~", Widening(years=1), "[9998..Y10000]"),
            ("-9999~", Widening(years=1), "[Y-10000..-9998]"),
        ],
    )
    def test_widened(self, text: str, policy: Widening, expected: str) -> None:
        """An approximate date becomes the range that the policy gives it."""
        assert Edtf(expected) == Edtf(text).widened(policy)

    @pytest.mark.parametrize(
        ("text", "policy"),
        [
            ("2016", Widening(years=1)),
            ("2016?", Widening(years=1)),
            ("2016~", Widening(months=3, days=2)),
            ("2016-02~", Widening(years=1)),
            ("2015/2017", Widening(years=1, uncertain=True)),
        ],
    )
    def test_unchanged(self, text: str, policy: Widening) -> None:
        """A date that the policy does not concern stays as it is."""
        value = Edtf(text)

        assert value is value.widened(policy)

    @given(
        text=st.sampled_from(
            ["0000~", "2015%", "2016-02~", "2016-03%", "2016-02-29~", "2016-03-01%"]
        ),
        policy=st.builds(
            Widening,
            years=st.integers(0, 30),
            months=st.integers(0, 30),
            days=st.integers(0, 400),
            uncertain=st.booleans(),
        ),
    )
    def test_bounds_are_kept(self, text: str, policy: Widening) -> None:
        """A widened date contains the date, and is no longer approximate."""
        value = Edtf(text)
        wide = value.widened(policy)

        assert wide.first_day <= value.first_day <= value.last_day <= wide.last_day
        assert wide is value or not wide.is_approximate

    @pytest.mark.parametrize(
        "text",
        [
            *("2015~/2017", "{2016~,2018}", "[2016~,2018]", "201X~", "2019-21~"),
            *("Y17000~", "2016-~04", "9999-12~", "-9999-01-01~"),
        ],
    )
    def test_other_shapes_are_refused(self, text: str) -> None:
        """What would have to be widened and cannot be is refused."""
        with pytest.raises(TypeError, match="widened cannot be asked of"):
            Edtf(text).widened(Widening(years=1, months=1, days=1))

    @pytest.mark.parametrize("amount", [-1, 1.5, "1"])
    def test_amounts(self, amount: int) -> None:
        """An amount is a whole number that is not negative."""
        with pytest.raises((TypeError, ValueError)):
            Widening(years=amount)
