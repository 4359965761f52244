"""Codes and names in data of others: the table of event codes, actors and places."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TypeAlias

from attrs import field, frozen

from bri_timeline import Place
from bri_timeline.errors import EventError, Fault, FaultsError, shown
from bri_timeline.extend import Day, one_line, replaced, state_names
from bri_timeline.formats._foreign import lines, rows_of
from bri_timeline.relations import (
    AgreementSigned,
    Met,
    Visited,
    actors,
    among,
    optional_actor,
)


_COLUMNS = ("code", "name", "direction", "same_as", "fact")
_TABLE = "the table of codes"
_DIRECTIONS = ("", "mutual", "reversed")


def _actor_text(how: str, who: str | None, known: Iterable[str | None]) -> str:
    """Return an actor as text: ` by Ann Lee of Georgia`."""
    names = [text for text in (who, among(filter(None, known))) if text]
    return f" {how} {' of '.join(names)}" if names else ""


def _actor_set(value: Iterable[str]) -> frozenset[str]:
    return actors(value) if value else frozenset()


@frozen
class Coded:
    """An event as a data set codes it.

    Args:
        code: The code as text, since a leading zero is part of it. If a file has names
            in place of codes, and the table of codes lacks one, the name.
        by: The first actor, who acts, if known.
        towards: The second actor, if there is one.
        who: The name of the person or body that acted for the first actor. A fact made
            from it has the id `person:` and the name.
        whom: The same for the second actor.
        by_also: Actors that acted together with the first.
        towards_also: Actors that are meant together with the second.
    """

    code: str
    by: str | None = field(default=None, converter=optional_actor)
    towards: str | None = field(default=None, converter=optional_actor)
    who: str | None = None
    whom: str | None = None
    by_also: frozenset[str] = field(default=frozenset(), converter=_actor_set)
    towards_also: frozenset[str] = field(default=frozenset(), converter=_actor_set)

    @property
    def parties(self) -> frozenset[str]:
        """All known actors."""
        two = filter(None, (self.by, self.towards))
        return self.by_also | self.towards_also | frozenset(two)

    def __str__(self) -> str:
        by = _actor_text("by", self.who, {self.by} | self.by_also)
        towards = _actor_text("towards", self.whom, {self.towards} | self.towards_also)
        return one_line(f"code {self.code}{by}{towards}")


MakeFact: TypeAlias = Callable[[Coded], object]


@frozen
class Code:
    """The meaning of a code.

    Args:
        code: The code as text.
        name: The name in files that have names in place of codes.
        direction: Empty: the first actor acts on the second. `mutual`: both act, so
            that rows from both sides are one happening. `reversed`: the code describes
            *same_as* from the other side.
        same_as: The code for the same event from the other side.
        fact: The name of the function that makes a fact; empty for `Coded`.
    """

    code: str
    name: str = ""
    direction: str = ""
    same_as: str = ""
    fact: str = ""


@frozen
class Codes:
    """A table of codes. Codes that it lacks are directed, and make a `Coded`.

    >>> Codes.shipped()["043"].same_as
    '042'

    Args:
        codes: The codes.

    Raises:
        FaultsError: A code is repeated, or does not fit the others: all faults.
    """

    codes: tuple[Code, ...]

    def __attrs_post_init__(self) -> None:
        # Collect all faults before raising: a table is corrected in one go.
        known: set[str] = set()
        faults = []
        for code in self.codes:
            if code.code in known or not code.code:
                faults.append(Fault(shown(code.code), "is there twice, or is empty"))
            known.add(code.code)
        faults += [
            Fault(code.code, problem)
            for code in self.codes
            if (problem := _problem_of(code, {code.code for code in self.codes}))
        ]
        if faults:
            raise FaultsError(_TABLE, faults)

    @classmethod
    def shipped(cls) -> Codes:
        """Return the table of the library, for CAMEO and PLOVER.

        Visits coded by guest (042) and by host (043) are one; consultations,
        negotiations, cooperation and signatures are mutual. PLOVER does not say which
        side of a visit is the guest, so its visits do not become `Visited`.
        """
        table = files("bri_timeline.formats").joinpath("data/codes.csv")
        # Read through the same checks as a table of a user.
        return _read(io.StringIO(table.read_text("utf-8")), "codes.csv")

    @classmethod
    def load(cls, path: str | Path) -> Codes:
        """Read a table of codes.

        Args:
            path: A CSV file with the columns that `dump()` writes.

        Raises:
            FaultsError: The file is not such a table.
            OSError: The file cannot be read.
        """
        return _read(lines(path), str(path))

    def dump(self, path: str | Path) -> None:
        """Write the table as CSV, for reading and editing.

        Args:
            path: The file.
        """
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows(
            [getattr(code, name) for name in _COLUMNS] for code in self.codes
        )
        with replaced(Path(path)) as file:
            file.write(text.getvalue().encode())

    def __getitem__(self, code: str) -> Code:
        """Return the entry of a code; an unknown code has an empty one."""
        entry = next((entry for entry in self.codes if entry.code == code), None)
        return entry or Code(code)

    @property
    def by_name(self) -> dict[str, str]:
        """The codes by their names."""
        return {code.name: code.code for code in self.codes if code.name}

    def makers(self, more: Mapping[str, MakeFact]) -> dict[str, MakeFact]:
        """Return the function that makes the fact, for each code that has one.

        Args:
            more: Functions from `Coded` to a payload, by their names in the table, in
                addition to or in place of the shipped `Visited`, `Met` and
                `AgreementSigned`.

        Raises:
            FaultsError: The table names facts without a function: all of them.
        """
        known = {**_MAKERS, **more}
        faults = [
            Fault(
                code.code, f"{shown(code.fact)} has nothing that makes it: give facts="
            )
            for code in self.codes
            if code.fact and code.fact not in known
        ]
        if faults:
            raise FaultsError(_TABLE, faults)
        return {code.code: known[code.fact] for code in self.codes if code.fact}


def _problem_of(code: Code, known: set[str]) -> str | None:
    if code.direction not in _DIRECTIONS:
        return f"{shown(code.direction)} is not a direction: write mutual or reversed"
    # A reversed code needs the code that it reverses, and only such a code has one.
    if (code.direction == "reversed") != bool(code.same_as):
        return "needs both reversed and same_as, or neither"
    if code.same_as and code.same_as not in known:
        return f"is the same as {shown(code.same_as)}, which is not there"
    return None


def _read(text: Iterable[str], name: str) -> Codes:
    rows = [row for _, row in rows_of(text, name, ",") if any(row)]
    if not rows or tuple(rows[0]) != _COLUMNS:
        problem = f"is not the header {','.join(_COLUMNS)}"
        raise FaultsError(name, [Fault("line 1", problem)])
    faults = [
        Fault(f"row {number}", f"has {len(row)} cells, not {len(_COLUMNS)}")
        for number, row in enumerate(rows, 1)
        if len(row) != len(_COLUMNS)
    ]
    if faults:
        raise FaultsError(name, faults)
    return Codes(tuple([Code(*row) for row in rows[1:]]))


def _visited(coded: Coded) -> object:
    who = _person_id(coded.who)
    # Without two different actors it is not known who was guest and who was host.
    if not coded.by or not coded.towards or coded.by == coded.towards:
        return coded
    # A visit has one guest and one host; several on a side stay a Coded.
    if who is None or coded.by_also or coded.towards_also:
        return coded
    return Visited(coded.by, coded.towards, who=who or None)


def _met(coded: Coded) -> object:
    who = [_person_id(name) for name in (coded.who, coded.whom)]
    # An id that lost letters would name somebody else, so such a row stays a Coded.
    if len(coded.parties) < 2 or None in who:
        return coded
    return Met(coded.parties, who=frozenset(filter(None, who)))


def _signed(coded: Coded) -> object:
    if len(coded.parties) < 2:
        return coded
    names = filter(None, (coded.who, coded.whom))
    return AgreementSigned(
        coded.parties, title="a formal agreement", between=" and ".join(names) or None
    )


def _person_id(name: str | None) -> str | None:
    """Return the id of a person; empty for no name, None if letters would be lost.

    All readers form the ids of people in this way, so that one person is one actor in
    all of them. An organisation gets such an id too, since the data do not mark which
    names belong to people.
    """
    return slug("person", name) if name else ""


_MAKERS: dict[str, MakeFact] = {
    "AgreementSigned": _signed,
    "Met": _met,
    "Visited": _visited,
}


# --- names ----------------------------------------------------------------------------

_MOST_REASONS = 10
_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,30})?").fullmatch


class PlaceReader:
    """Reads the places of rows, and counts the coordinates that it leaves out."""

    def __init__(self) -> None:
        self._lost: Counter[str] = Counter()

    def read(
        self, name: str, latitude: str, longitude: str, precision: str | None = None
    ) -> Place | None:
        """Return the place of a row, if the row has one.

        Args:
            name: The name in the data.
            latitude: The latitude in the data, or an empty text.
            longitude: The longitude in the data, or an empty text.
            precision: What a point stands for.
        """
        place, problem = _place(name, latitude, longitude, precision)
        if problem is not None:
            self._lost[problem] += 1
        return place

    def cautions(self) -> tuple[str, ...]:
        """Return a caution for each reason why coordinates were left out."""
        return tuple(
            f"the coordinates of {count:,} rows are left out: they are {problem}"
            for problem, count in self._lost.most_common(_MOST_REASONS)
        )


# Rows repeat their places: a capital is the place of a hundred thousand.
@lru_cache(1 << 14)
def _place(
    name: str, latitude: str, longitude: str, precision: str | None
) -> tuple[Place | None, str | None]:
    """Return the place, and the reason why it lacks coordinates that the row has."""
    name = one_line(name.strip())
    alone = Place(name, precision=precision) if name else None
    texts = latitude.strip(), longitude.strip()
    if not any(texts):
        return alone, None
    if not all(map(_DEGREES, texts)):
        return alone, f"{shown(', '.join(texts))}, which are not two numbers of degrees"
    # Programs write zero for what they do not know; no report is of that ocean.
    if not any(map(float, texts)):
        return alone, "0, 0, a point in the Atlantic that stands for none"
    degrees, more = map(float, texts)
    try:
        return Place(name, degrees, more, precision), None
    except EventError:
        return alone, f"{', '.join(texts)}, which is not a point on the earth"


def slug(prefix: str, name: str) -> str | None:
    """Return the id of a name, or None if letters would be lost.

    Args:
        prefix: The part before the colon.
        name: The name.
    """
    text = state_names.plain(name).replace(" ", "-")
    # A longer text is a sentence, not a name.
    words = text.split("-")
    fits = text.isascii() and text and len(words) <= 21
    if not fits or any(len(word) > 60 for word in words):
        return None
    return f"{prefix}:{text}"


def state_named(name: str, on: Day | None = None) -> str | None:
    """Return the id of the one state with this name, or None.

    Accents, case and punctuation are ignored; the match is otherwise exact.

    Args:
        name: The name.
        on: The day; without one, a name that ever meant two states means none, unless
            it is the short name of a state of today.
    """
    ids = state_names.states_called(name, on)
    return ids[0] if len(ids) == 1 else None
