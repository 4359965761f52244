"""The same folds over more events than fit into memory, and on many machines.

`write()` lays entries out in a folder of Parquet files by relationship, a pair of
parties; `open()` gives the `Dataset`, which folds each relationship by any projection,
in this process or on the workers of any `concurrent.futures` executor.

It needs duckdb and pyarrow: `pip install 'bri-timeline[scale]'`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bri_timeline import _later


if TYPE_CHECKING:
    from bri_timeline.scale._counting import Tally
    from bri_timeline.scale._dataset import Dataset, open, write


__all__ = ["Dataset", "Tally", "open", "write"]


# What needs duckdb and pyarrow is imported when it is asked for.
_WHERE = {
    "Dataset": "_dataset",
    "Tally": "_counting",
    "open": "_dataset",
    "write": "_dataset",
}

__getattr__: _later.Finder = _later.later(
    __name__, _WHERE, dict.fromkeys(_WHERE, "scale")
)
