"""Amounts of money: exact, and never converted into another currency."""

from __future__ import annotations

import re
from decimal import Context, Decimal

from attrs import field, frozen

from bri_timeline.errors import MoneyError


__all__ = [
    "Money",
    "optional_money",
]

_AMOUNT = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([Ee][+-]?[0-9]{1,2})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
# 27 digits in all, one less than `Decimal` adds without rounding.
_LIMIT = Decimal(10**21)
_SMALLEST = Decimal("0.000001")
_EXACT = Context(prec=60)
_WORDS = ((12, "trillion"), (9, "billion"), (6, "million"))


def _to_decimal(value: Decimal | int | str) -> Decimal:
    if isinstance(value, float):
        problem = "is a float, which is not exact: write a Decimal, or text like '1.3'"
        raise MoneyError(value, problem)
    is_text = isinstance(value, str) and _AMOUNT.fullmatch(value)
    is_number = isinstance(value, Decimal | int) and not isinstance(value, bool)
    if not (is_text or is_number):
        problem = "is not an amount: write digits and a point alone, like '1300000.50'"
        raise MoneyError(value, problem)
    return Decimal(value)


def _canonical(amount: Decimal) -> Decimal:
    """Return the canonical form of an amount, so that equal amounts look alike."""
    if not amount.is_finite():
        raise MoneyError(amount, "is not an amount: leave it out where it is not known")
    if not -_LIMIT < amount < _LIMIT:
        raise MoneyError(amount, "is too large: amounts stay below 10 to the 21st")
    fixed = amount.quantize(_SMALLEST, context=_EXACT)
    if fixed != amount:
        raise MoneyError(amount, "is too fine: amounts have six decimal places at most")
    # normalize() would turn 1300000000 into 1.3E+9.
    if fixed == fixed.to_integral_value():
        return Decimal(int(fixed))
    return fixed.normalize(_EXACT)


@frozen(repr=False)
class Money:
    """An amount in one currency.

    Equal by value, however the amount was written: `821000000` is `8.21E+8`.

    >>> Money("1300000000", "USD")
    Money(1300000000, 'USD')
    >>> str(Money("1300000000", "USD") + Money("12500.5", "USD"))
    '1,300,012,500.50 USD'

    Args:
        amount: A `Decimal`, an int, or text; not a float, which is not exact.
        currency: Its three-letter code of ISO 4217, in capitals.

    Raises:
        MoneyError: The amount or the currency is not valid.
    """

    amount: Decimal = field(converter=_to_decimal)
    currency: str

    def __attrs_post_init__(self) -> None:
        # Here and not in the converter, which decoding does not call.
        object.__setattr__(self, "amount", _canonical(self.amount))
        if not (isinstance(self.currency, str) and _CURRENCY.fullmatch(self.currency)):
            problem = "is not a currency: write three capital letters, such as 'USD'"
            raise MoneyError(self.currency, problem)

    def __add__(self, other: Money) -> Money:
        """Return the sum.

        Raises:
            MoneyError: The currencies differ.
        """
        if not isinstance(other, Money):
            return NotImplemented
        if other.currency != self.currency:
            problem = (
                f"cannot be added to {self.currency}: keep a sum for each currency"
            )
            raise MoneyError(other.currency, problem)
        return Money(_EXACT.add(self.amount, other.amount), self.currency)

    def __repr__(self) -> str:
        amount = f"{self.amount:f}"
        shown = amount if amount.lstrip("-").isdigit() else repr(amount)
        return f"Money({shown}, {self.currency!r})"

    def __str__(self) -> str:
        """Return the amount in words, never rounded: `821 million USD`."""
        return f"{_worded(self.amount)} {self.currency}"


def _worded(amount: Decimal) -> str:
    for power, word in _WORDS:
        if amount.adjusted() >= power:
            scaled = amount.scaleb(-power, _EXACT).normalize(_EXACT)
            if _places(scaled) <= 3:
                return f"{scaled:,f} {word}"
            break
    cents = amount.quantize(Decimal("0.01")) if _places(amount) == 1 else amount
    return f"{cents:,f}"


def _places(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def optional_money(value: Money | None) -> Money | None:
    """Check a sum of money, and return it.

    Raises:
        MoneyError: It is a bare number, or text.
    """
    if value is not None and not isinstance(value, Money):
        problem = "is not a sum of money: write Money('300', 'USD')"
        raise MoneyError(value, problem)
    return value
