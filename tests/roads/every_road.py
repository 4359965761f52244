"""Take a log with parts that a changed copy of the library has along every road."""

from __future__ import annotations

import json
import pickle
import sys
import tomllib
from pathlib import Path

import attrs
import jsonschema
import pyarrow

from bri_timeline import (
    Citation,
    Entry,
    Event,
    EventLog,
    Place,
    Source,
    answers,
    scale,
)
from bri_timeline.formats import arrow, chronicle, csv, jsonl
from bri_timeline.relations import FACTS, Visited
from bri_timeline.stores import SQLiteStore


paper = Source("Paper", published="2019-05-05")
cite = Citation(paper, "p. 1", "the words", language="fr")


def visit(guest, **more):
    what = Visited(guest, "CHN")
    return Event(what, when="2019-04", cite=[cite, paper], note="seen", **more)


log = EventLog.of(visit("AZE", id="v", where=Place("Baku")), visit("GEO"))
log = log.append(visit("GEO", id="g"), supersedes=1, because="named")
log = log.retract(0, because="not so").propose(visit("KAZ"), by="me")
log = log.accept(4, by="you").propose(visit("UZB"), by="me")
log = log.reject(6, by="you", because="no")
log, _ = log.revise([visit("TJK", id="t")], dataset="D", published="2020-01-01")
log = EventLog(attrs.evolve(entry, tags=("x", "y z")) for entry in log)
news = log.published()
folder = Path(sys.argv[1])


def check(road, found, wanted):
    assert [*found] == [*wanted], road


jsonl.dump(log, folder / "a.jsonl", FACTS)
check("lines", jsonl.load(folder / "a.jsonl", FACTS), log)
head, *lines = jsonl.dumps(log, FACTS).splitlines()
loose = [json.dumps({"format": "bri_timeline", "version": 1})]
loose += [json.dumps(json.loads(line)) for line in lines]
check("the search for faults", jsonl.loads("\n".join(loose), FACTS), log)
assert chronicle.dump(log, folder / "a.toml", FACTS) == ()
check("chronicle", chronicle.load(folder / "a.toml", FACTS), log)
assert csv.dump(news, folder / "a.csv", FACTS) == ()
check("table", csv.load(folder / "a.csv", FACTS), news)
for name in ("a.parquet", "a.arrow"):
    assert arrow.dump(news, folder / name, FACTS) == ()
    check(name, arrow.load(folder / name, FACTS), news)
with SQLiteStore(folder / "a.db", FACTS) as store:
    store.append(log)
    store.verify()
    check("store", store.read(), log)
with SQLiteStore(folder / "b.db", FACTS) as store:
    store.append(e.event for e in news if e.event is not None)
    assert store.read()[0].event.note == "seen"
data = scale.write(news, folder / "dataset", FACTS)
check("dataset", data.entries(), news)
for guest in ("AZE", "GEO", "TJK"):
    own = news.among(guest, "CHN")
    assert len(own), guest
    pair = data.among(guest, "CHN")  # renumbered
    told = [(entry.event, entry.tags) for entry in own]
    check("pair of a dataset", ((e.event, e.tags) for e in pair), told)
check("pickle", pickle.loads(pickle.dumps(log)), log)
text = answers.dumps((*log,))
check("answers", answers.loads(text, tuple[Entry, ...], FACTS), log)
row, *_ = pyarrow.table(log).to_pylist()
found = row["note"], row["tags"], row["cite"][0]["language"]
assert found == ("seen", ["x", "y z"], "fr")
assert log.as_of("2021-01-01").events[0].note == "seen"
check_of = jsonschema.Draft202012Validator
for line in lines:
    check_of(json.loads(jsonl.schema())).validate(json.loads(line))
check_of(answers.schema(tuple[Entry, ...], FACTS)).validate(json.loads(text))
read = json.dumps(tomllib.loads((folder / "a.toml").read_text()), default=str)
check_of(FACTS.json_schema("chronicle")).validate(json.loads(read))
