"""Damaged files: never a crash, a foreign error, or other data in silence."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import blake2b
from pathlib import Path
from random import Random

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.parquet
import pytest
from damage import QUESTIONS, Flips, outcome

from bri_timeline import Event, EventLog, scale
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import DatasetError, FaultsError
from bri_timeline.formats import arrow, jsonl
from bri_timeline.relations import FACTS, Joined
from bri_timeline.stores import SQLiteStore


SUFFIXES = ["arrow", "parquet"]


def chronicle() -> EventLog:
    """A log with corrections, retractions, and all that a dataset keeps."""
    log = azerbaijan_china()
    some = [entry.position for entry in log if entry.event is not None]
    log = log.append(log[some[0]].claim, supersedes=some[1], because="misread")
    return log.retract(some[2], because="no", known="2021-01-01")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset that was written twice."""
    log, place = chronicle(), tmp_path_factory.mktemp("data") / "data"
    half = len(log) // 2
    data = scale.write([*log][:half], place, FACTS, buckets=2)
    data.append([*log][half:])
    (place / "dataset-000001.json").unlink()  # the second does not need it
    return place


@pytest.fixture(scope="module")
def flips() -> Iterator[Flips]:
    """A process that reads what is damaged, for all tests."""
    with Flips() as process:
        yield process


def answers(folder: Path) -> dict[str, object]:
    """What a dataset answers."""
    data = scale.open(folder, FACTS)
    return {name: ask(data) for name, ask in QUESTIONS.items()}


# --- files of Arrow and Parquet -------------------------------------------------------


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_changed_bit_of_our_own_file_is_found(
    suffix: str, tmp_path: Path, flips: Flips, trials: Callable[..., int]
) -> None:
    """Files that have our seal are refused, or give what was written."""
    path = tmp_path / f"log.{suffix}"
    arrow.dump(chronicle(), path, FACTS)
    found = flips.of_file(path, trials(10_000, share=100))

    assert found.keys() <= {"refused", "same"}, found
    # Only of the mark of the seal may a bit change unseen.
    assert found["same"] < found["refused"] // 20


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("compression", ["zstd", "uncompressed"])
def test_a_changed_bit_of_a_foreign_file_crashes_nothing(
    suffix: str,
    compression: str,
    tmp_path: Path,
    flips: Flips,
    trials: Callable[..., int],
) -> None:
    """Files that polars wrote have no seal: nothing but our errors is raised."""
    path = tmp_path / f"log.{suffix}"
    frame = polars.DataFrame(arrow.to_arrow(chronicle(), FACTS))
    write = frame.write_ipc if suffix == "arrow" else frame.write_parquet
    write(path, compression=compression)
    found = flips.of_file(path, trials(5_000, share=80))

    assert found.keys() <= {"refused", "same", "silent"}, found
    assert found["refused"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_sealed_file_is_an_ordinary_one(suffix: str, tmp_path: Path) -> None:
    """polars, pandas, DuckDB and pyarrow read it, as a file and as a stream."""
    log, path = chronicle(), tmp_path / f"log.{suffix}"
    arrow.dump(log, path, FACTS)
    what = pyarrow.table(arrow.to_arrow(log, FACTS))["what"].to_pylist()

    if suffix == "arrow":
        frames = [polars.read_ipc(path)["what"], pandas.read_feather(path)["what"]]
        with pyarrow.memory_map(str(path)) as mapped:
            frames.append(pyarrow.ipc.open_file(mapped).read_all()["what"])
        stream = pyarrow.ipc.open_stream(path.read_bytes()[8:])
        frames.append(stream.read_all()["what"])
    else:
        frames = [polars.read_parquet(path)["what"], pandas.read_parquet(path)["what"]]
        frames.append(pyarrow.parquet.read_table(path)["what"])
        found = duckdb.sql(f"select what from '{path}' order by position")
        frames.append(found.to_arrow_table()["what"])
    for frame in frames:
        cells = frame.to_pylist() if hasattr(frame, "to_pylist") else [*frame]
        assert what == [None if cell != cell else cell for cell in cells]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_sealed_file_that_was_changed_says_so(suffix: str, tmp_path: Path) -> None:
    """The seal is looked at first, and what it says is told."""
    path = tmp_path / f"log.{suffix}"
    arrow.dump(chronicle(), path, FACTS)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)

    with pytest.raises(FaultsError, match="it is not as it was written"):
        arrow.load(path, FACTS)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_that_was_cut_is_refused(suffix: str, tmp_path: Path) -> None:
    """However short it is."""
    path = tmp_path / f"log.{suffix}"
    arrow.dump(chronicle(), path, FACTS)
    data = path.read_bytes()
    for size in [*range(60), *range(60, len(data), 499)]:
        path.write_bytes(data[:size])
        with pytest.raises(FaultsError, match="file: is"):
            arrow.load(path, FACTS)


