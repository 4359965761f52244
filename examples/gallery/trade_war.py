"""The tariffs of the United States and China on each other, 2018 to 2020.

`python examples/gallery/trade_war.py [FOLDER]`

Every date is that on which a measure took effect, as its legal text has it.
"""

import sys
from pathlib import Path

from attrs import frozen

from bri_timeline import Event, EventLog, Source, projection
from bri_timeline.pages import html, svg
from bri_timeline.relations import (
    AgreementSigned,
    Held,
    Met,
    Planned,
    Postponed,
    Rescheduled,
)


@frozen
class TariffSet:
    """A state sets an additional duty on a list of goods of another."""

    by: str
    on: str
    goods: str
    billions: int
    percent: str

    @property
    def parties(self) -> frozenset[str]:
        return frozenset((self.by, self.on))

    def __str__(self) -> str:
        name = {"USA": "United States", "CHN": "China"}[self.by]
        return f"{name}: {self.percent} % on {self.goods}, {self.billions} billion USD"


Lists = dict[tuple[str, str], TariffSet]


@projection(initial=dict[tuple[str, str], TariffSet], reads=(TariffSet,))
def tariffs(state: Lists, event: Event) -> Lists:
    """The last duty on each list of goods."""
    match event.what:
        case TariffSet(by=by, goods=goods) as what:
            return {**state, (by, goods): what}
        case _:
            return state


def tell(state: Lists) -> dict[str, object]:
    """Return the goods of each side that bear an additional duty, in billion USD."""
    return {
        f"{name} (billion USD)": sum(t.billions for t in state.values() if t.by == by)
        for by, name in (("USA", "Goods of China"), ("CHN", "Goods of the USA"))
    }


def notice(citation: str, day: str) -> Source:
    """Return a notice of the United States Trade Representative."""
    title = "Notice of Action Pursuant to Section 301"
    return Source(f"{title}, {citation}", container="Federal Register", published=day)


def announcement(number: str, day: str) -> Source:
    """Return an announcement of China's Customs Tariff Commission."""
    author = "国务院关税税则委员会"
    return Source(f"税委会公告{number}", author=author, published=day)


PAIR = ("USA", "CHN")
LIST_1 = notice("83 FR 28710", "2018-06-20")
LIST_2 = notice("83 FR 40823", "2018-08-16")
LIST_3 = notice("83 FR 47974", "2018-09-21")
LIST_4 = notice("84 FR 43304", "2019-08-20")
RISE = notice("84 FR 20459", "2019-05-09")
PHASE_ONE = Source("Economic and Trade Agreement (Phase One)", published="2020-01-15")
DINNER = Source(
    "Statement Regarding the President's Working Dinner with China",
    author="The White House",
    published="2018-12-01",
)
OSAKA = Source(
    "Remarks by President Trump in Press Conference, Osaka",
    author="The White House",
    published="2019-06-29",
)


def usa(goods: str, billions: int, percent: str, when: str, cite: Source) -> Event:
    return Event(
        TariffSet("USA", "CHN", goods, billions, percent), when=when, cite=cite
    )


def china(goods: str, billions: int, percent: str, when: str, cite: Source) -> Event:
    return Event(
        TariffSet("CHN", "USA", goods, billions, percent), when=when, cite=cite
    )


LOG = EventLog.of(
    usa("list 1", 34, "25", "2018-07-06", LIST_1),
    china("list 1", 34, "25", "2018-07-06", announcement("2018年第5号", "2018-06-16")),
    usa("list 2", 16, "25", "2018-08-23", LIST_2),
    china("list 2", 16, "25", "2018-08-23", announcement("2018年第7号", "2018-08-08")),
    usa("list 3", 200, "10", "2018-09-24", LIST_3),
    china(
        "list 3", 60, "5 to 10", "2018-09-24", announcement("2018年第8号", "2018-09-18")
    ),
    Event(
        Planned(PAIR, "25 percent on list 3", "2019-01-01"),
        when="2018-09-21",
        cite=LIST_3,
        id="rise",
    ),
    Event(Met(PAIR, place="Buenos Aires"), when="2018-12-01", cite=DINNER),
    Event(
        Rescheduled("rise", "2019-03-02"),
        when="2018-12-19",
        cite=notice("83 FR 65198", "2018-12-19"),
    ),
    Event(
        Postponed("rise"), when="2019-03-05", cite=notice("84 FR 7966", "2019-03-05")
    ),
    Event(Held("rise"), when="2019-05-10", cite=RISE),
    usa("list 3", 200, "25", "2019-05-10", RISE),
    china(
        "list 3", 60, "5 to 25", "2019-06-01", announcement("2019年第3号", "2019-05-13")
    ),
    Event(Met(PAIR, place="Osaka"), when="2019-06-29", cite=OSAKA),
    Event(
        Planned(PAIR, "15 percent on list 4B", "2019-12-15"),
        when="2019-08-20",
        cite=LIST_4,
        id="list-4b",
    ),
    usa("list 4A", 120, "15", "2019-09-01", notice("84 FR 45821", "2019-08-30")),
    Event(
        Postponed("list-4b"),
        when="2019-12-18",
        cite=notice("84 FR 69447", "2019-12-18"),
    ),
    Event(AgreementSigned(PAIR, "Phase One"), when="2020-01-15", cite=PHASE_ONE),
    usa("list 4A", 120, "7.5", "2020-02-14", notice("85 FR 3741", "2020-01-22")),
)


def main(folder: Path) -> None:
    title = "Tariffs of the United States and China, 2018 to 2020"
    page, picture = folder / "trade_war.html", folder / "trade_war.svg"
    html.render(LOG, projection=tariffs, tell=tell, title=title).save(page)
    view = LOG.as_of("2020-02-14")
    svg.render(view, projection=tariffs, tell=tell, title=title).save(picture)


if __name__ == "__main__":
    main(Path(*sys.argv[1:2]))
