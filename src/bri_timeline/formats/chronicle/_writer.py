"""Write a log as a chronicle: a table for each source and for each entry.

`tomli_w` writes the values; this module decides their layout.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

import attrs
import msgspec
from attrs import frozen

from bri_timeline import (
    Citation,
    Entry,
    Event,
    EventLog,
    Place,
    Release,
    Source,
    Unknown,
    Vocabulary,
)
from bri_timeline.edtf import Edtf
from bri_timeline.extend import (
    Codec,
    encode_entry,
    given_id,
    iso,
    needing,
    parts,
    payload_fields,
    renumbered,
    state_names,
)
from bri_timeline.formats._files import Loss, Progress, no_progress
from bri_timeline.formats._flat import SOURCE
from bri_timeline.formats.chronicle._fields import BESIDE, QUOTED
from bri_timeline.formats.chronicle._places import FAULTY
from bri_timeline.formats.chronicle._reader import ChronicleReader


Table = Mapping[str, object]
_WIDEST = 88


def toml_text(
    top: Table, sources: Mapping[str, Table], entries: Sequence[Table]
) -> str:
    """Return a chronicle as TOML text.

    Args:
        top: The keys above all tables.
        sources: The sources by key.
        entries: The entries; a table within an entry is written below it.
    """
    blocks = [_lines(top)]
    blocks += [
        f"[sources.{_key(key)}]\n{_lines(source)}" for key, source in sources.items()
    ]
    for entry in entries:
        # A place is a table in one line, as a person would write it.
        inner = (pair for pair in entry.items() if pair[0] != "where")
        tables = {k: v for k, v in inner if isinstance(v, Mapping)}
        plain = {k: v for k, v in entry.items() if k not in tables}
        blocks.append(f"[[entries]]\n{_lines(plain)}")
        blocks += [
            f"[entries.{_key(name)}]\n{_lines(table)}" for name, table in tables.items()
        ]
    return "\n".join(blocks)


def _lines(table: Table) -> str:
    return "".join(f"{line}\n" for k, v in table.items() for line in _pair(k, v))


def _pair(key: str, value: object) -> Iterator[str]:
    line = f"{_key(key)} = {_value(value)}"
    if len(line) <= _WIDEST or not isinstance(value, list):
        yield line
        return
    yield f"{_key(key)} = ["
    yield from (f"    {_value(item)}," for item in value)
    yield "]"


def _value(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    return _written("x", value).removeprefix("x = ")


@lru_cache(1 << 12)
def _key(key: str) -> str:
    return _written(key, 0).removesuffix(" = 0")


def _written(key: str, value: object) -> str:
    with needing("chronicle"):
        import tomli_w

    return tomli_w.dumps({key: value}).removesuffix("\n")


_DAY = re.compile(r"(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}")
_KNOWN = re.compile(r"-?[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST_KEY = 40
_MADE: type = type(attrs.Factory(list))
# As a person would write it: who, where and when.
_SOURCE = tuple(dict.fromkeys(("title", "container", "author", *SOURCE)))
_decode = msgspec.json.Decoder(dict[str, object], float_hook=Decimal).decode
# What an event says, apart from its id; its texts among that.
_SAID = [part.name for part in parts.EVENT if part.path == part.name]
_MORE = [part.name for part in parts.TEXTS if part.name in _SAID]
_COMPARED = {
    "when": "its date does",
    "where": "its place does",
    "what": "what it says does",
    "cite": "its citations do",
    "id": "its id does",
    "known_day": "the day from which it was known does",
    "supersedes": "what it corrects does",
    "retracts": "what it withdraws does",
    "because": "the reason does",
    "review": "what it proposes, accepts or rejects does",
    "dataset": "the dataset to which it belongs does",
    "release": "what the release covers does",
    "erased": "what is left of its words does",
    **{name: f"its {name} does" for name in (*_MORE, *BESIDE)},
}


def chronicle_text(
    entries: Sequence[Entry],
    vocabulary: Vocabulary,
    top: Table,
    progress: Progress = no_progress,
    former: Mapping[Source, str] | None = None,
) -> tuple[str, list[Loss]]:
    """Return the text of a chronicle, and the losses.

    The text is read back first, so that every difference is found.

    Args:
        entries: The entries from position 0 without gaps.
        vocabulary: The payload classes.
        top: The keys above all tables.
        progress: Called with the number of entries read back.
        former: The keys that some sources have already.

    Raises:
        VocabularyError: The vocabulary lacks the class of a payload.
        EntryError: A part of an entry cannot be written as text.
    """
    for entry in entries:
        encode_entry(entry, vocabulary)
    lost = {
        n: problem for n, entry in enumerate(entries) if (problem := _unwritable(entry))
    }
    # Leaving out an entry may leave others without their target, so repeat until the
    # draft has no faults; `lost` grows in every round.
    while True:
        draft = _draft(entries, vocabulary, lost, former or {})
        reader = ChronicleReader(vocabulary)
        tables = {**top, "sources": draft.sources, "entries": draft.tables}
        log = reader.read(tables, progress)
        if not reader.faults:
            break
        for fault in reversed(reader.faults):
            number = draft.numbers[int(fault.path[1])]
            problem = ": ".join(filter(None, [fault.field, fault.problem]))
            lost[number] = f"is not written: {problem}"
    losses = [Loss(f"entry {number}", problem) for number, problem in lost.items()]
    losses += _differences(entries, draft, log, reader.names.positions)
    return toml_text(top, draft.sources, draft.tables), losses


def _unwritable(entry: Entry) -> str | None:
    """Return the reason why a chronicle cannot hold an entry, or None."""
    event = _said(entry)
    if entry.is_lost:
        return "is not written: it claims nothing, and withdraws nothing"
    if event is not None and isinstance(event.what, Unknown):
        name = event.what.name
        return f"is not written: nothing here can read its kind, {name!r}"
    return None


def _said(entry: Entry) -> Event | None:
    """Return the claim that an entry makes or proposes; None without one."""
    return entry.event if entry.review is None else entry.review.proposes or entry.event


@frozen
class _DraftText:
    """A chronicle as tables.

    Attributes:
        sources: The sources by key.
        tables: The entries that are written.
        numbers: The positions of these entries.
    """

    sources: Mapping[str, Table]
    tables: list[dict[str, object]]
    numbers: list[int]


def _draft(
    entries: Sequence[Entry],
    vocabulary: Vocabulary,
    lost: dict[int, str],
    former: Mapping[Source, str],
) -> _DraftText:
    """Return the writable entries, and add retractions of lost ones to *lost*."""
    for number, entry in enumerate(entries):
        review = entry.review
        rejects = None if review is None else review.rejects
        if lost.keys() & {entry.retracts, rejects} and number not in lost:
            lost[number] = "is not written: what it withdraws is not"
    numbers = [number for number in range(len(entries)) if number not in lost]
    by_number = {number: entries[number] for number in numbers}
    claims = filter(None, map(_said, by_number.values()))
    cited = (citation.source for claim in claims for citation in claim.cite)
    keys = _keys(dict.fromkeys(cited), former)
    names = _names(by_number)
    tables: list[dict[str, object]] = []
    claimed = set[str]()
    for entry in by_number.values():
        name = None if entry.event is None else entry.event.id
        is_repeated = name in claimed
        claimed |= {name} if name is not None else set()
        tables.append(_table(entry, by_number, keys, names, vocabulary, is_repeated))
    return _DraftText(
        {key: _source_table(source) for source, key in keys.items()}, tables, numbers
    )


def _table(
    entry: Entry,
    kept: Mapping[int, Entry],
    keys: Mapping[Source, str],
    names: Mapping[int, str],
    vocabulary: Vocabulary,
    is_repeated: bool,
) -> dict[str, object]:
    """Return the table of an entry, with its keys in the usual order.

    Args:
        entry: The entry.
        kept: The entries that are written, by position.
        keys: The keys of sources.
        names: The ids and labels of entries, by position.
        vocabulary: The payload classes.
        is_repeated: An earlier entry claims something about the same happening.
    """
    event, table = _said(entry), dict[str, object]()
    review = _review(entry, kept)
    if entry.erased is not None:
        table["erased"] = True
    if _is_as_proposed(entry, kept):
        event = None
    if entry.dataset is not None:
        table["dataset"] = entry.dataset
    if event is not None and (name := _own_id(entry, kept)):
        table["id"] = name
    if entry.position in names and names[entry.position] != table.get("id"):
        table["label"] = names[entry.position]
    if event is not None:
        table["when"] = _day_or_text(str(event.when))
        if event.where is not None:
            table["where"] = _where(event.where)
        if event.cite:
            table["cite"] = [_citation(cited, keys) for cited in event.cite]
        more = ((name, getattr(event, name)) for name in _MORE)
        table |= {name: text for name, text in more if text is not None}
    # The day that the source gives is found again when the file is read. A claim that
    # is repeated needs it in words: without a day, a repetition adds nothing to a log.
    usual = None if entry.event is None else entry.event.known_day
    usual = None if is_repeated and not review else usual
    known = "" if entry.known_day in (None, usual) else iso(entry.known_day or 0)
    if _KNOWN.fullmatch(known):
        name = "known" if entry.release is None else "published"
        table[name] = _day_or_text(known)
    if entry.release is not None:
        table |= _release_table(entry.release, vocabulary)
    for key, value in review.items():
        table[key] = names[value] if isinstance(value, int) else value
    # Of what a proposal is not there to say, all stands here.
    is_whole = entry.erased is not None
    if entry.retracts is not None and (is_whole or "rejects" not in review):
        table["retracts"] = names[entry.retracts]
    if entry.supersedes in kept and (is_whole or "accepts" not in review):
        table["supersedes"] = names[entry.supersedes or 0]
    if entry.because is not None:
        table["because"] = entry.because
    if entry.erased is not None:
        text = Codec(vocabulary).text_of(parts.Kind.ERASED, entry.erased)
        table |= _decode(text)
    beside = {name: getattr(entry, name) for name in BESIDE}
    rest = {name: part for name, part in beside.items() if part != BESIDE[name]}
    table |= {k: [*v] if isinstance(v, tuple) else v for k, v in rest.items()}
    if event is not None:
        table[vocabulary.name_of(event.what)] = _fields(event.what, vocabulary)
    return table


def _review(entry: Entry, kept: Mapping[int, Entry]) -> dict[str, int | str]:
    """Return the keys that say what an entry proposes, accepts or rejects."""
    review = entry.review
    if review is None:
        return {}
    names = ("supersedes",) if entry.is_proposal else ("accepts", "rejects")
    numbers = ((name, getattr(review, name)) for name in names)
    targets = {name: number for name, number in numbers if number in kept}
    if entry.is_proposal:
        return {"proposed_by": review.by, **targets}
    by = {"by": review.by} if targets and review.by else {}
    return {**targets, **by}


def _is_as_proposed(entry: Entry, kept: Mapping[int, Entry]) -> bool:
    """Check whether an entry accepts a proposal in the words of that."""
    proposal = kept.get(-1 if entry.accepts is None else entry.accepts)
    if proposal is None or proposal.review is None or entry.event is None:
        return False
    claim, said = proposal.review.proposes, entry.event
    if claim is None or any(
        getattr(claim, name) != getattr(said, name) for name in _SAID
    ):
        return False
    name = given_id(claim)
    return _own_id(entry, kept) is None and name in (None, given_id(said))


def _release_table(release: Release, vocabulary: Vocabulary) -> Table:
    """Return the keys of the entry of a release, below its day of publication."""
    data = _decode(Codec(vocabulary).text_of(parts.Kind.RELEASE, release))
    names = [name for name in ("repeats", "instant", "unread") if name in data]
    table: dict[str, object] = {name: data.pop(name) for name in names}
    return table | ({"covers": data} if data else {})


def _fields(what: object, vocabulary: Vocabulary) -> Table:
    """Return the fields of a payload in order, without those that have defaults."""
    cls: type = type(what)
    fields = _decode(vocabulary.encode(what))
    # Left out as a person would; the default is used again when it is read.
    usual = {
        field.alias
        for field in attrs.fields(cls)
        if field.default is not attrs.NOTHING
        and getattr(what, field.name) == _default(field.default)
    }
    order = [
        name for name in payload_fields(cls) if name in fields and name not in usual
    ]
    return {n: _without_nothing(fields[n]) for n in order if fields[n] is not None}


def _default(default: object) -> object:
    make = getattr(default, "factory", None) if isinstance(default, _MADE) else None
    return default if make is None or getattr(default, "takes_self", False) else make()


def _own_id(entry: Entry, kept: Mapping[int, Entry]) -> str | None:
    """Return the id to write, or None.

    A correction inherits that of its target, an acceptance that of its proposal.
    """
    event = _said(entry)
    name = None if event is None else given_id(event)
    inherited = None
    if entry.supersedes in kept:
        first = target = kept[entry.supersedes or 0]
        while first.supersedes in kept:
            first = kept[first.supersedes or 0]
        # Of erased words the id stands there, and is not searched for.
        if target.event is not None and first.event is not None:
            inherited = given_id(target.event, first.event)
    proposal = kept.get(-1 if entry.accepts is None else entry.accepts)
    proposed = None if proposal is None else _said(proposal)
    if proposed is not None:
        inherited = given_id(proposed) or inherited
    return None if name == inherited else name


def _names(kept: Mapping[int, Entry]) -> dict[int, str]:
    """Return the names of entries that others refer to: an id, or else a label."""
    ids = {
        number: name
        for number, entry in kept.items()
        if entry.event is not None and not _is_as_proposed(entry, kept)
        if (name := _own_id(entry, kept)) is not None
    }
    counts: dict[str, int] = {}
    for name in ids.values():
        counts[name] = counts.get(name, 0) + 1
    targets = {target for entry in kept.values() for target in entry._targets()}
    names = {}
    for number in kept.keys() & targets:
        name = ids.get(number, "")
        if counts.get(name) != 1:
            name = f"entry {number}"
            while name in counts:
                name += "*"
        names[number] = name
    return names


def _keys(sources: Iterable[Source], former: Mapping[Source, str]) -> dict[Source, str]:
    """Return a key for each source: the former, or made of its container and date."""
    keys: dict[Source, str] = {}
    taken = {*former.values()}
    for source in sources:
        if source in former:
            keys[source] = former[source]
            continue
        words = state_names.plain(source.container or source.title)
        known_words = words.encode("ascii", "ignore").decode().split()
        name = _shortened(known_words) or "source"
        dated = state_names.plain(f"{name} {source.published or ''}").replace(" ", "-")
        number = 2
        key = name if name not in taken else dated
        # Two sources of one container and date still need different keys.
        while key in taken:
            key, number = f"{dated}-{number}", number + 1
        taken.add(key)
        keys[source] = key
    return keys


def _shortened(words: list[str]) -> str:
    key = ""
    for word in words:
        if len(key) + len(word) >= _LONGEST_KEY:
            break
        key = f"{key}-{word}" if key else word
    return key


def _source_table(source: Source) -> Table:
    parts = {name: getattr(source, name) for name in _SOURCE}
    return {
        name: _day_or_text(str(part)) if isinstance(part, Edtf) else part
        for name, part in parts.items()
        if part is not None
    }


def _where(place: Place) -> str | Table:
    parts = attrs.asdict(place, recurse=False)
    given = {name: part for name, part in parts.items() if part not in (None, "")}
    return place.name if [*given] == ["name"] else given


def _citation(cited: Citation, keys: Mapping[Source, str]) -> str | Table:
    key = keys[cited.source]
    place = f"{key}: {cited.locator}" if cited.locator else key
    texts = ((name, getattr(cited, name)) for name in QUOTED)
    given = {name: text for name, text in texts if text is not None}
    return {"at": place, **given} if given else place


def _day_or_text(text: str) -> date | str:
    return date.fromisoformat(text) if _DAY.fullmatch(text) else text


def _without_nothing(value: object) -> object:
    """Return plain data without nulls, which TOML lacks."""
    if isinstance(value, dict):
        return {k: _without_nothing(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [_without_nothing(item) for item in value if item is not None]
    return value


def _differences(
    entries: Sequence[Entry], draft: _DraftText, log: EventLog, positions: Sequence[int]
) -> list[Loss]:
    """Return the differences between the entries and what is read back."""
    losses, places = [], dict(zip(draft.numbers, positions, strict=True))
    for number, position in places.items():
        entry, place = entries[number], f"entry {number}"
        # Appending it changed nothing, so the log that is read back lacks it.
        if position == FAULTY:
            losses.append(Loss(place, "says nothing that a live one above does not"))
            continue
        read_back = log[position]
        expected = renumbered(entry, position, places)
        losses += [
            Loss(place, f"{words} not come back as written")
            for name, words in _COMPARED.items()
            if _part(expected, name) != _part(read_back, name)
        ]
        if entry.supersedes is not None and expected.supersedes is None:
            losses.append(Loss(place, "what it corrects is not written"))
        if entry.review is not None and expected.review is None:
            losses.append(Loss(place, "what it accepts is not written"))
        if entry.recorded_at is not None:
            losses.append(Loss(place, "the instant of its recording is not written"))
        if position != number:
            losses.append(Loss(place, f"its position is now {position}"))
    return losses


def _part(entry: Entry, name: str) -> object:
    holder = entry.event if name in (*_SAID, "id") else entry
    if name == "id" and isinstance(holder, Event):
        return given_id(holder)
    return getattr(holder, name, None)
