"""The memberships of Uzbekistan: some lasted, some were left, one end is disputed.

`python examples/gallery/memberships.py [FOLDER]`

An extent says how long a membership lasted, `..` that it goes on. A claim that one has
ended rests on a document of that time: before, nobody could know it.
"""

import sys
from pathlib import Path

from bri_timeline import Event, EventLog, Source
from bri_timeline.measures import count
from bri_timeline.pages import html, svg
from bri_timeline.relations import Joined, Left


UN = Source(
    "Growth in United Nations membership",
    container="United Nations",
    url="https://www.un.org/en/about-us/growth-in-un-membership",
)
ALMA_ATA = Source("Alma-Ata Declaration", published="1991-12-21")
MOSCOW = Source("Протокол о продлении Договора", published="1999-04-02")
SHANGHAI = Source("Declaration on the Establishment of the SCO", published="2001-06-15")
LETTER = Source("Letter to the chair of GUUAM", published="2005-05-05")
SUSPENDED = Source("Note to the secretariat of EurAsEC", published="2008-10")
NOTE = Source("Note to the secretariat of the CSTO", published="2012-06-28")
DECISION = Source("Решение Совета коллективной безопасности", published="2012-12-19")
NAKHCHIVAN = Source(
    "Nakhchivan Agreement, accession of Uzbekistan", published="2019-09-14"
)


def member(body: str, when: str, cite: Source) -> Event:
    return Event(Joined("UZB", body), when=when, cite=cite)


LOG = EventLog.of(
    member("CIS", "1991-12-21/..", ALMA_ATA),
    member("United Nations", "1992-03-02/..", UN),
    # It did not sign the protocol that prolonged the treaty.
    member("Collective Security Treaty", "1992-05-15/1999-04-02", MOSCOW),
    member("GUUAM", "1999-04-24/2005-05-05", LETTER),
    member("Shanghai Cooperation Organisation", "2001-06-15/..", SHANGHAI),
    # It said in October that it would suspend its part; the day is not stated.
    member("EurAsEC", "2006-01-25/2008-10", SUSPENDED),
    member("CSTO", "2006-08-16", Source("CSTO summit, Sochi", published="2006-08")),
    # Does a suspension count from the note, or from the decision about it?
    Event(Left("UZB", "CSTO"), when="2012-06-28", cite=NOTE, id="csto-left"),
    Event(Left("UZB", "CSTO"), when="2012-12-19", cite=DECISION, id="csto-left"),
    member("Organization of Turkic States", "2019-09-14/..", NAKHCHIVAN),
)


def tell(number: object) -> dict[str, object]:
    return {"Memberships that last:": number}


def main(folder: Path) -> None:
    title = "Memberships of Uzbekistan"
    page, picture = folder / "memberships.html", folder / "memberships.svg"
    lasting, view = count(Joined, active=True), LOG.as_of("2020-01-01")
    html.render(LOG, projection=lasting, tell=tell, title=title).save(page)
    drawing = svg.render(view, projection=lasting, tell=tell, title=title, width=720)
    drawing.save(picture)


if __name__ == "__main__":
    main(Path(*sys.argv[1:2]))
