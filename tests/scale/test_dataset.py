"""Datasets give the answers that logs give in memory, however they are laid out."""

from __future__ import annotations

import pickle
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pyarrow as pa
import pytest
from attrs import frozen
from effort import at_most
from hypothesis import given
from hypothesis import strategies as st
from log_strategies import (
    POLICIES,
    Deed,
    Fact,
    Policy,
    everything,
    known_by_days,
    logs,
    tally,
    view_days,
    with_datasets,
)
from scale_worlds import (
    ABC,
    DEALS,
    PAIRS,
    Deal,
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
    Unknown,
    Vocabulary,
    dyads,
    measures,
    scale,
)
from bri_timeline.errors import (
    DatasetError,
    DayError,
    EntryError,
    FaultsError,
    ProjectionError,
    VocabularyError,
)
from bri_timeline.measures import Measure
from bri_timeline.relations import FACTS, Visited, relationship
from bri_timeline.scale import Tally
from bri_timeline.scale._engine import Limits, engine
from bri_timeline.scale._manifest import bucket_of


BUCKETS = st.integers(1, 3)
FAR = ["Y-1E18", "Y1E18", "Y5E18", "Y1E18/..", "2015-12-31"]
few = at_most(25)


def _is_deed(event: Event) -> bool:
    return isinstance(event.what, Deed)


def _value_of(event: Event) -> str:
    return event.what.value


