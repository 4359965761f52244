"""Read parsed TOML as a log, and report every fault with its line."""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import attrs
from attrs import define, field

from bri_timeline import Citation, Entry, Event, EventLog, Place, Source, Vocabulary
from bri_timeline._events.entries import Review
from bri_timeline._form import Codec, parts
from bri_timeline.edtf import Edtf
from bri_timeline.errors import (
    BriTimelineError,
    Fault,
    FaultsError,
    VocabularyError,
    shown,
    shown_name,
)
from bri_timeline.extend import (
    Day,
    SimilarNames,
    check_sayable,
    described,
    did_you_mean,
    to_day,
)
from bri_timeline.formats._files import Progress, counting, no_progress
from bri_timeline.formats.chronicle._places import FAULTY, Lines, Names, unknown_key


VERSION = 1
_TOP = ("chronicle", "title", "note", "sources", "entries")
_OTHERS = [part.name for part in parts.BESIDE if part.name != "id"]
# What a citation has beside a place in a source.
QUOTED = [
    part.name for part in parts.CITATION if part.name not in ("source", "locator")
]
# What an entry has beside that: no kind of entry reads it in a way of its own.
BESIDE = {
    part.name: part.default
    for part in parts.ENTRY
    if part.kind in (parts.Kind.TEXT, parts.Kind.TEXTS)
    and part.name not in ("because", "dataset")
}
_CLAIM = ("id", "label", *_OTHERS, "known", "supersedes", "because", *BESIDE)
_PROPOSAL = ("id", "label", *_OTHERS, "supersedes", "proposed_by", *BESIDE)
_ACCEPTANCE = ("label", "accepts", "by", "because", "known", *BESIDE)
_REJECTION = ("label", "rejects", "by", "because", *BESIDE)
_RETRACTION = ("label", "retracts", "because", "known", "dataset", *BESIDE)
_COVERS = tuple(part.name for part in parts.RELEASE if part.attribute)
_BESIDES = tuple(part.name for part in parts.RELEASE if not part.attribute)
_RELEASE = ("label", "dataset", "published", "because", "covers", *_BESIDES, *BESIDE)
_TARGETS = ("supersedes", "retracts", "accepts", "rejects")
_LEFT = tuple(part.name for part in parts.ERASED)
_PLACED = ("label", "known", "dataset", "proposed_by", *_TARGETS)
_ERASED = ("erased", *_PLACED, *_LEFT, *BESIDE)
_SOURCES = Vocabulary(source=Source)
_PLACES = Vocabulary(where=Place)
_HINTS = typing.get_type_hints(Entry)
_Beside = attrs.make_class(
    "Beside",
    {name: attrs.field(type=_HINTS[name], default=one) for name, one in BESIDE.items()},
    frozen=True,
)
_ENTRIES = Vocabulary(entry=_Beside)
_CITED = 'texts, such as "edm: para 3" or { at = "edm: para 3", quote = "the words" }'
_STEP = re.compile(r"\.| item \d+\.?")
_Table = dict[str, object]
_NOTHING: Mapping[str, Any] = {}


@define
class _FieldFault:
    """A fault, with the path of its table and the field in it."""

    path: tuple[str, ...]
    name: str
    field: str
    problem: str


@define
class _EntryPlace:
    """The table that is being read."""

    path: tuple[str, ...]
    name: str
    faults: list[_FieldFault]
    _before: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._before = len(self.faults)

    @property
    def is_sound(self) -> bool:
        """Nothing has been found wrong with the table so far."""
        return len(self.faults) == self._before

    def fault(self, key: str, problem: object) -> None:
        self.faults.append(_FieldFault(self.path, self.name, key, str(problem)))


