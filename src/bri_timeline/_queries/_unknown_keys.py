"""Keys that a panel is asked for, and that no event has."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from itertools import product
from typing import Any, Generic, TypeVar

from bri_timeline._names import actors_meant, is_actor_id
from bri_timeline.errors import PanelError, shown


K = TypeVar("K", bound=Hashable)
_MOST_SHOWN = 50
# The names of a key that are tried in all combinations.
_MOST_PARTS = 4


class UnknownKeys(Generic[K]):
    """The keys of a panel that no event has.

    Args:
        asked: The keys that are asked for, as far as they are known beforehand.
        lacking: Returns those of some keys that no event has, and all keys that events
            have.
    """

    def __init__(
        self,
        asked: Iterable[K],
        lacking: Callable[[Iterable[K]], tuple[Iterable[K], Collection[K]]],
    ) -> None:
        self._asked, self._lacking = asked, lacking
        self._seen = set[K]()
        self._meant: dict[K, tuple[K, ...]] = {}

    def all(self) -> tuple[K, ...]:
        """Return those that are met so far.

        Raises:
            PanelError: Some of them mean keys that events have: all of these.
        """
        self.add(self._asked)
        self._asked = ()
        if any(self._meant.values()):
            _refuse(self._meant)
        return tuple(self._meant)

    def count(self) -> int:
        """Return how many they are, whatever they mean; 0 if that cannot be known."""
        try:
            return len(self.all())
        except Exception:  # it is told where the rows are read
            return len(self._meant)

    def add(self, keys: Iterable[K]) -> None:
        """Look for further keys that are asked for."""
        new = [key for key in dict.fromkeys(keys) if key not in self._seen]
        if new:
            lacking, known = self._lacking(new)
            self._seen.update(new)
            self._meant.update(_meant(lacking, known))


def _meant(
    lacking: Iterable[K], known: Collection[K]
) -> Iterator[tuple[K, tuple[K, ...]]]:
    """Yield each key that no event has, with those keys of events that it means."""
    by_parts: dict[tuple[str, ...], list[K]] = {}
    for place, key in enumerate(lacking):
        if not place:
            for one in known:
                by_parts.setdefault(tuple(sorted(_parts(one))), []).append(one)
        if isinstance(key, str) and is_actor_id(key):
            yield key, ()
            continue
        parts = [*_parts(key)]
        ways: list[tuple[str, ...]] = [(part,) for part in parts]
        if len(parts) <= _MOST_PARTS:
            ways = [
                (part, *(() if is_actor_id(part) else actors_meant(part)))
                for part in parts
            ]
        ids = dict.fromkeys(tuple(sorted(way)) for way in product(*ways))
        yield key, tuple(k for some in ids for k in by_parts.get(some, ()))


def _parts(key: Any) -> Iterator[str]:
    """Yield the parts of a key as text, whatever its shape is."""
    if isinstance(key, tuple | frozenset):
        for part in key:
            yield from _parts(part)
    else:
        yield str(key)


def _refuse(meant: dict[Any, tuple[Any, ...]]) -> None:
    wrong = {key: keys for key, keys in meant.items() if keys}
    told = [
        f"{' or '.join(map(shown, keys))} for {shown(key)}"
        for key, keys in [*wrong.items()][:_MOST_SHOWN]
    ]
    more = len(wrong) - len(told)
    rest = f" and of {more:,} more likewise" if more else ""
    problem = f"is not a key that an event has: write {', '.join(told)}{rest}"
    raise PanelError(next(iter(wrong)), problem)
