"""Facts that other events end, against every choice of days."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from marks_model import VIEWS
from pages_model import Decoded
from until_worlds import (
    LASTING,
    REIGNS,
    TREATIES,
    InForce,
    Regency,
    Reign,
    Resumed,
    Revolution,
    Suspended,
    Talks,
    held,
    numbered,
    random_log,
    there,
)

from bri_timeline import (
    Event,
    EventLog,
    Vocabulary,
    dyads,
)
from bri_timeline._command import _serve, main
from bri_timeline.errors import (
    VocabularyError,
)
from bri_timeline.formats import jsonl
from bri_timeline.measures import count
from bri_timeline.pages.html._content import states_of
from bri_timeline.pages.html._page_data import page_data_of
from bri_timeline.relations import Joined, Left
from bri_timeline.scale import write
from bri_timeline.stores import SQLiteStore


KINDS = Vocabulary(
    Joined, Left, Resumed, Suspended, InForce, Talks, Reign, Regency, Revolution
)


def _values(panel: Iterable[Any]) -> dict[object, object]:
    return {row.key: row.value for row in panel}


KNOWN = f"{__name__}:KINDS"


class TestRoads:
    """Stores, datasets, panels and selections read the same rule."""

    @pytest.mark.full
    def test_all_roads_count_the_same(
        self, tmp_path: Path, trials: Callable[..., int]
    ) -> None:
        """A dataset, a store, a panel and a history, over 200 logs."""
        measure = count(active=True)
        for seed in range(trials(200, share=50)):
            random = Random(seed)
            log = random_log(random, TREATIES, most=6)
            data = write(log, tmp_path / str(seed), KINDS, buckets=2)
            store = SQLiteStore(tmp_path / f"{seed}.db", KINDS)
            store.append(log)
            days = {"start": "2015-12-29", "stop": "2016-01-02", "every": "day"}
            rows = [*log.panel(measure, by=dyads, **days)]

            assert rows == [*data.panel(measure, **days)], seed
            for row in rows:
                view = log.as_of(row.until)
                told = view.outcomes(measure)
                assert row.value == view.project(measure), seed
                assert (row.low, row.high) == (told.low, told.high), seed
                assert data.project_each(measure, on=row.until) == view.project_each(
                    measure, by=dyads
                )
                read = store.read(projection=measure).as_of(row.until)
                assert read.project(measure) == row.value, seed
            for period in log.history(measure)[1:]:
                assert log.as_of(period.since).project(measure) == period.state
            store.close()

    @pytest.mark.full
    @pytest.mark.parametrize("facts", [TREATIES, REIGNS])
    def test_all_roads_leave_the_same(
        self, facts: list[object], tmp_path: Path, trials: Callable[..., int]
    ) -> None:
        """What others end is gone from a dataset, a store, a page and the command."""
        name = f"{__name__}:held"
        for seed in range(trials(400, share=4)):
            random = Random(seed)
            log = random_log(random, facts, most=6)
            day = date.fromordinal(random.choice(VIEWS)).isoformat()
            view, path = log.as_of(day), tmp_path / f"{seed}.jsonl"
            begun = [e for e, _ in view.active(*LASTING) if e in {*view.events}]
            number = Counter(type(event.what).__name__ for event in begun)
            state = view.project(held)
            assert Counter(state) == number, seed

            data = write(log, tmp_path / str(seed), KINDS, buckets=2)
            jsonl.dump(log, path, KINDS)
            tools = _serve._Tools(path, "jsonl", KINDS, "m", {"held": name})
            with SQLiteStore(tmp_path / f"{seed}.db", KINDS) as store:
                store.append(log)
                read = store.read(projection=held).as_of(day).project(held)
            record = page_data_of(log)
            page = Decoded(record, states_of(record, held))
            last = page.state(view.day_number, len(record.known) - 1)
            shown = page.told(last, view.day_number)
            days = {"start": day, "stop": day}
            each = {
                "in memory": view.project_each(held, by=dyads),
                "a function": view.project_each(lambda *_: held, by=dyads),
                "a dataset": dict(data.project_each(held, on=day)),
                "a panel": _values(log.panel(held, by=dyads, **days)),
                "a panel of questions": _values(
                    log.panel(held, by=dyads, at=[(("AZE", "CHN"), day, None)])
                ),
                "a panel of a function": _values(
                    log.panel(lambda *_: held, by=dyads, **days)
                ),
                "a panel of a dataset": _values(data.panel(held, **days)),
                "periods": {
                    pair: [p for p in some if (p.since_day or 0) <= view.day_number][
                        -1
                    ].state
                    for pair, some in log.history(held, by=dyads).items()
                },
            }
            for road, found in each.items():
                assert found.get(("AZE", "CHN"), {}) == state, (seed, road)
            assert read == state == log.among("AZE").as_of(day).project(held), seed
            assert {k: f"{n}" for k, n in state.items()} == {
                label: text for label, (text, _) in shown.items()
            }, seed
            assert tools.state(day, projection="held")["state"] == state, seed
            with redirect_stdout(io.StringIO()) as text:
                options = ["--on", day, "--projection", name, "--format", "json"]
                assert not main(["state", str(path), *options, "--facts", KNOWN])
            assert json.loads(text.getvalue())["state"] == state, seed


class TestRules:
    """Each rule, on one example."""

    def test_a_state_needs_the_class_of_what_ends_it(self) -> None:
        """A vocabulary without it cannot tell what is over."""
        log = EventLog.of(
            Event(Joined("AZE", "x"), when="2015"), Event(Left("AZE", "x"), when="2016")
        )
        few = jsonl.loads(jsonl.dumps(log, KINDS), Vocabulary(Joined))
        for fold in (there, numbered):
            with pytest.raises(VocabularyError, match="Left"):
                few.as_of("2017-01-01").project(fold)
