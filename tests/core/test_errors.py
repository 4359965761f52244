"""Errors: one base, the promised builtins, and the tree as it is drawn."""

from __future__ import annotations

import builtins
import copy
import pickle
import re

import pytest

from bri_timeline import errors
from bri_timeline.errors import BriTimelineError, Fault, FaultsError


HOSTILE = "\x00<script>" + "9" * 10**6
FAULTS = [Fault("line 1: when", "is not a date"), Fault("line 2", "is empty")]
EXAMPLES: dict[str, list[object]] = {
    "BusyFileError": ["a.toml", "is busy: try again"],
    "BusyStoreError": ["a.db", "is busy: try again"],
    "DamagedStoreError": ["a.db", FAULTS],
    "DatasetError": ["deals", "is not a dataset: make one"],
    "DayError": ["2019-04", "is not a whole day"],
    "DayRangeError": [10**9, "the first day"],
    "EdtfError": ["2019-13", 5, "a month"],
    "EntryError": [7, "there is no entry 7"],
    "EventError": ["", "is not an id"],
    "ExtensionError": ["xml", "is not among the formats: csv"],
    "FaultsError": ["a.toml", FAULTS],
    "MissingExtraError": ["arrow", "pyarrow", "pyarrow>=20"],
    "MoneyError": ["1,3", "is not an amount"],
    "NothingReadError": ["a.csv", FAULTS],
    "OutputError": ["a.html", "is a folder: write to a file"],
    "PayloadError": [[1], "Visited.stops", "could change"],
    "PhraseError": ["recently", 0, "says no day: ask for one"],
    "PictureError": ["pdf", "is not a format: choose svg"],
    "PlainDataError": [1j, "Period.state", "has no form in plain data"],
    "PanelError": ["week", "is not a length of time"],
    "ProjectionError": [7, "is not a class"],
    "QuestionError": ["2015/2017", "on()", "ask active_on()"],
    "ReplacedStoreError": ["a.db", "is another file than the one that was opened"],
    "SelectionError": ["Deal", "is not a payload class"],
    "StaleLogError": [3, 5, "read it again"],
    "StoreError": ["a.db", "is not a database: give another path"],
    "UnknownActorError": ["AZ", ["AZE"], "write AZE"],
    "UnknownCodeError": ["RUS", ["SUN"], "no code on that day"],
    "VocabularyError": ["Deal", "there is no Deal"],
}
NAMES = sorted(EXAMPLES)
LINE = re.compile(r"(?P<lead>[│├└─ ]*)(?P<name>\w+)(?: \((?P<builtin>\w+)\))?(?:  .*)?")


def _made(name: str) -> BriTimelineError:
    return getattr(errors, name)(*EXAMPLES[name])


def _classes() -> dict[str, type[BriTimelineError]]:
    found: list[type[BriTimelineError]] = [BriTimelineError]
    for cls in found:
        found.extend(cls.__subclasses__())
    return {cls.__name__: cls for cls in found}


def _drawn() -> dict[str, tuple[str | None, str | None]]:
    """Return name -> (parent, builtin) as the docstring of the module draws it."""
    drawing = str(errors.__doc__).split("```")[1].strip("\n")
    parents: list[str] = []
    drawn: dict[str, tuple[str | None, str | None]] = {}
    for line in drawing.splitlines():
        match = LINE.fullmatch(line)
        assert match, line
        del parents[len(match["lead"]) // 4 :]
        drawn[match["name"]] = (parents[-1] if parents else None, match["builtin"])
        parents.append(match["name"])
    return drawn


def test_every_error_has_an_example_here() -> None:
    """No error escapes the tests below."""
    assert {"BriTimelineError", *NAMES} == set(_classes())


def test_every_error_is_public() -> None:
    """`errors.__all__` lists every error, and little else."""
    assert set(_classes()) | {"Fault"} == set(errors.__all__)
    assert sorted(errors.__all__) == errors.__all__


def test_the_drawn_hierarchy_is_the_real_one() -> None:
    """The tree in the docstring of `errors` shows every error under its base."""
    real = {}
    for name, cls in _classes().items():
        ours = [base.__name__ for base in cls.__bases__ if base in _classes().values()]
        others = [b.__name__ for b in cls.__bases__ if b not in _classes().values()]
        parent = ours[0] if ours else None
        real[name] = (parent, others[0] if ours and others else None)

    assert real == _drawn()


@pytest.mark.parametrize("name", NAMES)
def test_a_builtin_catches_each_error(name: str) -> None:
    """Each error is of the common base and of a builtin that a stranger would catch."""
    _, builtin = _drawn()[name]

    assert isinstance(_made(name), BriTimelineError)
    assert isinstance(_made(name), getattr(builtins, str(builtin)))


@pytest.mark.parametrize("name", NAMES)
def test_errors_survive_pickling_and_copying(name: str) -> None:
    """An error from another process has the same type, message and parts."""
    error = _made(name)
    error.add_note("while reading a.toml")
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(error) is type(other)
        assert str(error) == str(other)
        assert error.args == other.args
        assert vars(error) == vars(other)


@pytest.mark.parametrize("name", NAMES)
def test_messages_are_lower_case_phrases(name: str) -> None:
    """A message ends without a full stop and names what it is about."""
    message = str(_made(name))

    assert not message.endswith(".")
    assert message.strip() == message


@pytest.mark.parametrize(
    "name",
    [
        *["DayError", "EdtfError", "EventError", "MoneyError", "PayloadError"],
        *["QuestionError", "UnknownActorError", "UnknownCodeError"],
    ],
)
def test_hostile_text_leaves_a_short_message(name: str) -> None:
    """A megabyte at fault makes a message of one line, and stays whole as a part."""
    error = getattr(errors, name)(HOSTILE, *EXAMPLES[name][1:])

    assert HOSTILE in vars(error).values()
    assert len(str(error)) < 300
    assert "\x00" not in str(error)


def test_faults_are_all_reported() -> None:
    """An error about a document lists every fault with its place, in order."""
    error = FaultsError("a.toml", iter(FAULTS))

    assert tuple(FAULTS) == error.faults
    assert (
        "a.toml has 2 faults:\n  line 1: when: is not a date\n  line 2: is empty"
    ) == str(error)
    assert "a.toml has 1 fault:\n  line 2: is empty" == str(
        FaultsError("a.toml", FAULTS[1:])
    )


def test_a_date_error_points_at_the_place() -> None:
    """The message quotes the text from where reading stopped."""
    error = errors.EdtfError("2019-13", 5, "a month")

    assert (
        "'2019-13' is not an EDTF date: expected a month at position 5, at '13'"
        == str(error)
    )
    assert "position 0" in str(errors.EdtfError(None, 0, "text"))
