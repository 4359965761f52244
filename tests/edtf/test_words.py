"""Dates in plain English, and the widening of approximate dates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Edtf
from bri_timeline.edtf import Widening, in_words
from bri_timeline.errors import PictureError, SelectionError


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
    ("2015-XX-XX", "on some day of 2015"),
    ("2015-04-XX", "on some day of April 2015"),
    ("2015-XX", "in some month of 2015"),
    ("2015/2017", "from 2015 to 2017"),
    ("2015-04~/2017", "from around April 2015 to 2017"),
    ("2015/..", "since 2015"),
    ("2015/", "from 2015, end unknown"),
    ("/2017", "until 2017, start unknown"),
    ("../2017", "until 2017, start open"),
    ("{2016,2018}", "2016 and 2018"),
    ("{2012,2016..2018}", "2012 and every year from 2016 to 2018"),
    ("{..2015-04}", "every month until April 2015"),
    ("{2015-04-01..}", "every day since 1 April 2015"),
    ("2019-21", "spring 2019"),
    ("2019-34", "second quarter of 2019"),
    ("2019-24~", "around winter 2019/2020"),
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
    ("-0001", "some time in 2 BC"),
    ("0999", "some time in AD 999"),
    ("1000", "some time in 1000"),
    ("1XXX", "some time from 1000 to 1999"),
    ("0XXX", "some time from 1 BC to AD 999"),
    ("01XX", "some time from AD 100 to AD 199"),
    ("10XX", "some time from 1000 to 1099"),
    ("110X", "some time from 1100 to 1109"),
    ("111X", "some time in the 1110s"),
    ("2019-04?", "April 2019, uncertain"),
    ("2019-04-24%", "around 24 April 2019, uncertain"),
    ("2019-21?", "spring 2019, uncertain"),
    ("2019-24", "winter 2019/2020"),
    ("1999-28", "northern winter 1999/2000"),
    ("-0001-30", "southern summer 2 BC/1 BC"),
    ("2019-25", "northern spring 2019"),
    ("2019-32", "southern winter 2019"),
    ("2019-37", "first third of 2019"),
    ("2019-41", "second half of 2019"),
    ("2019-04-24T10:00:00-04:00", "24 April 2019, 10:00:00 UTC-04:00"),
    ("-0044-03-15T10:00:00", "15 March 45 BC, 10:00:00"),
    ("2016?/2018%", "from 2016 (uncertain) to around 2018 (uncertain)"),
    ("2016%/..", "since around 2016 (uncertain)"),
    ("../2019-04-24", "until 24 April 2019, start open"),
    ("2019-04/", "from April 2019, end unknown"),
    ("[2016~,2018?]", "around 2016 or 2018 (uncertain)"),
    ("[2019-04-24..2020-04-24]", "between 24 April 2019 and 24 April 2020"),
    ("[2019-04-24..2019-05]", "between 24 April and May 2019"),
    ("[2019-04..2019-04-24]", "between April and 24 April 2019"),
    ("[2016-04~..2016]", "between around April 2016 and 2016"),
    ("[2019-33..2019-34]", "between first quarter of 2019 and second quarter of 2019"),
    ("[2019-04..2020-05]", "between April 2019 and May 2020"),
    ("[2019-04..]", "in April 2019 or later"),
    ("[2019-04-24..]", "on or after 24 April 2019"),
    ("[..2019-21]", "in spring 2019 or earlier"),
    ("[2019-21..]", "in spring 2019 or later"),
    ("[2015..2016,2018]", "2015 to 2016 or 2018"),
    ("{2019-04-24,2019-04-26}", "24 April 2019 and 26 April 2019"),
    ("{2015..}", "every year since 2015"),
    ("{..2015-04-24}", "every day until 24 April 2015"),
    ("{2015-04..2015-06}", "every month from April 2015 to June 2015"),
    ("{2015~..2017}", "every year from around 2015 to 2017"),
    ("{..2012,2014,2016..}", "every year until 2012, 2014 and every year since 2016"),
    ("{2019-21,2020}", "spring 2019 and 2020"),
]
AS_WRITTEN = [
    *("XXXX", "2015-XX-15", "2016-~04", "1950S2", "2015../2016", "-201X"),
    *("201X/2016", "2015/201X", "[201X,2016]", "[2015..201X]", "[..201X]"),
    *("[201X..2021,2022]", "{201X}", "{201X..2020}", "{2019-21..2019-22}"),
    *("[2015,2017..]", "[201X..2022,2015]", "{2015..2019-21}", "[2015,2018..201X]"),
    *("{2015..201X}", "[..2015-XX]", "201X/..", "../201X", "/201X", "201X-04-24"),
    *("{2015}", "{2015-04-24?}", "{2019-21}"),
    *("{2015..2016-01}", "{..201X}", "2015/2016..", "..2015/2016", "201X-21"),
]
# German, Russian, Chinese; a space before the abbreviation of a year never breaks.
IN_LANGUAGES = [
    ("2015", "2015", "2015_г.", "2015年"),
    ("2015-06", "Juni 2015", "июнь 2015_г.", "2015年6月"),
    ("2019-04-24", "24. April 2019", "24 апреля 2019_г.", "2019年4月24日"),
    ("2015-06~", "etwa Juni 2015", "примерно июнь 2015_г.", "2015年6月前后"),
    ("2016?", "2016 (unsicher)", "2016_г. (неточно)", "2016年（不确定）"),
    ("-0044-03-15", "15. März 45 v. Chr.",
     "15 марта 45_г. до_н._э.", "公元前45年3月15日"),
    ("0045", "45 n. Chr.", "45_г. н._э.", "公元45年"),
    ("2015/2017", "von 2015 bis 2017", "с 2015_г. по 2017_г.", "2015年至2017年"),
    ("2015-06/2015-08", "von Juni 2015 bis August 2015",
     "с июня 2015_г. по август 2015_г.", "2015年6月至2015年8月"),
    ("2015-06~/..", "seit etwa Juni 2015",
     "с примерно июня 2015_г.", "自2015年6月前后起"),
    ("2015-06/", "ab Juni 2015, Ende unbekannt",
     "с июня 2015_г., конец неизвестен", "自2015年6月起，结束时间不明"),
    ("../2015", "bis 2015, Beginn offen",
     "по 2015_г., начало не ограничено", "至2015年，开始时间不限"),
    ("/2015", "bis 2015, Beginn unbekannt",
     "по 2015_г., начало неизвестно", "至2015年，开始时间不明"),
    ("[..2015-09-16]", "spätestens am 16. September 2015",
     "не позднее 16 сентября 2015_г.", "不晚于2015年9月16日"),
    ("[2015-06..]", "frühestens Juni 2015", "не ранее июня 2015_г.", "不早于2015年6月"),
    ("[2019-04-24..2019-04-26]", "zwischen 24. und 26. April 2019",
     "не ранее 24 и не позднее 26 апреля 2019_г.", "2019年4月24日至2019年4月26日之间"),
    ("[2016,2018..2020]", "2016 oder 2018 bis 2020",
     "2016_г. или с 2018_г. по 2020_г.", "2016年或2018年至2020年"),
    ("{2012,2016..2018}", "2012 und jedes Jahr von 2016 bis 2018",
     "2012_г. и каждый год с 2016_г. по 2018_г.", "2012年和2016年至2018年每年"),
    ("{2015-04-01..}", "jeden Tag seit 1. April 2015",
     "каждый день с 1 апреля 2015_г.", "自2015年4月1日起每天"),
    ("{..2015-04}", "jeden Monat bis April 2015",
     "каждый месяц по апрель 2015_г.", "至2015年4月每月"),
    ("201X", "2010er Jahre", "2010-е_годы", "2010年代"),
    ("20XX", "zwischen 2000 und 2099",
     "не ранее 2000_г. и не позднее 2099_г.", "2000年至2099年之间"),
    ("2015-04-XX", "April 2015, Tag unbekannt",
     "апрель 2015_г., день неизвестен", "2015年4月某日"),
    ("2015-XX", "2015, Monat unbekannt", "2015_г., месяц неизвестен", "2015年某月"),
    ("2015-21", "Frühling 2015", "2015_г. (весна)", "2015年春季"),
    ("2019-24", "Winter 2019/2020", "2019_г./2020_г. (зима)", "2019年/2020年冬季"),
    ("2015-33", "1. Quartal 2015", "2015_г. (1-й_квартал)", "2015年第一季度"),
    ("2015-41", "2. Halbjahr 2015", "2015_г. (2-е_полугодие)", "2015年下半年"),
    ("2019-04-24T10:00:00Z", "24. April 2019, 10:00:00 UTC",
     "24 апреля 2019_г., 10:00:00 UTC", "2019年4月24日10:00:00 UTC"),
]  # fmt: skip


class TestWords:
    """Dates in plain words."""

    @pytest.mark.parametrize(("text", "words"), WORDS)
    def test_words(self, text: str, words: str) -> None:
        """A date of a common form is worded for people."""
        assert words == in_words(Edtf(text))

    @pytest.mark.parametrize(("text", "de", "ru", "zh"), IN_LANGUAGES)
    def test_words_of_other_languages(
        self, text: str, de: str, ru: str, zh: str
    ) -> None:
        """A date is worded in German, Russian and Chinese."""
        said = [in_words(Edtf(text), language) for language in ("de", "ru", "zh")]

        assert [de, ru.replace("_", "\u00a0"), zh] == said

    def test_words_need_a_language_that_has_some(self) -> None:
        """Another language is refused."""
        with pytest.raises(PictureError, match="'xx' is not a language"):
            in_words(Edtf("2015"), "xx")

    @pytest.mark.parametrize("text", AS_WRITTEN)
    def test_as_written(self, text: str) -> None:
        """What has no plain wording stays as it is written, in every language."""
        assert {text} == {in_words(Edtf(text), code) for code in ("en", "de", "ru")}


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
            ("2016-12~", Widening(months=1), "[2016-11..2017-01]"),
            ("2016-01~", Widening(months=1), "[2015-12..2016-02]"),
            ("2016-06~", Widening(months=12), "[2015-06..2017-06]"),
            ("2016-12-31~", Widening(days=1), "[2016-12-30..2017-01-01]"),
            ("2016-02-29%", Widening(days=1), "[2016-02-28?..2016-03-01?]"),
            ("2016-02?", Widening(months=1, uncertain=True), "[2016-01..2016-03]"),
            ("9998-12~", Widening(months=12), "[9997-12..9999-12]"),
            ("-9998-01~", Widening(months=12), "[-9999-01..-9997-01]"),
            ("9999-12-30~", Widening(days=1), "[9999-12-29..9999-12-31]"),
            ("9999~", Widening(years=1), "[9998..Y10000]"),
            ("-9999~", Widening(years=1), "[Y-10000..-9998]"),
            ("Y10000~", Widening(years=1), "[9999..Y10001]"),
            ("Y-10000~", Widening(years=1), "[Y-10001..-9999]"),
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
            ("2016-02~", Widening(years=1, days=2)),
            ("2016-02-29~", Widening(years=1, months=2)),
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
        """A widened date contains the date, and not approximate any more."""
        value = Edtf(text)
        wide = value.widened(policy)

        assert wide.first_day <= value.first_day <= value.last_day <= wide.last_day
        assert wide is value or not wide.is_approximate

    @pytest.mark.parametrize(
        "text",
        [
            *("2015~/2017", "{2016~,2018}", "[2016~,2018]", "201X~", "2019-21~"),
            *("Y17000S3~", "2016-~04", "9999-12~", "-9999-01-01~"),
        ],
    )
    def test_other_shapes_are_refused(self, text: str) -> None:
        """What would have to be widened and cannot be is refused."""
        with pytest.raises(TypeError, match="widened cannot be asked of"):
            Edtf(text).widened(Widening(years=1, months=1, days=1))

    @pytest.mark.parametrize("amount", [-1, 1.5, "1"])
    def test_amounts(self, amount: int) -> None:
        """An amount is a whole number that is not negative."""
        with pytest.raises(SelectionError, match="is not a number of years: give a"):
            Widening(years=amount)
