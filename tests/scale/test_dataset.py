"""Datasets give the answers that logs give in memory, however they are laid out."""

from __future__ import annotations

import pickle
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from log_strategies import (
    Deed,
    Fact,
    everything,
    known_by_days,
    logs,
    tally,
    view_days,
)
from scale_worlds import (
    ABC,
    DEALS,
    PAIRS,
    Deal,
    Part,
    count,
    deal,
    deeds,
    expected,
    laid_out,
    loners,
    many,
    millions,
    sealed,
)

from bri_timeline import (
    Entry,
    Event,
    EventLog,
    Prefer,
    Unknown,
    Vocabulary,
    dyads,
    scale,
)
from bri_timeline.errors import (
    DatasetError,
    DayError,
    EntryError,
    ProjectionError,
    VocabularyError,
)
from bri_timeline.scale import Tally
from bri_timeline.scale._engine import Limits, engine
from bri_timeline.scale._manifest import bucket_of


BUCKETS = st.integers(1, 3)
FAR = ["Y-1E18", "Y1E18", "Y5E18", "Y1E18/..", "2015-12-31"]
few = settings(max_examples=25)


class TestStates:
    """The same states as in memory."""

    @few
    @given(
        log=st.one_of(logs(), loners(), loners()),
        buckets=BUCKETS,
        on=view_days(),
        known_by=st.none() | known_by_days(),
        prefer=st.sampled_from(Prefer),
    )
    def test_states_are_those_of_the_log(
        self,
        log: EventLog,
        buckets: int,
        on: date,
        known_by: date | None,
        prefer: Prefer,
    ) -> None:
        """All relationships, and each alone, have the states of the log."""
        view = log.reading(prefer).as_of(on, known_by)
        cuts = {"on": on, "known_by": known_by, "prefer": prefer}
        with laid_out(log, buckets) as data:
            for fold in (everything, tally, deeds):
                each = data.project_each(fold, **cuts)
                alone = [data.project(fold, *pair, **cuts) for pair in PAIRS]
                among = [
                    log.among(*p).reading(prefer).as_of(on, known_by) for p in PAIRS
                ]

                assert view.project_each(fold, by=dyads) == each
                assert [view.project(fold) for view in among] == alone

    @few
    @given(log=loners(), on=view_days(), known_by=known_by_days())
    def test_what_stands_alone_is_cut_as_in_memory(
        self, log: EventLog, on: date, known_by: date
    ) -> None:
        """Each cut includes its own day, and days that collide keep their order."""
        states = expected(log, everything, on, known_by)
        with laid_out(log, 1) as data:
            assert states == data.project_each(everything, on=on, known_by=known_by)

    @few
    @given(
        log=logs() | loners(),
        cuts=st.lists(st.integers(0, 8), min_size=1, max_size=3).map(sorted),
        on=view_days(),
        known_by=st.none() | known_by_days() | st.integers(0, 7),
    )
    def test_appending_is_writing_all_at_once(
        self, log: EventLog, cuts: list[int], on: date, known_by: date | int | None
    ) -> None:
        """A dataset that grew is that of the whole log: families may join later."""
        if isinstance(known_by, int):
            known_by = min(known_by, len(log) - 1) if log else None
        entries = list(log)
        with laid_out(EventLog(entries[: cuts[0]])) as data:
            for cut in [*cuts[1:], len(entries)]:
                data = data.append(EventLog(entries[: max(cut, len(data))]))

            assert entries == list(data.entries())
            assert expected(log, everything, on, known_by) == data.project_each(
                everything, on=on, known_by=known_by
            )
            for pair in PAIRS:
                state = log.among(*pair).as_of(on, known_by).project(everything)

                assert state == data.project(
                    everything, *pair, on=on, known_by=known_by
                )

    @few
    @given(log=logs(), buckets=BUCKETS, on=view_days(), known_by=known_by_days())
    def test_one_relationship_answers_as_a_log(
        self, log: EventLog, buckets: int, on: date, known_by: date
    ) -> None:
        """The log of one relationship shows what that of the whole shows of it."""
        with laid_out(log, buckets) as data:
            for pair in PAIRS:
                whole = log.among(*pair).as_of(on, known_by)
                part = data.among(*pair).as_of(on, known_by)

                assert whole.events == part.events
                assert whole.undecided == part.undecided
                assert whole.disputes == part.disputes

    @few
    @given(
        dates=st.lists(st.sampled_from(FAR), max_size=4),
        knowns=st.lists(
            st.sampled_from([1 << 62, -(1 << 62), 1 << 63 - 1, 5]), min_size=4
        ),
        on=st.sampled_from(["1000-01-01", "9999-12-31"]),
    )
    def test_days_beyond_all_columns_are_in_order(
        self, dates: list[str], knowns: list[int], on: str
    ) -> None:
        """Days that no column holds are told apart all the same."""
        log = EventLog(
            Entry(
                position=place,
                event=Event(Fact(str(place), PARTIES), when=when),
                known=knowns[place] + place,
            )
            for place, when in enumerate(dates)
        )
        with laid_out(log) as data:
            assert list(log) == list(data.entries())
            assert expected(log, everything, on) == data.project_each(everything, on=on)

    def test_a_position_cuts_before_any_family(self) -> None:
        """Before the first of what bears on one another, none of it counts."""
        log = many(3)
        log = log.append(deal(9, "AAA", "DDD", millions=9), supersedes=2)
        with laid_out(log, vocabulary=DEALS) as data:
            for position in range(4):
                states = data.project_each(count, on="2015-01-01", known_by=position)

                assert expected(log, count, "2015-01-01", position) == states

    def test_what_began_before_all_days_comes_first(self) -> None:
        """An event without a first day is folded before what corrects others."""
        log = EventLog.of(
            Event(Fact("a", PARTIES), when="../2016"),
            Event(Fact("b", PARTIES), when="2015-01-01"),
        )
        log = log.append(Event(Fact("c", PARTIES), when="2014-01-01"), supersedes=1)
        with laid_out(log, 1) as data:
            states = data.project_each(everything, on="2016-01-01")

            assert expected(log, everything, "2016-01-01") == states

    def test_the_first_days_of_all_are_days(self) -> None:
        """Events of the first days that a calendar has are read as others are."""
        days = ["0001-01-01", "0001-01-03", "0001-12-31"]
        events = [Event(Fact(day, PARTIES), when=day) for day in days]
        for log in (EventLog.of(events[0]), EventLog.of(*events)):
            with laid_out(log, 1) as data:
                states = data.project_each(everything, on="0002-01-01")

                assert expected(log, everything, "0002-01-01") == states

    def test_both_cuts_are_inclusive_for_what_stands_alone(self) -> None:
        """Events that bear on no others are cut as in memory, on each of the days."""
        log = EventLog()
        for n in range(12):
            known = date.fromordinal(730_003 + n // 2)
            log = log.append(deal(n // 2, *ABC, millions=n), known=known)
        days = [date.fromordinal(729_999 + n) for n in range(12)]
        with laid_out(log, 16, DEALS) as data:
            for on, known_by in zip(
                days * 2, [*days, *days[3:], *days[:3]], strict=True
            ):
                cuts = {"on": on, "known_by": known_by}
                states = expected(log, everything, on, known_by)

                assert states == data.project_each(everything, **cuts)
                assert states.get(PAIRS[0], ()) == data.project(
                    everything, *PAIRS[0], **cuts
                )

    def test_what_nothing_is_known_of_is_in_its_first_state(self) -> None:
        """Parties that never met have the state before any event."""
        with laid_out(many(4), vocabulary=DEALS) as data:
            assert 0 == data.project(count, "XXX", "YYY", on="2015-01-01")
            assert 0 == len(data.among("XXX", "YYY"))

    def test_relationships_are_read_in_batches(self) -> None:
        """A relationship may go on from one batch to the next, families within it."""
        log = many(40_000)
        for place in (0, 20_000, 39_999):
            event = deal(place + 1, "AAA", "DDD", millions=-place)
            log = log.append(event, supersedes=place)
        with laid_out(log, 1, DEALS) as data:
            assert expected(log, millions, "2200-01-01") == data.project_each(
                millions, on="2200-01-01"
            )

    def test_only_its_own_files_are_read(self) -> None:
        """One relationship is read though the files of all other buckets are gone."""
        with laid_out(many(30), 16, DEALS) as data:
            state = data.project(count, "AAA", "DDD", on="2015-01-01")
            bucket = bucket_of(("AAA", "DDD"), 16)
            for path in data.folder.glob("rows-*"):
                if not path.stem.endswith(f"-{bucket:05}"):
                    path.unlink()
            again = scale.open(data.folder, DEALS)

            assert state == again.project(count, "AAA", "DDD", on="2015-01-01") > 0
            with pytest.raises(DatasetError, match="rows-"):
                again.project_each(count, on="2015-01-01")


class TestCounting:
    """Counts and sums without a fold."""

    @few
    @given(
        log=logs(),
        buckets=BUCKETS,
        on=view_days(),
        known_by=st.none() | known_by_days(),
        kinds=st.sampled_from([None, [Deed], [Fact], ["Deed"], ["Other"], []]),
    )
    def test_counts_are_those_of_a_fold(
        self,
        log: EventLog,
        buckets: int,
        on: date,
        known_by: date | None,
        kinds: list[type] | None,
    ) -> None:
        """What is certain and what is possible is counted as it is folded."""
        names = {"Deed": Deed, Fact: (Fact, Deed), Deed: Deed, "Other": int}
        found: dict[tuple[str, str], Tally] = {}
        for pair in PAIRS:
            view = log.among(*pair).as_of(on, known_by)
            both = [view.events, view.events + view.undecided]
            if kinds is not None:
                classes = tuple(names[kind] for kind in kinds)
                both = [[e for e in some if _is(e, classes)] for some in both]
            if both[1]:
                found[pair] = Tally(*map(len, both))
        with laid_out(log, buckets) as data:
            assert found == data.tally(on=on, known_by=known_by, kinds=kinds)

    def test_sums_are_those_of_a_fold(self) -> None:
        """Whole numbers and decimals are summed; what lacks the field adds nothing."""
        log = EventLog.of(
            deal(0, *ABC, millions=3, value=Part(Decimal("1.50"))),
            deal(1, "AAA", "BBB", millions=-1),
            deal(2, "AAA", "BBB", value=Part(Decimal("2.25"))),
            Event(Deal(ABC, millions=10), when="1999/2005"),
            Event(Deal(ABC, millions=100), when="[1999..2005]"),
        )
        log = log.append(deal(3, "AAA", "BBB", millions=7), supersedes=1)
        log = log.append(deal(4, "AAA", "CCC"), supersedes=0)
        with laid_out(log, 16, DEALS) as data:
            sums = data.tally(on="2000-01-01", field="millions")
            parts = data.tally(on="2000-01-01", field="value.amount")
            deep = data.tally(on="2000-01-01", field="label.amount")

            assert expected(log, count, "2000-01-01") == data.project_each(
                count, on="2000-01-01"
            )

        assert Tally(17, 117) == sums["AAA", "BBB"]
        assert Tally(10, 110) == sums["AAA", "CCC"]
        assert {("AAA", "BBB"): Tally(Decimal("2.25"), Decimal("2.25"))} == parts
        assert {} == deep

    @pytest.mark.parametrize("corrected", [False, True])
    def test_what_is_no_number_is_not_summed(self, corrected: bool) -> None:
        """Text and numbers of too many places are refused, also among corrections."""
        log = EventLog.of(deal(0, *ABC, label="7 or so", millions=1))
        if corrected:
            log = log.append(deal(1, *ABC, label="many"), supersedes=0)
        mended = log.append(deal(2, *ABC, label="8"), supersedes=0)
        with laid_out(mended, vocabulary=DEALS) as data:
            sums = data.tally(on="2000-01-01", field="label")

            assert {Tally(8, 8)} == set(sums.values())
        with laid_out(log, vocabulary=DEALS) as data:
            with pytest.raises(DatasetError, match="label that is not a number"):
                data.tally(on="2000-01-01", field="label")
            with pytest.raises(DatasetError, match="has no field"):
                data.tally(on="2000-01-01", field="a'b")

    def test_kinds_have_to_be_known(self) -> None:
        """A class that the vocabulary lacks is an error, and no zero."""
        with (
            laid_out(many(2), vocabulary=DEALS) as data,
            pytest.raises(VocabularyError),
        ):
            data.tally(on="2000-01-01", kinds=[Fact])

    def test_unknown_kinds_are_counted(self) -> None:
        """A kind that nobody here knows can be counted and summed where it is kept."""
        unknown = Event(Unknown("Old", 1, b'{"millions": 3}'), when="2000-01-01")
        log = EventLog.of(
            unknown, Event(Unknown("Old\n1", 2, b'{"a": 1}'), when="2001")
        )
        log = log.retract(0, because="wrong", known="2005-01-01")
        with laid_out(log, vocabulary=Vocabulary()) as data:
            assert {} == data.tally(on="2000-01-01", field="millions")
            assert {} == data.tally(on="2002-01-01", field="a")
            assert list(log) == list(data.entries())


class TestSaving:
    """States that stream into files."""

    def test_states_are_saved_by_bucket(self, tmp_path: Path) -> None:
        """Parquet files hold the parties and the state of each relationship."""
        log = many(30)
        with laid_out(log, 3, DEALS) as data:
            saved = data.save_each(count, tmp_path / "states", on="2015-01-01")
        tables = [pa.parquet.read_table(p) for p in (tmp_path / "states").iterdir()]
        rows = pa.concat_tables(tables).to_pylist()
        states = {(r["one"], r["other"]): int(r["state"]) for r in rows}

        assert len(rows) == saved
        assert expected(log, count, "2015-01-01") == states

    def test_part_of_a_state_is_saved(self, tmp_path: Path) -> None:
        """What JSON cannot hold is refused; `of` says what to save instead."""
        with laid_out(many(30), 1, DEALS) as data:
            with pytest.raises(ProjectionError, match="select with of="):
                data.save_each(sealed, tmp_path, on="2015-01-01")
            saved = data.save_each(sealed, tmp_path, of=_none, on="2015-01-01")

        assert 5 == saved
        assert 1 == len([*tmp_path.iterdir()])


class TestAsking:
    """What cannot be asked."""

    @pytest.mark.parametrize("known_by", [True, 4, -1, "2019-04"])
    def test_what_is_no_cut_is_refused(self, known_by: object) -> None:
        """A value that is not a day or a position of the dataset is an error."""
        with laid_out(many(4), vocabulary=DEALS) as data:
            with pytest.raises((DayError, EntryError)):
                data.project_each(count, on="2015-01-01", known_by=known_by)
            with pytest.raises(DayError):
                data.project_each(count, on="2015")

    def test_a_dataset_is_shown_and_sent(self) -> None:
        """It says what it consists of, and survives pickling."""
        with laid_out(many(30), 3, DEALS) as data:
            again = pickle.loads(pickle.dumps(data))

            assert "30 entries, 5 relationships, 3 buckets>" in repr(data)
            assert 30 == len(again)
            assert data.project_each(count, on="2015-01-01") == again.project_each(
                count, on="2015-01-01"
            )

    def test_other_vocabularies_keep_what_they_do_not_know(self) -> None:
        """Payloads of kinds that are not given are kept as they are."""
        with laid_out(many(3), vocabulary=DEALS) as data:
            other = scale.open(data.folder, Vocabulary(), threads=1)

            assert {Unknown} == {type(entry.claim.what) for entry in other.entries()}


PARTIES = frozenset({"AAA", "BBB"})


def _none(_state: object) -> None:
    return None


def _is(event: Event, classes: tuple[object, ...]) -> bool:
    flat = [
        c for some in classes for c in (some if isinstance(some, tuple) else (some,))
    ]
    return isinstance(event.what, tuple(flat))


def test_what_the_engine_refuses_is_an_error_of_the_dataset(tmp_path: Path) -> None:
    """The error names the folder and the memory, and holds what DuckDB says."""
    with (
        pytest.raises(DatasetError, match="cannot be worked on within 256MB"),
        engine(Limits("256MB", 1), tmp_path) as connection,
    ):
        connection.execute("select * from nowhere")