# --- JSON Lines, and stores -----------------------------------------------------------


@pytest.mark.full
@pytest.mark.parametrize("suffix", ["jsonl", "jsonl.gz"])
def test_a_changed_bit_of_json_lines_is_found(
    suffix: str, tmp_path: Path, flips: Flips, trials: Callable[..., int]
) -> None:
    """The digest in the first line covers all others."""
    path = tmp_path / f"log.{suffix}"
    jsonl.dump(chronicle(), path, FACTS)
    found = flips.of_file(path, trials(10_000, share=100))

    assert found.keys() <= {"refused", "same"}, found
    # Some bits of gzip's header say nothing.
    assert found["same"] < found["refused"] // 50


@pytest.mark.full
def test_a_changed_bit_of_json_lines_without_a_digest_crashes_nothing(
    tmp_path: Path, flips: Flips, trials: Callable[..., int]
) -> None:
    """Lines that somebody else wrote may say something else; all else is refused."""
    path = tmp_path / "log.jsonl"
    jsonl.dump(chronicle(), path, FACTS)
    _, *lines = path.read_text().splitlines(keepends=True)
    path.write_text('{"format":"bri_timeline","version":1}\n' + "".join(lines))
    found = flips.of_file(path, trials(10_000, share=100))

    assert found.keys() <= {"refused", "same", "silent"}, found
    assert found["refused"]


@pytest.mark.slow
@pytest.mark.full
def test_a_changed_bit_of_a_store_is_found(
    tmp_path: Path, flips: Flips, trials: Callable[..., int]
) -> None:
    """A store that passes `verify()` answers as before; any other is refused."""
    path = tmp_path / "log.db"
    with SQLiteStore(path, FACTS) as store:
        store.append(chronicle())
        store.erase(3, because="law")
    found = flips.of_store(path, trials(10_000, share=160))

    assert found.keys() <= {"refused", "same"}, found
    assert found["refused"]


# --- datasets -------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.full
def test_a_changed_bit_of_a_dataset_is_found(
    folder: Path, flips: Flips, trials: Callable[..., int]
) -> None:
    """Whichever file it is in, questions that read it are refused."""
    # Three of the five questions start DuckDB, at 30 ms each: try fewer by default.
    found = flips.of_dataset(folder, trials(10_000, share=200))

    assert found.keys() == {"refused", "same"}, found


