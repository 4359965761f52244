"""What files a dataset consists of: one small file says, and is replaced as a whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from hashlib import blake2b
from pathlib import Path

import msgspec
from attrs import evolve, frozen

from bri_timeline.errors import DatasetError
from bri_timeline.formats import replaced


__all__ = [
    "MOST_BUCKETS",
    "NAME",
    "NONE",
    "WORDS",
    "Kin",
    "Manifest",
    "Pair",
    "Pairs",
    "Part",
    "Written",
    "bucket_of",
    "digest_of",
    "kin_path",
    "pairs_path",
]

Pair = tuple[str, str]
MOST_BUCKETS = 512
NAME = "dataset.json"
NONE = -1
WORDS = ("what", "when", "cite")
_ROWS = "rows"
_FORMAT = 3
_hash = partial(blake2b, digest_size=16)


@frozen
class Written:
    """A file of a dataset, which was written once and is never changed.

    Attributes:
        path: Where it is.
        digest: That of its bytes when it was written.
    """

    path: Path
    digest: str

    def verified(self) -> Path:
        """Return its path, once its bytes are known to be those that were written.

        They are read once in each process, as long as the file system says that the
        file has not changed since.

        Raises:
            DatasetError: It is missing, damaged, or another file.
        """
        folder, name = str(self.path.parent), self.path.name
        try:
            is_same = digest_of(self.path) == self.digest
        except OSError as error:
            problem = f"cannot be read, its file {name} is missing or damaged ({error})"
            raise DatasetError(folder, f"{problem}: {_REMEDY}") from None
        if not is_same:
            problem = f"is damaged, its file {name} is not as it was written"
            raise DatasetError(folder, f"{problem}: {_REMEDY}")
        return self.path


_REMEDY = "restore that from a copy, or write the dataset anew"


def digest_of(path: Path) -> str:
    """Return the digest of a file.

    Raises:
        OSError: It cannot be read.
    """
    found = path.stat()
    times = found.st_mtime_ns, found.st_ctime_ns
    return _digest(path, found.st_ino, found.st_size, *times)


@lru_cache(1 << 14)
def _digest(path: Path, *_state: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, _hash).hexdigest()


@frozen
class Part:
    """The rows of one bucket that were written at one time.

    Attributes:
        bucket: Which.
        generation: Of which writing, from 1.
        rows: How many.
        words: Of each column of words, the number of the first and the number after the
            last: payloads, dates and citations are numbers in the rows.
        digests: Those of its files: of rows, and of words of each kind.
    """

    bucket: int
    generation: int
    rows: int
    words: dict[str, tuple[int, int]]
    digests: dict[str, str]

    def has(self, kind: str) -> bool:
        """Tell whether there are words of a kind in it."""
        start, stop = self.words[kind]
        return start < stop

    def path(self, folder: Path, kind: str = _ROWS) -> Path:
        """Return where its file of rows is, or of words of some kind."""
        return folder / f"{kind}-{self.generation:06}-{self.bucket:05}.parquet"

    def file(self, folder: Path, kind: str = _ROWS) -> Written:
        """Return its file of rows, or of words of some kind."""
        return Written(self.path(folder, kind), self.digests[kind])

    def closed(self, folder: Path, rows: int, words: dict[str, int]) -> Part:
        """Return it with what is known once its files are written.

        Args:
            folder: The dataset.
            rows: How many rows there are.
            words: The number after the last word of each kind.
        """
        ranges = {kind: (self.words[kind][0], words[kind]) for kind in WORDS}
        part = evolve(self, rows=rows, words=ranges)
        digests = {kind: digest_of(part.path(folder, kind)) for kind in part.kinds}
        return evolve(part, digests=digests)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of files that it has."""
        return _ROWS, *filter(self.has, WORDS)


@frozen
class Kin:
    """Entries of one bucket that bear on one another, as of one writing."""

    bucket: int
    generation: int
    digest: str

    def file(self, folder: Path) -> Written:
        """Return its file."""
        return Written(kin_path(folder, self.generation, self.bucket), self.digest)


@frozen
class Pairs:
    """The pairs of parties that were new in one writing."""

    generation: int
    digest: str

    def file(self, folder: Path) -> Written:
        """Return its file."""
        return Written(pairs_path(folder, self.generation), self.digest)


class _Format(msgspec.Struct):
    """What every format of a manifest says."""

    format: int


