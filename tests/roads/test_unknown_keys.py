"""Keys that a panel is asked for, and that no event has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from members_asked import DAY, LOG, SPAN, asked, member

from bri_timeline import Event, Vocabulary, dyads
from bri_timeline.errors import PanelError
from bri_timeline.measures import count
from bri_timeline.relations import Joined, Met
from bri_timeline.scale import write


def member_and_year(event: Event) -> list[tuple[str, int]]:
    """Return the member and a number."""
    return [(name, 2010) for name in member(event)]


@pytest.mark.parametrize(
    ("key", "meant", "by"),
    [
        ("Syria", "'SYR'", member),
        ("PRC", "'CHN'", member),
        ("syr", "'SYR'", member),
        ("156", "'CHN'", member),
        (("SYR",), "'SYR'", member),
        (frozenset({"SYR"}), "'SYR'", member),
        ("CN", "'CHN' or 'COM'", member),
        ((2010, "SYR"), "('SYR', 2010)", member_and_year),
        (("Syria", "2010"), "('SYR', 2010)", member_and_year),
        (("China", "Kazakhstan"), "('CHN', 'KAZ')", dyads),
    ],
)
def test_a_key_that_means_one_of_an_event_is_an_error(
    key: Any, meant: str, by: Any
) -> None:
    """Its rows would be zeros, as if nothing had happened."""
    for panel in asked(LOG, [key], by, coverage="2014"):
        for read in (list, pa.table, lambda one: one.unknown_keys):
            with pytest.raises(PanelError) as found:
                read(panel)
            assert f"write {meant} for {key!r}" in str(found.value)
        assert "; no event has 1 of its keys>" in repr(panel)


def test_a_dataset_has_the_same_keys(tmp_path: Path) -> None:
    """Names in place of ids are refused, other pairs that it lacks are listed."""
    dataset = write(LOG, tmp_path / "data", Vocabulary(Joined, Met), buckets=2)
    for keys, unknown in (
        ([("AZE", "CHN"), ("CHN", "KAZ")], (("AZE", "CHN"),)),
        ([("China", "Kazakhstan")], None),
    ):
        for stream in (list, iter):
            questions = stream([(key, DAY) for key in keys])
            for panel in (
                dataset.panel(count(), keys=keys, **SPAN),
                dataset.panel(count(), at=questions),
            ):
                if unknown is None:
                    with pytest.raises(PanelError, match=r"write \('CHN', 'KAZ'\) for"):
                        list(panel)
                else:
                    assert len([*panel]) == 2
                    assert panel.unknown_keys == unknown
