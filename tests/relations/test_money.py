"""Money: exact, equal by value, worded for people."""

from __future__ import annotations

import pickle
from decimal import Decimal, localcontext
from fractions import Fraction

import msgspec
import pytest
from attrs.exceptions import FrozenInstanceError
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline.errors import MoneyError
from bri_timeline.relations import Money


CURRENCIES = st.sampled_from(["USD", "CNY", "AZN"])
# Few digits and many powers of ten: equal amounts and round sums come up often.
AMOUNTS = st.builds(
    lambda digits, power: Decimal(digits).scaleb(power),
    st.integers(-2_000, 2_000) | st.sampled_from([0, 1, 10, 821, 1300]),
    st.integers(-6, 16),
)
MONEY = st.builds(Money, AMOUNTS, CURRENCIES)
WORDS = {"million": 10**6, "billion": 10**9, "trillion": 10**12}


def test_an_amount_may_be_written_in_three_ways() -> None:
    """An int, text and a `Decimal` of one value make equal money of one hash."""
    written = [821_000_000, "821000000", "8.21E+8", "+821000000.00"]
    money = {Money(amount, "USD") for amount in [*written, Decimal("8.21E+8")]}

    assert {Money(Decimal(821_000_000), "USD")} == money


@given(AMOUNTS)
def test_equal_amounts_are_held_in_one_way(amount: Decimal) -> None:
    """However an amount was written, it is held, shown and encoded in one way."""
    money = Money(amount, "USD")
    others = [Money(format(amount, "f"), "USD"), Money(format(amount, "E"), "USD")]

    assert [money, money] == others
    assert [repr(money)] * 2 == [repr(other) for other in others]
    assert {hash(money)} == {hash(other) for other in others}
    assert {msgspec.json.encode(money)} == {msgspec.json.encode(o) for o in others}


@given(AMOUNTS, AMOUNTS, CURRENCIES)
def test_sums_are_exact(left: Decimal, right: Decimal, currency: str) -> None:
    """`+` adds without rounding, whatever the decimal context says."""
    with localcontext() as context:
        context.prec = 2
        total = Money(left, currency) + Money(right, currency)

    assert Fraction(left) + Fraction(right) == Fraction(total.amount)
    assert currency == total.currency


@given(MONEY, MONEY)
def test_money_is_equal_by_value(left: Money, right: Money) -> None:
    """Two amounts are equal when value and currency are, and then hash alike."""
    expected = left.currency == right.currency and left.amount == right.amount

    assert expected == (left == right)
    assert not expected or hash(left) == hash(right)


@given(MONEY, MONEY)
def test_currencies_do_not_mix(left: Money, right: Money) -> None:
    """`+` refuses two currencies, and adds within one in either order."""
    if left.currency == right.currency:
        assert left + right == right + left
        return
    with pytest.raises(MoneyError, match="keep a sum for each currency") as caught:
        left + right

    assert right.currency == caught.value.value


@given(MONEY)
def test_money_can_be_written_down_and_read_back(money: Money) -> None:
    """`repr` evaluates back, and pickles and JSON give equal money."""
    assert money == eval(repr(money))
    assert money == pickle.loads(pickle.dumps(money))
    assert money == msgspec.json.decode(msgspec.json.encode(money), type=Money)


@given(MONEY)
def test_wording_never_rounds(money: Money) -> None:
    """What `str` says, read as a number, is the amount to the last digit."""
    number, *word, currency = str(money).split(" ")
    factor = WORDS[word[0]] if word else 1

    assert money.amount == Decimal(number.replace(",", "")) * factor
    assert money.currency == currency


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("821000000", "821 million USD"),
        ("1300000000", "1.3 billion USD"),
        ("-1300000000", "-1.3 billion USD"),
        ("90000000000", "90 billion USD"),
        ("2000000000000", "2 trillion USD"),
        ("12345678900000000000", "12,345,678.9 trillion USD"),
        ("12500", "12,500 USD"),
        ("999999", "999,999 USD"),
        ("1000000", "1 million USD"),
        ("1234000", "1.234 million USD"),
        ("1234567", "1,234,567 USD"),
        ("1000000000.5", "1,000,000,000.50 USD"),
        ("0.5", "0.50 USD"),
        ("12.25", "12.25 USD"),
        ("0.125", "0.125 USD"),
        ("-0", "0 USD"),
    ],
)
def test_money_is_worded_for_people(amount: str, expected: str) -> None:
    """`str` uses millions and up where three decimals say all, else all digits."""
    assert expected == str(Money(amount, "USD"))


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("821000000", "Money(821000000, 'USD')"),
        ("-7", "Money(-7, 'USD')"),
        ("1.30", "Money('1.3', 'USD')"),
        ("0.000001", "Money('0.000001', 'USD')"),
    ],
)
def test_the_repr_of_money_needs_nothing_but_money(amount: str, expected: str) -> None:
    """`repr` is the shortest call that makes the money, without an exponent."""
    assert expected == repr(Money(amount, "USD"))


