"""Coded reports of deals between pairs, made by DuckDB as batches: any number of them.

They are skewed as real ones are: of 40,000 pairs the first has a tenth of all reports,
the others follow Zipf, over thirty years. A pair has twenty payloads, as CAMEO has root
codes. The same number gives the same reports in every run.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path

import duckdb
import pyarrow as pa
from attrs import frozen

from bri_timeline import Event, Projection, Vocabulary, projection


__all__ = [
    "DYADS",
    "LATEST",
    "VOCABULARY",
    "Deals",
    "Dealt",
    "lethal",
    "pair_of",
    "standing",
]

DYADS = 40_000
FIRST = date(1995, 1, 1).toordinal()
DAYS = 30 * 365
LATEST = date.fromordinal(FIRST + DAYS)
_ACROSS = 200
_BATCH = 1 << 17
_LONGEST_LAG = 3_650
_MIDWAY = 500


@frozen
class Dealt:
    """A deal between two parties: where it stands, and what was added to it."""

    parties: frozenset[str]
    status: str
    millions: int


VOCABULARY = Vocabulary(Dealt)


def unheard() -> tuple[str, int]:
    """Return the state before any deal."""
    return "", 0


@projection(initial=unheard)
def standing(state: tuple[str, int], event: Event) -> tuple[str, int]:
    """The last status of a relationship, and what its deals are worth."""
    deal = event.what
    if isinstance(deal, Dealt):
        return deal.status, state[1] + deal.millions
    return state


def lethal(marker: str) -> Projection[tuple[str, int]]:
    """Return what folds as `standing` does, and kills one worker midway."""
    evolve = partial(_killed_once, Path(marker))
    return Projection(unheard, evolve, name="lethal")


def _killed_once(marker: Path, state: tuple[str, int], event: Event) -> tuple[str, int]:
    if state[1] > _MIDWAY and not marker.exists():
        try:
            marker.touch(exist_ok=False)
        except FileExistsError:
            return standing.evolve(state, event)
        os.kill(os.getpid(), signal.SIGKILL)
    return standing.evolve(state, event)


def pair_of(number: int) -> tuple[str, str]:
    """Return the parties of a pair."""
    return f"org:a{number // _ACROSS:03}", f"org:b{number % _ACROSS:03}"


class Deals:
    """Reports, as a stream of Arrow batches in the order of their arrival.

    Args:
        count: How many.
        dyads: Of how many pairs.
        late: How many of a hundred became known up to ten years late.
    """

    def __init__(self, count: int, dyads: int = DYADS, late: int = 2) -> None:
        self.count = count
        self.dyads = dyads
        self.late = late

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        batches = self._batches()
        first = next(batches)
        reader = pa.RecordBatchReader.from_batches(
            first.schema, chain([first], batches)
        )
        return reader.__arrow_c_stream__(requested_schema)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the batches; text that repeats is dictionary-encoded."""
        days = range(FIRST, FIRST + DAYS + _LONGEST_LAG + 1)
        texts = [date.fromordinal(day).isoformat() for day in days]
        sources = pa.array(
            [[{"title": "Gazette", "published": text}] for text in texts]
        )
        query = self._query()
        with duckdb.connect(config={"threads": 1}) as connection:
            for start in range(0, self.count, _BATCH):
                stop = min(start + _BATCH, self.count)
                table = connection.sql(query.format(start, stop)).to_arrow_table()
                rows = table.combine_chunks().to_batches()[0]
                known = rows.column("known").cast(pa.int32())
                yield pa.RecordBatch.from_pydict(
                    {
                        "kind": pa.repeat(pa.scalar("Dealt"), len(rows)),
                        "what": rows.column("what"),
                        "when": pa.DictionaryArray.from_arrays(
                            rows.column("day").cast(pa.int32()), pa.array(texts)
                        ),
                        "id": rows.column("id"),
                        "cite": pa.DictionaryArray.from_arrays(known, sources),
                    }
                )

    def _query(self) -> str:
        return f"""
            select
                'deal ' || i as id,
                (i * {DAYS}) // {self.count} as day,
                day + case when hash(i + 17) % 100 < {self.late}
                    then 1 + hash(i + 19) % {_LONGEST_LAG} else 0 end as known,
                hash(i + 23) / 18446744073709551616.0 as u,
                case when hash(i + 29) % 10 = 0 then 0
                    else least({self.dyads - 1}, floor(exp(u * ln({self.dyads}))))::int
                    end as dyad,
                printf('{{{{"millions":%d,"parties":["org:a%03d","org:b%03d"],'
                    || '"status":"%s"}}}}',
                    [1, 5, 20, 100][1 + (hash(i + 37) % 4)::int],
                    dyad // {_ACROSS}, dyad % {_ACROSS},
                    ['planned', 'signed', 'in force', 'suspended', 'ended']
                        [1 + (hash(i + 31) % 5)::int]) as what
            from range({{}}, {{}}) numbers(i)
        """
