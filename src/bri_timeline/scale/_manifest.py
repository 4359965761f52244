"""Manifest: the one small file that names all files of a dataset, with digests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from hashlib import blake2b
from pathlib import Path

import msgspec
from attrs import evolve, frozen

from bri_timeline.errors import DatasetError
from bri_timeline.extend import replaced


__all__ = [
    "DICTIONARIES",
    "MOST_BUCKETS",
    "NAME",
    "NONE",
    "ClusterFile",
    "Column",
    "DataFile",
    "Listing",
    "Manifest",
    "Pair",
    "Part",
    "bucket_of",
    "clusters_path",
    "digest_of",
    "listing_path",
]

Pair = tuple[str, str]
MOST_BUCKETS = 512
NAME = "dataset.json"
NONE = -1
DICTIONARIES = ("what", "when", "cite")
_ROWS = "rows"
_FORMAT = 5
_hash = partial(blake2b, digest_size=16)


@frozen
class DataFile:
    """A file of a dataset; written once, never changed.

    Attributes:
        path: Its path.
        digest: The digest of its bytes when it was written.
    """

    path: Path
    digest: str

    def verified(self) -> Path:
        """Return its path after checking its digest.

        The bytes are read once in each process, and again only if the size or the
        times of the file change.

        Raises:
            DatasetError: The file is missing, damaged, or another one.
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
    # Change time too: modification times can be set back by anyone.
    times = found.st_mtime_ns, found.st_ctime_ns
    return _digest(path, found.st_ino, found.st_size, *times)


@lru_cache(1 << 14)
def _digest(path: Path, *_state: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, _hash).hexdigest()


