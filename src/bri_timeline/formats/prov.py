"""PROV-O: the provenance of each claim, as linked data (JSON-LD).

An entry is a `prov:Entity` with its sources as `prov:hadPrimarySource`. A correction is
a revision of its target (`prov:wasRevisionOf`). A withdrawn entry has the day of its
withdrawal as `prov:invalidatedAtTime`. The day on which an entry became known is its
`prov:generatedAtTime`. The other fields use terms of this library, and dates are EDTF.
The file cannot be read back as a log: use `jsonl` for that.

Of the terms: <https://www.w3.org/TR/prov-o/>.
"""

from __future__ import annotations

from pathlib import Path

from bri_timeline import (
    Citation,
    Entry,
    Event,
    EventLog,
    Place,
    Source,
    Unknown,
    Vocabulary,
)
from bri_timeline._form import Codec, parts
from bri_timeline.extend import iso, replaced
from bri_timeline.formats._files import Loss, guarded, json_document, published, to_text
from bri_timeline.formats._flat import sources_in


__all__ = ["dump", "dumps"]

# The suffixes of its files.
NAMES = (".jsonld",)
_Node = dict[str, object]
_DATE = "xsd:date"
_CONTEXT: _Node = {
    "prov": "http://www.w3.org/ns/prov#",
    "dcterms": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "edtf": "http://id.loc.gov/datatypes/edtf/",
    "bt": "urn:bri_timeline:",
}
_GEO: _Node = {"geo": "http://www.w3.org/2003/01/geo/wgs84_pos#"}


@guarded
def dump(log: EventLog, path: str | Path, vocabulary: Vocabulary) -> tuple[Loss, ...]:
    """Write the provenance of the claims of a log.

    Of 100,000 events it takes some three seconds.

    Args:
        log: The log.
        path: The file, which is replaced as a whole or left as it was.
        vocabulary: The payload classes.

    Returns:
        The losses: payloads are written as JSON text, and proposals are not written.

    Raises:
        VocabularyError: The vocabulary lacks the class of a payload.
        OutputError: The file cannot be written.
    """
    log, queue = published(log)
    entries = list(log)
    # Sources have no ids of their own: number them in order of appearance.
    sources = {
        source: f"bt:source/{number}" for number, source in enumerate(sources_in(log))
    }
    # The last retraction of an entry is the one that is shown.
    withdrawn = {e.retracts: e for e in entries if e.retracts is not None}
    graph = [
        _entity(entry, vocabulary, sources, withdrawn.get(entry.position))
        for entry in entries
    ]
    graph += [_source(name, source) for source, name in sources.items()]
    has_places = any("prov:atLocation" in node for node in graph)
    context = _CONTEXT | _GEO if has_places else _CONTEXT
    document = {"@context": context, "@graph": graph}
    with replaced(Path(path)) as file:
        file.write(json_document(document))
    problem = "its payload is written as text, and not as linked data"
    losses = (Loss(f"entry {e.position}", problem) for e in entries if e.event)
    return (*queue, *losses)


@to_text(dump)
def dumps(text: str) -> str:
    """Return a log as PROV-JSON.

    What the format cannot hold is left out: `dump()` lists it, and has the arguments.
    """
    return text


def _entity(
    entry: Entry,
    vocabulary: Vocabulary,
    sources: dict[Source, str],
    withdrawal: Entry | None,
) -> _Node:
    node: _Node = {"@id": _name(entry.position), "@type": "prov:Entity"}
    if entry.event is None:
        node["@type"] = "bt:Retraction"
    else:
        node |= _claim(entry.event, vocabulary, sources)
    if entry.known_day is not None:
        node["prov:generatedAtTime"] = _dated(entry.known_day)
    if entry.recorded_at is not None:
        instant = Codec(vocabulary).text_of(parts.Kind.INSTANT, entry.recorded_at)
        node["bt:recordedAt"] = {"@value": instant, "@type": "xsd:dateTime"}
    if entry.supersedes is not None:
        node["prov:wasRevisionOf"] = {"@id": _name(entry.supersedes)}
    if entry.retracts is not None:
        node["bt:retracts"] = {"@id": _name(entry.retracts)}
    if entry.because is not None:
        node["bt:because"] = entry.because
    if withdrawal is not None:
        node["bt:retractedBy"] = {"@id": _name(withdrawal.position)}
        if withdrawal.known_day is not None:
            node["prov:invalidatedAtTime"] = _dated(withdrawal.known_day)
    return node


def _claim(event: Event, vocabulary: Vocabulary, sources: dict[Source, str]) -> _Node:
    what = event.what
    data = what.data if isinstance(what, Unknown) else vocabulary.encode(what)
    cited = [_place(citation, sources) for citation in event.cite]
    node: _Node = {
        "bt:happening": event.id,
        "bt:kind": vocabulary.name_of(what),
        "bt:what": data.decode(),
        "dcterms:date": {"@value": str(event.when), "@type": "edtf:EDTF"},
    }
    if event.where is not None:
        node["prov:atLocation"] = _location(event.where)
    if event.parties:
        node["bt:party"] = sorted(event.parties)
    if cited:
        names = dict.fromkeys(sources[cited.source] for cited in event.cite)
        node["prov:hadPrimarySource"] = [{"@id": name} for name in names]
        node["prov:qualifiedPrimarySource"] = [
            {"@type": "prov:PrimarySource", **place} for place in cited
        ]
    return node


def _location(where: Place) -> _Node:
    parts = {
        "dcterms:title": where.name or None,
        "geo:lat": where.latitude,
        "geo:long": where.longitude,
        "bt:precision": where.precision,
    }
    known_parts = {name: part for name, part in parts.items() if part is not None}
    return {"@type": "prov:Location", **known_parts}


def _place(citation: Citation, sources: dict[Source, str]) -> _Node:
    name = {"@id": sources[citation.source]}
    quote = {} if citation.quote is None else {"bt:quote": citation.quote}
    return {"prov:entity": name, "bt:locator": citation.locator, **quote}


def _source(name: str, source: Source) -> _Node:
    node: _Node = {"@id": name, "@type": "prov:Entity", "dcterms:title": source.title}
    if source.published is not None:
        published = {"@value": str(source.published), "@type": "edtf:EDTF"}
        node["dcterms:issued"] = published
    more = {
        "dcterms:isPartOf": source.container,
        "dcterms:creator": source.author,
        "bt:url": source.url,
        "bt:archived": source.archived,
        "bt:digest": source.digest,
    }
    if source.accessed is not None:
        accessed = {"@value": str(source.accessed), "@type": "edtf:EDTF"}
        node["bt:accessed"] = accessed
    return node | {key: text for key, text in more.items() if text is not None}


def _name(position: int) -> str:
    return f"bt:entry/{position}"


def _dated(day: int) -> _Node:
    return {"@value": iso(day), "@type": _DATE}
