"""The August summit: planned, overdue, then reported postponed, as known on each day.

The plan is in the built-in chronicle. That it was put off on 12 August 2019 was
reported afterwards (Mehr News, item 148791), so it is added here: knowledge arriving
later.
"""

import pendulum

from bri_timeline import Event, EventLog, Source
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.relations import Postponed, Relationship, relationship


PLAN = "trilateral-planned"
AZERBAIJAN_RUSSIA = relationship("AZE", "RUS")


def status(log: EventLog, day: str, known_by: str) -> str:
    """Say how the summit stood on one day, by what was known on another."""
    state = log.as_of(day, known_by).project(AZERBAIJAN_RUSSIA)
    plan = state.plans.get(PLAN)
    return "no plan known" if plan is None else plan.status_on(day).value


def table(title: str, log: EventLog) -> None:
    days = ("2019-04-25", "2019-04-26", "2019-08-15", "2019-09-01")
    print(title)
    heads = "".join(f"{f'known by {day}':<26}" for day in days[1:])
    print(f"  {'':<24}{heads}".rstrip())
    for day in days:
        known = [status(log, day, known_by) for known_by in days[1:]]
        words = pendulum.Date.fromisoformat(day).format("D MMMM YYYY")
        print(f"  on {words:<21}" + "".join(f"{text:<26}" for text in known).rstrip())
    print()


def plan_of(state: Relationship) -> str:
    plan = state.plans.get(PLAN)
    return "no plan" if plan is None else plan.status_on("2019-09-01").value


chronicle = azerbaijan_china()
table("As the article of May 2019 has it:", chronicle)

mehr = Source("Mehr News, item 148791", published="2019-08-12")
later = chronicle.append(
    Event(Postponed(PLAN), when="2019-08-12", cite=mehr, id="summit-postponed")
)
table("With the report that it was postponed:", later)

print("What was believed about 1 September 2019, and since when?")
believed = ""
for belief in later.beliefs(AZERBAIJAN_RUSSIA, on="2019-09-01"):
    if plan_of(belief.state) != believed:
        believed = plan_of(belief.state)
        since = belief.since.format("D MMMM YYYY") if belief.since else "at first"
        print(f"  {since:<18}{believed}")

# Suppose the report had been read wrongly: it is withdrawn, and the past is kept.
mistaken = later.retract(
    later[-1], because="the report was about another summit", known="2019-10-01"
)
print("\nIf that report turned out to be about another summit:")
for known_by in ("2019-09-30", "2019-10-01"):
    print(f"  known by {known_by}  {status(mistaken, '2019-09-30', known_by)}")

difference = mistaken.as_of("2019-09-30", "2019-09-30").diff(
    mistaken.as_of("2019-09-30", "2019-10-01"), AZERBAIJAN_RUSSIA
)
print("\nThe entries responsible:")
for entry in difference.entries:
    said = entry.because if entry.event is None else type(entry.event.what).__name__
    print(f"  entry {entry.position}, known {entry.known}: {said}")
