"""Arrow and Parquet files: sealed when written, verified before pyarrow reads them.

pyarrow trusts its input: one changed bit can make it read beyond a buffer, which
crashes the process or returns wrong data. A file of this library therefore ends its
footer with a seal, a digest of all its other bytes. Readers of both formats decode a
footer from its beginning and ignore the rest (an encrypted Parquet file has its
signature in the same place), so that any reader accepts a sealed file. Files of other
programs have no seal: their batches are validated fully before they are converted.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias, cast

from bri_timeline._later import needing
from bri_timeline.formats._files import Faults


__all__ = [
    "batches_in",
    "is_arrow",
    "sealed",
    "validated",
]


# pyarrow is an extra, imported where it is used: its types are not named here.
_Batch: TypeAlias = Any
_NativeFile: TypeAlias = Any
_Reader: TypeAlias = Any
_MARK = b"bri_timeline\0\0\0\1"
_DIGEST = 32
_SEAL = len(_MARK) + _DIGEST
_LENGTH = 4
_GROUP = 1 << 16
_CHUNK = 1 << 20


def is_arrow(path: Path) -> bool:
    """Return whether a path names an Arrow IPC file, rather than Parquet."""
    return path.suffix == ".arrow"


def _tail(path: Path) -> int:
    """Return the size of the end of a file: the length of the footer and a magic."""
    return _LENGTH + len(b"ARROW1" if is_arrow(path) else b"PAR1")


@contextmanager
def sealed(file: BinaryIO, path: Path) -> Iterator[_NativeFile]:
    """Yield a file to write, and seal it at the end.

    Args:
        file: The file that is written.
        path: Its path, which decides the format.
    """
    with needing("arrow"):
        import pyarrow

    hashing = _Hashing(file, _tail(path))
    yield pyarrow.PythonFile(hashing, mode="w")
    hashing.seal()


class _Hashing(io.RawIOBase):
    """Digests what is written, and holds back the last bytes for `seal()`."""

    def __init__(self, file: BinaryIO, tail: int) -> None:
        self._file = file
        self._tail = tail
        self._buffer = b""
        self._digest = blake2b(digest_size=_DIGEST)

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        # pyarrow passes buffers of several types; only their bytes matter.
        given = memoryview(cast("bytes", data)).cast("B")
        # The footer length is among the last bytes, and is known only at the end.
        self._buffer += given
        self._forward(self._buffer[: -self._tail])
        self._buffer = self._buffer[-self._tail :]
        return len(given)

    def _forward(self, data: bytes) -> None:
        self._digest.update(data)
        self._file.write(data)

    def seal(self) -> None:
        """Write the seal and the end of the file, with the footer length adjusted."""
        length = int.from_bytes(self._buffer[:_LENGTH], "little") + _SEAL
        end = length.to_bytes(_LENGTH, "little") + self._buffer[_LENGTH:]
        self._digest.update(end)
        self._file.write(_MARK + self._digest.digest() + end)


def _is_intact(file: BinaryIO, size: int, tail: int) -> bool:
    """Return whether a file matches its seal; a file without a seal does."""
    body = size - _SEAL - tail
    if body < 0:
        return True
    file.seek(body)
    seal, end = file.read(_SEAL), file.read()
    if not seal.startswith(_MARK):
        return True
    digest = blake2b(digest_size=_DIGEST)
    file.seek(0)
    # In chunks: the file may be larger than memory allows.
    while body:
        chunk = file.read(min(body, _CHUNK))
        digest.update(chunk)
        body -= len(chunk)
    digest.update(end)
    return seal.endswith(digest.digest())


@contextmanager
def batches_in(
    path: Path, size: int, faults: Faults
) -> Iterator[tuple[Sequence[str], Iterable[_Batch]]]:
    """Yield the names of the columns of a file, and its batches.

    Args:
        path: The file, whose name decides the format.
        size: Its number of bytes.
        faults: Takes damage.

    Raises:
        FaultsError: The file is damaged, or of another format.
    """
    with needing("arrow"):
        import pyarrow
        import pyarrow.parquet

    kind = "an Arrow" if is_arrow(path) else "a Parquet"
    problem = f"is not {kind} file, or is damaged"
    with path.open("rb") as file:
        if not _is_intact(file, size, _tail(path)):
            remedy = "it is not as it was written; take another copy of it"
            faults.add("file", f"is damaged: {remedy}")
            faults.check()
        # Opening a file already trusts its footer, so the seal is checked first.
        file.seek(0)
        try:
            if is_arrow(path):
                arrow_file = pyarrow.ipc.open_file(file)
                names = arrow_file.schema.names
                found = _each(arrow_file)
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


def _each(file: _Reader) -> Iterator[_Batch]:
    yield from map(file.get_batch, range(file.num_record_batches))


def validated(
    batches: Iterable[_Batch],
    faults: Faults,
    place: str = "table",
    problem: str = "cannot be read",
) -> Iterator[_Batch]:
    """Yield batches after every offset, length and text is verified.

    Args:
        batches: Batches from another program.
        faults: Takes damage.
        place: The place in messages.
        problem: The message for damage.

    Raises:
        FaultsError: A batch is damaged.
    """
    with needing("arrow"):
        import pyarrow

    remaining = iter(batches)
    while True:
        try:
            batch = next(remaining, None)
            if batch is not None:
                # pyarrow does not check offsets when it reads; a bad one could crash
                # the process.
                batch.validate(full=True)
        except (pyarrow.ArrowException, OSError, ValueError) as error:
            faults.add(place, f"{problem}: {error}")
            faults.check()
        if batch is None:
            return
        yield batch
