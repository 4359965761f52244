"""Fields whose types do not say what they hold: `frozenset` and `tuple` alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bare_types import BARE, SAID, Bare, Said, texts
from effort import Work, at_most
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import Event, EventLog, scale
from bri_timeline.formats import jsonl
from bri_timeline.stores import SQLiteStore


atoms = texts | st.integers(-3, 30) | st.none() | st.booleans()
sets, rows = st.frozensets(atoms, max_size=3), st.lists(atoms, max_size=3).map(tuple)
bare = st.builds(Bare, st.just(frozenset({"AZE", "CHN"})), sets, rows)


@at_most(25)
@given(st.lists(bare, min_size=1, max_size=6))
def test_whatever_they_hold_comes_back_on_every_road(
    tmp_path_factory: Any, held: list[Bare]
) -> None:
    """Beside others that hold texts only, and in the bytes in which it comes alone."""
    held = [*held, Bare(frozenset({"AZE"}), frozenset("x"), ("y",))]
    log = EventLog.of(
        *(Event(what, when="2015", id=f"e{n}") for n, what in enumerate(held))
    )
    text = jsonl.dumps(log, BARE)
    folder: Path = tmp_path_factory.mktemp("bare")

    assert log == jsonl.loads(text, BARE)
    alone = [BARE.encode(what).decode() for what in held]
    assert all(
        one in line
        for one, line in zip(alone, text.split("\n")[-len(held) - 1 : -1], strict=True)
    )
    with SQLiteStore(folder / "log.db", BARE) as store:
        store.append([*log.as_of("2020-01-01").events])
        store.verify()
        assert [entry.event for entry in log] == [e.event for e in store.read()]
    data = scale.write(log, folder / "data", BARE, buckets=1)
    assert [*log] == [*data.entries()]


def test_texts_cost_what_they_cost_where_the_type_says_so() -> None:
    """To be written, and to be read."""
    pair, works = frozenset({"AZE", "CHN"}), []
    for cls, words in ((Said, SAID), (Bare, BARE)):
        events = [Event(cls(pair, pair, (f"{n}",)), when="2015") for n in range(200)]
        log = EventLog.of(*events)
        jsonl.loads(jsonl.dumps(log, words), words)  # what is made for a class
        works.append(
            Work().of(
                lambda log=log, words=words: jsonl.loads(jsonl.dumps(log, words), words)
            )
        )
    said, without = (work.total for work in works)

    assert without <= 1.1 * said
