"""Writing a dataset: sources as batches of rows, and generations of files."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial
from itertools import islice
from pathlib import Path

import duckdb
from attrs import evolve

from bri_timeline import Entry, EventLog, Vocabulary
from bri_timeline.errors import DatasetError, EntryError, StaleLogError, counted, shown
from bri_timeline.extend import uncollected, warn, without_review
from bri_timeline.formats import Faults
from bri_timeline.formats.arrow import ArrowStream, to_arrow, validated
from bri_timeline.scale._clusters import write_clusters
from bri_timeline.scale._dictionary import PairNumbers
from bri_timeline.scale._engine import (
    Batch,
    Limits,
    columns_in,
    engine,
    joined,
    numbers_column,
    pa,
    pc,
    pq,
)
from bri_timeline.scale._files import (
    Url,
    Where,
    delete,
    is_exclusive,
    local,
    put,
    unwritten,
)
from bri_timeline.scale._layout import PayloadColumns, columns_of, write_part
from bri_timeline.scale._manifest import (
    NONE,
    DataFile,
    Listing,
    Manifest,
    Part,
    is_dataset,
    mark_of,
    name_of,
)
from bri_timeline.scale._needs import check_rules, rules_of
from bri_timeline.scale._staging import Staging
from bri_timeline.scale._tables import entries_in, listed, pair_table, stored_rows
from bri_timeline.stores import Store, check_whole, erased_elsewhere


Written = EventLog | Store | ArrowStream | Iterable[Entry]
_NAME = "the table that is written"
_ENTRIES = 1 << 14
# Payloads of a batch are decoded once each: half as long takes a tenth more time.
_ROWS = 1 << 18
_MOST = 1 << 20


def batches_of(what: Written, vocabulary: Vocabulary, start: int) -> Iterator[Batch]:
    """Yield batches of rows with the columns of `formats.arrow`.

    Args:
        what: The source.
        vocabulary: The payload classes.
        start: Number of entries in the dataset.

    Raises:
        EntryError: A log is a selection that leaves out what outvotes some of it.
    """
    if isinstance(what, EventLog):
        check_whole(what, ())
        yield from _of_entries(islice(what, start, None), vocabulary)
    elif isinstance(what, Store):
        yield from _of_entries(what.follow(start - 1, timeout=0), vocabulary)
    elif hasattr(what, "__arrow_c_stream__"):
        reader = pa.RecordBatchReader.from_stream(what)
        yield from _of_rows(validated(reader, Faults(_NAME)))
    else:
        yield from _of_entries(_checked(what), vocabulary)


def _checked(what: object) -> Iterator[Entry]:
    remedy = "give a log, a store, entries, or a table with the columns of `arrow`"
    if not isinstance(what, Iterable):
        raise EntryError(what, f"{type(what).__name__} has no entries: {remedy}")
    for entry in what:
        if not isinstance(entry, Entry):
            raise EntryError(entry, f"{type(entry).__name__} is not an entry: {remedy}")
        yield entry


def _of_entries(entries: Iterable[Entry], vocabulary: Vocabulary) -> Iterator[Batch]:
    remaining, told = iter(entries), False
    while some := [*islice(remaining, _ENTRIES)]:
        if not told and any(entry.review is not None for entry in some):
            warn("%s does not keep the queue of proposals: keep the log", _NAME)
            told = True
        reader = pa.RecordBatchReader.from_stream(to_arrow(some, vocabulary))
        yield from reader


def _of_rows(reader: Iterable[Batch]) -> Iterator[Batch]:
    """Yield batches of a suitable size: small ones joined, large ones split."""
    some: list[Batch] = []
    for batch in reader:
        # A batch of another library can hold a whole table.
        for first in range(0, batch.num_rows, _MOST):
            some.append(batch.slice(first, _MOST))
            if sum(map(len, some)) >= _ROWS:
                yield joined(some)
                some = []
    if some:
        yield joined(some)


_PAIRS = pa.schema(
    [
        ("rel", pa.int32()),
        ("one", pa.string()),
        ("other", pa.string()),
        ("bucket", pa.int32()),
    ]
)
# What is deleted is older than this, so that no file of a writer at work is.
YOUNG = 2 * 24 * 60 * 60.0
_AT_ONCE = 8
_Progress = Callable[[int], object]
_Batches = Callable[[int], Iterator[Batch]]
_Work = Callable[[duckdb.DuckDBPyConnection, Manifest, Where, str], Manifest]
_TARGETS = "supersedes", "retracts"


def no_progress(*_done: int) -> None:
    """Ignore progress: the default of functions that report it."""


def create(
    what: Written,
    folder: Where,
    vocabulary: Vocabulary,
    buckets: int,
    limits: Limits,
    progress: _Progress,
) -> Manifest:
    """Make a dataset where there is none.

    Raises:
        DatasetError: There is a dataset already; or storage does not keep two writers
            from creating one file.
    """
    local(folder).mkdir(parents=True, exist_ok=True)
    problem = "is there already: open() it and append(), or give another folder"
    taken = DatasetError(str(folder), problem)
    if is_dataset(folder):
        raise taken
    if isinstance(folder, Url) and not is_exclusive(folder):
        problem = "lies on storage that creates a file again where it is there already"
        remedy = "two writers could undo each other's work: take other storage"
        raise DatasetError(str(folder), f"{problem}, so that {remedy}")
    batches = partial(batches_of, what, vocabulary)
    work = partial(_write_generation, what, batches, vocabulary, progress)
    after = extended(Manifest.empty(buckets), folder, limits, work)
    if after is None:
        raise taken
    return after


def append(
    what: Written,
    folder: Where,
    vocabulary: Vocabulary,
    limits: Limits,
    progress: _Progress,
    size: int,
    once: tuple[str, int] | None,
) -> Manifest:
    """Add to the newest version, again if another writer was faster.

    Args:
        what: The source.
        folder: The dataset.
        vocabulary: The payload classes.
        limits: Memory and threads.
        progress: Called with the number of entries read.
        size: How many entries the dataset had that the source is to follow.
        once: A series and a number, under which nothing is added twice.

    Raises:
        DatasetError: The series has a higher number, or the name does not fit.
    """
    named = _checked_name(folder, what, once)
    with tempfile.TemporaryDirectory(prefix=".given-", dir=local(folder)) as given:
        batches = _repeatable(what, vocabulary, Path(given), size)
        work = partial(_write_generation, what, batches, vocabulary, progress)
        after = None
        while after is None:
            before = Manifest.load(folder)
            # Asked again after each lost race, which may have been with its like.
            if _is_there(folder, before, named):
                return before
            after = extended(before, folder, limits, partial(_numbered, work, named))
    return after


def _checked_name(
    folder: Where, what: Written, once: tuple[str, int] | None
) -> dict[str, int]:
    """Return the number of an append by its series; nothing if it has no name.

    Raises:
        DatasetError: It is not a series and a number, or the source needs none.
    """
    if once is None:
        return {}
    problem = f"cannot be appended to with once={shown(once)}"
    if isinstance(what, EventLog | Store):
        remedy = "of a log or a store, what is repeated adds nothing: leave it out"
        raise DatasetError(str(folder), f"{problem}: {remedy}")
    if isinstance(once, tuple) and [*map(type, once)] == [str, int]:
        name, number = once
        if name and 0 <= number < 1 << 63:
            return {name: number}
    remedy = 'give a series and a whole number from 0, such as ("gdelt", 20261201)'
    raise DatasetError(str(folder), f"{problem}: {remedy}")


def _is_there(folder: Where, before: Manifest, named: dict[str, int]) -> bool:
    """Check whether a version has a named append.

    Raises:
        DatasetError: It has one of a higher number.
    """
    for name, number in named.items():
        highest = before.series.get(name, NONE)
        if highest > number:
            problem = f"has {shown(name)} up to {highest}, and {number} is lower"
            remedy = "numbers of a series follow each other: take another series"
            raise DatasetError(str(folder), f"{problem}: {remedy}")
        if highest == number:
            return True
    return False


def _numbered(
    work: _Work,
    named: dict[str, int],
    connection: duckdb.DuckDBPyConnection,
    before: Manifest,
    folder: Where,
    mark: str,
) -> Manifest:
    """Write files, and keep the number of their series beside them."""
    after = work(connection, before, folder, mark)
    return after if after is before else evolve(after, series=before.series | named)


def _repeatable(
    what: Written, vocabulary: Vocabulary, given: Path, size: int
) -> _Batches:
    """Return what yields the batches of a source, also if that cannot be read again.

    Args:
        what: The source.
        vocabulary: The payload classes.
        given: An empty folder, in which batches are kept.
        size: The position that its first row was to have.
    """
    if isinstance(what, EventLog | Store):
        return partial(batches_of, what, vocabulary)

    def first(start: int) -> Iterator[Batch]:
        for number, batch in enumerate(batches_of(what, vocabulary, start)):
            with pa.ipc.new_stream(str(given / f"{number}"), batch.schema) as file:
                file.write_batch(batch)
            yield batch

    def again(count: int) -> Iterator[Batch]:
        for number in range(count):
            with pa.ipc.open_stream((given / f"{number}").read_bytes()) as reader:
                yield from reader

    def batches(start: int) -> Iterator[Batch]:
        count = len([*given.iterdir()])
        for batch in again(count) if count else first(start):
            yield _moved(batch, size, start)

    return batches


def _moved(batch: Batch, start: int, stop: int) -> Batch:
    """Return rows whose first was to have position *start*, and has *stop* now."""
    if "position" not in batch.schema.names:
        for name in {*_TARGETS}.intersection(batch.schema.names):
            place, target = batch.schema.get_field_index(name), batch.column(name)
            is_own = pc.greater_equal(target, start)
            moved = pc.if_else(is_own, pc.add(target, stop - start), target)
            batch = batch.set_column(place, name, moved)
    return batch


def extended(
    before: Manifest, folder: Where, limits: Limits, work: _Work
) -> Manifest | None:
    """Write files and the version that names them; None if another took its number.

    Args:
        before: The version to go on from.
        folder: The dataset.
        limits: Memory and threads.
        work: Writes the files and returns the new manifest, or the same.

    Raises:
        DatasetError: Files cannot be written, or writing took too long.
    """
    began, mark = time.time(), mark_of(before.generation + 1)
    try:
        with engine(limits, folder) as connection, uncollected():
            after = work(connection, before, folder, mark)
        if after is before and before.generation:
            return before
        # Data must be on disk before the manifest that names it, also after a power
        # cut.
        old = {file.name for file in before.files(folder)}
        new = {file.name for file in after.files(folder)} - old
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for _ in pool.map(partial(put, folder), sorted(new)):
                pass
        _check_time(folder, time.time() - began)
    # Also after an interrupt.
    except BaseException as error:
        _drop(folder, mark)
        if isinstance(error, OSError) and error.errno:
            raise unwritten(folder, error) from error
        raise
    try:
        is_ours = after.save(folder)
    except DatasetError:
        _drop(folder, mark)
        raise
    except OSError as error:
        # Its files stay: a request that is on its way may yet name them.
        problem = f"may have been written, or not: {error}"
        remedy = "open() it, and see whether its entries are there"
        raise DatasetError(str(folder), f"{problem}: {remedy}") from error
    if is_ours:
        return after
    _drop(folder, mark)
    return None


def _check_time(folder: Where, taken: float) -> None:
    if taken > YOUNG / 2:
        problem = "is as it was: writing took longer than a day, after which files may"
        raise DatasetError(str(folder), f"{problem} be swept away: write less at once")


def _drop(folder: Where, mark: str) -> None:
    """Delete the files of a writing that came to nothing; a sweep finds the others."""
    for path in local(folder).glob(f"*-{mark}*.parquet"):
        with suppress(OSError):
            delete(folder, path.name)


def _write_generation(
    what: Written,
    batches: _Batches,
    vocabulary: Vocabulary,
    progress: _Progress,
    connection: duckdb.DuckDBPyConnection,
    before: Manifest,
    folder: Where,
    mark: str,
) -> Manifest:
    """Write the files of a new generation, and return the new manifest."""
    check_rules({*vocabulary.classes}, before, vocabulary)
    if gone := _erased_since(connection, before, what, folder, vocabulary):
        problem = "%s: written anew without the words of %s, which were erased"
        remedy = "until they are swept away, earlier versions have them"
        warn(f"{problem}; {remedy}", folder, counted(gone, "entry", "entries"))
        number, columns = before.generation, before.columns
        before = evolve(
            Manifest.empty(before.buckets),
            generation=number,
            columns=columns,
            rules=before.rules,
            renewed=number + 1,
        )
    generation, here = before.generation + 1, local(folder)
    relations = PairNumbers(before.buckets, dict(listed(pair_table(folder, before))))
    columns = columns_of(vocabulary, before.columns, generation)
    shown = PayloadColumns(vocabulary, columns)
    parts: list[Part] = []
    # In the same folder, which is known to have the space, unlike `/tmp`.
    with tempfile.TemporaryDirectory(prefix=".staged-", dir=here) as staged:
        name = f"what is written to {folder}"
        staging = Staging(Path(staged), vocabulary, relations, before.size, name)
        with closing(staging):
            for batch in batches(before.size):
                staging.add(batch)
                progress(staging.size - before.size)
        named = relations.named()
        for bucket, size in sorted(staging.sizes.items()):
            path = staging.path(bucket)
            place = folder, bucket, mark
            part = write_part(connection, path, size, *place, shown, named)
            parts.append(part)
            path.unlink()
    if not parts:
        return before
    kinds = {name for part in parts for name, _ in part.kinds}
    new = (kinds & vocabulary.classes.keys()) - before.rules.keys()
    rules = {name: rules_of(name, vocabulary) for name in sorted(new)}
    clusters = write_clusters(
        connection,
        folder,
        before,
        tuple(parts),
        mark,
        staging.too_far,
        staging.referring,
        vocabulary,
    )
    pairs = before.pairs
    if relations.new:
        pairs = (*pairs, _write_pairs(folder, mark, relations.new))
    return evolve(
        before,
        mark=mark,
        size=staging.size,
        relationships=before.relationships + relations.found,
        generation=generation,
        parts=(*before.parts, *parts),
        clusters=(*before.clusters, *clusters),
        pairs=pairs,
        columns=columns,
        rules=before.rules | rules,
    )


def _erased_since(
    connection: duckdb.DuckDBPyConnection,
    before: Manifest,
    what: Written,
    folder: Where,
    vocabulary: Vocabulary,
) -> int:
    """Return how many entries of the dataset were erased from a log or a store since.

    By its last entry, and those that were erased, it is known to extend the dataset.

    Raises:
        StaleLogError: It does not.
    """
    last = before.size - 1
    if last < 0 or not isinstance(what, EventLog | Store):
        return 0
    if isinstance(what, EventLog):
        some = [
            e for e in islice(what, before.size) if e.is_erased or e.position == last
        ]
    else:
        some = [*what._erased(), *islice(what.follow(last - 1, timeout=0), 1)]
    theirs = {entry.position: without_review(entry) for entry in some}
    # Not all of them: that would read the whole dataset for each append.
    connection.register("asked", pa.table([numbers_column(theirs)], ["position"]))
    rows = stored_rows(folder, before.parts)
    sql = f"from {rows} where lead and position in (from asked) order by position"
    ours = entries_in(connection.sql(sql).to_arrow_table(), vocabulary)
    gone = [erased_elsewhere(entry, theirs[entry.position]) for entry in ours]
    if last not in theirs or None in gone:
        at = [e.position for e, one in zip(ours, gone, strict=True) if one is None]
        place = at[0] if at else last
        said = f"the log does not begin with the {last + 1} entries of the dataset"
        problem = f"they differ at entry {place}: read the dataset again"
        raise StaleLogError(place if last in theirs else -1, last, problem, said)
    return sum(map(bool, gone))


def pairs_written(folder: Where, files: Iterable[Listing], mark: str) -> Listing:
    """Write the pairs of several files into one."""
    tables = [columns_in(one.file(folder).verified(), _PAIRS.names) for one in files]
    columns = (column.to_pylist() for column in pa.concat_tables(tables).columns)
    return _write_pairs(folder, mark, zip(*columns, strict=True))


def _write_pairs(
    folder: Where, mark: str, pairs: Iterable[tuple[int, str, str, int]]
) -> Listing:
    # Sorted by bucket, so that a worker reads only the pages of its own.
    columns = zip(*sorted(pairs, key=lambda row: row[3]), strict=True)
    table = pa.table(
        [pa.array(c, t) for c, t in zip(columns, _PAIRS.types, strict=True)], _PAIRS
    )
    name = name_of("pairs", mark)
    pq.write_table(
        table,
        local(folder) / name,
        compression="zstd",
        row_group_size=1 << 14,
        write_page_checksum=True,
    )
    digest = DataFile.written(folder, name).digest
    return Listing("pairs", int(mark.partition("-")[0]), mark, digest)