@pytest.mark.parametrize("amount", [1.5, float("nan"), 3.0], ids=repr)
def test_floats_are_refused(amount: float) -> None:
    """A float is refused, and the message says what to write instead."""
    with pytest.raises(MoneyError, match=r"a Decimal, or text like '1\.3'") as caught:
        Money(amount, "USD")

    assert amount is caught.value.value


@pytest.mark.parametrize("text", ["NaN", "sNaN", "-NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused(text: str) -> None:
    """NaN and infinities are refused, as a `Decimal` and as text."""
    with pytest.raises(MoneyError, match="leave it out where it is not known"):
        Money(Decimal(text), "USD")
    with pytest.raises(MoneyError, match="is not an amount"):
        Money(text, "USD")


@pytest.mark.parametrize(
    "amount",
    [
        *["", "1,000", " 1", "1 ", "1\n", "1_000", "\u0661", "0x1", "1.", ".5", "$5"],
        *["1e", "1e999999999", "9" * 100, None, True, b"1", [1], 1j],
    ],
    ids=lambda amount: repr(amount)[:20],
)
def test_other_ways_to_write_an_amount_are_refused(amount: object) -> None:
    """Only plain digits with a point, and an exponent, are read as an amount."""
    with pytest.raises(MoneyError, match="write digits and a point alone") as caught:
        Money(amount, "USD")

    assert amount is caught.value.value


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    "size", [10**21, 10**5000, Decimal("1E+999999")], ids=["just", "long", "exponent"]
)
def test_amounts_beyond_reason_are_refused(size: Decimal | int, sign: int) -> None:
    """Amounts from ten to the 21st are refused at once, and the largest below stays."""
    with pytest.raises(MoneyError, match="is too large"):
        Money(size * sign, "USD")

    assert Decimal(sign * (10**21 - 1)) == Money(sign * (10**21 - 1), "USD").amount


@pytest.mark.parametrize("amount", ["0.0000001", "1.0000005", Decimal("1E-999999")])
def test_amounts_finer_than_a_millionth_are_refused(amount: Decimal | str) -> None:
    """A seventh decimal place is refused rather than rounded away."""
    with pytest.raises(MoneyError, match="is too fine"):
        Money(amount, "USD")


def test_trailing_zeros_do_not_count_as_places() -> None:
    """Zeros at the end of a fraction change nothing, however many."""
    assert Money(1, "USD") == Money("1.000000000000000000", "USD")


@pytest.mark.parametrize(
    "currency",
    ["usd", "US", "USDT", "", "US1", "USD\n", "ÀÀÀ", "$", 840, None],
    ids=repr,
)
def test_currencies_are_three_capital_letters(currency: object) -> None:
    """Whatever is not three capital letters is refused as a currency."""
    with pytest.raises(MoneyError, match="is not a currency") as caught:
        Money(1, currency)

    assert currency is caught.value.value


@pytest.mark.parametrize(
    "data",
    [
        b'{"amount": "NaN", "currency": "USD"}',
        b'{"amount": "1E+30", "currency": "USD"}',
        b'{"amount": "1", "currency": "usd"}',
    ],
)
def test_decoding_checks_as_building_does(data: bytes) -> None:
    """Money that is read from JSON passes the same checks."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(data, type=Money)


def test_money_cannot_change() -> None:
    """Neither amount nor currency can be set."""
    with pytest.raises(FrozenInstanceError):
        Money(1, "USD").amount = Decimal(2)


@pytest.mark.parametrize("other", [1, Decimal(1), "1 USD", None], ids=repr)
def test_money_adds_to_money_alone(other: object) -> None:
    """A bare number is not money, so it cannot be added to any."""
    with pytest.raises(TypeError, match="unsupported operand"):
        Money(1, "USD") + other
