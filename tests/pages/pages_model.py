"""The state decoder of a page's script, in Python, and logs to try it on."""

from __future__ import annotations

import json
import math
from bisect import bisect
from contextlib import suppress
from datetime import date
from itertools import accumulate
from typing import Any

import fact_strategies as facts
from attrs import frozen
from hypothesis import strategies as st
from pages_reader import read

from bri_timeline import Event, EventLog, Source
from bri_timeline.errors import EntryError
from bri_timeline.pages.html._content import EncodedStates
from bri_timeline.pages.html._page_data import PageData
from bri_timeline.relations import Held


KNOWN = [None, date(2019, 4, 23), date(2019, 4, 24), date(2019, 5, 1)]
VIEW_DAYS = ["2018-12-31", "2019-04-24", "2019-04-25", "2019-08-15", "2020-01-01"]


@frozen
class Decoded:
    """The states of a page, read back."""

    record: PageData
    states: EncodedStates

    def steps(self, stop: int) -> list[tuple[int, int]]:
        """Return the steps that change the state as known at a stop, with states."""
        found: list[tuple[int, int]] = []
        for kept, *added in self.states.rows[: stop + 1]:
            found = found[:kept] + list(
                zip(accumulate(added[::2]), accumulate(added[1::2]), strict=True)
            )
        return found

    def state(self, day: int, stop: int) -> int:
        """Return the number of the certain state of a day."""
        claims = self.record.claims
        lasts = [
            (claims[~step].span.end_last or 0) + 1
            if step < 0
            else claims[step % len(claims)].span.last + step // len(claims)
            for step, _ in self.steps(stop)
        ]
        place = bisect(lasts, day)
        return self.steps(stop)[place - 1][1] if place else 0

    def content(self, state: int) -> dict[int, int]:
        """Return the numbers of the values of a state, by the place of their label."""
        back, *changes = self.states.states[state]
        content = self.content(state - back) if back else {}
        for place, more in zip(changes[::2], changes[1::2], strict=True):
            content[place] = content.get(place, 0) + more
        return content

    def items(self, number: int) -> list[int]:
        """Return a list of claims."""
        if number == 0:
            return []
        before, start, gone, *come = self.states.lists[number]
        items = self.items(before)
        return items[:start] + come + items[start + gone :]

    def told(self, state: int, day: int) -> dict[str, tuple[str, list[object]]]:
        """Return the values of a state: by label the text, and the claims it holds.

        Of a plan, its claim with its status on the day and the expected date.
        """
        found = {}
        for place, number in self.content(state).items():
            value = self.states.values[number]
            integer = integer_of(self.states.values, number)
            text, items = str(value), 0
            if integer is not None:
                text = f"{integer:,}"
            elif isinstance(value, list):
                text, _, _, items = value
            held: list[object] = [
                self.plan(~item, day) if item < 0 else item
                for item in self.items(items)
            ]
            found[self.states.labels[place]] = text, held
        return found

    def plan(self, number: int, day: int) -> tuple[int, str, str]:
        """Return the claim of a plan, its status on a day, and the expected date."""
        claim, *told = self.states.plans[number]
        place = bisect([int(d) for d in told[::3]], day)
        return int(claim), str(told[3 * place - 2]), str(told[3 * place - 1])


def integer_of(values: list[Any], number: int) -> int | None:
    """Return the integer that a value is; None if it is something else.

    Args:
        values: The values of a page.
        number: That of one of them.
    """
    value = values[number]
    if isinstance(value, list) and len(value) == 2:
        return (integer_of(values, number - value[0]) or 0) + int(value[1])
    return None


def embedded(page: str, record: PageData) -> Decoded:
    """Return the states that the text of a page holds.

    Args:
        page: The page, as HTML.
        record: The claims of the page, whose numbers its states use.
    """
    content = content_of(page)
    spans = [[claim.span.first, claim.span.last] for claim in record.claims]
    assert [list(map(_finite, span)) for span in spans] == [
        span[:2] if isinstance(span, list) else [span, span] for span in content["span"]
    ]
    assert [*record.known] == content["known"]
    return Decoded(record, EncodedStates(**content["states"]))


GOES_ON, MAY_HAVE_ENDED, ENDED = range(3)


def ended_on(content: dict[str, Any], claim: int, day: int) -> int:
    """Return whether a claim of a page of one day of knowledge has ended on a day.

    Args:
        content: The data of the page, of which all claims count.
        claim: The number of the claim.
        day: The number of the day.
    """
    infinite = -math.inf, math.inf, -math.inf, math.inf
    ends = [
        [far if d is None else d for d, far in zip(one, infinite, strict=False)]
        if isinstance(one, list)
        else [one, one]
        for one in content["span"]
    ]
    first, last, *end = ends[claim]
    found = GOES_ON
    for way, claims, others in content["endings"]:
        if claim not in claims:
            continue
        if way == 0 and end[0] < day:
            found = max(found, ENDED if end[1] < day else MAY_HAVE_ENDED)
        for other in others:
            other_first, other_last, *other_end = ends[other]
            if other == claim or other_first > day or other_last < first:
                continue
            if way == 3 and (other_last == first or first + 1 >= day):
                continue
            if way in (1, 3) and other_first < day:
                is_sure = other_last < day and last + (way == 3) <= other_first
                found = max(found, ENDED if is_sure else MAY_HAVE_ENDED)
            if way == 2 and not end:
                is_sure = other_last <= day and last < other_first
                found = max(found, ENDED if is_sure else MAY_HAVE_ENDED)
            if way == 2 and end and (not other_end or other_end[1] >= day):
                found = max(found, MAY_HAVE_ENDED)
    return found


def content_of(page: str) -> dict[str, Any]:
    """Return the data that the text of a page holds for its script."""
    [script] = [text for text in read(page).texts["script"] if text.startswith("{")]
    content: dict[str, Any] = json.loads(script)
    return content


def _finite(day: float) -> float | None:
    return day if math.isfinite(day) else None


@st.composite
def relation_logs(draw: st.DrawFn, *, max_size: int = 7) -> EventLog:
    """Logs of shipped facts about few days, with corrections and retractions."""
    log = EventLog()
    for number in range(draw(st.integers(0, max_size))):
        known = draw(st.sampled_from(KNOWN))
        claims = [entry.position for entry in log if entry.event is not None]
        kind = draw(st.sampled_from(["claim", "claim", "claim", "correct", "retract"]))
        if kind == "retract" and claims:
            target = draw(st.integers(0, len(log) - 1))
            log = log.retract(target, because="wrong", known=known)
            continue
        # The id of a claim that has none is a digest, which its corrections keep.
        names = [entry.claim.id for entry in log if entry.event is not None]
        held = st.sampled_from(names).map(Held) if names else st.nothing()
        event = Event(
            draw(facts.facts | facts.plan_changes | held),
            when=draw(facts.whens | st.just("[2019-04-25..]")),
            cite=Source(f"source {number % 2}"),
            id=draw(st.sampled_from([None, "plan-a", "plan-b", f"event-{number}"])),
        )
        target = draw(st.sampled_from(claims)) if kind == "correct" and claims else None
        with suppress(EntryError):  # what was withdrawn is not corrected
            log = log.append(event, supersedes=target, known=known)
    return log


def is_undecided(event: Event, day: int) -> bool:
    """Tell whether a day lies between the bounds of an event."""
    first, last = event.when.earliest_start, event.when.latest_start
    return first <= day < (last if last < math.inf else math.inf)
