"""Entries in which everything that an entry can say is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from fact_strategies import facts
from hypothesis import strategies as st
from log_strategies import Deed, Fact

from bri_timeline import Entry, Event, Place, Source, Vocabulary
from bri_timeline._form import Unknown
from bri_timeline.edtf import Edtf
from bri_timeline.relations import FACTS
from bri_timeline.testing import places


WORDS = FACTS | Vocabulary(Fact, Deed)
TARIFF = Unknown("TariffSet", 3, b'{ "rate":[1.50, {"a:b":1e999}] }')
DATES = [
    "2019-04-24", "2015~", "2015/..", "[..2015-09-16]", "Y-17E7", "-0044-03-15",
    "../2006-05?", "2019-04-24T10:00:00Z", "201X", "1950S2",
]  # fmt: skip

texts = st.text(max_size=4) | st.sampled_from(['a:"b', "\u2028", "\\", "[" * 70, "\n"])
dates = st.sampled_from(DATES).map(Edtf)
sources = st.builds(
    Source,
    texts,
    published=st.none() | dates,
    container=st.none() | texts,
    author=st.none() | texts,
    url=st.none() | texts,
)
citations = st.builds(Source.at, sources, texts)
payloads = facts | st.just(TARIFF) | st.builds(Fact, texts, st.frozensets(texts))
events = st.builds(
    Event,
    payloads,
    when=dates,
    where=st.none() | places() | texts.filter(bool).map(Place),
    cite=st.lists(sources | citations, max_size=3),
    id=st.none() | texts.filter(bool),
)
positions = st.integers(0, (1 << 63) - 1)
zones = st.sampled_from([UTC, timezone(timedelta(hours=4)), timezone.min])
instants = st.datetimes(datetime.fromisoformat("0002-01-01"), timezones=zones)
entries = st.builds(
    Entry,
    position=positions,
    event=st.none() | events,
    known=st.none() | st.dates() | st.integers(),
    supersedes=st.none() | positions,
    retracts=st.none() | positions,
    because=st.none() | texts,
    recorded_at=st.none() | instants,
)
