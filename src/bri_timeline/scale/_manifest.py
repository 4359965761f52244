"""Manifest: the one small file that names all files of a version, with digests.

Each writing adds a version: a file with the next number in its name, which is created
only if nobody else has taken that number. Other names have the mark of their writing in
them, so that none is used twice.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from errno import EMFILE, ENFILE
from functools import lru_cache, partial
from hashlib import blake2b
from pathlib import Path
from secrets import token_hex
from typing import Annotated

import msgspec
from attrs import evolve, frozen
from msgspec import Meta

from bri_timeline.errors import DatasetError, shown
from bri_timeline.scale import _files
from bri_timeline.scale._files import Where


Pair = tuple[str, str]
MOST_BUCKETS = 512
NONE = -1
_FORMAT = 8
_Number = Annotated[int, Meta(ge=0)]
_VERSION = re.compile(r"dataset-(\d{6,})[.]json")
_TRIES = 3
ROWS = "rows"
hashed = partial(blake2b, digest_size=16)


@frozen
class DataFile:
    """A file of a dataset; written once, never changed.

    Attributes:
        where: The folder or URL in which it lies.
        name: Its name.
        digest: The digest of its bytes when it was written.
    """

    where: Where
    name: str
    digest: str

    @classmethod
    def written(cls, where: Where, name: str) -> DataFile:
        """Return a file that was written to this machine."""
        return cls(where, name, digest_of(_files.local(where) / name))

    def verified(self) -> Path:
        """Return the path of it, or of a copy, after checking its digest.

        The bytes are read once in each process, and again only if the size or the
        times of the file change.

        Raises:
            DatasetError: The file is missing, damaged, or another one.
        """
        place, name = str(self.where), self.name
        try:
            path = _files.fetched(self.where, name)
            is_same = digest_of(path) == self.digest
        except OSError as error:
            raise self.unreadable(error) from None
        if not is_same:
            _files.forget(self.where, name)
            problem = f"is damaged, its file {name} is not as it was written"
            raise DatasetError(place, f"{problem}: {_REMEDY}")
        return path

    def unreadable(self, error: OSError) -> DatasetError:
        """Return the error of a file that cannot be opened, with what helps."""
        problem, remedy = "is missing or damaged", _REMEDY
        if error.errno in (EMFILE, ENFILE):
            problem, remedy = "cannot be opened beside so many others", _FEWER
        whole = f"cannot be read, its file {self.name} {problem} ({error}): {remedy}"
        return DatasetError(str(self.where), whole)


_FEWER = "join the files of its buckets by compact(), or let more be open (ulimit -n)"
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
        return hashlib.file_digest(file, hashed).hexdigest()


@frozen
class Part:
    """The rows of one bucket from one writing.

    Attributes:
        bucket: The number of the bucket.
        generation: The number of the writing, from 1.
        mark: The mark of the writing, which is in the names of its files.
        rows: Number of rows.
        kinds: The kinds of its payloads, each with a version that occurs; 0 for those
            that the vocabulary did not know, which columns do not show.
        digest: The digest of its file of rows.
        is_precise: Whether each row certainly began on one day.
    """

    bucket: int
    generation: int
    mark: str
    rows: int
    kinds: tuple[tuple[str, int], ...]
    digest: str
    is_precise: bool

    def file(self, folder: Where) -> DataFile:
        """Return its file of rows."""
        return DataFile(folder, name_of(ROWS, self.mark, self.bucket), self.digest)


@frozen
class ClusterFile:
    """The file of the clusters in one bucket, as of one writing."""

    bucket: int
    generation: int
    mark: str
    digest: str

    def file(self, folder: Where) -> DataFile:
        """Return its file."""
        name = name_of("clusters", self.mark, self.bucket)
        return DataFile(folder, name, self.digest)


@frozen
class Listing:
    """A file of one writing that is not divided into buckets.

    Attributes:
        name: `pairs`: the pairs of parties that are new.
        generation: The number of the writing.
        mark: The mark of the writing.
        digest: The digest of the file.
    """

    name: str
    generation: int
    mark: str
    digest: str

    def file(self, folder: Where) -> DataFile:
        """Return its file."""
        return DataFile(folder, name_of(self.name, self.mark), self.digest)


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
    until: _Number | None

    def is_filled(self, generation: int) -> bool:
        """Check whether a writing filled it."""
        until = self.until
        return self.since <= generation and (until is None or generation < until)


@frozen
class Rules:
    """The rules of the class of a kind, as they were when it was first written.

    Files rest on them: on the types of fields, on which of these may be silent, and on
    what ends or replaces facts.

    Attributes:
        version: The version of the class.
        fields: Its fields, each with the members of its type.
        silent: The fields that may be silent.
        declared: What it declares as `until` and `last_of`.
    """

    version: int
    fields: dict[str, tuple[str, ...]]
    silent: tuple[str, ...]
    declared: dict[str, str]

    def changed(self, now: Rules) -> list[str]:
        """Return what is said otherwise.

        Fields can be added, and take more types; what has another version is converted.
        """
        both, changed = self.fields.keys() & now.fields.keys(), list[str]()
        if self.version == now.version:
            for name, kinds in self.fields.items():
                taken = {*now.fields.get(name, ())}
                # Each whole number is a decimal.
                taken |= {"int"} if "Decimal" in taken else set()
                changed += [] if taken.issuperset(kinds) and name in both else [name]
        changed += ["silent"] if both & ({*self.silent} ^ {*now.silent}) else []
        return changed + [
            name
            for name in ("until", "last_of")
            if self.declared.get(name) != now.declared.get(name)
        ]


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
        generation: Number of writings, which is the number of the version.
        mark: The mark of the last writing.
        parts: The files of rows.
        clusters: The files of clusters.
        pairs: The files of new pairs.
        columns: The columns that hold fields of payloads.
        rules: The rules of the class of each kind.
        renewed: The last writing that left out the files of all earlier ones, as they
            had words that were erased; 0 if there was none.
        series: The highest number of each series of named appends.
    """

    buckets: Annotated[int, Meta(ge=1, le=MOST_BUCKETS)]
    size: _Number
    relationships: _Number
    generation: _Number
    mark: str
    parts: tuple[Part, ...]
    clusters: tuple[ClusterFile, ...]
    pairs: tuple[Listing, ...]
    columns: tuple[Column, ...]
    rules: dict[str, Rules]
    renewed: _Number
    series: dict[str, int]

    @classmethod
    def empty(cls, buckets: int) -> Manifest:
        """Return the manifest of a dataset without entries."""
        return cls(buckets, 0, 0, 0, mark_of(0), (), (), (), (), {}, 0, {})

    def of(self, bucket: int) -> Manifest:
        """Return the manifest of one bucket."""
        return evolve(
            self,
            parts=tuple(part for part in self.parts if part.bucket == bucket),
            clusters=tuple(one for one in self.clusters if one.bucket == bucket),
        )

    def by_bucket(self, pairs: Iterable[Pair]) -> dict[int, list[Pair]]:
        """Return some pairs by the numbers of their buckets."""
        pairs_by_bucket: dict[int, list[Pair]] = {}
        for pair in pairs:
            bucket = bucket_of(pair, self.buckets)
            pairs_by_bucket.setdefault(bucket, []).append(pair)
        return pairs_by_bucket

    @property
    def fullest(self) -> int:
        """The number of files of the bucket that has most, or 1."""
        files: Iterable[Part | ClusterFile] = (*self.parts, *self.clusters)
        return max(Counter(file.bucket for file in files).values(), default=1)

    def files(self, folder: Where) -> Iterator[DataFile]:
        """Yield all files."""
        yield from (part.file(folder) for part in self.parts)
        yield from self.beside(folder)

    def beside(self, folder: Where) -> Iterator[DataFile]:
        """Yield the files that do not have rows."""
        rest: list[ClusterFile | Listing] = [*self.clusters, *self.pairs]
        yield from (one.file(folder) for one in rest)

    def save(self, where: Where) -> bool:
        """Create the version: this commits a writing.

        Returns:
            Whether it was: False if another writing has taken the number.

        Raises:
            DatasetError: It was not, and cannot be.
            OSError: Nobody knows whether it was.
        """
        data = msgspec.json.encode(self)
        kept = _Sealed(_FORMAT, hashed(data).hexdigest(), msgspec.Raw(data))
        return _files.create(where, _named(self.generation), msgspec.json.encode(kept))

    @classmethod
    def load(cls, where: Where, version: int | None = None) -> Manifest:
        """Read the manifest of a version; by default of the newest.

        Raises:
            DatasetError: It is missing, damaged, or of another format.
        """
        place = str(where)
        try:
            name, data = _newest(where) if version is None else _kept(where, version)
        except OSError as error:
            problem = f"is not a dataset, its manifest cannot be read: {error}"
            raise DatasetError(place, problem) from None
        if data is None:
            problem = (
                "is not a dataset: it has no manifest; make one with scale.write()"
            )
            raise DatasetError(place, problem)
        manifest = cls._decoded(place, name, data)
        if version not in {None, manifest.generation}:
            problem = f"has no version {shown(version)}; it may have been swept"
            raise DatasetError(place, f"{problem}: open() the newest")
        return manifest

    @classmethod
    def read(cls, where: Where, name: str) -> Manifest:
        """Read the manifest of a name.

        Raises:
            DatasetError: As for `load()`.
        """
        return cls._decoded(str(where), name, _files.read(where, name) or b"")

    @classmethod
    def _decoded(cls, place: str, name: str, data: bytes) -> Manifest:
        try:
            # The format first: a manifest of another format would look damaged.
            found = msgspec.json.decode(data, type=_FormatVersion).format
            if found != _FORMAT:
                age = "a newer" if found > _FORMAT else "an older"
                problem = f"has format {found}, which is of {age} program"
                remedy = "use that, or write the dataset anew"
                raise DatasetError(place, f"{problem}: {remedy}")
            kept = msgspec.json.decode(data, type=_Sealed)
            if kept.digest != hashed(kept.dataset).hexdigest():
                raise _damaged(place, name, "it is not as it was written")
            manifest = msgspec.json.decode(kept.dataset, type=cls)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise _damaged(place, name, error) from None
        if version_of(name) not in {None, manifest.generation}:
            raise _damaged(place, name, f"it is version {manifest.generation}")
        return manifest


