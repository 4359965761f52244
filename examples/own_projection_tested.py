"""Your own projection, put to the test: a mistake that your own example hides."""

from attrs import frozen

from bri_timeline import Event, projection
from bri_timeline.testing import check_projection, events, given_events


@frozen
class Polled:
    """A poll gave a share of those in favour, in per cent."""

    percent: int


@projection(initial=float)
def approval(mean: float, event: Event) -> float:
    """The mean of all polls. Or so it seems."""
    match event.what:
        case Polled(percent):
            return (mean + percent) / 2 if mean else percent
        case _:
            return mean


@projection(initial=tuple[int, ...])
def polls(percents: tuple[int, ...], event: Event) -> tuple[int, ...]:
    """All polls, of which the mean can be told at any time."""
    match event.what:
        case Polled(percent):
            return tuple(sorted((*percents, percent)))
        case _:
            return percents


two = Event(Polled(40), when="2019-04"), Event(Polled(60), when="2019-05")
given_events(*two).as_of("2019-12-31").then(approval, 50.0)
print("The example holds. The laws, for events that collide:\n")

try:
    check_projection(approval, events(Polled))
except AssertionError as error:
    print(error)

check_projection(polls, events(Polled))
print("\npolls keeps all laws")
