"""What event codes mean: a table that users can read and replace."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import TypeAlias

from attrs import field, frozen

from bri_timeline._text import one_line
from bri_timeline.errors import Fault, FaultsError, shown
from bri_timeline.formats._files import write
from bri_timeline.formats._foreign import lines, rows_of
from bri_timeline.formats._names import person_named
from bri_timeline.relations import (
    AgreementSigned,
    Met,
    Visited,
    actors,
    among,
    optional_actor,
)


__all__ = [
    "Code",
    "Coded",
    "Codes",
    "MakeFact",
]


_COLUMNS = ("code", "name", "direction", "same_as", "fact")
_TABLE = "the table of codes"
_DIRECTIONS = ("", "mutual", "reversed")


def _told(how: str, who: str | None, known: Iterable[str | None]) -> str:
    """Return who took part: ` by Ann Lee of Georgia`."""
    names = [text for text in (who, among(filter(None, known))) if text]
    return f" {how} {' of '.join(names)}" if names else ""


def _some(value: Iterable[str]) -> frozenset[str]:
    return actors(value) if value else frozenset()


@frozen
class Coded:
    """What somebody did, as a data set codes it.

    Args:
        code: The code, as text: a leading zero is part of it. Where a file has only
            names of codes, and the table of codes lacks one, the name.
        by: The actor that did it, if it is known.
        towards: The actor to whom it was done, if there is one.
        who: Who acted for the first, where the data set names somebody: the name as it
            stands there. A fact that is made of it has the id `person:` and the name.
        whom: The same of the second.
        by_also: Those who did it together with the first.
        towards_also: Those to whom it was done together with the second.
    """

    code: str
    by: str | None = field(default=None, converter=optional_actor)
    towards: str | None = field(default=None, converter=optional_actor)
    who: str | None = None
    whom: str | None = None
    by_also: frozenset[str] = field(default=frozenset(), converter=_some)
    towards_also: frozenset[str] = field(default=frozenset(), converter=_some)

    @property
    def parties(self) -> frozenset[str]:
        """All of them that are known."""
        two = filter(None, (self.by, self.towards))
        return self.by_also | self.towards_also | frozenset(two)

    def __str__(self) -> str:
        by = _told("by", self.who, {self.by} | self.by_also)
        towards = _told("towards", self.whom, {self.towards} | self.towards_also)
        return one_line(f"code {self.code}{by}{towards}")


MakeFact: TypeAlias = Callable[[Coded], object]


@frozen
class Code:
    """What one code means.

    Args:
        code: The code, as text.
        name: What files call it that have names in place of codes.
        direction: Empty: the first actor does it to the second. `mutual`: both do it,
            so that a row from either side is about one happening. `reversed`: it is
            *same_as* told from the other side.
        same_as: The code told from the other side.
        fact: The fact that it is, by the name of what makes it; empty for `Coded`.
    """

    code: str
    name: str = ""
    direction: str = ""
    same_as: str = ""
    fact: str = ""


@frozen
class Codes:
    """What event codes mean; those that it lacks are directed, and make a `Coded`.

    >>> Codes.shipped()["043"].same_as
    '042'

    Args:
        codes: The codes.

    Raises:
        FaultsError: One is there twice, or does not fit the others: all faults.
    """

    codes: tuple[Code, ...]

    def __attrs_post_init__(self) -> None:
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
        """Return the table that comes with the library, for CAMEO and PLOVER.

        Visits told by guest (042) and host (043) are one; consultations, negotiations,
        cooperation and signatures are mutual. What PLOVER codes as a visit may be told
        from either side, so it makes no `Visited`.
        """
        table = files("bri_timeline.formats").joinpath("data/codes.csv")
        return _read(io.StringIO(table.read_text("utf-8")), "codes.csv")

    @classmethod
    def load(cls, path: str | Path) -> Codes:
        """Read a table of codes.

        Args:
            path: A CSV file with the columns that `dump()` writes.

        Raises:
            FaultsError: It is no such table.
            OSError: It cannot be read.
        """
        return _read(lines(path), str(path))

    def dump(self, path: str | Path) -> None:
        """Write it as CSV, to read and to change.

        Args:
            path: The file.
        """
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows(
            [getattr(code, name) for name in _COLUMNS] for code in self.codes
        )
        write(path, text.getvalue())

    def __getitem__(self, code: str) -> Code:
        """Return what a code means."""
        found = next((one for one in self.codes if one.code == code), None)
        return found or Code(code)

    @property
    def by_name(self) -> dict[str, str]:
        """The codes by the names that files use for them."""
        return {code.name: code.code for code in self.codes if code.name}

    def makers(self, more: Mapping[str, MakeFact]) -> dict[str, MakeFact]:
        """Return what makes the fact of each code that is one.

        Args:
            more: Functions from `Coded` to a payload by the names in the table, beside
                or in place of the shipped `Visited`, `Met` and `AgreementSigned`.

        Raises:
            FaultsError: A name in the table has none: all of them.
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
    who = _somebody(coded.who)
    if not coded.by or not coded.towards or coded.by == coded.towards:
        return coded
    if who is None or coded.by_also or coded.towards_also:
        return coded
    return Visited(coded.by, coded.towards, who=who or None)


def _met(coded: Coded) -> object:
    who = [_somebody(name) for name in (coded.who, coded.whom)]
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


def _somebody(name: str | None) -> str | None:
    """Return the id of somebody; empty for nobody, None where letters would be lost."""
    return person_named(name) if name else ""


_MAKERS: dict[str, MakeFact] = {
    "AgreementSigned": _signed,
    "Met": _met,
    "Visited": _visited,
}
