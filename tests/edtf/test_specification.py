"""The examples of the specification, level by level."""

from __future__ import annotations

from datetime import date

import pytest

from bri_timeline import Edtf
from bri_timeline._calendar import year_of, year_start
from bri_timeline.edtf import Bound
from bri_timeline.errors import DayRangeError


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

        assert (level, first, last) == (
            value.level,
            year_of(value.first_day),
            year_of(value.last_day),
        )
        assert value.last_day + 1 == year_start(last + 1)
        with pytest.raises(DayRangeError, match="use the day number, last_day,"):
            _ = value.latest
        with pytest.raises(DayRangeError, match="day number, first_day, ") as caught:
            _ = value.earliest
        assert value.first_day == caught.value.day

    @pytest.mark.parametrize(
        ("text", "level"),
        [
            ("2019-24", 1),
            ("2019-25", 2),
            ("2015?/2016", 1),
            ("2015/2016?", 1),
            ("2015/2016", 0),
            ("-0005/2000", 1),
            ("2019-21/2020", 1),
            ("2015/2019-25", 2),
            ("2015../2016", 2),
            ("..2015/2016", 2),
            ("201X/2016", 2),
            ("201X-21", 2),
            ("201X", 1),
            ("20XX", 1),
            ("2XXX", 2),
            ("XXXX", 2),
            ("20X5", 2),
            ("-201X", 1),
            ("2015-XX", 1),
            ("2015-1X", 2),
            ("2015-XX-XX", 1),
            ("2015-04-XX", 1),
            ("2015-XX-01", 2),
            ("2015-04-0X", 2),
            ("201X-04", 2),
            ("201X-XX", 2),
            ("2015?-04", 2),
            ("2015-?04", 2),
            ("2015-04?", 1),
            ("Y12345", 1),
            ("Y12345?", 1),
            ("?Y12345", 2),
            ("Y12E3", 2),
            ("Y12345S2", 2),
            ("1950S2", 2),
            ("[2015]", 2),
            ("{2015}", 2),
        ],
    )
    def test_levels(self, text: str, level: int) -> None:
        """The level of a date is the lowest that has all that is written."""
        assert level == Edtf(text).level

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
