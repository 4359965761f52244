"""pyarrow by the names that are used here, without its types.

What is published of these lacks functions that there are, and refuses others' results.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import pyarrow
import pyarrow.compute
import pyarrow.parquet


__all__ = ["Array", "Batch", "Schema", "Table", "pa", "pc", "pq"]

Array: TypeAlias = Any
Batch: TypeAlias = Any
Schema: TypeAlias = Any
Table: TypeAlias = Any

pa: Any = pyarrow
pc: Any = pyarrow.compute
pq: Any = pyarrow.parquet
