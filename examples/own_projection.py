"""Your own facts and your own projection: who holds the chair, and who says so."""

from attrs import frozen

from bri_timeline import Event, EventLog, Source, projection


@frozen
class ChairTaken:
    """Somebody took the chair of a body."""

    body: str
    by: str


@frozen
class ChairVacated:
    """The chair of a body fell vacant."""

    body: str


Chairs = dict[str, str]


@projection(initial=Chairs)
def chairs(held: Chairs, event: Event) -> Chairs:
    """Who holds which chair: a new dictionary each time, never a changed one."""
    match event.what:
        case ChairTaken(body, by):
            return held | {body: by}
        case ChairVacated(body):
            return {name: by for name, by in held.items() if name != body}
        case _:
            return held


minutes = Source("Minutes of the council", published="2018-02-10")
memoir = Source("Memoirs of a delegate", published="2021")

log = EventLog.of(
    Event(ChairTaken("council", "Astana"), when="2017-11-20", cite=minutes.at("no. 1")),
    Event(ChairTaken("council", "Baku"), when="2018-02~", cite=minutes.at("no. 9")),
    Event(ChairVacated("council"), when="[2018..2019]", cite=memoir.at("p. 88")),
)

for day in ("2017-12-31", "2018-02-14", "2018-06-30", "2019-12-31"):
    view = log.as_of(day)
    holders = view.outcomes(chairs, of=lambda held: held.get("council", "nobody"))
    print(f"{day}  certain: {view.project(chairs).get('council', 'nobody'):<8}", end="")
    print(f"  possible: {holders}")

print("\nWho held the chair at the end of 2018, and who says so?")
view = log.as_of("2018-12-31")
print(view.explain(chairs, of=lambda held: held.get("council")))
