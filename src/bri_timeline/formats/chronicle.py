"""The chronicle: a TOML file that a person can write and read.

```toml
chronicle = 1
title = "Azerbaijan and China"

[sources.edm]
title = "Azerbaijan Eyes More Cooperation With China"
container = "Eurasia Daily Monitor 16:62"
published = "[2019-04-29..2019-05-05]"

[[entries]]
id = "bri-launched"
when = "2013"
cite = ["edm: para 3"]

[entries.InitiativeLaunched]
name = "Belt and Road Initiative"
by = "CHN"
```

An entry has `when` (EDTF), `cite` (a list of `source` or `source: place`), and one table
named like a payload class with its fields; it may have `id`, `known` (a day), `label`
(a name of its own within the file), `supersedes` and `because`. A retraction has
`retracts`, `because` and perhaps `known`. Both targets are the label or id of an entry
above. Entries are appended in the order of the file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import msgspec
from attrs import define, field, fields_dict

from bri_timeline._codec import Vocabulary
from bri_timeline._events import Event
from bri_timeline._evidence import Citation, Source
from bri_timeline._log import EventLog
from bri_timeline.errors import (
    BriTimelineError,
    Fault,
    FaultsError,
    VocabularyError,
)

__all__ = ["load", "loads"]

_VERSION = 1
_FAULTY = -1
_LARGEST = 1 << 30
_TOP = {"chronicle", "title", "note", "sources", "entries"}
_CLAIM = {"id", "label", "when", "cite", "known", "supersedes", "because"}
_RETRACTION = {"label", "retracts", "because", "known"}
_ENTRY_LINE = re.compile(r"^[ \t]*\[\[[ \t]*entries[ \t]*\]\]", re.MULTILINE)


def load(path: str | Path, vocabulary: Vocabulary) -> EventLog:
    """Read a chronicle file.

    Args:
        path: A TOML file in UTF-8, at most 1 GiB.
        vocabulary: The payload classes that it may use.

    Raises:
        FaultsError: The file has faults: all of them, each with its entry and field.
        OSError: The file cannot be read.
    """
    path = Path(path)
    size = path.stat().st_size
    if size > _LARGEST:
        problem = f"has {size} bytes: at most {_LARGEST} are read"
        raise FaultsError(str(path), [Fault("file", problem)])
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8 at byte {error.start}: save it as UTF-8"
        raise FaultsError(str(path), [Fault("file", problem)]) from None
    return loads(text, vocabulary, name=str(path))


def loads(text: str, vocabulary: Vocabulary, *, name: str = "chronicle") -> EventLog:
    """Read the text of a chronicle.

    Args:
        text: TOML.
        vocabulary: The payload classes that it may use.
        name: What to call it in messages.

    Raises:
        FaultsError: The text has faults: all of them, each with its entry and field.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FaultsError(name, [Fault("TOML", str(error))]) from None
    except RecursionError:
        fault = Fault("TOML", "is nested too deeply to be read")
        raise FaultsError(name, [fault]) from None
    reader = _Reader(vocabulary, _entry_lines(text))
    log = reader.read(data)
    if reader.faults:
        raise FaultsError(name, reader.faults)
    return log


def _entry_lines(text: str) -> list[int]:
    return [text.count("\n", 0, m.start()) + 1 for m in _ENTRY_LINE.finditer(text)]


