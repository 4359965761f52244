"""Payloads in a plain form, read by columns: no object of Python is made for a row.

A class is plain if it only holds texts, whole numbers, decimals, truths and `parties`.
Then a regular expression tells which JSON is as `Vocabulary.encode()` writes it, and
takes the fields out. Others are read as objects, such as texts with a quotation mark.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from types import NoneType

from attrs import frozen

from bri_timeline import Vocabulary
from bri_timeline.extend import ColumnCodec, members_of, payload_fields
from bri_timeline.scale._engine import Array, chosen, pa, pc


_TEXT = r'"[^"\\\x00-\x1f\x7f]*"'
# What fits into a column, and is written in this way only.
_FORMS: dict[object, str] = {
    str: _TEXT,
    int: "0|-?[1-9][0-9]{0,17}",
    Decimal: '"-?(?:0|[1-9][0-9]{0,17})(?:[.][0-9]{1,6})?"',
    bool: "true|false",
}
_PARTIES = rf"\[(?:{_TEXT}(?:,{_TEXT})*)?\]"
_CELLS: dict[str, Callable[[Array], Array]] = {
    "text": lambda raw: pc.binary_slice(raw.cast(pa.binary()), 1, -1).cast(pa.string()),
    "whole number": lambda raw: raw.cast(pa.int64()),
    "truth": lambda raw: pc.equal(raw, "true"),
    "decimal": lambda raw: _CELLS["text"](raw).cast(pa.decimal128(38, 9)),
}


@frozen
class Plain:
    """The form of payloads of a plain class.

    Attributes:
        forms: The regular expression of each field as JSON, in the order of the JSON.
    """

    forms: dict[str, str]

    @classmethod
    def of(cls, vocabulary: Vocabulary, kind: str, version: str) -> Plain | None:
        """Return the form of payloads of a kind, if they are plain in that version."""
        number = int(version) if version else 0
        if not ColumnCodec(vocabulary).holds_only(kind, number):
            return None
        fields = payload_fields(vocabulary.classes[kind])
        forms = {name: _form(name, fields[name].type) for name in sorted(fields)}
        plain = {name: form for name, form in forms.items() if form is not None}
        return cls(plain) if len(plain) == len(forms) else None

    def parties(self, texts: Array) -> Array:
        """Return the parties of payloads as JSON, empty where the class has none.

        Null where a payload is not in the plain form.
        """
        names = ["parties"] if "parties" in self.forms else []
        is_plain, raw = self._taken(texts, names)
        return pc.if_else(is_plain, raw[0] if raw else "", None)

    def cells(
        self, texts: Array, wanted: Sequence[tuple[str, str]]
    ) -> tuple[Array, list[Array]]:
        """Return which payloads are in the plain form, and fields of these as columns.

        Args:
            texts: The payloads.
            wanted: The names of fields, and the types of their columns.
        """
        is_plain, taken = self._taken(texts, [name for name, _ in wanted])
        known = (chosen(raw, is_plain) for raw in taken)
        # JSON of a text has quotation marks.
        texts_or_null = (pc.if_else(pc.equal(raw, "null"), None, raw) for raw in known)
        cells = [
            _CELLS[kind](raw)
            for (_, kind), raw in zip(wanted, texts_or_null, strict=True)
        ]
        return is_plain, cells

    def _taken(self, texts: Array, names: list[str]) -> tuple[Array, list[Array]]:
        """Return which payloads are in the plain form, and fields of them as JSON."""
        groups = {name: f"?P<f{number}>" for number, name in enumerate(names)}
        parts = []
        for name, form in self.forms.items():
            opening = re.escape(json.dumps(name, ensure_ascii=False))
            parts.append(f"{opening}:({groups.get(name, '?:')}{form})")
        whole = rf"^\{{{','.join(parts)}\}}\z"
        if not names:
            return pc.match_substring_regex(texts, whole), []
        fields = pc.extract_regex(texts, whole)
        return pc.is_valid(fields), [fields.field(f"f{n}") for n in range(len(names))]


def _form(name: str, wanted: object) -> str | None:
    """Return the regular expression of a field as JSON; None if there is none."""
    if name == "parties":
        return _PARTIES if wanted == frozenset[str] else None
    members = {*members_of(wanted)}
    forms = [_FORMS.get(member) for member in members - {NoneType}]
    if len(forms) != 1 or forms[0] is None:
        return None
    return f"null|{forms[0]}" if NoneType in members else forms[0]
