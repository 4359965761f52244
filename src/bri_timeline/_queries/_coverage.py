"""Rows of a panel that are left empty, as nothing is known of them yet, or at all."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any, TypeVar

from bri_timeline._queries._columns import PanelBlock
from bri_timeline._queries._series import Length
from bri_timeline._scope import Period, Window
from bri_timeline.errors import PanelError, shown


K = TypeVar("K", bound=Hashable)
# Whether a row of a key, a first and a last day is to be left empty.
IsEmpty = Callable[[Any, float, int], bool]
Coverage = Period | Mapping[Any, Period]


def coverage_of(given: Coverage) -> IsEmpty:
    """Return what leaves periods empty that are not wholly covered.

    Args:
        given: The days that are covered, or those of each key.

    Raises:
        DayError: They are not a period of whole days.
    """
    if not isinstance(given, Mapping):
        whole = Window.of(given)
        return lambda _, since, until: not _holds(whole, since, until)
    windows = {key: Window.of(period) for key, period in given.items()}

    def is_empty(key: Any, since: float, until: int) -> bool:
        if key not in windows:
            problem = "has no days in coverage=, so that nobody knows what is covered"
            raise PanelError(shown(key), f"{problem}: give them, or one for all keys")
        return not _holds(windows[key], since, until)

    return is_empty


def _holds(window: Window, since: float, until: int) -> bool:
    return window.since <= since and until <= window.until


def emptied(
    blocks: Iterator[PanelBlock[K, Any]], is_empty: IsEmpty, window: Length | None
) -> Iterator[PanelBlock[K, Any]]:
    """Yield rows, of which some are without a value, whatever was found.

    Args:
        blocks: The rows.
        is_empty: Tells whether a row is left empty.
        window: How long before its end the events of a row begin, or None.
    """
    for block in blocks:
        firsts = [
            until if since is None else since
            for since, until in zip(block.sinces, block.untils, strict=True)
        ]
        if window is not None:
            firsts = [window.ending(until) for until in block.untils]
        rows = zip(block.repeated_keys(), firsts, block.untils, strict=True)
        empty = [is_empty(*row) for row in rows]
        if not any(empty):
            yield block
            continue

        def without(column: Any, nothing: Any, empty: list[bool] = empty) -> Any:
            pairs = zip(column, empty, strict=True)
            return [nothing if is_gone else value for value, is_gone in pairs]

        yield block._replace(
            certain=without(block.certain, None),
            lows=without(block.lows, None),
            highs=without(block.highs, None),
            complete=without(block.complete, False),
        )
