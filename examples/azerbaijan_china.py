"""Azerbaijan and China on telling days: what is certain, what is not, who says so."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence

import pendulum

from bri_timeline import Citation, Event, Source, View
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.edtf import in_words
from bri_timeline.relations import (
    AgreementSigned,
    IndicatorObserved,
    InitiativeLaunched,
    Met,
    Money,
    Planned,
    PositionDeclared,
    ProjectStatusChanged,
    Relationship,
    Visited,
    name_of,
    relationship,
)


LOG = azerbaijan_china()
AZERBAIJAN_CHINA = relationship("AZE", "CHN")
SOURCES: dict[Source, int] = {}
SHOWN: set[Event] = set()


def wording(event: Event) -> str:
    """Say in a line what happened."""
    match event.what:
        case InitiativeLaunched(name=name, by=by):
            return f"{name_of(by)} launches the {name}"
        case Visited(guest=guest, host=host, who=who):
            return f"{name_of(who or guest)} visits {name_of(host)}"
        case Met(who=who):
            return f"{' and '.join(sorted(map(name_of, who)))} meet"
        case AgreementSigned(title=title, value=value, part_of=None):
            return f"{title}{f', worth {value}' if value else ''}"
        case AgreementSigned(title=title, part_certain=certain):
            return f"{title} ({'one of them' if certain else 'perhaps one of them'})"
        case PositionDeclared(actor=actor, topic=topic, stance=stance):
            return f"{name_of(actor)} on {topic}: {stance}"
        case IndicatorObserved(name=name, value=value, unit=unit, approximate=rough):
            figure = f"{value} percent" if unit == "percent" else Money(value, unit)
            return f"{name}: {'about ' if rough else ''}{figure}"
        case ProjectStatusChanged(project=project, status=status):
            return f"{project} {status}"
        case Planned(title=title, expected=expected, place=place):
            when = "no date" if expected is None else in_words(expected)
            return f"{title} in {place} planned for {when}"
        case other:
            return type(other).__name__


def note(citation: Citation) -> str:
    """Number a source, in the order in which they are met."""
    number = SOURCES.setdefault(citation.source, len(SOURCES) + 1)
    return f"{number} {citation.locator}".strip()


def write(heading: str, events: Iterable[Event], mark: str = " ") -> None:
    """Print each event with its date, and the numbers of those who say so."""
    for event in events:
        cited = ", ".join(map(note, event.cite))
        text = f"{wording(event)}; {in_words(event.when)} [{cited}]"
        first = f"  {heading:<11}{mark} "
        print(textwrap.fill(text, 96, initial_indent=first, subsequent_indent=" " * 17))
        heading = ""


def is_part(event: Event) -> bool:
    return isinstance(event.what, AgreementSigned) and event.what.part_of is not None


def parts(state: Relationship) -> Iterator[tuple[str, Sequence[Event]]]:
    yield "initiatives", state.initiatives
    yield "visits", state.visits
    yield "meetings", state.meetings
    bundles_first = sorted(state.agreements, key=is_part)
    yield "agreements", tuple(bundles_first)
    yield "positions", tuple(state.positions.values())
    yield "figures", tuple(state.indicators.values())
    yield "projects", tuple(state.projects.values())
    yield "plans", tuple(plan.event for plan in state.plans.values())


def totals(state: Relationship) -> str:
    worth = [str(Money(amount, code)) for code, amount in state.agreed_value.items()]
    total = f" worth {' and '.join(worth)}" if worth else ""
    return (
        f"visits {len(state.visits)}, meetings {len(state.meetings)},"
        f" agreements {state.agreement_count}{total}"
    )


def show(view: View, before: Relationship | None = None) -> Relationship:
    """Print a state: what was not in the state before, and what is not certain."""
    state = view.project(AZERBAIJAN_CHINA)
    print(f"{view.day.format('D MMMM YYYY')}: {totals(state)}")
    old = dict(parts(before)) if before else {}
    for heading, events in parts(state):
        write(heading, [event for event in events if event not in old.get(heading, ())])
    maybe = [e for e in view.undecided if AZERBAIJAN_CHINA(state, e) != state]
    write("perhaps", [event for event in maybe if event not in SHOWN], "?")
    still = sum(event in SHOWN for event in maybe)
    if still:
        print(f"  {'still':<11}? {still} of those above")
    others = [other for dispute in view.disputes for other in dispute.others]
    write("disputed", [event for event in others if event not in SHOWN], "!")
    SHOWN.update(maybe, others)
    for plan in state.plans.values():
        print(f"  {plan.planned.title}: {plan.status_on(view.day).value}")
    print()
    return state


def main() -> None:
    forum = pendulum.date(2019, 4, 24)

    print("Azerbaijan and China, as one article of May 2019 has it.")
    print("What is new on each day; ? perhaps, ! said otherwise, [who says so].\n")
    state = show(LOG.as_of("2015-06-30"))
    state = show(LOG.as_of("2015-12-31"), state)
    state = show(LOG.as_of(forum), state)
    state = show(LOG.as_of("2019-04-26"), state)
    show(LOG.as_of("2019-09-01"), state)

    that_day = LOG.as_of(forum, known_by=forum)
    known = totals(that_day.project(AZERBAIJAN_CHINA))
    print(f"What could be known of 24 April 2019 on that day:\n  {known}")
    difference = that_day.diff(LOG.as_of(forum), AZERBAIJAN_CHINA)
    only_later = [c.after for c in difference.changes if c.after and not c.before]
    write("only later", only_later)

    print("\nHow many visits by then, and who says so?")
    print(LOG.as_of(forum).explain(AZERBAIJAN_CHINA, of=lambda s: len(s.visits)))
    early = LOG.as_of("2015-06-30")
    possible = early.outcomes(AZERBAIJAN_CHINA, of=lambda s: len(s.visits))
    print(f"And by 30 June 2015? {possible}")

    print("\nSources:")
    for source, number in SOURCES.items():
        title = f"{source.title}, " if source.container else ""
        text = f"{number:>4}  {title}{source}"
        print(textwrap.fill(text, 96, subsequent_indent=" " * 6))


if __name__ == "__main__":
    main()
