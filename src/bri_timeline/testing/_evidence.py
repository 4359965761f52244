"""Strategies for sources and citations."""

from __future__ import annotations

from hypothesis import strategies as st

from bri_timeline._evidence import Citation, Source
from bri_timeline.edtf import Edtf
from bri_timeline.testing._dates import edtfs


__all__ = ["citations", "sources"]

_TITLES = ("Daily", "Weekly", "Annual")
_PLACES = ("", "p. 1", "p. 2")
_PUBLISHED = st.none() | edtfs(allow_several=False, allow_distant=False)


@st.composite
def sources(
    draw: st.DrawFn, *, published: st.SearchStrategy[Edtf | None] | None = None
) -> Source:
    """Generate sources of few titles, so that the same is met again.

    Args:
        draw: Given by Hypothesis.
        published: When they appeared; by default unknown, or a date around the days of
            `edtfs()`.
    """
    title = draw(st.sampled_from(_TITLES))
    return Source(title, published=draw(_PUBLISHED if published is None else published))


_SOURCES = sources()


@st.composite
def citations(
    draw: st.DrawFn, cited: st.SearchStrategy[Source] | None = None
) -> Citation:
    """Generate citations of the whole of a source, or of few places in it.

    Args:
        draw: Given by Hypothesis.
        cited: The sources; by default `sources()`.
    """
    source = draw(_SOURCES if cited is None else cited)
    return Citation(source, draw(st.sampled_from(_PLACES)))
