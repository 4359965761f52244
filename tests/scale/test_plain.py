"""Tables of payloads that are read by columns."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest import mock

import polars as pl
import pyarrow as pa
import pytest
from attrs import frozen
from effort import at_most
from hypothesis import given
from hypothesis import strategies as st
from scale_worlds import laid_out

from bri_timeline import Source, Vocabulary, scale
from bri_timeline.errors import FaultsError
from bri_timeline.scale._dictionary import CellReader
from bri_timeline.scale._engine import encoded
from bri_timeline.scale._plain import Plain


@frozen
class Pact:
    """A payload of a plain class, with a field of each type."""

    parties: frozenset[str]
    whole: int
    text: str | None
    exact: Decimal
    truth: bool | None = None


@frozen
class Sole:
    """A plain payload that is about nobody."""

    text: str


@frozen
class Named:
    """A payload that names events, which is not plain."""

    parties: frozenset[str]
    refers_to: frozenset[str] = frozenset()


def _renamed(fields: dict[str, Any]) -> dict[str, Any]:
    return {"text": f"was {fields['text']}"}


WORDS = Vocabulary(Pact, Sole, Named, upcasts={Sole: (_renamed,)})
TEXTS = st.sampled_from(
    ["a", "", "null", "true", 'a"b', "a\\", "a\nb", "\x7f", "é]", "𝄞", "],[", " "]
)
NAMES = st.lists(st.sampled_from(["AAA", "BBB", 'C"C', "ÄÖ", ""]), max_size=3)
PACTS = st.builds(
    Pact,
    NAMES.map(frozenset),
    st.integers(-9, 9) | st.sampled_from([10**17, -(10**18), 10**18, 2**63, -(2**64)]),
    st.none() | TEXTS,
    st.sampled_from(["0", "-0", "1.50", "0.000000", "1E+2", "0.0000001", "NaN"]).map(
        Decimal
    ),
    st.none() | st.booleans(),
)
NAMED = st.builds(Named, NAMES.map(frozenset), NAMES.map(frozenset))
# What is not as it is written here, or is no payload at all.
CHANGED = [
    ("", ""),
    (":", ": "),
    ("AAA", "BBB"),
    ("{", '{"whole":1,'),
    ('"whole":', '"whole":-'),
    ('"whole":', '"whole":0'),
    ('"exact":"', '"exact":"0'),
    ("}", ',"more":1}'),
    ("}", "}\n"),
    ("}", ""),
    (":null", ":false"),
    (":true", ":1"),
    ("[", '["B\\u0042B",'),
]


@st.composite
def whats(draw: st.DrawFn) -> tuple[str, str]:
    """Kinds and payloads, most of which are as they are stored."""
    what = draw(PACTS | PACTS | st.builds(Sole, TEXTS) | NAMED)
    before, after = draw(st.sampled_from([*CHANGED[:1] * 9, *CHANGED]))
    text = WORDS.encode(what).decode().replace(before, after, 1) if before else None
    return type(what).__name__, text or WORDS.encode(what).decode()


def found(rows: pa.Table) -> object:
    """Return the entries and the rows of a dataset, or the faults of a table."""
    try:
        with laid_out(rows, 2, WORDS) as data:
            frames = map(pl.read_parquet, data.folder.glob("rows-*.parquet"))
            frame = pl.concat(frames, how="diagonal").drop("rel")
            kept = frame.sort("position", "one", "other").to_dicts()
            return list(data.entries()), kept
    except FaultsError as error:
        return sorted(map(str, error.faults))


class TestPayloads:
    """Payloads."""

    @at_most(40)
    @given(
        some=st.lists(whats(), min_size=1, max_size=8),
        version=st.sampled_from([None, 1]),
        named=st.booleans(),
    )
    def test_they_are_those_that_are_read_as_objects(
        self, some: list[tuple[str, str]], version: int | None, named: bool
    ) -> None:
        """A table has the same entries, columns and faults on both roads."""
        kinds, texts = zip(*some, strict=True)
        rows = pa.table({"kind": kinds, "what": texts, "when": ["2000"] * len(some)})
        versions = pa.array([version, *[None] * (len(some) - 1)], pa.int64())
        rows = rows.append_column("version", versions)
        if named:
            names = pa.array([str(number) for number in range(len(some))])
            rows = rows.append_column("id", names)
        by_columns = found(rows)
        with mock.patch.object(Plain, "of", return_value=None):
            as_objects = found(rows)

        assert by_columns == as_objects

    def test_what_is_written_otherwise_is_not_plain(self) -> None:
        """Only JSON that is stored as it is given has the form."""
        form = Plain.of(WORDS, "Pact", "1")
        assert form is not None
        parts = {"exact": '"1.5"', "text": '"a"', "truth": "true", "whole": "1"}

        def parties(**given: str) -> str | None:
            fields = parts | {"parties": '["AAA","BBB"]'} | given
            text = ",".join(f'"{name}":{fields[name]}' for name in sorted(fields))
            (found,) = form.parties(pa.array([f"{{{text}}}"])).to_pylist()
            return found

        for name, texts in {
            "exact": ['"0"', '"-1.000001"'],
            "text": ["null", '""', '"null"', '"{]"'],
            "truth": ["null", "false"],
            "whole": ["0", "-12", f"{10**17}"],
        }.items():
            assert {'["AAA","BBB"]'} == {parties(**{name: text}) for text in texts}
        for name, texts in {
            "exact": ['"1E+2"', '"01"', '"1."', '"0.0000001"', "1.5", "null", '"NaN"'],
            "parties": ["null", '["A" ,"B"]', '["A",1]', r'["\u0041"]', '["A",]'],
            "text": [r'"\u0041"', r'"\""', '"\n"', '"\x7f"', "1", '"', "NULL"],
            "truth": ["1", "True", '"true"'],
            "whole": ["-0", "01", "1.0", "1e3", "null", f"{10**18}", "+1", "", "1 "],
            "whole2": ["1"],
        }.items():
            assert {None} == {parties(**{name: text}) for text in texts}

    @pytest.mark.parametrize(("kept", "read_in_all"), [(9, 2), (1, 8)])
    def test_no_object_is_made_for_a_row(
        self, kept: int, read_in_all: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One payload is read of those with equal parties, in all batches if kept."""
        monkeypatch.setattr("bri_timeline.scale._dictionary._MOST_KEPT", kept)
        looked = list[str]()
        read = CellReader.belongings
        monkeypatch.setattr(
            CellReader,
            "belongings",
            lambda self, values: looked.extend(values) or read(self, values),
        )
        monkeypatch.setattr("bri_timeline.scale._writing._ROWS", 25)
        pacts = [
            Pact(frozenset({"AAA", f"B{n % 2}"}), n, f"text {n}", Decimal(n))
            for n in range(100)
        ]
        rows = pa.table(
            {
                "kind": ["Pact"] * 100,
                "what": [WORDS.encode(pact).decode() for pact in pacts],
                "when": ["2000"] * 100,
            }
        )
        batches = pa.Table.from_batches(rows.to_batches(max_chunksize=5))
        with laid_out(batches, 1, WORDS) as data:
            kept = [entry.claim.what for entry in data.entries()]

        assert kept == pacts
        assert len(looked) == read_in_all

    def test_a_payload_of_an_earlier_version_is_changed(self) -> None:
        """Its JSON may look like that of the version of now."""
        rows = pa.table(
            {
                "kind": ["Sole"] * 2,
                "version": [1, 2],
                "what": ['{"text":"a"}'] * 2,
                "when": ["2000"] * 2,
            }
        )
        with laid_out(rows, 1, WORDS) as data:
            (path,) = data.folder.glob("rows-*.parquet")
            kept = pl.read_parquet(path).sort("position")

        assert [2, 2] == kept["version"].to_list()
        assert ["was a", "a"] == kept["sole_text"].to_list()

    def test_a_payload_that_is_not_a_number_is_told(self, tmp_path: Path) -> None:
        """An event would refuse it, and it is not asked where many are read."""
        pact = Pact(frozenset("AB"), 1, "x", Decimal("NaN"))
        text = WORDS.encode(pact).decode()
        rows = {"kind": ["Pact"], "what": [text], "when": ["2000"], "id": ["x"]}
        with pytest.raises(FaultsError, match=r"row 0: what: .* is not a number"):
            scale.write(pa.table(rows), tmp_path, WORDS)

    @pytest.mark.parametrize("kind", ["Pact", "Named", "Other"])
    def test_a_table_of_which_every_payload_is_missing_is_refused(
        self, kind: str, tmp_path: Path
    ) -> None:
        """Each row is named, as where only some have none."""
        column = pa.array([kind, kind])
        rows = {"kind": column, "what": pa.nulls(2), "when": ["2000", "2001"]}
        lacking = {name: cells for name, cells in rows.items() if name != "what"}
        for table in (rows, {**rows, "kind": column.dictionary_encode()}, lacking):
            with pytest.raises(FaultsError, match="they belong together") as refused:
                scale.write(pa.table(table), tmp_path, WORDS)
            places = [fault.place for fault in refused.value.faults]
            assert ["row 0: what", "row 1: what"] == places

    def test_kinds_that_are_not_plain_have_no_form(self) -> None:
        """Nor have payloads of an earlier version, or of a kind that nobody knows."""
        assert Plain.of(WORDS, "Pact", "1") is not None
        for kind, version in [("Named", "1"), ("Pact", "2"), ("Other", "")]:
            assert Plain.of(WORDS, kind, version) is None


