"""Text that is not a date is refused, with a position and a remedy."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from bri_timeline import Edtf
from bri_timeline.errors import BriTimelineError, EdtfError


def _read(text: str) -> Edtf | EdtfError:
    try:
        return Edtf(text)
    except EdtfError as error:
        return error


FURTHER = "nothing more, or -month, -day, a qualifier, / or a time"
NO_TIME = "no time except behind a whole day without qualifiers"
REFUSED = [
    ("", 0, "a year of four digits"),
    ("2015-", 5, "a month or season of two digits"),
    ("2015-4", 6, "a month or season of two digits (did you mean '2015-04'?)"),
    ("2015--04", 5, "a month or season of two digits"),
    ("2015-04-", 8, "a day of two digits"),
    ("2015-04--1", 8, "a day of two digits"),
    ("2015-13", 5, "a month from 01 to 12 or a season from 21 to 41"),
    ("2015-00", 5, "a month from 01 to 12 or a season from 21 to 41"),
    ("2015-02-29", 8, "a day from 01 to 28 in 2015-02"),
    ("2016-02-30", 8, "a day from 01 to 29 in 2016-02"),
    ("2015-02-30/2016", 8, "a day from 01 to 28 in 2015-02"),
    ("2014/2015-02-30", 13, "a day from 01 to 28 in 2015-02"),
    ("2015-02-3X", 8, "a day from 01 to 28 in 2015-02"),
    ("2015-21-01", 8, "no day after a season"),
    ("2015-04-24-", 10, "nothing more, or -month, -day, a qualifier, / or a time"),
    ("-0000", 0, "0000, which has no sign"),
    ("-X000S1", 5, "no S after a year with unspecified digits"),
    ("1950S5", 5, "a number of significant digits from 1 to 4"),
    ("1950S0", 5, "a number of significant digits from 1 to 4"),
    ("1950?S2", 5, "nothing more, or -month, -day, a qualifier, / or a time"),
    ("Y2015", 0, "a year beyond four digits after Y, or no Y"),
    ("Y0", 1, "digits of a year, the first of them not 0"),
    ("Y", 1, "digits of a year, the first of them not 0"),
    ("Y17E19", 4, "an exponent from 1 to 18"),
    ("Y17E0", 4, "an exponent from 1 to 18"),
    ("Y17101S6", 7, "a number of significant digits from 1 to 5"),
    ("2015-04-24T24:00:00", 11, "two digits of hours from 00 to 23"),
    ("2015-04-24T10", 13, "':'"),
    ("2015-04-24T10:00", 16, "':' (did you mean '2015-04-24T10:00:00'?)"),
    ("2015-04-24T10:00:60", 17, "two digits of seconds from 00 to 59"),
    ("2015-04-24T10:00:00+15", 20, "two digits of offset hours from 00 to 14"),
    (
        "2015-04-24T10:00:00-13:00",
        19,
        "an offset from -12:00 to +14:00, and +00:00 for none",
    ),
    (
        "2015-04-24T10:00:00-00:00",
        19,
        "an offset from -12:00 to +14:00, and +00:00 for none",
    ),
    (
        "2015-04-24T10:00:00+14:01",
        19,
        "an offset from -12:00 to +14:00, and +00:00 for none",
    ),
    ("2015-04T10:00:00", 7, "no time except behind a whole day without qualifiers"),
    (
        "2015-04-24?T10:00:00",
        11,
        "no time except behind a whole day without qualifiers",
    ),
    ("/", 0, "a date on one side of / at least"),
    ("../..", 2, "a date on one side of / at least"),
    ("2016/2015", 5, "an end that is not before the start"),
    ("2015/2016/2017", 9, "nothing more"),
    ("2015x/2016", 4, "/ and a second date"),
    ("2015-04-24T10:00:00/2016", 19, "a date without a time in an interval"),
    ("[]", 1, "a year of four digits"),
    ("[2015", 5, "',' or ']'"),
    ("[2015}", 5, "',' or ']'"),
    ("[2015]x", 6, "nothing more"),
    ("[2015,..2016]", 6, "a date: only the first member may begin with .."),
    ("{2015..,2016}", 7, "'}' or a date: only the last member may end with .."),
    ("[..]", 3, "a year of four digits"),
    ("[2016..2015]", 1, "a range that ends after it starts"),
    ("[2015-04-24T10:00:00]", 20, "a date without a time in a set"),
    ("Y9999", 0, "a year beyond four digits after Y, or no Y"),
    ("Y-0", 2, "digits of a year, the first of them not 0"),
    ("Y-2015", 0, "a year beyond four digits after Y, or no Y"),
    ("[Y2015]", 1, "a year beyond four digits after Y, or no Y"),
    ("Y17E", 4, "an exponent from 1 to 18"),
    ("Y17E100", 4, "an exponent from 1 to 18"),
    ("Y12345S", 7, "a number of significant digits from 1 to 5"),
    ("Y12345S0", 7, "a number of significant digits from 1 to 5"),
    ("Y12345S10", 7, "a number of significant digits from 1 to 5"),
    ("Y1234567890S11", 12, "a number of significant digits from 1 to 10"),
    ("Y1234567890S100", 12, "a number of significant digits from 1 to 10"),
    (
        "1950S",
        5,
        "a number of significant digits from 1 to 4 (did you mean '195X'?)",
    ),
    ("1950S10", 5, "a number of significant digits from 1 to 4"),
    ("X950S2", 4, "no S after a year with unspecified digits"),
    ("-195", 4, "a year of four digits"),
    ("2015/-0000", 5, "0000, which has no sign"),
    ("2015-04-24T1", 12, "two digits of hours from 00 to 23"),
    ("2015-04-24T10:00:00+1", 21, "two digits of offset hours from 00 to 14"),
    ("2015-04-24T10:00:00+01:60", 23, "two digits of offset minutes from 00 to 59"),
    ("2015-04-24T10:00:00+01:0", 24, "two digits of offset minutes from 00 to 59"),
    ("2015-04-24T23:60:00", 14, "two digits of minutes from 00 to 59"),
    ("2015-04-24T10:00:00Z0", 20, FURTHER),
    ("2015-XX-24T10:00:00", 10, NO_TIME),
    ("2016/2015-04-24T10:00:00", 24, "a date without a time in an interval"),
    ("2015-04-24/2015-04-23", 11, "an end that is not before the start"),
    ("2015/2016x", 9, "nothing more"),
    ("2015/2016....", 11, "nothing more"),
    ("....2015/2016", 2, "a year of four digits"),
    ("[2015,", 6, "a year of four digits"),
    ("[2015,]", 6, "a year of four digits"),
    ("[,2015]", 1, "a year of four digits"),
    ("{2015,2016]", 10, "',' or '}'"),
    ("[2014,2016..2015]", 6, "a range that ends after it starts"),
    ("[2015..2016..]", 11, "',' or ']'"),
    ("{2014,2015x}", 10, "',' or '}'"),
    ("[2015..,2016]", 7, "']' or a date: only the last member may end with .."),
    ("{2015,..2016}", 6, "a date: only the first member may begin with .."),
    ("[2015]]", 6, "nothing more"),
    ("[2015,..2016,..2017]", 6, "a date: only the first member may begin with .."),
    (
        "[2015..,2016..,2017]",
        7,
        "']' or a date: only the last member may end with ..",
    ),
    ("[2015]..,2016", 6, "nothing more"),
    ("[2015],..2016", 6, "nothing more"),
    ("{2015-02-30}", 9, "a day from 01 to 28 in 2015-02"),
    ("[,..2015]", 2, "a date: only the first member may begin with .."),
    ("[2015..2015-04-24T10:00:00]", 26, "a date without a time in a set"),
    ("2015-04-24T10:60:00", 14, "two digits of minutes from 00 to 59"),
    ("2015-04-24T23:59:61", 17, "two digits of seconds from 00 to 60"),
]


class TestRefused:
    """Text that is not a date."""

    @pytest.mark.parametrize(("text", "position", "expected"), REFUSED)
    def test_table(self, text: str, position: int, expected: str) -> None:
        """A refusal names the text, the position and what was expected there."""
        with pytest.raises(EdtfError) as caught:
            Edtf(text)

        assert (text, position) == (caught.value.text, caught.value.position)
        assert expected == caught.value.expected

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
            ("2019.4", "'2019-04'"),
            ("2019/4/1", "'2019-04-01'"),
            ("1.2.2019", "'2019-02-01'"),
            ("january 2019", "'2019-01'"),
            ("Dec 2019", "'2019-12'"),
            ("MAY, 2019", "'2019-05'"),
            ("24-Apr-2019", "'2019-04-24'"),
            ("1st March, 2019", "'2019-03-01'"),
            ("Feb 2nd, 2019", "'2019-02-02'"),
            ("2019-04-24T10:00Z", "'2019-04-24T10:00:00Z'"),
            ("2019-04-24 10:00", "'2019-04-24T10:00:00'"),
            ("circa 2016-04", "'2016-04~'"),
            ("~ 2016", "'2016~'"),
            ("1990's", "'199X'"),
            ("-12015", "'Y-12015'"),
            ("y12015", "'Y12015'"),
            ("\t-0044", "'-0044'"),
        ],
    )
    def test_remedies(self, text: str, meant: str) -> None:
        """A refusal suggests what may have been meant."""
        with pytest.raises(EdtfError) as caught:
            Edtf(text)

        assert f"(did you mean {meant}?)" in str(caught.value)

    def test_a_remedy_is_looked_for_in_forty_characters(self) -> None:
        """Text that is longer than any date people write is not looked into."""
        meant = [_read(f"{' ' * spaces}2015") for spaces in (36, 37)]

        assert [
            "a year of four digits (did you mean '2015'?)",
            "a year of four digits",
        ] == [refusal.expected for refusal in meant]

    @pytest.mark.parametrize("text", ["2019-13-1", "04/05/2019", "31.02.2019", "soon"])
    def test_no_remedy(self, text: str) -> None:
        """A suggestion is always a date, and never a guess."""
        with pytest.raises(EdtfError) as caught:
            Edtf(text)

        assert "did you mean" not in str(caught.value)

    @pytest.mark.parametrize(
        ("value", "remedy"),
        [
            (2013, "text (write Edtf('2013'))"),
            (0, "text (write Edtf('0000'))"),
            (9999, "text (write Edtf('9999'))"),
            (10_000, "text, such as '2013' or '2019-04-24'"),
            (-1, "text, such as '2013' or '2019-04-24'"),
            (None, "text, such as '2013' or '2019-04-24'"),
            (date(2019, 4, 24), "text (write Edtf('2019-04-24'))"),
            (
                datetime(2019, 4, 24, tzinfo=UTC),
                "text: say which day, such as Edtf(value.date().isoformat())",
            ),
        ],
    )
    def test_a_value_that_is_not_text(self, value: object, remedy: str) -> None:
        """A value that is not text is refused with the text to write."""
        with pytest.raises(EdtfError) as caught:
            Edtf(value)

        assert (value, 0, remedy) == (
            caught.value.text,
            caught.value.position,
            caught.value.expected,
        )
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
        # Patterns are compiled when they are first needed.
        for known, *_ in REFUSED:
            _read(known)
        assert _calls(lambda: _read(text)) < 500

    def test_a_large_set_costs_as_much_as_its_members(self) -> None:
        """A set of 800 years takes a few calls for each member."""
        text = f"[{','.join(str(year) for year in range(1000, 1800))}]"

        assert _calls(lambda: _read(text)) < 20 * 800
        assert Edtf("[1000..1799]").sort_key()[:2] == Edtf(text).sort_key()[:2]

    def test_text_is_bounded(self) -> None:
        """Text of 4,096 characters is read, and one more is not."""
        assert str(Edtf("Y" + "9" * 4_095)).endswith("9")
        longer = "Y" + "9" * 4_096
        with pytest.raises(EdtfError, match="at most 4,096 characters") as caught:
            Edtf(longer)
        assert (longer, 4_096) == (caught.value.text, caught.value.position)
        assert len(str(caught.value)) < 300
