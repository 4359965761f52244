"""Folds over more events than fit into memory, also on many machines.

`write()` sorts entries by relationship (a pair of parties) into a folder of Parquet
files; `open()` returns the `Dataset`, which folds each relationship by any projection,
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


# Imported on first use, because duckdb and pyarrow are an optional extra.
_WHERE = {
    "Dataset": "_dataset",
    "Tally": "_counting",
    "open": "_dataset",
    "write": "_dataset",
}

__getattr__: _later.Finder = _later.later(
    __name__, _WHERE, dict.fromkeys(_WHERE, "scale")
)