CITED = st.lists(
    st.none()
    | st.fixed_dictionaries(
        {"title": st.none() | TEXTS, "quotes": st.none() | st.lists(st.none() | TEXTS)}
    ),
    max_size=3,
)
INNER = pa.struct([("title", pa.string()), ("quotes", pa.list_(pa.string()))])


class TestNestedColumns:
    """Lists and structs, of which equal ones are read once."""

    @at_most(40)
    @given(
        cells=st.lists(st.none() | CITED),
        skipped=st.integers(0, 3),
        made=st.sampled_from([pa.list_, pa.large_list]),
    )
    def test_values_are_those_of_the_rows(
        self, cells: list[Any], skipped: int, made: Any
    ) -> None:
        """Equal cells have one value, and different ones have several."""
        column = pa.array(cells, made(INNER)).slice(skipped)
        codes, values = encoded(column)
        rows = [None if code is None else values[code] for code in codes.to_pylist()]

        assert rows == column.to_pylist()
        assert len(values) == len({json.dumps(row) for row in rows if row is not None})

    def test_types_that_cannot_be_compared_have_a_value_each(self) -> None:
        """A map is read row by row."""
        column = pa.array([[("a", "b")], None, [("a", "b")]], pa.map_("str", "str"))
        codes, values = encoded(column)

        assert [0, None, 1] == codes.to_pylist()
        assert [[("a", "b")]] * 2 == values

    def test_sources_of_polars_are_read(self) -> None:
        """Its texts are of another type than those of pyarrow."""
        rows = pl.DataFrame(
            {
                "kind": ["Sole"] * 2,
                "what": ['{"text":"a"}'] * 2,
                "when": ["2000"] * 2,
                "cite": [[{"title": "Daily"}]] * 2,
            }
        )
        with laid_out(rows, 1, WORDS) as data:
            cited = [entry.claim.cite for entry in data.entries()]

        assert [(Source("Daily").at(""),)] * 2 == cited