def _newest(where: Where) -> tuple[str, bytes | None]:
    """Return the name and the bytes of the newest manifest.

    Raises:
        OSError: It cannot be read.
    """
    for _ in range(_TRIES):
        versions = map(version_of, _files.listed(where))
        number = max((one for one in versions if one is not None), default=NONE)
        if number == NONE:
            break
        found = None
        # A listing may lack what is new.
        while (data := _files.read(where, _named(number))) is not None:
            found, number = (_named(number), data), number + 1
        if found is not None:
            return found
        # It was swept after the listing, since there is a newer one.
    return "", None


def manifests(names: Iterable[str]) -> list[str]:
    """Return the names of manifests among some, from the oldest to the newest."""
    every = [name for name in names if _VERSION.fullmatch(name)]
    return sorted(every, key=lambda name: version_of(name) or NONE)


def is_dataset(where: Where) -> bool:
    """Check whether there is a dataset, be it damaged."""
    return bool(manifests(_files.listed(where)))


def _kept(where: Where, version: int) -> tuple[str, bytes | None]:
    """Return the name and the bytes of the manifest of a version.

    Raises:
        OSError: It cannot be read.
    """
    name = _named(version)
    data = _files.read(where, name)
    return _newest(where) if data is None else (name, data)


def _named(version: int) -> str:
    return f"dataset-{version:0>6}.json"


def version_of(name: str) -> int | None:
    """Return the version of which a file is the manifest, if it is one."""
    found = _VERSION.fullmatch(name)
    return None if found is None else int(found[1])


def _damaged(place: str, name: str, problem: object) -> DatasetError:
    text = f"cannot be read, {name} is damaged: {problem}; {_REMEDY}"
    return DatasetError(place, text)


def mark_of(generation: int) -> str:
    """Return a mark for a writing, which no other has."""
    return f"{generation:06}-{token_hex(8)}"


def name_of(name: str, mark: str, bucket: int | None = None) -> str:
    """Return the name of a file of a writing, or of one of its buckets."""
    return f"{name}-{mark}{'' if bucket is None else f'-{bucket:05}'}.parquet"


def bucket_of(pair: Pair, buckets: int) -> int:
    """Return the bucket of a relationship."""
    # Stored datasets rely on it: it must be the same on every machine and version.
    digest = blake2b(msgspec.json.encode(pair), digest_size=8).digest()
    return int.from_bytes(digest, "big") % buckets
