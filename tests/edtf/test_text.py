"""Reading and writing: text is a date that writes itself, or an `EdtfError`."""

from __future__ import annotations

import copy
import operator
import pickle

import pytest
from edtf_model import extents, several, singles
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Edtf
from bri_timeline.edtf import in_words
from bri_timeline.errors import EdtfError


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

    @pytest.mark.parametrize(
        "text", ["2016?/2018~", "[2016?..2018~]", "{2016?,2018~}", "2016?-~02"]
    )
    def test_qualifiers_of_any_part_count(self, text: str) -> None:
        """A date is uncertain or approximate if any part of it is."""
        value = Edtf(text)

        assert (True, True) == (value.is_uncertain, value.is_approximate)

    def test_equality_is_by_canonical_text(self) -> None:
        """Two ways to write a date are equal; other dates and other types are not."""
        assert Edtf("2004-06?") == Edtf("?2004-?06")
        assert Edtf("[2018,2016,2016]") == Edtf("[2016,2018]")
        assert Edtf("[2016..2016]") == Edtf("2016")
        assert Edtf("[201X-03..201X-03]") != Edtf("201X-03")
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
