"""Convert rows of a table to entries, and entries to rows that can be read back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar

from attrs import define, field

from bri_timeline import Citation, Entry, Event, Place, Vocabulary
from bri_timeline.errors import (
    BriTimelineError,
    EdtfError,
    EventError,
    FaultsError,
    VocabularyError,
    shown,
)
from bri_timeline.extend import (
    Codec,
    decode_entry,
    encode_entry,
    given_id,
    parts,
    table,
)
from bri_timeline.formats._files import Faults
from bri_timeline.formats._flat import built, columns_of, fields_in, words_in
from bri_timeline.formats.csv._columns import (
    CITED,
    ENTRY,
    FIRST,
    FIXED,
    PARTS,
    PLACE,
    Row,
    cells_of_entry,
    claim_cells,
    column_of,
    known_in,
)


V = TypeVar("V")


def _degrees(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        msg = f"{shown(cell)} is not a number of degrees: write 40.4"
        raise ValueError(msg) from None


def rows_of(
    entry: Entry, vocabulary: Vocabulary, target: Event | None, *, labelled: bool
) -> list[Row]:
    """Return an entry as rows: one, and one more for each further citation.

    An entry that cells cannot hold is written as JSON in the column `line`.

    Args:
        entry: The entry.
        vocabulary: The payload classes.
        target: What it corrects.
        labelled: Whether the column `entry` holds positions.

    Raises:
        BriTimelineError: The entry cannot be written at all.
    """
    rows = cells_of_entry(entry, vocabulary, labelled)
    # When read back, a correction without an id would inherit that of its target.
    is_odd = target is not None and given_id(target) is not None
    is_odd = is_odd and (entry.event is None or given_id(entry.event) is None)
    if is_odd or not _is_lossless(rows, entry, vocabulary):
        first = {name: rows[0][name] for name in FIRST if name in rows[0]}
        return [first | {"line": encode_entry(entry, vocabulary).decode()}]
    return rows


def _is_lossless(rows: list[Row], entry: Entry, vocabulary: Vocabulary) -> bool:
    """Return whether an entry is read back from its rows without a change."""
    faults = Faults("rows")
    above = {
        str(number): number
        for number in (entry.supersedes, entry.retracts)
        if number is not None
    }
    reader = EntryReader(vocabulary, faults, labels=above, count=entry.position)
    read_back = reader.read([(1, {k: v for k, v in row.items() if v}) for row in rows])
    return not faults.found and read_back == entry


@define
class EntryReader:
    """Reads rows as entries, and notes their faults.

    Attributes:
        vocabulary: The payload classes.
        faults: Takes the faults.
        labels: The positions of the entries above by their names.
        count: The number of entries above.
    """

    vocabulary: Vocabulary
    faults: Faults
    labels: dict[str, int] = field(factory=dict)
    ids: dict[str, set[int]] = field(factory=dict)
    events: dict[int, Event] = field(factory=dict)
    firsts: dict[int, Event] = field(factory=dict)
    retractions: set[int] = field(factory=set)
    count: int = 0
    _place: str = ""

    def read(self, rows: list[tuple[int, Row]]) -> Entry | None:
        """Return the entry in some rows, or None if they have faults.

        Args:
            rows: The rows of one entry with their lines, without empty cells.
        """
        before, position = len(self.faults.found), self.count
        number, row = rows[0]
        self._place = f"line {number}"
        entry = self._line(row) if "line" in row else self._read(rows)
        self._note(row, position, entry)
        return entry if len(self.faults.found) == before else None

    def add(self, events: Sequence[Event], labels: Sequence[str | None]) -> bool:
        """Keep the names of claims that were read elsewhere, unless one is taken.

        Args:
            events: The claims.
            labels: The names that their rows give them.
        """
        named = {n: p for p, n in enumerate(labels, self.count) if n is not None}
        is_repeated = len(named) < len(labels) - labels.count(None)
        if is_repeated or self.labels.keys() & named.keys():
            return False
        self.labels.update(named)
        for position, event in enumerate(events, self.count):
            self.events[position] = event
            if name := given_id(event):
                self.ids.setdefault(name, set()).add(position)
        self.count += len(events)
        return True

    def _note(self, row: Row, position: int, entry: Entry | None) -> None:
        """Keep the names that later rows may refer to."""
        self.count += 1
        label = row.get("entry")
        if label and self.labels.setdefault(label, position) != position:
            problem = f"is {shown(label)}, as further up: give each entry one of its"
            self._fault("entry", f"{problem} own, and keep its rows together")
        if entry is not None and entry.event is not None:
            self.events[position] = entry.event
            if name := given_id(entry.event):
                self.ids.setdefault(name, set()).add(position)
        elif entry is not None and not entry.is_version:
            self.retractions.add(position)

    def _fault(self, column: str, problem: object) -> None:
        self.faults.add(": ".join(filter(None, [self._place, column])), problem)

    def _field_fault(self, field: str, problem: str) -> None:
        self._fault(column_of(field), problem)

    def _line(self, row: Row) -> Entry | None:
        """Read the column `line`, and check the other cells against it."""
        try:
            entry = decode_entry(row["line"], self.vocabulary)
        except FaultsError as error:
            self.faults.merge(f"{self._place}: line", error)
            return None
        # The JSON names other entries by position, which moved rows would change.
        if entry.position != self.count:
            problem = f"has the position {entry.position}, and is entry {self.count}"
            self._fault("line", f"{problem}: rows have been moved or left out")
        stated = (
            {} if entry.event is None else claim_cells(entry.event, self.vocabulary)
        )
        for name in ("id", "when", "kind"):
            if row.get(name, "") != stated.get(name, ""):
                problem = f"is {shown(row.get(name, ''))}, and in the column `line` it"
                self._fault(name, f"{problem} is {shown(stated.get(name, ''))}")
        return entry

    def _read(self, rows: list[tuple[int, Row]]) -> Entry | None:
        row = rows[0][1]
        before = len(self.faults.found)
        is_claim = "retracts" not in row
        event = self._event(rows) if is_claim else None
        if not is_claim:
            self._check_retraction(rows)
        known = self._try("known", known_in, row.get("known"))
        instant = self._try(
            "recorded_at",
            partial(Codec(self.vocabulary).value_in, parts.Kind.INSTANT),
            row.get("recorded_at"),
        )
        supersedes = self._target(row, "supersedes")
        retracts = self._target(row, "retracts")
        if len(self.faults.found) > before:
            return None
        if event is not None and "known" not in row:
            known = event.known_day
        # A correction without an id is about the event that it corrects.
        if event is not None and supersedes in self.events and given_id(event) is None:
            target = self.events[supersedes]
            first = self.firsts.get(supersedes, target)
            event = event.named(given_id(target, first))
            self.firsts[self.count] = first
        texts: dict[str, Any] = {
            part.name: row.get(column)
            for part, column in PARTS.items()
            if part.kind is parts.Kind.TEXT
        }
        return Entry(
            position=self.count,
            event=event,
            known=known,
            supersedes=supersedes,
            retracts=retracts,
            recorded_at=instant,
            **texts,
        )

    def _event(self, rows: list[tuple[int, Row]]) -> Event | None:
        row = rows[0][1]
        before = len(self.faults.found)
        for name in ("kind", "when"):
            if name not in row:
                self._fault(name, "is empty: say what happened, and when")
        what = self._payload(row) if "kind" in row else None
        where = self._where(row)
        cite = list(self._citations(rows))
        if "when" in row:
            # Check the date and the citations also if there is no valid payload.
            what = "probe" if len(self.faults.found) > before else what
            try:
                texts = {part.name: row.get(part.name) for part in parts.TEXTS}
                event = Event(what, when=row["when"], where=where, cite=cite, **texts)
            except BriTimelineError as error:
                self._fault("when", error)
            else:
                if what != "probe":
                    self._check_parties(row, event)
                return event
        return None

    def _where(self, row: Row) -> Place | None:
        """Return the place in the cells of a row, if they have one."""
        cells = {name: row[cell] for name, cell in PLACE.items() if cell in row}
        before = len(self.faults.found)
        latitude, longitude = (
            self._try(PLACE[name], _degrees, cells.get(name))
            for name in ("latitude", "longitude")
        )
        if not cells or len(self.faults.found) > before:
            return None
        try:
            name, precision = cells.get("name", ""), cells.get("precision")
            return Place(name, latitude, longitude, precision)
        except EventError as error:
            self._fault(PLACE["name"], error)
        return None

    def _check_retraction(self, rows: list[tuple[int, Row]]) -> None:
        for number, row in rows:
            for name in sorted(row.keys() - {"entry", *ENTRY}):
                problem = f"is {shown(row[name])}, in a retraction: leave it empty"
                self.faults.add(f"line {number}: {name}", problem)

    def _payload(self, row: Row) -> object:
        kind, version = row["kind"], row.get("version")
        cls = self.vocabulary.classes.get(kind)
        if cls is None:
            try:
                self.vocabulary.build(kind, {})
            except VocabularyError as error:
                self._fault("kind", error)
            return None
        names = {*columns_of(cls)}
        cells = {
            name.removeprefix("what."): cell
            for name, cell in row.items()
            if name not in FIXED and (name != "parties" or name in names)
        }
        fields, problems = fields_in(cls, cells)
        for column, problem in problems:
            self._field_fault(column, problem)
        try:
            number = None if version is None else int(version)
            return built(self.vocabulary, kind, fields, "", self._field_fault, number)
        except (ValueError, VocabularyError) as error:
            self._fault("version", error)
        return None

    def _check_parties(self, row: Row, event: Event) -> None:
        stated = frozenset(words_in(row.get("parties", "")))
        cls: type = type(event.what)
        # If the payload has a field `parties`, it was read already.
        is_field = "parties" in columns_of(cls)
        if stated and not is_field and stated != event.parties:
            parties = " ".join(sorted(event.parties)) or "nobody"
            problem = f"is {shown(row['parties'])}, and by the other cells it is"
            self._fault(
                "parties", f"{problem} {parties}: correct one, or leave it empty"
            )

    def _citations(self, rows: list[tuple[int, Row]]) -> Iterator[Citation]:
        for index, (number, row) in enumerate(rows):
            odd = row.keys() - {"entry", *CITED} if index else ()
            for name in sorted(odd):
                problem = f"is {shown(row[name])}: a further row of an entry has only"
                self.faults.add(f"line {number}: {name}", f"{problem} a source")
            if not row.keys() & {*CITED}:
                continue
            if "source" not in row:
                problem = "is empty: say what the document is called"
                self.faults.add(f"line {number}: source", problem)
                continue
            try:
                yield table.citation_of(map(row.get, CITED))
            except EventError as error:
                column = "digest" if "digest" in row else "quote"
                self.faults.add(f"line {number}: {column}", error)
            except EdtfError as error:
                # `accessed` is read only where `published` is a date.
                is_later = error.text == row.get("accessed") != row.get("published")
                column = "accessed" if is_later else "published"
                self.faults.add(f"line {number}: {column}", error)

    def _target(self, row: Row, name: str) -> int | None:
        label = row.get(name)
        if label is None:
            return None
        positions = (
            {self.labels[label]} if label in self.labels else self.ids.get(label)
        )
        # An id that several rows share does not name one of them.
        if not positions or len(positions) > 1:
            problem = f"is {shown(label)}, which is the `entry` or `id` of"
            count = "several above" if positions else "none above"
            self._fault(name, f"{problem} {count}: name one in the column `entry`")
            return None
        (position,) = positions
        if name == "supersedes" and position in self.retractions:
            problem = f"is {shown(label)}, which claims nothing that could be corrected"
            self._fault(name, problem)
        return position

    def _try(self, column: str, read: Callable[[str], V], cell: str | None) -> V | None:
        if cell is None:
            return None
        try:
            return read(cell)
        except ValueError as error:
            self._fault(column, error)
            return None
