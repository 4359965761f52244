"""Read parsed TOML as a log, and report every fault with its line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import attrs
from attrs import define, field

from bri_timeline import Citation, Entry, Event, EventLog, Review, Source, Vocabulary
from bri_timeline.errors import BriTimelineError, Fault, shown, shown_name
from bri_timeline.extend import (
    Codec,
    check_sayable,
    described,
    did_you_mean,
    parts,
    to_day,
)
from bri_timeline.formats._files import Progress, counting, no_progress
from bri_timeline.formats.chronicle._fields import (
    BESIDE,
    EntryPlace,
    FieldFault,
    beside_in,
    build,
    check_keys,
    day_in,
    known_in,
    quoted_in,
    text_in,
    when_in,
    where_in,
)
from bri_timeline.formats.chronicle._places import FAULTY, Lines, Names


VERSION = 1
_TOP = ("chronicle", "title", "note", "sources", "entries")
_OTHERS = [part.name for part in parts.BESIDE if part.name != "id"]
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
_CITED = 'texts, such as "edm: para 3" or { at = "edm: para 3", quote = "the words" }'
_STEP = re.compile(r"\.| item \d+\.?")
_Table = dict[str, object]
_NOTHING: Mapping[str, Any] = {}


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
    faults: list[FieldFault] = field(factory=list)
    log: EventLog = field(factory=EventLog)
    names: Names = field(factory=Names)
    _sources: dict[str, Source] | None = field(factory=dict)
    _recorded: dict[object, int] = field(factory=dict)

    def read(
        self, data: Mapping[str, object], progress: Progress = no_progress
    ) -> EventLog:
        """Return the log of all entries without faults."""
        top = EntryPlace((), "", self.faults)
        version = data.get("chronicle")
        # `True == 1`, but `chronicle = true` is a mistake.
        if type(version) is not int or version != VERSION:
            has = f"is {described(version)}" if "chronicle" in data else "is missing"
            top.fault("chronicle", f"{has}: write chronicle = {VERSION} at the top")
        for key in ("title", "note"):
            text_in(top, data, key)
        check_keys(top, data, _TOP, "a chronicle")
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

    def _read_sources(self, top: EntryPlace, sources: object) -> None:
        if not isinstance(sources, dict):
            top.fault("sources", "must be tables: begin each with [sources.name]")
            self._sources = None
            return
        by_key = {}
        for key, content in sources.items():
            place = EntryPlace(("sources", key), f"source {shown(key)}", self.faults)
            # A faulty source keeps its key, so that citations of it are not faults too.
            by_key[key] = Source(key)
            if not isinstance(content, dict):
                place.fault("", f"must be a table: begin it with [sources.{key}]")
                continue
            source = build(place, _SOURCES, "source", content, "")
            if isinstance(source, Source):
                by_key[key] = source
        self._sources = by_key

    def _read_entry(self, index: int, entry: object) -> None:
        name = f"entry {index + 1}"
        if self.names.of[index]:
            name += f" {shown(self.names.of[index])}"
        place = EntryPlace(("entries", str(index)), name, self.faults)
        if not isinstance(entry, dict):
            place.fault("", "must be a table: begin it with [[entries]]")
            return
        try:
            text_in(place, entry, "label")
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

    def _claim(self, place: EntryPlace, index: int, entry: _Table) -> None:
        # A kind of event may have that name, and is then a table.
        is_row = not isinstance(entry.get("dataset", {}), dict)
        dataset = text_in(place, entry, "dataset") if is_row else None
        keys = (*_CLAIM, "dataset") if is_row else _CLAIM
        event = self._event(place, entry, keys, "an entry")
        target = self._target(place, index, entry, "supersedes")
        known = known_in(place, entry)
        because = text_in(place, entry, "because")
        # An entry with faults is not recorded, so that its faults do not cause others.
        if place.is_sound and target != FAULTY and event is not None:
            claim = self.log._claim(event, target, known, because)
            beside = beside_in(place, entry)
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

    def _propose(self, place: EntryPlace, index: int, entry: _Table) -> None:
        event = self._event(place, entry, _PROPOSAL, "a proposal")
        target = self._target(place, index, entry, "supersedes")
        by = text_in(place, entry, "proposed_by")
        if place.is_sound and target != FAULTY and event and by:
            log = self.log.propose(event, by=by, supersedes=target, allow_erased=True)
            beside = beside_in(place, entry)
            self._record(index, log, (event, target, by, "proposed"), beside)

    def _accept(self, place: EntryPlace, index: int, entry: _Table) -> None:
        event = None
        if {*entry} - {*_ACCEPTANCE}:
            keys = (*_ACCEPTANCE, "id", *_OTHERS)
            event = self._event(place, entry, keys, "an acceptance")
        target, by = self._decision(place, index, entry, "accepts")
        known = known_in(place, entry)
        because = text_in(place, entry, "because")
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
            self._record(index, log, (target, "accepted"), beside_in(place, entry))

    def _reject(self, place: EntryPlace, index: int, entry: _Table) -> None:
        check_keys(place, entry, _REJECTION, "a rejection")
        target, by = self._decision(place, index, entry, "rejects")
        because = text_in(place, entry, "because")
        if "because" not in entry:
            place.fault("because", "is missing: say why it is rejected")
        if place.is_sound and by and because and target not in (None, FAULTY):
            proposal = self.log[target or 0]
            if proposal.erased:
                done = self.log._journal.acceptances(self.log._size, target or 0)
                log = self._with(
                    retracts=done[-1] if done else None,
                    because=because,
                    review=Review(by=by, rejects=target),
                )
            else:
                log = self.log.reject(proposal, by=by, because=because)
            self._record(index, log, (target, "rejected"), beside_in(place, entry))

    def _decision(
        self, place: EntryPlace, index: int, entry: _Table, key: str
    ) -> tuple[int | None, str | None]:
        """Return the position of a proposal, and who decides on it."""
        if "by" not in entry:
            place.fault("by", "is missing: say who decides")
        return self._target(place, index, entry, key), text_in(place, entry, "by")

    def _event(
        self,
        place: EntryPlace,
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
        check_keys(place, plain, known, whole)
        if len(kinds) != 1 and len(kinds) + len(plain) == len(entry):
            has = f"has {len(kinds)} tables: {', '.join(map(shown_name, kinds))}"
            has = has if kinds else "has no table that says what happened"
            example = next(iter(self.vocabulary), "Visited")
            place.fault("", f"{has}; write one, such as [entries.{example}]")
        payloads = [
            build(place, self.vocabulary, kind, entry[kind], shown_name(kind))
            for kind in kinds
        ]
        cite = self._citations(place, entry.get("cite", []))
        when, where = when_in(place, entry), where_in(place, stated)
        names = (part.name for part in parts.TEXTS)
        texts: dict[str, Any] = {name: text_in(place, entry, name) for name in names}
        if not place.is_sound or when is None:
            return None
        return Event(payloads[0], when=when, where=where, cite=cite, **texts)

    def _retract(self, place: EntryPlace, index: int, entry: _Table) -> None:
        check_keys(place, entry, _RETRACTION, "a retraction")
        target = self._target(place, index, entry, "retracts")
        known = known_in(place, entry)
        because = text_in(place, entry, "because")
        dataset = text_in(place, entry, "dataset")
        if "because" not in entry:
            place.fault("because", "is missing: say why it is retracted")
        if because and target not in (None, FAULTY) and place.is_sound:
            if dataset is None:
                log = self.log.retract(target, because=because, known=known)
            else:
                day = None if known is None else to_day(known)
                log = self._with(
                    known=day, retracts=target, because=because, dataset=dataset
                )
            self._record(index, log, (None, target, because), beside_in(place, entry))

    def _erased(self, place: EntryPlace, index: int, entry: _Table) -> None:
        """Read what is left of an entry whose words were erased: its effect."""
        check_keys(place, entry, _ERASED, "an entry whose words were erased")
        if entry["erased"] is not True:
            has = f"is {described(entry['erased'])}"
            place.fault("erased", f"{has}: write erased = true, or leave it out")
        targets = [self._target(place, index, entry, key) for key in _TARGETS]
        known, dataset = known_in(place, entry), text_in(place, entry, "dataset")
        left = {name: entry[name] for name in _LEFT if name in entry}
        erased = self._part(place, "", parts.Kind.ERASED, left)
        if not place.is_sound or FAULTY in targets:
            return
        supersedes, retracts, accepts, rejects = targets
        review = None
        if "proposed_by" in entry:
            review, supersedes = Review(by="", supersedes=supersedes), None
        elif (accepts, rejects) != (None, None):
            review = Review(by="", accepts=accepts, rejects=rejects)
        log = self._with(
            known=known,
            supersedes=supersedes,
            retracts=retracts,
            review=review,
            dataset=dataset,
            erased=erased,
            **beside_in(place, entry),
        )
        self._record(index, log, index)

    def _release(self, place: EntryPlace, index: int, entry: _Table) -> None:
        """Read the entry of a release."""
        check_keys(place, entry, _RELEASE, "a release")
        dataset = text_in(place, entry, "dataset")
        if "dataset" not in entry:
            place.fault("dataset", "is missing: say of which dataset it is a release")
        published = day_in(place, entry, "published")
        because = text_in(place, entry, "because")
        stated = entry.get("covers", {})
        covers = stated if isinstance(stated, dict) else {}
        if not isinstance(stated, dict):
            place.fault("covers", "must be a table, such as { days = '2018' }")
        check_keys(place, covers, _COVERS, "what a release covers")
        coverage = {name: covers[name] for name in _COVERS if name in covers}
        data = coverage | {name: entry[name] for name in _BESIDES if name in entry}
        release = self._part(place, "covers", parts.Kind.RELEASE, data)
        if place.is_sound and dataset and published:
            log = self._with(
                known=to_day(published),
                because=because,
                dataset=dataset,
                release=release,
                **beside_in(place, entry),
            )
            self._record(index, log, index)

    def _with(self, **more: Any) -> EventLog:
        """Return the log with an entry of some parts."""
        return self.log._recorded(Entry(position=len(self.log), **more))

    def _part(
        self, place: EntryPlace, key: str, kind: parts.Kind, data: Mapping[str, object]
    ) -> Any:
        """Return a part of an entry from its keys; None if they have faults."""
        try:
            text = json.dumps(data, default=str)
            return Codec(self.vocabulary).value_in(kind, text)
        except ValueError as error:
            place.fault(key, error)

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

    def _citations(self, place: EntryPlace, cite: object) -> list[Citation]:
        places: list[object] = cite if isinstance(cite, list) else []
        pairs = [pair for pair in map(quoted_in, places) if pair is not None]
        if len(pairs) < len(places) or not isinstance(cite, list):
            odd = next((item for item in places if quoted_in(item) is None), cite)
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
                hint = did_you_mean(key, self._sources or ())
                problem = f"names {shown(key)}, which is not a source of this file"
                remedy = hint or f" Describe it under [sources.{shown_name(key)}]."
                place.fault("cite", f"{problem}.{remedy}")
        return citations

    def _target(
        self, place: EntryPlace, index: int, entry: _Table, key: str
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
    reader._read_sources(EntryPlace((), "", []), data.get("sources", {}))
    return reader._sources or {}
