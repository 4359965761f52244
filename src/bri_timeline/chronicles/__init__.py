"""Built-in logs: chronicle files that are shipped as data."""

from __future__ import annotations

from importlib.resources import files

from bri_timeline._log import EventLog
from bri_timeline.formats.chronicle import loads
from bri_timeline.relations import FACTS


__all__ = ["azerbaijan_china"]


def azerbaijan_china() -> EventLog:
    """Return what one article of May 2019 says about Azerbaijan and China.

    "Azerbaijan Eyes More Cooperation With China Within Belt and Road Initiative",
    Eurasia Daily Monitor, volume 16, issue 62: every fact with its citation, and with
    the report behind it where one is named.
    """
    name = "azerbaijan_china.toml"
    return loads(files(__name__).joinpath(name).read_text("utf-8"), FACTS, name=name)
