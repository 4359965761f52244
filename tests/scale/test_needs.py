"""What a dataset needs of the classes of a vocabulary: that they are as they were."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import field, make_class

from bri_timeline import Event, EventLog, Source, Vocabulary, projection, scale
from bri_timeline._payload import silent_fields
from bri_timeline.errors import VocabularyError
from bri_timeline.measures import count, total
from bri_timeline.relations import FACTS
from bri_timeline.scale._needs import rules_of


ON = "2019-12-31"
PAIR = frozenset({"AZE", "CHN"})
DAYS = {"start": "2019-01-01", "stop": ON}
FIELDS: dict[str, Any] = {
    "parties": field(type=frozenset[str]),
    "title": field(type=str),
    "millions": field(type=int | None, default=None),
    "costs": field(type=tuple[Decimal, ...], default=()),
    "terms": field(type=tuple[str | None, ...], default=()),
}
ENDED = make_class("Ended", {"title": field(type=str)}, frozen=True)


def made(
    fields: dict[str, Any] | None = None, name: str = "Deal", **declared: object
) -> type:
    """Make a class of deals."""
    return make_class(
        name, FIELDS | (fields or {}), frozen=True, class_body={**declared}
    )


DEAL, OTHER = made(), made(name="Other")
# What has changed, and the class of now.
CHANGED = {
    "silent": made(silent=frozenset({"title"})),
    "until": made(until=(ENDED, ("title",))),
    "last_of": made(last_of=("title",)),
    "millions": made({"millions": field(type=str, default="")}),
    "costs": made({"costs": field(type=tuple[int, ...], default=())}),
}


GONE = make_class("Deal", {n: FIELDS[n] for n in FIELDS if n != "costs"}, frozen=True)


@projection(initial=int)
def how_many(state: int, event: Event) -> int:
    """Count events."""
    return state + 1


def event(cls: type, title: str) -> Event:
    """Return an event of a class."""
    return Event(cls(PAIR, title), when="2019-02-01", cite=Source("The Paper"))


LOG = EventLog.of(event(DEAL, "a"), event(DEAL, "b"), event(OTHER, "c"))
MORE = LOG.append(event(OTHER, "d"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a dataset of deals, and of others."""
    scale.write(LOG, tmp_path / "deals", Vocabulary(DEAL, OTHER), buckets=2)
    return tmp_path / "deals"


@pytest.mark.parametrize(
    ("part", "cls"), [*CHANGED.items(), pytest.param("costs", GONE, id="gone")]
)
def test_a_class_that_has_changed_is_refused_by_every_question(
    part: str, cls: type, folder: Path
) -> None:
    """Files rest on what a class said: what they would answer now is wrong."""
    changed = scale.open(folder, Vocabulary(cls, OTHER, ENDED))
    said = f"Deal has changed since the dataset was written: {part}: open it with"
    for measure in (count(), count(cls), total(cls, "millions"), how_many):
        for ask in (
            lambda m=measure: changed.project_each(m, on=ON),
            lambda m=measure: [*changed.panel(m, **DAYS)],
            lambda m=measure: changed.first(m, at_least=1),
            lambda m=measure: changed.history(m),
        ):
            with pytest.raises(VocabularyError, match=said):
                ask()
    with pytest.raises(VocabularyError, match=said):
        changed.append(MORE)

    # What reads another class alone is answered.
    assert {1} == {*changed.project_each(count(OTHER), on=ON).values()}


def test_a_class_may_have_more_fields_and_a_new_version(folder: Path) -> None:
    """What was written is read as it was, or converted."""
    longer = made({"note": field(type=str, default="")})
    later = made({"costs": field(type=tuple[int, ...], default=())})

    wider = made(
        {
            "title": field(type=str | int),
            "millions": field(type=Decimal | None, default=None),
        }
    )

    for cls, upcasts in (
        (DEAL, {}),
        (longer, {}),
        (wider, {}),
        (later, {later: (lambda fields: fields | {"costs": []},)}),
    ):
        dataset = scale.open(folder, Vocabulary(cls, OTHER, upcasts=upcasts))
        assert [2] == [*dataset.project_each(count(cls), on=ON).values()]
        assert [3] == [*dataset.project_each(how_many, on=ON).values()]


def test_a_dataset_says_what_its_classes_said_when_they_were_first_written(
    folder: Path,
) -> None:
    """Types are written by their names, as every Python does."""
    rules = scale.open(folder, Vocabulary(DEAL, OTHER))._manifest.rules["Deal"]

    assert {
        "parties": ("frozenset[str]",),
        "title": ("str",),
        "millions": ("NoneType", "int"),
        "costs": ("tuple[Decimal, Ellipsis]",),
        "terms": ("tuple[NoneType or str, Ellipsis]",),
    } == rules.fields
    assert ({}, ("millions",)) == (rules.declared, rules.silent)


def test_the_rules_of_a_class_name_the_fields_that_resolution_takes_for_silent() -> (
    None
):
    """Of each shipped class, and of one that declares them."""
    words = FACTS | Vocabulary(CHANGED["silent"])
    for name, cls in words.classes.items():
        assert {*rules_of(name, words).silent} == silent_fields(cls)


def test_no_file_of_a_class_that_has_changed_is_rewritten(folder: Path) -> None:
    """A dataset that is compacted has what was written, or nothing is done."""
    scale.open(folder, Vocabulary(DEAL, OTHER)).append(MORE)
    before = sorted(folder.iterdir())
    with pytest.raises(VocabularyError, match="Deal has changed"):
        scale.compact(folder, Vocabulary(CHANGED["until"], OTHER, ENDED), more_than=1)

    assert before == sorted(folder.iterdir())
