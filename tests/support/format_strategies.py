"""Logs in which entries say what is hard to write down."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from fact_strategies import facts
from hypothesis import strategies as st
from log_strategies import Deed, Fact

from bri_timeline import (
    Entry,
    Event,
    EventLog,
    Place,
    Source,
    Unknown,
    Vocabulary,
)
from bri_timeline.evidence import digest
from bri_timeline.relations import FACTS
from bri_timeline.testing import places


FEW = Vocabulary(Fact, Deed)
WORDS = FACTS | FEW
DAYS = "2019-04-24 2015~ 2015/.. [..2015-09-16] Y-17E7 -0044-03-15 ../2006-05? 201X"
TARIFF = Unknown("TariffSet", 3, b'{ "rate":[1.50, {"a:b":1e999}] }')

texts = st.text(max_size=4) | st.sampled_from(["=1+1", "a\r\nb", "'-x", "\u2028", '"'])
maybe = st.none() | texts
dates = st.sampled_from(DAYS.split())
quotes = st.none() | texts.filter(str.strip)
sources = st.builds(
    Source,
    texts,
    published=st.none() | dates,
    container=maybe,
    author=maybe,
    url=maybe,
    accessed=st.none() | dates,
    archived=maybe,
    digest=st.none() | texts.map(digest),
)
events = st.builds(
    Event,
    facts | st.just(TARIFF) | st.builds(Fact, texts, st.frozensets(texts)),
    when=dates,
    where=st.none() | places() | texts.filter(bool).map(Place),
    cite=st.lists(st.builds(Source.at, sources, texts, quotes), max_size=3),
    id=st.none() | texts.filter(bool),
)
moments = st.integers(0, 10**17).map(lambda size: timedelta(microseconds=size))
instants = moments.map(lambda size: datetime(2, 1, 1, tzinfo=UTC) + size)
known = st.none() | st.sampled_from([date.min, date.max, -5, 10**7])


@st.composite
def odd_logs(draw: st.DrawFn) -> EventLog:
    """Logs of entries with odd texts, unknown kinds and instants of recording."""
    return EventLog(
        Entry(
            position=position,
            event=draw(st.none() | events),
            known=draw(known),
            because=draw(maybe),
            recorded_at=draw(st.none() | instants),
        )
        for position in range(draw(st.integers(0, 3)))
    )
