"""Claims of one happening that agree say one thing together; the rest are rivals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from agreement_worlds import (
    LATER,
    PAIR,
    Left,
    Member,
    Report,
    Terse,
    any_order,
    random_log,
    whole,
)
from log_strategies import everything

from bri_timeline import (
    Citation,
    EventLog,
    Vocabulary,
    scale,
)
from bri_timeline.extend import iso
from bri_timeline.formats import chronicle, jsonl
from bri_timeline.pages.html._content import states_of
from bri_timeline.pages.html._page_data import PageData, page_data_of
from bri_timeline.stores import SQLiteStore


pytestmark = pytest.mark.full


VOCABULARY = Vocabulary(Left, Member, Report, Terse)


@pytest.mark.slow
def test_every_road_joins_alike(trials: Callable[..., int], tmp_path: Path) -> None:
    """A log, a store, a selection, formats, a dataset and a page."""
    for seed in range(trials(1_000, share=250)):
        random = Random(seed)
        log = random_log(random)
        expected = any_order(log.as_of(LATER))
        with SQLiteStore(tmp_path / f"{seed}.db", VOCABULARY) as store:
            some = random.randint(0, len(log))
            store.append(EventLog([*log][:some]))
            store.append(log)
            roads = [store.read()]
        roads.append(log.where(kinds=(Report, Terse, Member, Left)))
        roads += [
            form.loads(form.dumps(log, VOCABULARY), VOCABULARY)
            for form in (jsonl, chronicle)
        ]
        for place, road in enumerate(roads):
            assert any_order(road.as_of(LATER)) == expected, (seed, place)
        data = scale.write(EventLog([*log][:some]), tmp_path / f"{seed}", VOCABULARY)
        state = data.append(log).project(everything, *PAIR, on=LATER)
        events = log.as_of(LATER).events
        assert {*map(whole, state)} == {*map(whole, events)}, seed
        for shown in (log, log.as_of(LATER)):
            page = page_data_of(shown)
            states = states_of(page, everything)
            assert len(states.rows) == len(page.known)
            for stop, known in enumerate(page.known):
                view = shown if shown is not log else log.as_of(LATER, iso(known))
                told = {*map(whole, (*view.events, *view.undecided))}
                assert told == shown_on(page, stop), (seed, stop)


def shown_on(page: PageData, stop: int) -> set[tuple[object, ...]]:
    """Return what a page shows as counting, as known by one of its days."""
    off = {a.mention for a in page.asides if a.since <= stop < a.until}
    cites: dict[int, list[Citation]] = {}
    for place, mention in enumerate(page.mentions):
        is_known = mention.known is None or mention.known <= page.known[stop]
        if place not in off and is_known:
            cites.setdefault(mention.claim, []).extend(mention.event.cite)
    return {whole(page.claims[n].event.cited(cite)) for n, cite in cites.items()}