@define
class ChronicleReader:
    """Reads a parsed chronicle, and collects its faults.

    Attributes:
        vocabulary: The payload classes.
        faults: The faults.
        log: The entries without faults.
        names: The names of the entries and their positions in the log.
    """

    vocabulary: Vocabulary
    faults: list[_FieldFault] = field(factory=list)
    log: EventLog = field(factory=EventLog)
    names: Names = field(factory=Names)
    _sources: dict[str, Source] | None = field(factory=dict)
    _recorded: dict[object, int] = field(factory=dict)
    _nearby: SimilarNames | None = None

    def read(
        self, data: Mapping[str, object], progress: Progress = no_progress
    ) -> EventLog:
        """Return the log of all entries without faults."""
        top = _EntryPlace((), "", self.faults)
        version = data.get("chronicle")
        # `True == 1`, but `chronicle = true` is a mistake.
        if type(version) is not int or version != VERSION:
            has = f"is {described(version)}" if "chronicle" in data else "is missing"
            top.fault("chronicle", f"{has}: write chronicle = {VERSION} at the top")
        for key in ("title", "note"):
            _text(top, data, key)
        _check_keys(top, data, _TOP, "a chronicle")
        self._read_sources(top, data.get("sources", {}))
        entries = data.get("entries", [])
        if not isinstance(entries, list):
            top.fault("entries", "must be tables: begin each with [[entries]]")
            return self.log
        self.names = Names(entries)
        for index, entry in enumerate(counting(entries, progress)):
            self._read_entry(index, entry)
        return self.log

    def located(self, text: str) -> list[Fault]:
        """Return the faults with their lines, in the order of the text."""
        lines = Lines(text)
        placed = []
        for placed_fault in self.faults:
            steps = [step for step in _STEP.split(placed_fault.field) if step]
            line = lines.find((*placed_fault.path, *steps))
            where = [f"line {line}"] if line else []
            place = ", ".join([*where, *filter(None, [placed_fault.name])])
            full = ": ".join(filter(None, [place, placed_fault.field]))
            placed.append((line or 0, Fault(full, placed_fault.problem)))
        return [fault for _, fault in sorted(placed, key=lambda pair: pair[0])]

    def _read_sources(self, top: _EntryPlace, sources: object) -> None:
        if not isinstance(sources, dict):
            top.fault("sources", "must be tables: begin each with [sources.name]")
            self._sources = None
            return
        by_key = {}
        for key, content in sources.items():
            place = _EntryPlace(("sources", key), f"source {shown(key)}", self.faults)
            # A faulty source keeps its key, so that citations of it are not faults too.
            by_key[key] = Source(key)
            if not isinstance(content, dict):
                place.fault("", f"must be a table: begin it with [sources.{key}]")
                continue
            source = _build(place, _SOURCES, "source", content, "")
            if isinstance(source, Source):
                by_key[key] = source
        self._sources, self._nearby = by_key, SimilarNames(by_key)

    def _read_entry(self, index: int, entry: object) -> None:
        name = f"entry {index + 1}"
        if self.names.of[index]:
            name += f" {shown(self.names.of[index])}"
        place = _EntryPlace(("entries", str(index)), name, self.faults)
        if not isinstance(entry, dict):
            place.fault("", "must be a table: begin it with [[entries]]")
            return
        try:
            _text(place, entry, "label")
            readers = {
                "retracts": self._retract,
                "rejects": self._reject,
                "accepts": self._accept,
                "proposed_by": self._propose,
            }
            read = next((readers[key] for key in readers if key in entry), self._claim)
            # A kind of event may have that name, and is then a table.
            if not isinstance(entry.get("published", {}), dict):
                read = self._release
            if not isinstance(entry.get("erased", {}), dict):
                read = self._erased
            read(place, index, entry)
        except BriTimelineError as error:
            place.fault("", error)

    def _claim(self, place: _EntryPlace, index: int, entry: _Table) -> None:
        # A kind of event may have that name, and is then a table.
        is_row = not isinstance(entry.get("dataset", {}), dict)
        dataset = _text(place, entry, "dataset") if is_row else None
        keys = (*_CLAIM, "dataset") if is_row else _CLAIM
        event = self._event(place, entry, keys, "an entry")
        target = self._target(place, index, entry, "supersedes")
        known = _known(place, entry)
        because = _text(place, entry, "because")
        # An entry with faults is not recorded, so that its faults do not cause others.
        if place.is_sound and target != FAULTY and event is not None:
            claim = self.log._claim(event, target, known, because)
            beside = _beside(place, entry)
            if beside or dataset is not None:
                claim = attrs.evolve(claim, dataset=dataset, **beside)
            if dataset is None:
                # A file that is read twice adds nothing, whatever days it gives.
                check_sayable(event)
                log = self.log._appended(claim, has_day=known is not None)
            else:
                # A release may bring back what somebody has restored.
                log = self.log._recorded(claim)
            self._record(index, log, (event, target, because, dataset))

    def _propose(self, place: _EntryPlace, index: int, entry: _Table) -> None:
        event = self._event(place, entry, _PROPOSAL, "a proposal")
        target = self._target(place, index, entry, "supersedes")
        by = _text(place, entry, "proposed_by")
        if place.is_sound and target != FAULTY and event and by:
            log = self.log.propose(event, by=by, supersedes=target, allow_erased=True)
            beside = _beside(place, entry)
            self._record(index, log, (event, target, by, "proposed"), beside)

    def _accept(self, place: _EntryPlace, index: int, entry: _Table) -> None:
        event = None
        if {*entry} - {*_ACCEPTANCE}:
            keys = (*_ACCEPTANCE, "id", *_OTHERS)
            event = self._event(place, entry, keys, "an acceptance")
        target, by = self._decision(place, index, entry, "accepts")
        known = _known(place, entry)
        because = _text(place, entry, "because")
        if place.is_sound and by and target not in (None, FAULTY):
            proposal = self.log[target or 0]
            if event and proposal.review and proposal.erased:
                review = Review(by=by, accepts=target)
                supersedes = proposal.review.supersedes
                log = self.log._recorded(
                    self.log._claim(event, supersedes, known, because, review)
                )
            else:
                log = self.log.accept(
                    proposal,
                    by=by,
                    because=because,
                    event=event,
                    known=known,
                    allow_erased=True,
                )
            self._record(index, log, (target, "accepted"), _beside(place, entry))

    def _reject(self, place: _EntryPlace, index: int, entry: _Table) -> None:
        _check_keys(place, entry, _REJECTION, "a rejection")
        target, by = self._decision(place, index, entry, "rejects")
        because = _text(place, entry, "because")
        if "because" not in entry:
            place.fault("because", "is missing: say why it is rejected")
        if place.is_sound and by and because and target not in (None, FAULTY):
            proposal = self.log[target or 0]
            if proposal.erased:
                done = self.log._journal.acceptances(self.log._size, target or 0)
                rejected = Entry(
                    position=len(self.log),
                    retracts=done[-1] if done else None,
                    because=because,
                    review=Review(by=by, rejects=target),
                )
                log = self.log._recorded(rejected)
            else:
                log = self.log.reject(proposal, by=by, because=because)
            self._record(index, log, (target, "rejected"), _beside(place, entry))

    def _decision(
        self, place: _EntryPlace, index: int, entry: _Table, key: str
    ) -> tuple[int | None, str | None]:
        """Return the position of a proposal, and who decides on it."""
        if "by" not in entry:
            place.fault("by", "is missing: say who decides")
        return self._target(place, index, entry, key), _text(place, entry, "by")

    def _event(
        self,
        place: _EntryPlace,
        entry: _Table,
        known: tuple[str, ...],
        whole: str,
    ) -> Event | None:
        """Return the event of an entry, unless the entry has faults."""
        stated = entry.get("where")
        # A kind of event may have that name.
        if isinstance(stated, dict) and "where" in self.vocabulary:
            known, stated = tuple(key for key in known if key != "where"), None
        kinds = [k for k, v in entry.items() if isinstance(v, dict) and k not in known]
        plain = [key for key in entry if key not in kinds]
        for key in [k for k in plain if k in self.vocabulary and k != "dataset"]:
            place.fault(key, f"must be a table: begin it with [entries.{key}]")
            plain.remove(key)
        _check_keys(place, plain, known, whole)
        if len(kinds) != 1 and len(kinds) + len(plain) == len(entry):
            has = f"has {len(kinds)} tables: {', '.join(map(shown_name, kinds))}"
            has = has if kinds else "has no table that says what happened"
            example = next(iter(self.vocabulary), "Visited")
            place.fault("", f"{has}; write one, such as [entries.{example}]")
        payloads = [
            _build(place, self.vocabulary, kind, entry[kind], shown_name(kind))
            for kind in kinds
        ]
        cite = self._citations(place, entry.get("cite", []))
        when, where = _when(place, entry), _where(place, stated)
        names = (part.name for part in parts.TEXTS)
        texts: dict[str, Any] = {name: _text(place, entry, name) for name in names}
        if not place.is_sound or when is None:
            return None
        return Event(payloads[0], when=when, where=where, cite=cite, **texts)

    def _retract(self, place: _EntryPlace, index: int, entry: _Table) -> None:
        _check_keys(place, entry, _RETRACTION, "a retraction")
        target = self._target(place, index, entry, "retracts")
        known = _known(place, entry)
        because = _text(place, entry, "because")
        dataset = _text(place, entry, "dataset")
        if "because" not in entry:
            place.fault("because", "is missing: say why it is retracted")
        if because and target not in (None, FAULTY) and place.is_sound:
            if dataset is None:
                log = self.log.retract(target, because=because, known=known)
            else:
                day = None if known is None else to_day(known)
                withdrawn = Entry(
                    position=len(self.log),
                    known=day,
                    retracts=target,
                    because=because,
                    dataset=dataset,
                )
                log = self.log._recorded(withdrawn)
            self._record(index, log, (None, target, because), _beside(place, entry))

    def _erased(self, place: _EntryPlace, index: int, entry: _Table) -> None:
        """Read what is left of an entry whose words were erased: its effect."""
        _check_keys(place, entry, _ERASED, "an entry whose words were erased")
        if entry["erased"] is not True:
            has = f"is {described(entry['erased'])}"
            place.fault("erased", f"{has}: write erased = true, or leave it out")
        targets = [self._target(place, index, entry, key) for key in _TARGETS]
        known, dataset = _known(place, entry), _text(place, entry, "dataset")
        left = {name: entry[name] for name in _LEFT if name in entry}
        try:
            erased = Codec(self.vocabulary).value_in(
                parts.Kind.ERASED, json.dumps(left, default=str)
            )
        except ValueError as error:
            place.fault("", error)
        if not place.is_sound or FAULTY in targets:
            return
        supersedes, retracts, accepts, rejects = targets
        review = None
        if "proposed_by" in entry:
            review, supersedes = Review(by="", supersedes=supersedes), None
        elif (accepts, rejects) != (None, None):
            review = Review(by="", accepts=accepts, rejects=rejects)
        new_entry = Entry(
            position=len(self.log),
            known=known,
            supersedes=supersedes,
            retracts=retracts,
            review=review,
            dataset=dataset,
            erased=erased,
            **_beside(place, entry),
        )
        self.names.positions[index] = len(self.log)
        self.log = self.log._recorded(new_entry)

    def _release(self, place: _EntryPlace, index: int, entry: _Table) -> None:
        """Read the entry of a release."""
        _check_keys(place, entry, _RELEASE, "a release")
        dataset = _text(place, entry, "dataset")
        if "dataset" not in entry:
            place.fault("dataset", "is missing: say of which dataset it is a release")
        published = _day(place, entry, "published")
        because = _text(place, entry, "because")
        stated = entry.get("covers", {})
        covers = stated if isinstance(stated, dict) else {}
        if not isinstance(stated, dict):
            place.fault("covers", "must be a table, such as { days = '2018' }")
        _check_keys(place, covers, _COVERS, "what a release covers")
        coverage = {name: covers[name] for name in _COVERS if name in covers}
        data = coverage | {name: entry[name] for name in _BESIDES if name in entry}
        try:
            release = Codec(self.vocabulary).value_in(
                parts.Kind.RELEASE, json.dumps(data, default=str)
            )
        except ValueError as error:
            place.fault("covers", error)
            return
        if place.is_sound and dataset and published:
            new_entry = Entry(
                position=len(self.log),
                known=to_day(published),
                because=because,
                dataset=dataset,
                release=release,
                **_beside(place, entry),
            )
            self.names.positions[index] = len(self.log)
            self.log = self.log._recorded(new_entry)

    def _record(
        self,
        index: int,
        log: EventLog,
        content: object,
        beside: Mapping[str, Any] = _NOTHING,
    ) -> None:
        """Keep the position of an entry; a repeated one has that of the earlier one."""
        # Appending a claim that is already live returns the same log.
        if len(log) > len(self.log):
            self._recorded[content] = len(self.log)
            log = self.log._recorded(attrs.evolve(log[-1], **beside)) if beside else log
        self.names.positions[index] = self._recorded.get(content, FAULTY)
        self.log = log

    def _citations(self, place: _EntryPlace, cite: object) -> list[Citation]:
        places: list[object] = cite if isinstance(cite, list) else []
        pairs = [pair for pair in map(_quoted, places) if pair is not None]
        if len(pairs) < len(places) or not isinstance(cite, list):
            odd = next((item for item in places if _quoted(item) is None), cite)
            has = "holds" if isinstance(cite, list) else "is"
            problem = f"{has} {described(odd)}: write a list of {_CITED}"
            place.fault("cite", problem)
            return []
        citations = []
        for at, texts in pairs if self._sources is not None else ():
            key, _, locator = (part.strip() for part in at.partition(":"))
            if self._sources and key in self._sources:
                citations.append(Citation(self._sources[key], locator, **texts))
            else:
                hint = did_you_mean(key, self._nearby or ())
                problem = f"names {shown(key)}, which is not a source of this file"
                remedy = hint or f" Describe it under [sources.{shown_name(key)}]."
                place.fault("cite", f"{problem}.{remedy}")
        return citations

    def _target(
        self, place: _EntryPlace, index: int, entry: _Table, key: str
    ) -> int | None:
        """Return the position in the log of the target of an entry."""
        if key not in entry:
            return None
        position, problem = self.names.target(index, entry[key])
        is_here = position is not None and position != FAULTY
        # A correction replaces a claim, and a retraction has none.
        if key == "supersedes" and is_here and not self.log[position or 0].is_version:
            problem = "names a retraction, which claims nothing: retract it instead"
        decides = key in ("accepts", "rejects")
        if decides and is_here and not self.log[position or 0].is_proposal:
            problem = "names what is not a proposal"
        if problem:
            place.fault(key, problem)
        return position