@define
class _Reader:
    """Reads a parsed chronicle, collecting faults instead of stopping at the first."""

    vocabulary: Vocabulary
    lines: list[int]
    faults: list[Fault] = field(factory=list)
    sources: dict[str, Source] = field(factory=dict)
    positions: dict[str, list[int]] = field(factory=dict)
    log: EventLog = field(factory=EventLog)

    def read(self, data: Mapping[str, object]) -> EventLog:
        if data.get("chronicle") != _VERSION:
            self._fault("chronicle", f"must be {_VERSION}, the version of this format")
        for key in data.keys() - _TOP:
            self._fault(key, f"is no part of a chronicle, which has {_listed(_TOP)}")
        self._read_sources(data.get("sources", {}))
        entries = data.get("entries", [])
        if not isinstance(entries, list):
            self._fault("entries", "must be tables: begin each with [[entries]]")
            entries = []
        for index, entry in enumerate(entries):
            self._read_entry(index, entry, len(entries))
        return self.log

    def _fault(self, place: str, problem: object) -> None:
        self.faults.append(Fault(place, str(problem)))

    # --- sources ---------------------------------------------------------------

    def _read_sources(self, sources: object) -> None:
        if not isinstance(sources, dict):
            self._fault("sources", "must be tables: begin each with [sources.name]")
            return
        for key, content in sources.items():
            place = f"sources.{key}"
            if not isinstance(content, dict):
                self._fault(place, f"must be a table: begin it with [{place}]")
                continue
            known = fields_dict(Source)
            for name in content.keys() - known.keys():
                problem = f"is no part of a source, which has {_listed(known)}"
                self._fault(f"{place}.{name}", problem)
            try:
                self.sources[key] = _source(content)
            except (ValueError, TypeError) as error:
                self._fault(place, error)

    # --- entries ----------------------------------------------------------------

    def _read_entry(self, index: int, entry: object, count: int) -> None:
        place = self._place(index, entry, count)
        if not isinstance(entry, dict):
            self._fault(place, "must be a table: begin it with [[entries]]")
            return
        before, size = len(self.faults), len(self.log)
        try:
            if "retracts" in entry:
                self._retract(place, entry, before)
            else:
                self._claim(place, entry, before)
        except BriTimelineError as error:
            self._fault(place, error)
        if len(self.faults) == before and len(self.log) == size and size:
            return  # it repeats an entry, and changed nothing
        # A faulty entry keeps its names, so that what refers to it is not at fault.
        position = size if len(self.log) > size else _FAULTY
        for key in {str(entry[key]) for key in ("label", "id") if key in entry}:
            self.positions.setdefault(key, []).append(position)

    def _place(self, index: int, entry: object, count: int) -> str:
        name = ""
        if isinstance(entry, dict):
            name = str(entry.get("label") or entry.get("id") or "")
        line = f"line {self.lines[index]}, " if len(self.lines) == count else ""
        return f"{line}entries[{index}]" + (f" {name!r}" if name else "")

    def _claim(self, place: str, entry: dict[str, object], before: int) -> None:
        kinds = [key for key, value in entry.items() if isinstance(value, dict)]
        for key in entry.keys() - _CLAIM - set(kinds):
            problem = f"is no part of an entry, which has {_listed(_CLAIM)}"
            self._fault(f"{place}: {key}", problem)
        payload = self._payload(place, entry, kinds)
        cite = self._citations(place, entry.get("cite", []))
        when = self._when(place, entry.get("when"))
        target = self._target(place, entry, "supersedes")
        known = self._known(place, entry)
        name = self._text(place, entry, "id")
        because = self._text(place, entry, "because")
        if len(self.faults) > before or when is None or target == _FAULTY:
            return
        event = Event(payload, when=when, cite=cite, id=name)
        self.log = self.log.append(
            event, supersedes=target, known=known, because=because
        )

    def _retract(self, place: str, entry: dict[str, object], before: int) -> None:
        for key in entry.keys() - _RETRACTION:
            problem = f"is no part of a retraction, which has {_listed(_RETRACTION)}"
            self._fault(f"{place}: {key}", problem)
        target = self._target(place, entry, "retracts")
        known = self._known(place, entry)
        because = self._text(place, entry, "because")
        if because is None:
            self._fault(f"{place}: because", "is missing: say why it is retracted")
        elif target not in (None, _FAULTY) and len(self.faults) == before:
            self.log = self.log.retract(target, because=because, known=known)

    def _payload(
        self, place: str, entry: dict[str, object], kinds: Sequence[str]
    ) -> object:
        if len(kinds) != 1:
            has = f"it has {_listed(kinds)}" if kinds else "it has none"
            problem = f"needs one table named like a payload class; {has}"
            self._fault(place, problem)
            return None
        fields = entry[kinds[0]]
        try:
            return self.vocabulary.build(kinds[0], fields if isinstance(fields, dict) else {})
        except VocabularyError as error:
            self._fault(f"{place}: {kinds[0]}", error)
        except FaultsError as error:
            for fault in error.faults:
                where = fault.place if fault.place != kinds[0] else ""
                self._fault(f"{place}: {kinds[0]}.{where}".rstrip("."), fault.problem)
        return None

    def _citations(self, place: str, cite: object) -> list[Citation]:
        if not isinstance(cite, list) or not all(isinstance(item, str) for item in cite):
            self._fault(f"{place}: cite", 'must be a list of "source" or "source: place"')
            return []
        found = []
        for text in cite:
            key, _, locator = text.partition(":")
            if key.strip() in self.sources:
                found.append(self.sources[key.strip()].at(locator.strip()))
            else:
                problem = f"cites {key.strip()!r}, which is no source of this file"
                self._fault(f"{place}: cite", problem)
        return found

    def _when(self, place: str, when: object) -> str | None:
        if isinstance(when, date):
            return when.isoformat()[:10]
        if isinstance(when, str):
            try:
                Event("probe", when=when)
            except BriTimelineError as error:
                self._fault(f"{place}: when", error)
                return None
            return when
        problem = "is missing" if when is None else f"is {when!r}"
        self._fault(f"{place}: when", f'{problem}: write an EDTF date, such as "2013"')
        return None

    def _known(self, place: str, entry: dict[str, object]) -> date | str | None:
        known = entry.get("known")
        if known is None or isinstance(known, str | date):
            return known
        self._fault(f"{place}: known", f"is {known!r}: write a day, such as 2019-04-24")
        return None

    def _text(self, place: str, entry: dict[str, object], key: str) -> str | None:
        text = entry.get(key)
        if text is None or (isinstance(text, str) and text):
            return text
        self._fault(f"{place}: {key}", f"is {text!r}: write text")
        return None

    def _target(self, place: str, entry: dict[str, object], key: str) -> int | None:
        if key not in entry:
            return None
        name = entry[key]
        positions = self.positions.get(name, []) if isinstance(name, str) else []
        if len(positions) == 1:
            return positions[0]
        problem = f"{name!r} is the label or id of no entry above"
        if positions:
            problem = f"{name!r} names {len(positions)} entries: give one a label"
        self._fault(f"{place}: {key}", problem)
        return None


def _source(content: Mapping[str, object]) -> Source:
    known = {key: value for key, value in content.items() if key in fields_dict(Source)}
    published = known.pop("published", None)
    if published is not None and not isinstance(published, str | date):
        msg = f"published is {published!r}: write an EDTF date"
        raise TypeError(msg)
    plain = msgspec.convert(known, _PlainSource)
    return Source(
        plain.title,
        published=published,
        container=plain.container,
        author=plain.author,
        url=plain.url,
    )


class _PlainSource(msgspec.Struct):
    """What a source has besides its date, as text."""

    title: str
    container: str | None = None
    author: str | None = None
    url: str | None = None


def _listed(names: Mapping[str, object] | Sequence[str] | set[str]) -> str:
    return ", ".join(sorted(names))
