"""Tables as people keep them: parts that are missing, titles, merged cells, slips."""

from __future__ import annotations

from datetime import date

import pytest
from attrs import frozen
from imports import kept

from bri_timeline import Vocabulary
from bri_timeline.errors import FaultsError
from bri_timeline.formats import tables
from bri_timeline.relations import FACTS


@frozen
class Course:
    """A class with a field that is called as a word of declarations is."""

    name: str
    optional: bool


@frozen
class Offered:
    """A fact of it."""

    course: Course


def read(
    text: str, fields: dict[str, object], kind: str = "AgreementSigned", **more: object
) -> tables.Imported:
    """Read a table of years."""
    rule = {"when": {"column": "y", "format": "yyyy"}, "kind": kind, "fields": fields}
    data = {"title": "T", "source": {"title": "S"}, "events": [rule | more]}
    vocabulary = Vocabulary(*FACTS.classes.values(), Offered)
    return kept(tables.loads)(text, tables.declared(data), vocabulary)


def test_a_value_is_left_out_where_a_part_of_it_is_missing() -> None:
    """A part that is wrong is a reason still; a currency that is missing may be XXX."""
    amount: dict[str, object] = {"column": "M", "as": "number"}
    whole = {"amount": amount, "currency": "{c}", "optional": True}
    own = {"column": "c", "codes": {"": "XXX"}}

    def values(value: dict[str, object]) -> list[str]:
        fields = {"parties": ["CHN", "TUR"], "title": "x", "value": value}
        found = read("y,M,c\n2013,1,USD\n2014,,\n2015,x,\n", fields)
        reasons = [one.reason.partition(": ")[2] for one in found.rejected]
        return [str(entry.claim.what.value) for entry in found.log] + reasons

    wrong = "M: 'x' is not a valid number"
    assert values({**whole, "currency": own}) == ["1 USD", "None", wrong]
    needed = {"amount": amount, "currency": own}
    assert values(needed)[1].startswith("M holds nothing: write optional = true, or")
    with pytest.raises(FaultsError, match="Money has no such field"):
        values({**whole, "optional": "yes"})
    amount["codes"] = {"": "7"}
    assert values(needed) == ["1 USD", "7 XXX", wrong]


def test_a_field_that_is_called_optional_is_one() -> None:
    """What is said of a field of a class is no word of the declaration."""
    found = read(
        "y,n\n2013,a\n", {"course": {"name": "{n}", "optional": True}}, "Offered"
    )
    assert found.log[0].claim.what == Offered(Course("a", optional=True))


def test_one_date_may_be_that_of_all_rows() -> None:
    """A table of how things stand has no dates of its own."""
    for said in ("[..2019]", 2019, date(2019, 4, 24)):
        fields: dict[str, object] = {
            "member": {"column": "c", "as": "iso3"},
            "body": "B",
        }
        found = read("c\nGEO\nKAZ\n", fields, "Joined", when={"is": said})
        assert [str(entry.claim.when) for entry in found.log] == [str(said)] * 2