def sources_in(data: Mapping[str, object]) -> dict[str, Source]:
    """Return the sources of a chronicle by key, in the order of the file."""
    reader = ChronicleReader(Vocabulary())
    reader._read_sources(_EntryPlace((), "", []), data.get("sources", {}))
    return reader._sources or {}


def _beside(place: _EntryPlace, entry: _Table) -> dict[str, Any]:
    """Return what an entry has beside what its kind of entries reads."""
    given = {name: entry[name] for name in BESIDE if name in entry}
    found = _build(place, _ENTRIES, "entry", given, "") if given else None
    return {name: getattr(found, name, None) for name in given}


def _quoted(cited: object) -> tuple[str, dict[str, Any]] | None:
    """Return a place in a source and the words there; None if it is something else."""
    if isinstance(cited, str):
        return cited, {}
    if not isinstance(cited, dict) or not {"at"} < cited.keys() <= {"at", *QUOTED}:
        return None
    texts = {name: text for name, text in cited.items() if name != "at"}
    is_said = all(isinstance(text, str) and text.strip() for text in texts.values())
    return (cited["at"], texts) if isinstance(cited["at"], str) and is_said else None


def _check_keys(
    place: _EntryPlace, keys: Iterable[str], known: tuple[str, ...], whole: str
) -> None:
    for key in keys:
        if key not in known:
            place.fault(shown_name(key), unknown_key(key, known, whole))


