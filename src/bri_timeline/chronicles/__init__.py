"""Built-in logs, from chronicle files in the package."""

from __future__ import annotations

from importlib.resources import files

from bri_timeline._log import EventLog
from bri_timeline.formats.chronicle import loads
from bri_timeline.relations import FACTS


__all__ = ["azerbaijan_china"]


def azerbaijan_china() -> EventLog:
    """Return the facts about Azerbaijan and China in an article of May 2019.

    "Azerbaijan Eyes More Cooperation With China Within Belt and Road Initiative",
    Eurasia Daily Monitor, volume 16, issue 62. Each fact cites the article, and the
    report on which that rests, if it names one.
    """
    name = "azerbaijan_china.toml"
    return loads(files(__name__).joinpath(name).read_text("utf-8"), FACTS, name=name)