HOWS = ["missing", "empty", "cut", "longer", "a folder"]


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.parametrize("how", HOWS)
def test_a_damaged_file_of_a_dataset_is_a_dataset_error(
    how: str, folder: Path, trials: Callable[..., int]
) -> None:
    """Every question is refused, or answered as before; all files are needed."""
    expected = answers(folder)
    for number, path in enumerate(sorted(folder.iterdir()), HOWS.index(how)):
        # By default a file is damaged in two ways, another file in two others.
        if number % len(HOWS) >= trials(len(HOWS), share=2):
            continue
        data = path.read_bytes()
        path.unlink()
        if how == "a folder":
            path.mkdir()
        elif how != "missing":
            changed = {"empty": b"", "cut": data[: len(data) // 2]}
            path.write_bytes(changed.get(how, data + b"\0"))
        found = asked(folder, expected, number)
        if path.is_dir():
            path.rmdir()
        path.write_bytes(data)

        assert {"refused", "same"} >= {*found}, (path, found)
        assert "refused" in found, path
    assert expected == answers(folder)


@pytest.mark.slow
def test_appending_to_a_damaged_dataset_is_a_dataset_error(
    folder: Path, tmp_path: Path
) -> None:
    """Nothing is added to what is damaged where writing has to read it."""
    refused = 0
    for number, path in enumerate(sorted(folder.iterdir())):
        copy = tmp_path / str(number)
        shutil.copytree(folder, copy)
        damaged = copy / path.name
        damaged.write_bytes(damaged.read_bytes()[:-1])
        before = {other.name: other.read_bytes() for other in copy.iterdir()}
        found = outcome(partial(append_to, copy), None, DatasetError)
        refused += found == "refused"

        assert found in {"refused", "same"}, path.name
        if found == "refused":
            assert before == {
                other.name: other.read_bytes() for other in copy.iterdir()
            }
    assert refused > 5


def append_to(folder: Path) -> None:
    """Append the chronicle's last entry once more, as a claim of its own."""
    data = scale.open(folder, FACTS)
    log = chronicle()
    data.append(log.append(Event(Joined("AZE", "y"), when="2016"), supersedes=0))


@pytest.mark.slow
def test_files_of_a_dataset_that_change_places_are_a_dataset_error(
    folder: Path,
) -> None:
    """No file stands for another, of whatever kind."""
    expected = answers(folder)
    files = sorted(folder.iterdir())
    for far in (1, len(files) // 2):
        for number, (one, other) in enumerate(zip(files, files[far:], strict=False)):
            swap(one, other)
            found = asked(folder, expected, number)
            swap(one, other)

            assert {"refused", "same"} >= {*found}, (one, other, found)
            assert "refused" in found, (one, other)
    assert expected == answers(folder)


def swap(one: Path, other: Path) -> None:
    """Let two files change places."""
    between = one.with_name(".between")
    one.rename(between)
    other.rename(one)
    between.rename(other)


def asked(folder: Path, expected: dict[str, object], start: int) -> list[str]:
    """What comes of each question, from one of them on, until one is refused."""
    found: list[str] = []
    names = [*QUESTIONS]
    first = start % len(names)
    for name in (*names[first:], *names[:first]):
        found.append(
            outcome(
                lambda name=name: QUESTIONS[name](scale.open(folder, FACTS, threads=1)),
                expected[name],
                DatasetError,
            )
        )
        if found[-1] == "refused":
            break
    return found


def variants(value: object) -> Iterator[object]:
    """Yield a document of JSON with each key removed, or of each wrong type."""
    for wrong in (None, True, 1.5, "x", -1, [], {}, [[]]):
        if type(wrong) is not type(value):
            yield wrong
    if isinstance(value, dict):
        for key, part in value.items():
            yield {name: other for name, other in value.items() if name != key}
            yield from (value | {key: wrong} for wrong in variants(part))
    if isinstance(value, list):
        for place, part in enumerate(value):
            for wrong in variants(part):
                yield [*value[:place], wrong, *value[place + 1 :]]


@pytest.mark.slow
@pytest.mark.full
def test_a_manifest_that_is_not_one_is_a_dataset_error(
    folder: Path, trials: Callable[..., int]
) -> None:
    """Each key is removed and given each wrong type, with a digest that fits or not."""
    path = folder / "dataset-000002.json"
    data = path.read_bytes()
    kept = json.loads(data)
    # Of some kinds it may have no rules.
    told = [*variants(kept["dataset"] | {"rules": {}})]
    sealed = [kept | {"dataset": inner} for inner in told]
    for document in sealed:
        inner = json.dumps(document["dataset"], separators=(",", ":"))
        document["digest"] = blake2b(inner.encode(), digest_size=16).hexdigest()
    documents = [*variants(kept), *sealed]
    some = Random(1).sample(documents, trials(len(documents), share=20))
    for document in some:
        path.write_text(json.dumps(document, separators=(",", ":")))
        with pytest.raises(DatasetError):
            scale.open(folder, FACTS)
    path.write_bytes(data)

    assert len(sealed) > 500


@pytest.mark.slow
@pytest.mark.full
def test_every_changed_byte_of_a_manifest_is_found(
    folder: Path, trials: Callable[..., int]
) -> None:
    """Also in numbers that no answer rests on."""
    path = folder / "dataset-000002.json"
    data = path.read_bytes()
    for place in Random(1).sample(range(len(data)), trials(len(data), share=5)):
        changed = bytearray(data)
        changed[place] ^= 1 << place % 8
        path.write_bytes(changed)
        with pytest.raises(DatasetError):
            scale.open(folder, FACTS)
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("buckets", 0),
        ("buckets", 513),
        ("size", -1),
        ("generation", 1),
        ("generation", 3),
        ("relationships", -1),
    ],
)
def test_a_manifest_of_impossible_values_is_a_dataset_error(
    key: str, value: object, folder: Path
) -> None:
    """Numbers out of their range are found, though the digest fits."""
    path = folder / "dataset-000002.json"
    data = path.read_bytes()
    kept = json.loads(data)
    dataset = kept["dataset"]
    if key in dataset:
        dataset[key] = value
    else:
        dataset["parts"][0][key] = value
    inner = json.dumps(dataset, separators=(",", ":"))
    document = kept | {
        "digest": blake2b(inner.encode(), digest_size=16).hexdigest(),
        "dataset": dataset,
    }
    path.write_text(json.dumps(document, separators=(",", ":")))
    try:
        with pytest.raises(DatasetError, match=r"dataset-000002\.json is damaged"):
            scale.open(folder, FACTS)
    finally:  # the folder is shared with the other tests
        path.write_bytes(data)