def _build(
    place: _EntryPlace, vocabulary: Vocabulary, kind: str, fields: object, prefix: str
) -> object:
    try:
        return vocabulary.build(kind, fields if isinstance(fields, dict) else {})
    except VocabularyError as error:
        place.fault(prefix, error)
    except FaultsError as error:
        for fault in error.faults:
            inner = "" if fault.place == kind else fault.place
            place.fault(".".join(filter(None, [prefix, inner])), fault.problem)
    return None


@lru_cache(1 << 14)
def _date(text: str) -> Edtf:
    """Return the date of an event; the same text stands in many entries."""
    return Event("probe", when=text).when


def _when(place: _EntryPlace, entry: _Table) -> Edtf | None:
    when = entry.get("when")
    # TOML has dates of its own, which people write without quotes.
    if isinstance(when, date):
        when = when.isoformat()
    if isinstance(when, str):
        try:
            return _date(when)
        except BriTimelineError as error:
            place.fault("when", error)
            return None
    has = f"is {described(when)}" if "when" in entry else "is missing"
    place.fault("when", f'{has}: write a date in quotes, such as "2013" or "2019-04"')
    return None


def _where(place: _EntryPlace, where: object) -> Place | None:
    if isinstance(where, dict):
        location = _build(place, _PLACES, "where", where, "where")
        return location if isinstance(location, Place) else None
    name = _text(place, {"where": where}, "where")
    return None if name is None else Place(name)


def _known(place: _EntryPlace, entry: _Table) -> Day | None:
    return None if entry.get("known") is None else _day(place, entry, "known")


def _day(place: _EntryPlace, entry: _Table, name: str) -> Day | None:
    known = entry[name]
    if isinstance(known, str | date) and not isinstance(known, datetime):
        try:
            to_day(known)
        except BriTimelineError as error:
            place.fault(name, error)
            return None
        return known
    place.fault(name, f"is {described(known)}: write a day, such as 2019-04-24")
    return None


def _text(place: _EntryPlace, table: Mapping[str, object], key: str) -> str | None:
    text = table.get(key)
    if text is None or (isinstance(text, str) and text):
        return text
    place.fault(key, f"is {described(text)}: write text in quotes")
    return None
