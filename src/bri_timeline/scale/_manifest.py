"""What files a dataset consists of: one small file says, and is replaced as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

import msgspec
from attrs import field, frozen

from bri_timeline.errors import DatasetError
from bri_timeline.formats._files import replaced


__all__ = ["NAME", "NONE", "WORDS", "Kin", "Manifest", "Pair", "Part", "bucket_of"]

Pair = tuple[str, str]
NAME = "dataset.json"
NONE = -1
WORDS = ("what", "when", "cite")
_FORMAT = 1


@frozen
class Part:
    """The rows of one bucket that were written at one time.

    Attributes:
        bucket: Which.
        generation: Of which writing, from 1.
        rows: How many.
        words: Of each column of words, the number of the first and the number after the
            last: payloads, dates and citations are numbers in the rows.
    """

    bucket: int
    generation: int
    rows: int
    words: dict[str, tuple[int, int]]

    def has(self, kind: str) -> bool:
        """Tell whether there are words of a kind in it."""
        start, stop = self.words[kind]
        return start < stop

    def path(self, folder: Path, kind: str = "rows") -> Path:
        """Return its file of rows, or of words of some kind."""
        return folder / f"{kind}-{self.generation:06}-{self.bucket:05}.parquet"


@frozen
class Kin:
    """Entries of one bucket that bear on one another, as of one writing."""

    bucket: int
    generation: int

    def path(self, folder: Path) -> Path:
        """Return its file."""
        return folder / f"kin-{self.generation:06}-{self.bucket:05}.parquet"


@frozen
class Manifest:
    """What a dataset consists of.

    Attributes:
        buckets: How many buckets relationships are dealt out to.
        size: How many entries there are.
        relationships: How many pairs of parties there are.
        generation: How often was written.
        parts: The files of rows.
        kin: The files of entries that bear on one another.
        pairs: The generations in which there were new pairs.
        words: How many words there are of each kind.
    """

    buckets: int
    size: int = 0
    relationships: int = 0
    generation: int = 0
    parts: tuple[Part, ...] = ()
    kin: tuple[Kin, ...] = ()
    pairs: tuple[int, ...] = ()
    words: dict[str, int] = field(factory=lambda: dict.fromkeys(WORDS, 0))
    format: int = _FORMAT

    def of(self, bucket: int) -> Manifest:
        """Return what there is of one bucket."""
        return Manifest(
            self.buckets,
            self.size,
            self.relationships,
            self.generation,
            tuple(part for part in self.parts if part.bucket == bucket),
            tuple(kin for kin in self.kin if kin.bucket == bucket),
            self.pairs,
            self.words,
        )

    def files(self, folder: Path) -> Iterable[Path]:
        """Yield all files that it names."""
        for part in self.parts:
            yield part.path(folder)
            yield from (part.path(folder, kind) for kind in WORDS if part.has(kind))
        for kin in self.kin:
            yield kin.path(folder)
        for generation in self.pairs:
            yield pairs_path(folder, generation)

    def save(self, folder: Path) -> None:
        """Put it in the place of the one before: from now on the dataset is this."""
        with replaced(folder / NAME) as file:
            file.write(msgspec.json.encode(self))

    @classmethod
    def load(cls, folder: Path) -> Manifest:
        """Return that of a folder.

        Raises:
            DatasetError: There is none, or it is damaged or of a newer program.
        """
        try:
            data = (folder / NAME).read_bytes()
        except FileNotFoundError:
            problem = f"is no dataset: it has no {NAME}; make one with scale.write()"
            raise DatasetError(str(folder), problem) from None
        try:
            found = msgspec.json.decode(data, type=cls)
        except msgspec.MsgspecError as error:
            problem = f"cannot be read, {NAME} is damaged: {error}"
            raise DatasetError(str(folder), problem) from None
        if found.format != _FORMAT:
            problem = f"has format {found.format}, which is of a newer program"
            raise DatasetError(str(folder), f"{problem}: use that")
        return found


def pairs_path(folder: Path, generation: int) -> Path:
    """Return the file of the pairs that were new in a generation."""
    return folder / f"pairs-{generation:06}.parquet"


def bucket_of(pair: Pair, buckets: int) -> int:
    """Return the bucket of a relationship: the same on every machine, for ever."""
    digest = blake2b(msgspec.json.encode(pair), digest_size=8).digest()
    return int.from_bytes(digest, "big") % buckets
