"""Classes that a question names, and that no event can have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from odd_classes import DAY, LOG, YEARS, Concrete, Foreign, Mutable, Undecorated, plain

from bri_timeline import Vocabulary, scale
from bri_timeline.errors import VocabularyError
from bri_timeline.measures import count
from bri_timeline.relations import Met, Visited
from bri_timeline.stores import MemoryStore


KNOWN = Vocabulary(Met)


def roads_of_files(folder: Path) -> dict[str, Callable[[type], object]]:
    """Return questions about a class of a dataset, and of a store."""
    data, store = scale.write(LOG, folder / "data", KNOWN), MemoryStore(KNOWN)
    store.append(LOG)
    return {
        "project": lambda cls: data.project(plain(cls), "AZE", "CHN", on=DAY),
        "project_each": lambda cls: data.project_each(plain(cls), on=DAY),
        "measure": lambda cls: data.project_each(count(cls), on=DAY),
        "tally": lambda cls: data.tally(count(cls), on=DAY),
        "panel": lambda cls: [*data.panel(count(cls), **YEARS)],
        "first": lambda cls: data.first(count(cls), at_least=1),
        "history": lambda cls: data.history(count(cls)),
        "store": lambda cls: store.read(projection=plain(cls)),
        "kinds": lambda cls: store.read(kinds=[cls]),
    }


@pytest.mark.parametrize("cls", [Mutable, Foreign, Undecorated, Visited, Concrete])
def test_files_say_it_of_classes_that_their_vocabulary_lacks(
    cls: type, tmp_path: Path
) -> None:
    """A dataset does as a store does."""
    for road in roads_of_files(tmp_path).values():
        with pytest.raises(VocabularyError, match=r"the vocabulary has no|no event"):
            road(cls)


@pytest.mark.slow
@pytest.mark.parametrize("cls", [Met, object])
def test_a_base_of_a_known_class_is_known(cls: type, tmp_path: Path) -> None:
    """Whoever reads it reads what the vocabulary has."""
    for road in roads_of_files(tmp_path).values():
        road(cls)
