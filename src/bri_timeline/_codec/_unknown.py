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
    passed on unchanged; projections fold past it. `parties`, `affair_of` and
    `refers_to` are those of its data, if that has lists of texts of these names: so it
    is found.

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
    affair_of: frozenset[str] = field(init=False, eq=False)
    refers_to: frozenset[str] = field(init=False, eq=False)

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
        fields = fields_in(self.name, self.data)
        for name in ("parties", "affair_of", "refers_to"):
            object.__setattr__(self, name, _texts(fields.get(name)))
        if "affair_of" not in fields:
            object.__setattr__(self, "affair_of", self.parties)

    def __repr__(self) -> str:
        return brief(self)


def _texts(value: object) -> frozenset[str]:
    """Return a list of texts as a set; nothing of what is something else."""
    texts = value if isinstance(value, list) else []
    found = [text for text in texts if isinstance(text, str)]
    return frozenset(found if len(found) == len(texts) else ())
