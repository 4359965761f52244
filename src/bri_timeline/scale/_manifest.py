"""Manifest: the one small file that names all files of a dataset, with digests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
from attrs import evolve, frozen

from bri_timeline.errors import DatasetError
from bri_timeline.extend import replaced


__all__ = [
    "EARLIER",
    "MOST_BUCKETS",
    "NAME",
    "NONE",
    "ROWS",
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
    "rows_path",
]

Pair = tuple[str, str]
MOST_BUCKETS = 512
NAME = "dataset.json"
NONE = -1
# An earlier format has other files of rows and of clusters; see `_earlier`.
_FORMATS = 5, 6
ROWS = "rows"
EARLIER = "what", "when", "cite"
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
    """The rows of one bucket from one writing.

    Attributes:
        bucket: The number of the bucket.
        generation: The number of the writing, from 1.
        rows: Number of rows.
        kinds: The kinds of its payloads, each with a version that occurs; 0 for those
            that the vocabulary did not know, which columns do not show.
        digests: Digests of its files by their names: of the rows, and of an earlier
            format also of dictionaries of values.
        is_precise: Whether each row certainly began on one day.
    """

    bucket: int
    generation: int
    rows: int
    kinds: tuple[tuple[str, int], ...]
    digests: dict[str, str]
    is_precise: bool

    @classmethod
    def written(
        cls,
        folder: Path,
        bucket: int,
        generation: int,
        rows: int,
        kinds: tuple[tuple[str, int], ...],
        *,
        is_precise: bool,
    ) -> Part:
        """Return the part of a file that is written."""
        digest = digest_of(rows_path(folder, generation, bucket))
        return cls(bucket, generation, rows, kinds, {ROWS: digest}, is_precise)

    def file(self, folder: Path, name: str = ROWS) -> DataFile:
        """Return its file of rows, or of a dictionary."""
        path = rows_path(folder, self.generation, self.bucket, name)
        return DataFile(path, self.digests[name])


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
        name: `pairs`: the pairs of parties that are new. `counts`, in an earlier
            format: when which entries count that are new, or newly related.
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


class _FormatVersion(msgspec.Struct):
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
        counts: Files of an earlier format that say when related entries count.
        columns: The columns that hold fields of payloads.
        earlier: So many of the first writings are of an earlier format.
    """

    buckets: int
    size: int
    relationships: int
    generation: int
    parts: tuple[Part, ...]
    clusters: tuple[ClusterFile, ...]
    pairs: tuple[Listing, ...]
    counts: tuple[Listing, ...]
    columns: tuple[Column, ...]
    earlier: int

    @classmethod
    def empty(cls, buckets: int) -> Manifest:
        """Return the manifest of a dataset without entries."""
        return cls(buckets, 0, 0, 0, (), (), (), (), (), 0)

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
            yield from (part.file(folder, name).path for name in part.digests)
        yield from (file.path for file in self.beside(folder))

    def beside(self, folder: Path) -> Iterator[DataFile]:
        """Yield the files that do not have rows."""
        rest: list[ClusterFile | Listing] = [*self.clusters, *self.pairs, *self.counts]
        yield from (one.file(folder) for one in rest)

    def save(self, folder: Path) -> None:
        """Replace the manifest of a folder: this commits a writing."""
        data = msgspec.json.encode(self)
        kept = _Sealed(max(_FORMATS), _hash(data).hexdigest(), msgspec.Raw(data))
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
            found = msgspec.json.decode(data, type=_FormatVersion).format
            if found not in _FORMATS:
                age = "a newer" if found > max(_FORMATS) else "an older"
                problem = f"has format {found}, which is of {age} program"
                remedy = "use that, or write the dataset anew"
                raise DatasetError(str(folder), f"{problem}: {remedy}")
            kept = msgspec.json.decode(data, type=_Sealed)
            if kept.digest != _hash(kept.dataset).hexdigest():
                raise _damaged(folder, "it is not as it was written")
            is_now = found == max(_FORMATS)
            given = bytes(kept.dataset) if is_now else _as_now(kept)
            manifest = msgspec.json.decode(given, type=cls)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise _damaged(folder, error) from None
        for problem in manifest._problems():
            raise _damaged(folder, problem)
        return manifest

    def _problems(self) -> Iterator[str]:
        """Yield values that are out of range or contradict each other."""
        # The digest finds damage; this finds what a faulty program has written.
        if not 1 <= self.buckets <= MOST_BUCKETS:
            yield f"buckets is {self.buckets}, not 1 to {MOST_BUCKETS}"
        if self.size > sum(part.rows for part in self.parts):
            yield f"size is {self.size}, more than there are rows"
        for name in ("size", "relationships", "generation", "earlier"):
            if getattr(self, name) < 0:
                yield f"{name} is below 0"
        for part in self.parts:
            if not {ROWS} <= part.digests.keys() <= {ROWS, *EARLIER}:
                yield "a part lacks a digest, or has too many"
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


def _as_now(kept: _Sealed) -> bytes:
    """Return a manifest of an earlier format as one of this."""
    given = msgspec.json.decode(kept.dataset, type=dict[str, Any])
    parts = [{**part, "is_precise": False} for part in given["parts"]]
    return msgspec.json.encode(
        {**given, "parts": parts, "earlier": given["generation"]}
    )


def _damaged(folder: Path, problem: object) -> DatasetError:
    text = f"cannot be read, {NAME} is damaged: {problem}; {_REMEDY}"
    return DatasetError(str(folder), text)


def rows_path(folder: Path, generation: int, bucket: int, name: str = ROWS) -> Path:
    """Return the path of the file of rows of a bucket."""
    return folder / f"{name}-{generation:06}-{bucket:05}.parquet"


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