class _Sealed(msgspec.Struct, forbid_unknown_fields=True):
    """A manifest as it is kept: with a digest of its bytes."""

    format: int
    digest: str
    dataset: msgspec.Raw


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
        pairs: The files of new pairs.
        words: How many words there are of each kind.
    """

    buckets: int
    size: int
    relationships: int
    generation: int
    parts: tuple[Part, ...]
    kin: tuple[Kin, ...]
    pairs: tuple[Pairs, ...]
    words: dict[str, int]

    @classmethod
    def empty(cls, buckets: int) -> Manifest:
        """Return that of a dataset without entries."""
        return cls(buckets, 0, 0, 0, (), (), (), dict.fromkeys(WORDS, 0))

    def of(self, bucket: int) -> Manifest:
        """Return what there is of one bucket."""
        return evolve(
            self,
            parts=tuple(part for part in self.parts if part.bucket == bucket),
            kin=tuple(kin for kin in self.kin if kin.bucket == bucket),
        )

    def files(self, folder: Path) -> Iterable[Path]:
        """Yield all files that it names."""
        for part in self.parts:
            yield from (part.path(folder, kind) for kind in part.kinds)
        yield from (kin.file(folder).path for kin in self.kin)
        yield from (pairs.file(folder).path for pairs in self.pairs)

    def save(self, folder: Path) -> None:
        """Put it in the place of the one before: from now on the dataset is this."""
        data = msgspec.json.encode(self)
        kept = _Sealed(_FORMAT, _hash(data).hexdigest(), msgspec.Raw(data))
        with replaced(folder / NAME) as file:
            file.write(msgspec.json.encode(kept))

    @classmethod
    def load(cls, folder: Path) -> Manifest:
        """Return that of a folder.

        Raises:
            DatasetError: There is none, or it is damaged or of another program.
        """
        try:
            data = (folder / NAME).read_bytes()
        except FileNotFoundError:
            problem = f"is no dataset: it has no {NAME}; make one with scale.write()"
            raise DatasetError(str(folder), problem) from None
        except OSError as error:
            problem = f"is no dataset, {NAME} cannot be read: {error}"
            raise DatasetError(str(folder), problem) from None
        try:
            found = msgspec.json.decode(data, type=_Format).format
            if found != _FORMAT:
                age = "a newer" if found > _FORMAT else "an older"
                problem = f"has format {found}, which is of {age} program"
                remedy = "use that, or write the dataset anew"
                raise DatasetError(str(folder), f"{problem}: {remedy}")
            kept = msgspec.json.decode(data, type=_Sealed)
            manifest = msgspec.json.decode(kept.dataset, type=cls)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise _damaged(folder, error) from None
        if kept.digest != _hash(kept.dataset).hexdigest():
            raise _damaged(folder, "it is not as it was written")
        for problem in manifest._problems():
            raise _damaged(folder, problem)
        return manifest

    def _problems(self) -> Iterator[str]:
        """Yield what cannot be, however it came to be written."""
        if not 1 <= self.buckets <= MOST_BUCKETS:
            yield f"buckets is {self.buckets}, not 1 to {MOST_BUCKETS}"
        if self.words.keys() != {*WORDS}:
            yield f"words has {', '.join(self.words)}, not {', '.join(WORDS)}"
        if self.size > sum(part.rows for part in self.parts):
            yield f"size is {self.size}, more than there are rows"
        for name in ("size", "relationships", "generation"):
            if getattr(self, name) < 0:
                yield f"{name} is below 0"
        for part in self.parts:
            if part.words.keys() != {*WORDS} or part.digests.keys() != {*part.kinds}:
                yield "a part has not the words and digests that it must have"
        for kind, count in self.words.items():
            ranges = sorted(part.words[kind] for part in self.parts if part.has(kind))
            starts = [0, *(stop for _, stop in ranges)]
            if starts != [*(start for start, _ in ranges), count]:
                yield f"words of {kind} are not numbered from 0 to {count}"
        dealt: list[Part | Kin] = [*self.parts, *self.kin]
        if not all(0 <= one.bucket < self.buckets for one in dealt):
            yield f"a bucket is not 0 to {self.buckets - 1}"
        every: list[Part | Kin | Pairs] = [*dealt, *self.pairs]
        generations = {one.generation for one in every}
        if (
            self.generation != max(generations, default=0)
            or min(generations, default=1) < 1
        ):
            yield f"a generation is not 1 to {self.generation}"
        names = [*self.files(Path())]
        if len({*names}) < len(names):
            yield "a file is named twice"


def _damaged(folder: Path, problem: object) -> DatasetError:
    text = f"cannot be read, {NAME} is damaged: {problem}; {_REMEDY}"
    return DatasetError(str(folder), text)


def kin_path(folder: Path, generation: int, bucket: int) -> Path:
    """Return the file of the entries of a bucket that bear on one another."""
    return folder / f"kin-{generation:06}-{bucket:05}.parquet"


def pairs_path(folder: Path, generation: int) -> Path:
    """Return the file of the pairs that were new in a generation."""
    return folder / f"pairs-{generation:06}.parquet"


def bucket_of(pair: Pair, buckets: int) -> int:
    """Return the bucket of a relationship: the same on every machine, for ever."""
    digest = blake2b(msgspec.json.encode(pair), digest_size=8).digest()
    return int.from_bytes(digest, "big") % buckets
