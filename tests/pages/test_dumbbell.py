"""What changed between two views is read back from the chart."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from drawings import Group, groups, texts_of, words_of
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import EventLog
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import SelectionError
from bri_timeline.measures import count
from bri_timeline.pages import dumbbell
from bri_timeline.pages._sheets import COLOURS, PAPER
from bri_timeline.pages._wording import LANGUAGES, strings
from bri_timeline.relations import relationship


NUMBERS = (
    st.integers(-9, 9) | st.decimals(-9, 9, places=2) | st.sampled_from([500, "x"])
)
STATES = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), NUMBERS, max_size=4)


def ends(group: Group) -> list[float]:
    """Return where the two marks of a row stand."""
    moved = [path.get("transform", "") for path in group.marks("path")]
    return [float(re.findall(r"-?[\d.]+", text)[0]) for text in moved]


@given(STATES, STATES)
def test_rows_are_what_differs_and_marks_stand_where_numbers_do(
    before: dict[str, object], after: dict[str, object]
) -> None:
    """Zero rows are left out; marks are apart as numbers are, each from its zero."""
    views = [EventLog().as_of(day) for day in ("2015-01-01", "2016-01-01")]
    states = iter((before, after))
    drawing = dumbbell.render(*views, projection=count(), tell=lambda _: next(states))
    drawn = {group.told[0].partition(":")[0]: group for group in groups(drawing)}
    wanted = {
        label
        for label in {*before, *after}
        if str(before.get(label, "-")) != str(after.get(label, "-"))
    }
    wanted -= {n for n in wanted if _text(before.get(n)) == _text(after.get(n))}

    assert drawn.keys() == wanted
    rows = {
        label: (before.get(label, 0), after.get(label, 0))
        for label in wanted
        if "x" not in (before.get(label), after.get(label))
    }
    common = "Each row has a scale" not in drawing
    scales = []
    for label, (first, second) in rows.items():
        group = drawn[label]
        zero = float(group.marks("line")[0].get("x1", ""))
        x, x2 = ends(group)
        for place, number in ((x, first), (x2, second)):
            if abs(Decimal(str(number))) >= 1:
                scales.append((place - zero) / float(str(number)))
            assert (place > zero) == (float(str(number)) > 0.005) or abs(
                place - zero
            ) < 1
    if common and scales:
        assert max(scales) == pytest.approx(min(scales), abs=0.2)


def _text(value: object) -> str | None:
    return None if value is None else f"{value}"


def test_the_chronicle_before_and_after_a_report() -> None:
    """Values that are text stand as text, and the largest change is first."""
    log, pair = azerbaijan_china(), relationship("AZE", "CHN")
    views = log.as_of("2019-04-25", "2019-04-20"), log.as_of("2019-04-25")
    drawing = dumbbell.render(*views, projection=pair)
    back = dumbbell.render(*reversed(views), projection=pair, width=480)

    assert groups(drawing)[0].told == ["Agreements: 0 \u2192 10"]
    assert "+10" in texts_of(drawing)
    assert "none stated \u2192 821 million USD" in words_of(drawing)
    assert "six values changed; six did not" in drawing
    assert "\u221210" in texts_of(back)
    assert "On 25 April 2019, as known by 20 April 2019" in words_of(drawing)
    for chart, colour in ((drawing, COLOURS[0]), (back, COLOURS[5])):
        was, now = groups(chart)[0].marks("path")
        assert (was.get("fill"), now.get("fill")) == (PAPER, colour)


@pytest.mark.parametrize("many", [2, 20])
def test_what_did_not_change_is_named(many: int) -> None:
    """After how many they are; of many only the number is told."""
    views = [EventLog().as_of(day) for day in ("2015-01-01", "2016-01-01")]
    same = dict.fromkeys(map(str, range(many)), 7)
    states = iter(({"a": 1, **same}, {"a": 2, **same}))
    drawing = dumbbell.render(*views, projection=count(), tell=lambda _: next(states))

    assert ("two did not: 0 and 1." in drawing) == (many == 2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_of_the_language(language: str) -> None:
    """The chart says that nothing changed where nothing did."""
    view, words = EventLog().as_of("2015-01-01"), strings(language)
    drawing = dumbbell.render(view, view, projection=count(), language=language)

    assert words.count("changed", 0) in drawing
    assert words("comparison.one_day") in texts_of(drawing)


def test_what_only_became_known_did_not_happen() -> None:
    """Of one day the title says that knowledge differs, in either order."""
    log = azerbaijan_china()
    early, late = log.as_of("2019-04-25", "2019-04-20"), log.as_of("2019-04-25")
    before = log.as_of("2015-01-01")
    titles = {
        texts_of(dumbbell.render(*views, projection=count()))[0]
        for views in ((early, late), (late, early))
    }
    own = dumbbell.render(early, late, projection=count(), title="Own")

    assert titles == {"Two states of knowledge about one day"}
    assert texts_of(dumbbell.render(before, late, projection=count()))[0] == (
        "What changed"
    )
    assert texts_of(own)[0] == "Own"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_period_is_told_with_its_first_day(language: str) -> None:
    """Two periods that end on other days, or begin on others, are told apart."""
    log, words = azerbaijan_china(), strings(language)
    periods = log.during("2014"), log.during("2015"), log.as_of("2014-12-31")
    drawing = dumbbell.render(*periods[:2], projection=count(), language=language)
    begun = dumbbell.render(*periods[1:], projection=count(), language=language)
    same_end = dumbbell.render(periods[0], periods[2], projection=count())

    assert all(words.day(d) in words_of(drawing) for d in (735_234, 735_598, 735_599))
    assert words.day(735_234) not in words_of(begun)
    assert texts_of(same_end)[0] == "What changed"


def test_what_is_not_a_view_is_refused() -> None:
    """A log has no day."""
    views: Any = EventLog(), EventLog().as_of("2015-01-01")
    with pytest.raises(SelectionError, match="is not a view"):
        dumbbell.render(*views, projection=count())
