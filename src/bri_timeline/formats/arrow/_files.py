"""Files of Arrow and Parquet: sealed when written, verified before pyarrow reads them.

pyarrow trusts what it reads: one changed bit can make it read beyond a buffer, which
ends the process, or gives other data. A file that this library writes therefore has a
seal, a digest of all its other bytes, as the last bytes of its footer. Readers of
either format decode a footer from its beginning and ignore what follows (an encrypted
Parquet file has its signature in the same place), so that a sealed file is an ordinary
one to all of them. What others wrote has no seal: its batches are validated fully
before anything is converted.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from bri_timeline._later import needing
from bri_timeline.formats._files import Faults


if TYPE_CHECKING:
    import pyarrow


__all__ = [
    "batches_in",
    "is_own",
    "sealed",
    "validated",
]


_MARK = b"bri_timeline\0\0\0\1"
_DIGEST = 32
_SEAL = len(_MARK) + _DIGEST
_LENGTH = 4
_GROUP = 1 << 16
_CHUNK = 1 << 20


def is_own(path: Path) -> bool:
    """Return whether a path names a file of Arrow's own format, rather than Parquet."""
    return path.suffix == ".arrow"


def _tail(path: Path) -> int:
    """Return the size of what ends a file: the footer's length and a magic text."""
    return _LENGTH + len(b"ARROW1" if is_own(path) else b"PAR1")


@contextmanager
def sealed(file: BinaryIO, path: Path) -> Iterator[pyarrow.NativeFile]:
    """Yield a file to write; what was written is sealed at the end.

    Args:
        file: Where it is written to.
        path: Its name, which decides the format.
    """
    with needing("arrow"):
        import pyarrow

    hashing = _Hashing(file, _tail(path))
    yield pyarrow.PythonFile(hashing, mode="w")
    hashing.seal()


class _Hashing(io.RawIOBase):
    """Passes on what is written, but for its last bytes, and digests it."""

    def __init__(self, file: BinaryIO, tail: int) -> None:
        self._file = file
        self._tail = tail
        self._held = b""
        self._digest = blake2b(digest_size=_DIGEST)

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        given = memoryview(cast("bytes", data)).cast("B")
        self._held += given
        self._pass(self._held[: -self._tail])
        self._held = self._held[-self._tail :]
        return len(given)

    def _pass(self, data: bytes) -> None:
        self._digest.update(data)
        self._file.write(data)

    def seal(self) -> None:
        """Write the seal, and then the end of the file, with a footer that long."""
        length = int.from_bytes(self._held[:_LENGTH], "little") + _SEAL
        end = length.to_bytes(_LENGTH, "little") + self._held[_LENGTH:]
        self._digest.update(end)
        self._file.write(_MARK + self._digest.digest() + end)


def _is_intact(file: BinaryIO, size: int, tail: int) -> bool:
    """Return whether a file is as its seal says; one without a seal is."""
    body = size - _SEAL - tail
    if body < 0:
        return True
    file.seek(body)
    seal, end = file.read(_SEAL), file.read()
    if not seal.startswith(_MARK):
        return True
    digest = blake2b(digest_size=_DIGEST)
    file.seek(0)
    while body:
        chunk = file.read(min(body, _CHUNK))
        digest.update(chunk)
        body -= len(chunk)
    digest.update(end)
    return seal.endswith(digest.digest())


@contextmanager
def batches_in(
    path: Path, size: int, faults: Faults
) -> Iterator[tuple[Sequence[str], Iterable[pyarrow.RecordBatch]]]:
    """Yield the names of the columns of a file, and its batches.

    Args:
        path: The file, whose name decides the format.
        size: How many bytes it has.
        faults: Where damage is noted.

    Raises:
        FaultsError: It is damaged, or of another format.
    """
    with needing("arrow"):
        import pyarrow
        import pyarrow.parquet

    kind = "Arrow" if is_own(path) else "Parquet"
    problem = f"is no {kind} file, or is damaged"
    with path.open("rb") as file:
        if not _is_intact(file, size, _tail(path)):
            remedy = "it is not as it was written; take another copy of it"
            faults.add("file", f"is damaged: {remedy}")
            faults.check()
        file.seek(0)
        try:
            if is_own(path):
                own = pyarrow.ipc.open_file(file)
                names = own.schema.names
                found = _each(own)
            else:
                parquet = pyarrow.parquet.ParquetFile(
                    file, page_checksum_verification=True
                )
                names = parquet.schema_arrow.names
                found = parquet.iter_batches(_GROUP)
        except (pyarrow.ArrowException, OSError, ValueError) as error:
            faults.add("file", f"{problem}: {error}")
            faults.check()
        yield names, validated(found, faults, "file", problem)


def _each(file: pyarrow.RecordBatchFileReader) -> Iterator[pyarrow.RecordBatch]:
    yield from map(file.get_batch, range(file.num_record_batches))


def validated(
    batches: Iterable[pyarrow.RecordBatch],
    faults: Faults,
    place: str = "table",
    problem: str = "cannot be read",
) -> Iterator[pyarrow.RecordBatch]:
    """Yield batches of which every offset, length and text was verified.

    Args:
        batches: Batches of others.
        faults: Where damage is noted.
        place: What to call what they are of.
        problem: What to say of it if it is damaged.

    Raises:
        FaultsError: One of them is damaged.
    """
    with needing("arrow"):
        import pyarrow

    remaining = iter(batches)
    while True:
        try:
            batch = next(remaining, None)
            if batch is not None:
                batch.validate(full=True)
        except (pyarrow.ArrowException, OSError, ValueError) as error:
            faults.add(place, f"{problem}: {error}")
            faults.check()
        if batch is None:
            return
        yield batch
