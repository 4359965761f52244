"""A test kit for your own facts, projections, formats and stores.

It needs Hypothesis: `python -m pip install 'hypothesis>=6.120'`. The library itself
never imports it.
"""

import importlib
from typing import TYPE_CHECKING

from bri_timeline.extend import needing


with needing("testing"):
    from bri_timeline.testing._logs import (
        citations,
        events,
        logs,
        places,
        sources,
        views,
    )
    from bri_timeline.testing._projections import check_projection
    from bri_timeline.testing._round_trips import Format, check_format, check_payload
    from bri_timeline.testing._scenario import Scenario, given_events, given_log
    from bri_timeline.testing._searching import OrderDependence, order_dependence
    from bri_timeline.testing._strategies import days, edtfs, payloads

if TYPE_CHECKING:
    from bri_timeline.testing._stores import StoreLike, check_store


__all__ = [
    "Format",
    "OrderDependence",
    "Scenario",
    "StoreLike",
    "check_format",
    "check_payload",
    "check_projection",
    "check_store",
    "citations",
    "days",
    "edtfs",
    "events",
    "given_events",
    "given_log",
    "logs",
    "order_dependence",
    "payloads",
    "places",
    "sources",
    "views",
]


def __dir__() -> list[str]:
    """Return what completion offers: also what is imported on first access."""
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> object:
    """Return a name of `_stores` on first use, because most tests need no store."""
    if name not in ("StoreLike", "check_store"):
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(f"{__name__}._stores"), name)
