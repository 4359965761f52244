"""Payloads of kinds that a vocabulary does not have."""

from __future__ import annotations

from attrs import field, frozen

from bri_timeline._codec._json import fields_in
from bri_timeline._repr import brief
from bri_timeline.errors import VocabularyError, shown


__all__ = ["MOST_VERSION", "Unknown"]

MOST_VERSION = (1 << 63) - 1


@frozen(repr=False)
class Unknown:
    """A payload of a kind, or of a version, that the vocabulary does not have.

    It is kept byte for byte, so that what a newer program or somebody else wrote is
    passed on unchanged; projections fold past it. `parties` are those of its data, if
    that has a list of texts of this name: so it is found by relationship.

    >>> Unknown("TariffSet", 2, b'{"parties": ["AZE", "CHN"], "rate": "5"}')
    Unknown('TariffSet', 2, b'{"parties": ["AZE", "CHN"], "rate": "5"}')

    Args:
        name: The name of its kind.
        version: The version of that, from 1.
        data: A JSON object: at most 1 MiB, and 64 levels deep.

    Raises:
        VocabularyError: The name is no text, the version no number, or the data no
            bytes.
        FaultsError: The data is no JSON object.
    """

    name: str
    version: int
    data: bytes
    parties: frozenset[str] = field(init=False, eq=False)

    def __attrs_post_init__(self) -> None:
        if not (isinstance(self.name, str) and self.name):
            problem = f"{shown(self.name)} names no kind: give text"
            raise VocabularyError(self.name, problem)
        if type(self.version) is not int or not 0 < self.version <= MOST_VERSION:
            problem = f"{shown(self.version)} is no version of {shown(self.name)}"
            raise VocabularyError(self.name, f"{problem}: give a whole number from 1")
        if not isinstance(self.data, bytes):
            problem = f"the data of this {shown(self.name)} is {shown(self.data)}"
            raise VocabularyError(self.name, f"{problem}: give JSON as bytes")
        parties = fields_in(self.name, self.data).get("parties")
        texts = parties if isinstance(parties, list) else []
        are_texts = all(isinstance(party, str) for party in texts)
        found = frozenset(texts if are_texts else ())
        object.__setattr__(self, "parties", found)

    def __repr__(self) -> str:
        return brief(self)