class TestStates:
    """The same states as in memory."""

    @few
    @given(
        log=with_datasets(st.one_of(logs(), loners(), loners())),
        buckets=BUCKETS,
        on=view_days(),
        known_by=st.none() | known_by_days(),
        prefer=POLICIES,
        bounded=st.booleans(),
    )
    def test_states_are_those_of_the_log(
        self,
        log: EventLog,
        buckets: int,
        on: date,
        known_by: date | None,
        prefer: Policy,
        bounded: bool,
    ) -> None:
        """All relationships, and each alone, have the states of the log."""
        log = log.reading(prefer, bounded_by_reports=bounded)
        view, cuts = log.as_of(on, known_by), {"on": on, "known_by": known_by}
        with laid_out(log, buckets) as data:
            data = data.reading(prefer, bounded_by_reports=bounded)
            for fold in (everything, tally, deeds):
                each = data.project_each(fold, **cuts)
                alone = [data.project(fold, *pair, **cuts) for pair in PAIRS]
                among = [log.among(*p).as_of(on, known_by) for p in PAIRS]

                assert view.project_each(fold, by=dyads) == each
                assert [view.project(fold) for view in among] == alone
                assert [view.events for view in among] == [
                    data.among(*p).as_of(on, known_by).events for p in PAIRS
                ]

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

    def test_a_position_before_all_that_concerns_a_pair_knows_nothing(self) -> None:
        """The relationship is the initial one before its first entry."""
        log = EventLog.of(
            Event(Visited("RUS", "KAZ"), when="2014"),
            Event(Visited("AZE", "CHN"), when="2014"),
        )
        pair = relationship("AZE", "CHN")
        with laid_out(log, vocabulary=FACTS) as data:
            found = data.project(pair, "AZE", "CHN", on="2015-01-01", known_by=0)

            assert found == pair.initial()

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

    @pytest.mark.slow
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

    @pytest.mark.slow
    def test_relationships_are_read_in_batches(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A relationship may go on from one batch to the next, families within it."""
        for module in ("_layout._ROW_GROUP", "_dataset._AT_ONCE", "_bucket._MANY"):
            monkeypatch.setattr(f"bri_timeline.scale.{module}", 256)
        log = many(3_000)
        for place in (0, 1_500, 2_999):
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


MEASURES = [
    measures.count(),
    measures.count(Deed),
    measures.count(Fact, where=_is_deed),
    measures.distinct(Fact, "value"),
    measures.distinct(Fact, _value_of),
]


class TestMeasures:
    """Measures on columns, and what has to be folded."""

    @few
    @given(
        log=with_datasets(logs() | loners()),
        cut=st.integers(0, 8),
        on=view_days(),
        known_by=st.none() | known_by_days(),
        prefer=POLICIES,
        bounded=st.booleans(),
        measure=st.sampled_from([*MEASURES, measures.latest(Fact, "value")]),
    )
    def test_measures_are_those_of_the_log(
        self,
        log: EventLog,
        cut: int,
        on: date,
        known_by: date | None,
        prefer: Policy,
        bounded: bool,
        measure: Measure[object],
    ) -> None:
        """Certain values, and those that undecided events may add."""
        start = EventLog(list(log)[:cut])
        log = log.reading(prefer, bounded_by_reports=bounded)
        view, cuts = log.as_of(on, known_by), {"on": on, "known_by": known_by}
        with laid_out(start, 2) as data:
            data = data.reading(prefer, bounded_by_reports=bounded)
            data = data.append(log) if cut < len(log) else data

            assert view.project_each(measure, by=dyads) == data.project_each(
                measure, **cuts
            )
            if measure.aggregate == "latest":
                return
            found: dict[tuple[str, str], Tally] = {}
            for pair in view.project_each(measure, by=dyads):
                part = log.among(*pair).as_of(on, known_by)
                every = (*part.events, *part.undecided)
                both = (measure.fold(some) for some in (part.events, every))
                found[pair] = Tally(*both)

            assert found == data.tally(measure, **cuts)

    @pytest.mark.slow
    def test_totals_are_those_of_a_fold(self) -> None:
        """Whole numbers and decimals are exact; None adds nothing."""
        log = EventLog.of(
            deal(0, *ABC, millions=3, label="a", price=Decimal("1.50")),
            deal(1, "AAA", "BBB", millions=-1 << 62, price=Decimal("0.000000001")),
            deal(2, "AAA", "BBB", price=Decimal("1E28")),
            deal(3, "AAA", "CCC", millions=-1 << 62, label="b"),
            Event(Deal(ABC, millions=10), when="1999/2005"),
            Event(Deal(ABC, millions=-1 << 62), when="[1999..2005]"),
        )
        log = log.append(deal(3, "AAA", "BBB", millions=-1 << 62), supersedes=1)
        log = log.append(deal(4, "AAA", "CCC"), supersedes=0)
        view = log.as_of("2000-01-01")
        whole, price = measures.total(Deal, "millions"), measures.total(Deal, "price")
        last = measures.latest(Deal, "price")
        with laid_out(log, 16, DEALS) as data:
            for measure in (whole, price, last, measures.distinct(Deal, "price")):
                states = data.project_each(measure, on="2000-01-01")

                assert view.project_each(measure, by=dyads) == states
            sums = data.tally(whole, on="2000-01-01")
            prices = data.project_each(price, on="2000-01-01")

        assert Tally(10 - (1 << 62), 10 - (1 << 63)) == sums["AAA", "BBB"]
        assert type(sums["AAA", "BBB"].certain) is int
        assert "10000000000000000000000000000" == str(prices["AAA", "BBB"])

    def test_a_sum_of_more_digits_than_a_number_of_the_engine_is_folded(self) -> None:
        """A column holds each of the amounts, but not their sum."""
        log = EventLog.of(
            *(deal(n, "AAA", "BBB", price=Decimal("9E28")) for n in range(3))
        )
        price = measures.total(Deal, "price")
        with laid_out(log, 1, DEALS) as data:
            states = data.project_each(price, on="2000-01-01")
            both = data.tally(price, on="2000-01-01")

        assert expected(log, price, "2000-01-01") == states
        assert {Tally(Decimal("2.7E29"), Decimal("2.7E29"))} == {*both.values()}

    @pytest.mark.parametrize("name", ["odd kind", "it's", 'an "order"', "1; {0}"])
    def test_a_kind_of_any_name_is_summed(self, name: str) -> None:
        """Its columns have that name too."""
        log = EventLog.of(deal(1, "AAA", "BBB", millions=3))
        total = measures.total(Deal, "millions")
        with laid_out(log, 1, Vocabulary(**{name: Deal})) as data:
            assert {("AAA", "BBB"): 3} == data.project_each(total, on="2000-01-01")

    @pytest.mark.parametrize("corrected", [False, True])
    def test_a_value_that_no_column_holds_is_folded(self, corrected: bool) -> None:
        """A column that lacks one value is not summed, also among corrections."""
        log = EventLog.of(deal(0, *ABC, price=Decimal("0.0000000001")), *many_claims())
        if corrected:
            log = log.append(deal(1, *ABC, price=Decimal("1E40")), supersedes=0)
        measure = measures.total(Deal, "price")
        with laid_out(log, vocabulary=DEALS) as data:
            sums = data.project_each(measure, on="2000-01-01")
            both = data.tally(measure, on="2000-01-01")

        assert expected(log, measure, "2000-01-01") == sums
        assert sums == {pair: tally.certain for pair, tally in both.items()}
        assert (Decimal("1E40") if corrected else Decimal("1E-10")) == sums[
            "AAA", "BBB"
        ]

    @pytest.mark.slow
    def test_only_what_was_written_as_it_is_read_comes_from_columns(
        self, tmp_path: Path
    ) -> None:
        """Defaults and upcasts of today hold for what was written before."""
        old, more, text = kept_class(a=int), kept_class(a=int, b=int), kept_class(a=str)
        with_b = {more: (lambda fields: {**fields, "b": 7},)}
        as_text = {text: (lambda fields: {**fields, "a": f"{fields['a']}!"},)}
        scaled = kept_class(a=int)
        by_ten = {scaled: (lambda fields: {**fields, "a": 10 * fields["a"]},)}
        log = EventLog.of(Event(old(1, ABC), when="2000-01-01"))
        scale.write(log, tmp_path, Vocabulary(old))
        for vocabulary, measure, value in (
            (Vocabulary(old), measures.total(old, "a"), 1),
            (Vocabulary(scaled, upcasts=by_ten), measures.total(scaled, "a"), 10),
            (Vocabulary(more, upcasts=with_b), measures.total(more, "b"), 7),
            (Vocabulary(text, upcasts=as_text), measures.latest(text, "a"), "1!"),
        ):
            data = scale.open(tmp_path, vocabulary)
            states = data.project_each(measure, on="2001-01-01")

            assert {value} == {*states.values()}
        exact = kept_class(a=Decimal)
        log = log.append(Event(exact(Decimal("1.5"), ABC), when="2000-01-01"))
        vocabulary, measure = Vocabulary(exact), measures.total(exact, "a")
        data = scale.open(tmp_path, vocabulary).append(iter(list(log)[1:]))

        assert {Decimal("2.5")} == {
            *data.project_each(measure, on="2001-01-01").values()
        }

    def test_claims_that_an_upcast_makes_equal_are_counted_once(
        self, tmp_path: Path
    ) -> None:
        """Which claims count was written as the vocabulary of then reads them."""
        old, new = kept_class(a=int), kept_class(a=int)
        of_pairs = [frozenset({"AAA", "BBB"}), frozenset({"AAA", "CCC"})]
        log = EventLog.of(
            *(Event(old(1, pair), when="2000", id="x") for pair in of_pairs)
        )
        scale.write(log, tmp_path, Vocabulary(old))
        same = {"parties": ["AAA", "DDD"]}
        vocabulary = Vocabulary(new, upcasts={new: (lambda fields: fields | same,)})
        data = scale.open(tmp_path, vocabulary)
        one = EventLog(data.entries())
        assert 1 == len({entry.claim.what for entry in one})
        # Rows lie where they were written: nothing is about the pair of now.
        assert {} == data.project_each(measures.count(), on="2001-01-01")

    def test_a_name_that_is_not_that_of_a_column_is_folded(self) -> None:
        """A column has the name of an argument, which a property can have too."""
        log = EventLog.of(
            Event(Ledger(2, ABC), when="2000-01-01"),
            Event(Invoice(Decimal("0.5"), ABC), when="2000-01-02"),
        )
        with laid_out(log, vocabulary=Vocabulary(Ledger, Invoice)) as data:
            for measure, value in (
                (measures.total(Ledger, "amount"), 20),
                (measures.total(Ledger, "_amount"), 2),
                (Measure("total", (Ledger, Invoice), "amount"), Decimal("20.5")),
            ):
                states = data.project_each(measure, on="2001-01-01")

                assert {value} == {*states.values()}
                assert expected(log, measure, "2001-01-01") == states

    def test_what_cannot_be_tallied_is_refused(self) -> None:
        """The last value has no two sides, and what is not a measure none at all."""
        with laid_out(many(2), vocabulary=DEALS) as data:
            for given_ in (count, measures.latest(Deal, "label"), 7):
                with pytest.raises(ProjectionError, match="give a count"):
                    data.tally(given_, on="2000-01-01")

    def test_kinds_that_nobody_knows_are_counted_among_all(self) -> None:
        """Which of them a class has that the vocabulary lacks, nobody knows."""
        unknown = Event(Unknown("Old", 1, b'{"parties": ["AAA", "BBB"]}'), when="2000")
        odd = Event(Unknown("O'ld\n1", 2, b'{"a": 1}'), when="2001")
        log = EventLog.of(unknown, odd).retract(1, because="wrong", known="2005-01-01")
        with laid_out(log, vocabulary=Vocabulary()) as data:
            every = data.tally(measures.count(), on="2000-01-01")

            assert {("AAA", "BBB"): Tally(0, 1)} == every
            with pytest.raises(VocabularyError, match=r"has no <class .*Deal'>"):
                data.tally(measures.count(Deal), on="2002-01-01")
            assert list(log) == list(data.entries())


@frozen
class Ledger:
    """A payload whose property has the name of an argument, and another value."""

    _amount: int
    parties: frozenset[str]

    @property
    def amount(self) -> int:
        """The amount in tenths."""
        return 10 * self._amount


@frozen
class Invoice:
    """A payload with an amount of another type."""

    amount: Decimal
    parties: frozenset[str]


def many_claims() -> list[Event]:
    """Events that have a price."""
    return [deal(n, "BBB", "CCC", price=Decimal(n)) for n in range(3)]


def kept_class(**types: type) -> type:
    """Return a class of a payload with some fields, and parties."""
    fields = {name: attrs.field(type=type_) for name, type_ in types.items()}
    if "b" in types:
        fields["b"] = attrs.field(type=int, default=7, kw_only=True)
    fields["parties"] = attrs.field(type=frozenset[str])
    return attrs.make_class("Kept", fields, frozen=True)


class TestSaving:
    """States that stream into files."""

    @pytest.mark.parametrize("fold", [count, measures.distinct(Deal, "label")])
    def test_states_are_saved_by_bucket(self, fold: Any, tmp_path: Path) -> None:
        """Parquet files hold the parties and the state of each relationship."""
        log = many(30)
        with laid_out(log, 3, DEALS) as data:
            saved = data.save_each(fold, tmp_path / "states", on="2015-01-01")
        tables = [pa.parquet.read_table(p) for p in (tmp_path / "states").iterdir()]
        rows = pa.concat_tables(tables).to_pylist()
        states = {(r["one"], r["other"]): int(r["state"]) for r in rows}

        assert len(rows) == saved
        assert expected(log, fold, "2015-01-01") == states

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

    def test_a_class_may_have_another_field_with_a_default(self) -> None:
        """What was written without it has the default; a field needs one."""
        longer = attrs.make_class(
            "Deal", {"note": attrs.field(default="")}, (Deal,), frozen=True
        )
        needy = attrs.make_class(
            "Deal", {"note": attrs.field(kw_only=True)}, (Deal,), frozen=True
        )
        with laid_out(many(3), vocabulary=DEALS) as data:
            found = scale.open(data.folder, Vocabulary(longer)).entries()
            broken = scale.open(data.folder, Vocabulary(needy))

            assert {""} == {entry.claim.what.note for entry in found}
            with pytest.raises(FaultsError, match="note: is missing: Deal needs it"):
                list(broken.entries())
            with pytest.raises(FaultsError, match="note: is missing: Deal needs it"):
                broken.project_each(count, on="2030-01-01")


PARTIES = frozenset({"AAA", "BBB"})


def _none(_state: object) -> None:
    return None


def test_what_the_engine_refuses_is_an_error_of_the_dataset(tmp_path: Path) -> None:
    """The error names the folder and the memory, and holds what DuckDB says."""
    with (
        pytest.raises(DatasetError, match="cannot be worked on within 256MB"),
        engine(Limits("256MB", 1), tmp_path) as connection,
    ):
        connection.execute("select * from nowhere")
