"""Folds over more events than fit into memory, also on many machines.

`write()` sorts entries by relationship (a pair of parties) into a folder of Parquet
files; `open()` returns the `Dataset`, which folds each relationship by any projection,
in this process or on the workers of any `concurrent.futures` executor.

It needs duckdb and pyarrow: `python -m pip install 'duckdb>=2.0.1' 'pyarrow>=20'`.
"""

from bri_timeline.extend import needing


with needing("scale"):
    from bri_timeline.scale._dataset import Dataset, open, write
    from bri_timeline.scale._measuring import Tally
    from bri_timeline.scale._panels import save_panel
    from bri_timeline.scale._refresh import Refreshed, StateChange
    from bri_timeline.scale._spark import SparkExecutor
    from bri_timeline.scale._upkeep import compact, sweep


__all__ = [
    "Dataset",
    "Refreshed",
    "SparkExecutor",
    "StateChange",
    "Tally",
    "compact",
    "open",
    "save_panel",
    "sweep",
    "write",
]