@frozen
class Part:
    """The rows of one bucket from one writing, with their value dictionaries.

    Attributes:
        bucket: The number of the bucket.
        generation: The number of the writing, from 1.
        rows: Number of rows.
        values: For each dictionary, the number of its first value and the number after
            its last: payloads, dates and citations are numbers in the rows.
        kinds: The kinds of its payloads, each with a version that occurs; 0 for those
            that the vocabulary did not know, which columns do not show.
        digests: Digests of its files: of the rows, and of each dictionary.
    """

    bucket: int
    generation: int
    rows: int
    values: dict[str, tuple[int, int]]
    kinds: tuple[tuple[str, int], ...]
    digests: dict[str, str]

    def has(self, kind: str) -> bool:
        """Return whether it has a dictionary of a kind."""
        start, stop = self.values[kind]
        return start < stop

    def path(self, folder: Path, kind: str = _ROWS) -> Path:
        """Return the path of its file of rows, or of a dictionary."""
        return folder / f"{kind}-{self.generation:06}-{self.bucket:05}.parquet"

    def file(self, folder: Path, kind: str = _ROWS) -> DataFile:
        """Return its file of rows, or of a dictionary."""
        return DataFile(self.path(folder, kind), self.digests[kind])

    def closed(
        self,
        folder: Path,
        rows: int,
        sizes: dict[str, int],
        kinds: tuple[tuple[str, int], ...],
    ) -> Part:
        """Return the part completed, once its files are written.

        Args:
            folder: The dataset.
            rows: Number of rows.
            sizes: For each dictionary, the number after its last value.
            kinds: The kinds of its payloads, with their versions.
        """
        ranges = {name: (self.values[name][0], sizes[name]) for name in DICTIONARIES}
        part = evolve(self, rows=rows, values=ranges, kinds=kinds)
        digests = {name: digest_of(part.path(folder, name)) for name in part.names}
        return evolve(part, digests=digests)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its files: of the rows, and of each dictionary."""
        return _ROWS, *filter(self.has, DICTIONARIES)


@frozen
class ClusterFile:
    """The file of the clusters in one bucket, as of one writing."""

    bucket: int
    generation: int
    digest: str

    def file(self, folder: Path) -> DataFile:
        """Return its file."""
        return DataFile(
            clusters_path(folder, self.generation, self.bucket), self.digest
        )


@frozen
class Listing:
    """A file of one writing that is not divided into buckets.

    Attributes:
        name: `pairs`: the pairs of parties that are new. `counts`: when which of the
            entries that are new, or newly related, count.
        generation: The number of the writing.
        digest: The digest of the file.
    """

    name: str
    generation: int
    digest: str

    def file(self, folder: Path) -> DataFile:
        """Return its file."""
        path = listing_path(folder, self.name, self.generation)
        return DataFile(path, self.digest)


@frozen
class Column:
    """A column of the rows that holds a field of a kind of payload.

    Attributes:
        name: Its name, such as `agreement_signed_value_amount`.
        kind: The kind.
        path: The field, such as `value.amount`.
        type: The type of its cells, a name of `TYPES`.
        since: The first writing that filled it.
        until: The first writing since which it is not filled any more, if there is one.
    """

    name: str
    kind: str
    path: str
    type: str
    since: int
    until: int | None

    def is_filled(self, generation: int) -> bool:
        """Check whether a writing filled it."""
        until = self.until
        return self.since <= generation and (until is None or generation < until)


class _Format(msgspec.Struct):
    """The part that all formats of a manifest share."""

    format: int


class _Sealed(msgspec.Struct, forbid_unknown_fields=True):
    """A manifest as stored: with a digest of its bytes."""

    format: int
    digest: str
    dataset: msgspec.Raw


@frozen
class Manifest:
    """The files and figures of a dataset, and the columns of its rows.

    Attributes:
        buckets: Number of buckets.
        size: Number of entries.
        relationships: Number of pairs of two parties.
        generation: Number of writings.
        parts: The files of rows.
        clusters: The files of clusters.
        pairs: The files of new pairs.
        counts: The files that say when related entries count.
        values: Number of values in each dictionary.
        columns: The columns that hold fields of payloads.
    """

    buckets: int
    size: int
    relationships: int
    generation: int
    parts: tuple[Part, ...]
    clusters: tuple[ClusterFile, ...]
    pairs: tuple[Listing, ...]
    counts: tuple[Listing, ...]
    values: dict[str, int]
    columns: tuple[Column, ...]

    @classmethod
    def empty(cls, buckets: int) -> Manifest:
        """Return the manifest of a dataset without entries."""
        sizes = dict.fromkeys(DICTIONARIES, 0)
        return cls(buckets, 0, 0, 0, (), (), (), (), sizes, ())

    def of(self, bucket: int) -> Manifest:
        """Return the manifest of one bucket."""
        return evolve(
            self,
            parts=tuple(part for part in self.parts if part.bucket == bucket),
            clusters=tuple(one for one in self.clusters if one.bucket == bucket),
        )

    def files(self, folder: Path) -> Iterable[Path]:
        """Yield the paths of all files."""
        for part in self.parts:
            yield from (part.path(folder, name) for name in part.names)
        listings = (*self.pairs, *self.counts)
        rest: list[ClusterFile | Listing] = [*self.clusters, *listings]
        yield from (one.file(folder).path for one in rest)

    def save(self, folder: Path) -> None:
        """Replace the manifest of a folder: this commits a writing."""
        data = msgspec.json.encode(self)
        kept = _Sealed(_FORMAT, _hash(data).hexdigest(), msgspec.Raw(data))
        # Renaming is atomic: readers see the dataset before or after, never between.
        with replaced(folder / NAME) as file:
            file.write(msgspec.json.encode(kept))

    @classmethod
    def load(cls, folder: Path) -> Manifest:
        """Read the manifest of a folder.

        Raises:
            DatasetError: It is missing, damaged, or of another format.
        """
        try:
            data = (folder / NAME).read_bytes()
        except FileNotFoundError:
            problem = f"is not a dataset: it has no {NAME}; make one with scale.write()"
            raise DatasetError(str(folder), problem) from None
        except OSError as error:
            problem = f"is not a dataset, {NAME} cannot be read: {error}"
            raise DatasetError(str(folder), problem) from None
        try:
            # The format first: a manifest of another format would look damaged.
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
        """Yield values that are out of range or contradict each other."""
        # The digest finds damage; this finds what a faulty program has written.
        if not 1 <= self.buckets <= MOST_BUCKETS:
            yield f"buckets is {self.buckets}, not 1 to {MOST_BUCKETS}"
        if self.values.keys() != {*DICTIONARIES}:
            yield f"values has {', '.join(self.values)}, not {', '.join(DICTIONARIES)}"
        if self.size > sum(part.rows for part in self.parts):
            yield f"size is {self.size}, more than there are rows"
        for name in ("size", "relationships", "generation"):
            if getattr(self, name) < 0:
                yield f"{name} is below 0"
        for part in self.parts:
            if part.values.keys() != {*DICTIONARIES} or part.digests.keys() != {
                *part.names
            }:
                yield "a part lacks values or digests, or has too many"
        for kind, count in self.values.items():
            ranges = sorted(part.values[kind] for part in self.parts if part.has(kind))
            # Ranges must follow each other without a gap: numbers are looked up by
            # bisection.
            starts = [0, *(stop for _, stop in ranges)]
            if starts != [*(start for start, _ in ranges), count]:
                yield f"values of {kind} are not numbered from 0 to {count}"
        dealt: list[Part | ClusterFile] = [*self.parts, *self.clusters]
        if not all(0 <= one.bucket < self.buckets for one in dealt):
            yield f"a bucket is not 0 to {self.buckets - 1}"
        listed = [*self.pairs, *self.counts]
        every: list[Part | ClusterFile | Listing] = [*dealt, *listed]
        generations = {one.generation for one in every}
        if (
            self.generation != max(generations, default=0)
            or min(generations, default=1) < 1
        ):
            yield f"a generation is not 1 to {self.generation}"
        for column in self.columns:
            stop = self.generation + 1 if column.until is None else column.until
            if not 1 <= column.since < stop <= self.generation + 1:
                yield f"the column {column.name} is filled by no writing"
        names = [*self.files(Path())]
        if len({*names}) < len(names):
            yield "a file is named twice"


def _damaged(folder: Path, problem: object) -> DatasetError:
    text = f"cannot be read, {NAME} is damaged: {problem}; {_REMEDY}"
    return DatasetError(str(folder), text)


def clusters_path(folder: Path, generation: int, bucket: int) -> Path:
    """Return the path of the file of clusters of a bucket."""
    return folder / f"clusters-{generation:06}-{bucket:05}.parquet"


def listing_path(folder: Path, name: str, generation: int) -> Path:
    """Return the path of a file of a writing that is not divided into buckets."""
    return folder / f"{name}-{generation:06}.parquet"


def bucket_of(pair: Pair, buckets: int) -> int:
    """Return the bucket of a relationship."""
    # Stored datasets rely on it: it must be the same on every machine and version.
    digest = blake2b(msgspec.json.encode(pair), digest_size=8).digest()
    return int.from_bytes(digest, "big") % buckets
