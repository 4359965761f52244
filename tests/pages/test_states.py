"""A page embeds the states of the library: all of them, and no others."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from itertools import product
from random import Random

import pytest
from concern_model import STATES, VIEWS, expected, facts_log, folded
from effort import at_most
from erasing import chosen, erase, grown
from hypothesis import example, given
from hypothesis import strategies as st
from pages_model import VIEW_DAYS, Decoded, embedded, is_undecided, relation_logs

from bri_timeline import Event, EventLog, Prefer, Reason, Source, projection
from bri_timeline._calendar import iso
from bri_timeline.pages import html
from bri_timeline.pages._marks import EVERYTHING
from bri_timeline.pages._state_values import told
from bri_timeline.pages.html import _content, _page_data
from bri_timeline.pages.html._content import states_of
from bri_timeline.pages.html._numbers import common
from bri_timeline.pages.html._page_data import PageData, page_data_of
from bri_timeline.relations import (
    Held,
    Joined,
    Left,
    Plan,
    Planned,
    Postponed,
    Relationship,
    Visited,
    relationship,
)
from bri_timeline.relations._state import VALUES


AZE_CHN = relationship("AZE", "CHN")
FEW = at_most(60)
POLICIES = st.sampled_from([*Prefer, Source("source 0"), Source("source 1")])


@projection(initial=dict[str, int])
def kinds_seen(state: dict[str, int], event: Event) -> dict[str, int]:
    """How many events of each class were seen."""
    name = type(event.what).__name__
    return {**state, name: state.get(name, 0) + 1}


@projection(initial=dict[str, str])
def values_seen(state: dict[str, str], event: Event) -> dict[str, str]:
    """How often each value was set, as text."""
    value = event.what.value
    return {**state, value: f"{int(state.get(value, 0)) + 1}"}


def decoded(log: EventLog) -> Decoded:
    """Return the decoded states of the page of a log."""
    record = page_data_of(log)
    return Decoded(record, states_of(record, AZE_CHN))


Values = dict[str, tuple[str, list[object]]]


def expected_values(record: PageData, state: Relationship, day: str) -> Values:
    """Return the values that a page is to tell, with the claims that they hold."""
    return {
        one.label: (one.text, [_item(record, item, day) for item in one.items])
        for one in told(state)
    }


def _item(record: PageData, item: Event | Plan, day: str) -> object:
    if isinstance(item, Event):
        return record.number(item)
    if item.unsettled_on(day):
        return record.number(item.event), "unsettled", ""
    status = item.status_on(day).name.lower()
    return record.number(item.event), status, str(item.expected_on(day) or "")


UNSETTLED = EventLog.of(
    Event(Planned(["AZE", "CHN"], "one"), when="2018", id="plan-a"),
    Event(Held("plan-a"), when="2019-04"),
    Event(Postponed("plan-a"), when="2019"),
)


JOINED_UNTIL = Event(Joined("AZE", "org:x"), when="2018/2019-04")
SAID_AGAIN = EventLog.of(
    JOINED_UNTIL.cited(Source("A", published="2019-04-23")),
    Event(Visited("AZE", "CHN"), when="2018", cite=Source("B", published="2019-05")),
    JOINED_UNTIL.cited(Source("C", published="2019-05-01")),
)


LEFT = Event(Left("AZE", "org:x"), when="2018", id="a")
OF_TWO_KINDS = EventLog.of(
    Event(Visited("AZE", "CHN"), when="2018", id="a"), Event(LEFT.what, when="2019")
).append(LEFT, supersedes=0, known="2019-04-24")


class TestStates:
    """The certain state of every day, as known on every other."""

    @FEW
    @example(UNSETTLED)
    @example(SAID_AGAIN)
    @given(relation_logs())
    def test_every_state_is_that_of_the_library(self, log: EventLog) -> None:
        """For each day and stop of knowledge the page has the library's state."""
        page = decoded(log)
        record = page.record
        days = {*map(iso, record.days), *VIEW_DAYS}
        for day, (stop, known) in product(days, enumerate(record.known)):
            view = log.as_of(day, known_by=iso(known))
            state = view.project(AZE_CHN)
            number = view.day_number
            found = page.told(page.state(number, stop), number)

            assert expected_values(record, state, day) == found

    @FEW
    @given(relation_logs(), st.sampled_from(VIEW_DAYS))
    def test_states_of_a_view_end_with_its_day(self, log: EventLog, day: str) -> None:
        """The page of a view has its state, and those of the days before it."""
        view = log.as_of("2019-08-15")
        record = page_data_of(view)
        page = Decoded(record, states_of(record, AZE_CHN))
        shown = min(day, "2019-08-15")
        state = log.as_of(shown).project(AZE_CHN)
        number = log.as_of(shown).day_number
        found = page.told(page.state(number, 0), number)

        assert expected_values(record, state, shown) == found
        assert view.day_number == record.days[-1]

    @FEW
    @given(relation_logs())
    def test_what_may_have_happened_is_tried(self, log: EventLog) -> None:
        """For each undecided claim the page has the state that it would make."""
        page = decoded(log)
        record = page.record
        for day, (stop, known) in product(record.days, enumerate(record.known)):
            view = log.as_of(iso(day), known_by=iso(known))
            state = view.project(AZE_CHN)
            number = page.state(day, stop)
            effects = page.states.effects.get(number, [])
            tried = dict(zip(effects[::2], effects[1::2], strict=True))
            for event in view.undecided:
                after = AZE_CHN(state, event)
                effect = tried.get(record.number(event), number)

                assert (told(after) != told(state)) == (effect != number)
                assert is_undecided(event, day)
                found = page.told(effect, day)
                assert expected_values(record, after, iso(day)) == found

    @FEW
    @example(OF_TWO_KINDS)
    @given(relation_logs())
    def test_what_may_have_happened_meets_states_without_a_hash(
        self, log: EventLog
    ) -> None:
        """Plain dictionaries that look the same make states of their own."""
        record = page_data_of(log)
        states = states_of(record, kinds_seen, lambda state: {"Kinds": len(state)})
        page = Decoded(record, states)
        for day, (stop, known) in product(record.days, enumerate(record.known)):
            view = log.as_of(iso(day), known_by=iso(known))
            number = page.state(day, stop)
            effects = page.states.effects.get(number, [])
            tried = dict(zip(effects[::2], effects[1::2], strict=True))
            for event in view.undecided:
                after = kinds_seen(view.project(kinds_seen), event)
                effect = tried.get(record.number(event), number)

                assert {"Kinds": (f"{len(after)}", [])} == page.told(effect, day)

    def test_what_may_have_happened_meets_changes_that_wait_for_it(self) -> None:
        """States that look the same differ if one has a change of a plan to come."""
        plan = Event(Planned(["AZE"], "one"), when="2019", id="plan-a")
        put_off = Event(Postponed("plan-a"), when="2019-04-24")
        log = EventLog.of(put_off).retract(0, because="wrong", known="2019-01-01")
        log = log.retract(1, because="right", known="2019-02-01").append(plan)
        # What leaves a state as it looks is none of it.
        body = Event(Joined("AZE", "a"), when="2018", id="body-a")
        log = log.append(body).append(Event(Postponed("body-a"), when="2019"))
        page = decoded(log)
        effects = set[str]()
        for stop, known in enumerate(page.record.known):
            view = log.as_of("2019-04-24", iso(known))
            state = page.state(view.day_number, stop)
            tried = page.states.effects[state]
            after = AZE_CHN(view.project(AZE_CHN), plan)
            found = page.told(tried[1], view.day_number)

            assert tried[0] == page.record.number(plan)
            assert len(tried) == 2
            assert expected_values(page.record, after, "2019-04-24") == found
            effects.add(str(found))
        assert len(effects) == 2

    def test_what_a_state_hides_costs_nothing_if_no_claim_meets_it(self) -> None:
        """Who leaves a body without having joined it leaves the state as it looks."""
        visit = Event(Visited("AZE", "CHN"), when="2019")
        left = [Event(Left("AZE", body), when="2019-04-24") for body in "abc"]
        page = decoded(EventLog.of(visit, *left))

        assert page.states.rows == [[0, page.record.number(visit), 1]]
        assert [*page.states.effects] == [0]

    def test_states_of_a_large_log_are_those_of_some_days_of_knowledge(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A large log has its states on some days of knowledge, and on the last."""
        monkeypatch.setattr(_page_data, "_FOLDS", 1_000)
        log = EventLog()
        for n in range(130):
            when = f"{1900 - n}-01-01"
            visit = Visited("AZE", "CHN", occasion=f"visit {n}")
            published = f"{2000 + n:04}-01-01"
            log = log.append(
                Event(visit, when=when, cite=Source("S", published=published))
            )
        page = decoded(log)
        known = page.record.known
        for stop, day in enumerate(known):
            view = log.as_of("1850-06-01", known_by=iso(day))
            number = view.day_number
            found = page.told(page.state(number, stop), number)

            assert len(view.project(AZE_CHN).visits) == int(found["Visits"][0])
        assert page.record.skips
        assert 2 < len(known) < 130
        assert "2129-01-01" == iso(known[-1])

    @FEW
    @given(st.integers(0, 1 << 32))
    def test_states_of_a_log_of_which_words_were_erased(self, seed: int) -> None:
        """What an erased correction replaced does not come back on a page either."""
        random = Random(seed)
        log = grown(random, EventLog(), 9)
        left = grown(random, erase(log, chosen(random, log)), 2)
        record = page_data_of(left)
        page = Decoded(record, states_of(record, values_seen))
        for day, (stop, known) in product(record.days, enumerate(record.known)):
            state = left.as_of(iso(day), iso(known)).project(values_seen)
            found = page.told(page.state(day, stop), day)

            assert state == {label: text for label, (text, _) in found.items() if text}

    @FEW
    @given(relation_logs())
    def test_any_projection_tells_its_states(self, log: EventLog) -> None:
        """A state of one's own, with labels that come and go, is the library's."""
        record = page_data_of(log)
        page = Decoded(record, states_of(record, kinds_seen))
        for day, (stop, known) in product(record.days, enumerate(record.known)):
            view = log.as_of(iso(day), known_by=iso(known))
            found = page.told(page.state(day, stop), day)
            texts = {label: text for label, (text, _) in found.items() if text}

            assert {
                label: str(number) for label, number in view.project(kinds_seen).items()
            } == texts

    def test_tell_names_the_values_of_a_state(self) -> None:
        """The values are those that the function of the author returns."""
        log = EventLog.of(Event(Visited("AZE", "CHN"), when="2015"))
        record = page_data_of(log)
        states = states_of(record, kinds_seen, lambda state: {"Kinds": len(state)})
        page = Decoded(record, states)

        assert page.told(page.state(record.days[0], 0), 1) == {"Kinds": ("0", [])}
        assert page.told(page.state(record.days[-1], 0), 1) == {"Kinds": ("1", [])}

    @FEW
    @given(relation_logs())
    def test_lists_that_an_author_tells_hold_what_the_state_does(
        self, log: EventLog
    ) -> None:
        """Also where they come and go: events, and plans with their changes."""
        record = page_data_of(log)
        page = Decoded(
            record,
            states_of(
                record, AZE_CHN, lambda s: {"V": [*s.visits], "P": [*s.plans.values()]}
            ),
        )
        for day, (stop, known) in product(record.days, enumerate(record.known)):
            state = log.as_of(iso(day), known_by=iso(known)).project(AZE_CHN)
            found = page.told(page.state(day, stop), day)
            lists = {"V": state.visits, "P": state.plans.values()}

            assert {
                name: [_item(record, item, iso(day)) for item in items]
                for name, items in lists.items()
            } == {name: held for name, (_, held) in found.items()}

    def test_too_many_effects_are_left_out(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With too many effects of undecided claims none is embedded, with a note."""
        visits = [
            Event(Visited("AZE", "CHN", occasion=f"{n}"), when=f"[1900..{1901 + n}]")
            for n in range(60)
        ]
        monkeypatch.setattr(_content, "_EFFECTS", 1_000)
        record = page_data_of(EventLog.of(*visits))
        states = states_of(record, AZE_CHN)

        assert 60 * 61 / 2 > _content._EFFECTS
        assert not states.complete
        assert {} == states.effects
        assert 1 == len(states.rows)


@pytest.mark.full
def test_embedded_states_equal_the_state_by_every_road(
    trials: Callable[[int], int],
) -> None:
    """A page of the whole log embeds the state that the rules give its parties."""
    for seed in range(trials(50)):
        random = Random(seed)
        log = facts_log(random)
        parties = random.sample(STATES, random.choice((2, 2, 3)))
        fold = relationship(*parties)
        record = page_data_of(log.concerning(*parties))
        page = embedded(html.render(log, projection=fold), record)
        days = {*VIEWS, *map(date.fromordinal, record.days)}
        for day, (stop, known) in product(days, enumerate(record.known)):
            known_by = date.fromordinal(known)
            state = log.as_of(day, known_by).project(fold)
            events = expected(log, parties, day, known_by)
            found = page.told(page.state(day.toordinal(), stop), day.toordinal())

            assert folded(fold, events, day) == state, seed
            assert expected_values(record, state, day.isoformat()) == found, seed


class TestAsides:
    """Claims that are set aside, for which period, and their effects."""

    @at_most(150)
    @given(relation_logs(), POLICIES)
    def test_what_counts_of_a_selection_is_what_the_library_says(
        self, log: EventLog, prefer: Prefer | Source
    ) -> None:
        """Also where the claim that is taken concerns others than the selected."""
        log = log.reading(prefer)
        record = page_data_of(log.concerning("AZE", "CHN"))
        for stop, known in enumerate(record.known if record.basis is None else ()):
            view = log.as_of(EVERYTHING, known_by=iso(known)).concerning("AZE", "CHN")
            off = {a.mention for a in record.asides if a.since <= stop < a.until}
            told = {
                mention.claim
                for n, mention in enumerate(record.mentions)
                if n not in off and (mention.known is None or mention.known <= known)
            }

            assert {*map(record.number, (*view.events, *view.undecided))} == told

    @FEW
    @given(relation_logs(), POLICIES)
    def test_set_aside_claims_are_the_librarys_at_each_stop(
        self, log: EventLog, prefer: Prefer | Source
    ) -> None:
        """At each stop of knowledge exactly the library's claims are set aside."""
        log = log.reading(prefer)
        record = page_data_of(log)
        for stop, known in enumerate(record.known):
            view = log.as_of(EVERYTHING, known_by=iso(known))
            found = {
                (a.entry.position, a.reason, a.by.position) for a in view.set_aside
            }
            listed = {
                (record.mentions[a.mention].position, a.reason, a.by)
                for a in record.asides
                if a.since <= stop < a.until and isinstance(a.reason, Reason)
            }

            assert found == listed

    @FEW
    @given(relation_logs())
    def test_affects_equals_the_explanation(self, log: EventLog) -> None:
        """A claim affects a value if the explanation of the library sets it aside."""
        record = page_data_of(log)
        bears = states_of(record, AZE_CHN).affects
        for aside, places in zip(record.asides, bears, strict=True):
            known = iso(record.known[aside.since])
            view = log.as_of(EVERYTHING, known_by=known)
            for place, value in enumerate(VALUES):
                why = view.explain(AZE_CHN, of=value.of).set_aside
                positions = {a.entry.position for a in why}
                affected = record.mentions[aside.mention].position in positions

                assert affected == (place in places)

    def test_affects_names_the_values_of_a_retracted_claim(self) -> None:
        """A retracted visit affects the number of visits, and no other value."""
        log = EventLog.of(
            Event(
                Visited("AZE", "CHN"), when="2015", cite=Source("A", published="2016")
            )
        ).retract(0, because="it was another", known="2017-01-01")
        record = page_data_of(log)
        (aside,) = record.asides
        (bears,) = states_of(record, AZE_CHN).affects

        assert (Reason.RETRACTED, 2, 3) == (aside.reason, aside.since, aside.until)
        assert ["Visits"] == [VALUES[place].title for place in bears]
        assert {1: "it was another"} == record.because

    def test_a_log_among_parties_can_lack_a_target(self) -> None:
        """A correction in a partial log can lack its target."""
        log = EventLog.of(
            Event(Visited("AZE", "RUS"), when="2015", id="visit"),
            Event(Visited("AZE", "CHN"), when="2016", id="other"),
        )
        log = log.append(
            Event(Visited("AZE", "CHN"), when="2015"), supersedes=0, known="2020-01-01"
        )
        for part in (log.among("AZE", "CHN"), log.among("AZE", "RUS"), log):
            record = page_data_of(part)
            for stop, known in enumerate(record.known):
                view = part.as_of(EVERYTHING, known_by=iso(known))
                found = [a.entry.position for a in view.set_aside]
                listed = [
                    record.mentions[a.mention].position
                    for a in record.asides
                    if a.since <= stop < a.until
                ]

                assert found == listed


def test_two_periods_are_one_if_no_day_of_knowledge_lies_between() -> None:
    """A page that leaves days out knows nothing of what was so on these only."""
    turns = _page_data._Turns({(0, "joined", 1): [[-math.inf, 3], [4, 6], [7, 8]]})

    assert [(0, 2)] == [(a.since, a.until) for a in _page_data._asides(turns, (1, 5))]


class TestJoined:
    """Claims that agree are shown together, each with what it says by itself."""

    EARLY, LATE = (
        Source(name, published=day)
        for name, day in (("Gazette", "2017-06-01"), ("Blog", "2018-03-02"))
    )
    LOG = EventLog.of(
        Event(Visited("AZE", "CHN", "org:silk"), when="2017", cite=EARLY, id="v"),
        Event(
            Visited("AZE", "CHN", occasion="a forum"), when="2017-05", cite=LATE, id="v"
        ),
    )

    def test_a_page_has_what_they_say_together_and_who_says_less(self) -> None:
        """On both sources; of a selection too, and of a view."""
        for shown in (self.LOG, self.LOG.as_of("2020-01-01"), self.LOG.among("AZE")):
            page = html.render(shown, projection=AZE_CHN)

            assert 2 == page.count("<td>counts with others that say more<td>")
            rows = [row for row in page.split("<tr ") if "<td>reported<td>" in row]
            assert ["Silk", "a forum"] == [
                words for row in rows for words in ("Silk", "a forum") if words in row
            ]
            assert [2] == [row.count('href="#s') for row in rows]

    def test_they_are_apart_as_soon_as_one_is_withdrawn(self) -> None:
        """Of the day before the page still shows both together."""
        log = self.LOG.retract(1, because="no", known="2019-01-01")
        record = page_data_of(log)
        counted = [
            {
                mention.claim
                for n, mention in enumerate(record.mentions)
                if not any(
                    a.mention == n and a.since <= stop < a.until for a in record.asides
                )
            }
            for stop in range(len(record.known))
        ]
        page = html.render(log)

        assert "counts with others" not in page.split("<script")[0]
        assert 2 == page.count("<tr id=")
        *_, both, last = counted
        assert both
        assert both.isdisjoint(last)

    def test_of_others_nothing_is_shown(self) -> None:
        """Claims that agree, and concern parties that are not selected."""
        log = self.LOG.append(Event(Visited("KAZ", "CHN"), when="2017"))
        record = page_data_of(log.among("KAZ", "CHN"))

        assert ([2], ()) == ([m.position for m in record.mentions], record.asides)


class TestGroups:
    """Claims of one happening, and those that they correct, are one row."""

    @FEW
    @given(relation_logs())
    def test_groups_are_what_ids_and_corrections_connect(self, log: EventLog) -> None:
        """Two claims share a group if a chain of ids and corrections joins them."""
        record = page_data_of(log)
        claims = [entry for entry in log if entry.event is not None]
        linked = [
            {record.number(one.claim), record.number(other.claim)}
            for one, other in product(claims, repeat=2)
            if one.claim.id == other.claim.id or one.supersedes == other.position
        ]
        # What claims say together has the id of the first of them.
        names = [claim.event.id for claim in record.claims]
        linked += [{names.index(name), n} for n, name in enumerate(names)]
        sets = [{n} for n in range(len(record.claims))]
        for _ in sets:
            for link in linked:
                joined = set().union(*(one for one in sets if one & link))
                sets = [*(one for one in sets if not one & link), joined]
        found: dict[int, set[int]] = {}
        for n, group in enumerate(record.groups):
            found.setdefault(group, set()).add(n)

        assert sorted(map(sorted, sets)) == sorted(map(sorted, found.values()))


class TestRecord:
    """The stops of both sliders."""

    def test_a_plan_stops_when_due_and_overdue(self) -> None:
        """The days on which a plan is due first, and overdue first, are stops."""
        plan = Planned(("AZE", "CHN"), "summit", "2019-08")
        record = page_data_of(EventLog.of(Event(plan, when="2019-04-24")))

        assert ["2019-04-24", "2019-08-01", "2019-09-01"] == [*map(iso, record.days)]

    def test_what_is_known_all_along_comes_before_all_else(self) -> None:
        """Where something is known all along there is a stop before any report."""
        log = EventLog.of(
            Event(Visited("AZE", "CHN"), when="2015"),
            Event(
                Visited("CHN", "AZE"), when="2016", cite=Source("A", published="2017")
            ),
        )

        assert ["2017-12-30", "2017-12-31"] == [*map(iso, page_data_of(log).known)]

    def test_an_empty_log_has_one_day_and_one_stop_of_knowledge(self) -> None:
        """An empty log has one day and one day of knowledge."""
        record = page_data_of(EventLog())

        assert ["2000-01-01"] * 2 == [*map(iso, (*record.days, *record.known))]

    def test_an_extent_stops_at_its_ends(self) -> None:
        """The bounds of both ends of an extent are stops, and the day after."""
        lasting = Event(Visited("AZE", "CHN"), when="2015-01-02/2015-01-05")

        assert ["2015-01-02", "2015-01-05", "2015-01-06"] == [
            *map(iso, page_data_of(EventLog.of(lasting)).days)
        ]


@given(st.lists(st.integers(0, 2)), st.lists(st.integers(0, 2)))
def test_common_prefix_counts_equal_first_items(old: list[int], new: list[int]) -> None:
    """As many items are common as the two begin with alike, and no more."""
    shared = common(tuple(old), tuple(new))

    assert old[:shared] == new[:shared]
    assert shared == min(len(old), len(new)) or old[shared] != new[shared]
