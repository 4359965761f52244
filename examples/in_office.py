"""Who was in office when visitors came: a log of terms joined with a log of visits."""

from attrs import frozen

from bri_timeline import Answer, Event, EventLog, Source
from bri_timeline.edtf import in_words
from bri_timeline.relations import Visited, name_of


@frozen
class InOffice:
    """A person is president of a state; the date of the event is the term."""

    state: str
    person: str

    @property
    def parties(self) -> frozenset[str]:
        return frozenset((self.state,))

    def __str__(self) -> str:
        return self.person


# A term lasts, so it is an extent: `..` goes on, and a month is a month.
LIST = Source("A list of presidents", published="2024")
TERMS = [
    ("KAZ", "Nursultan Nazarbayev", "1991-12/2019-03-20"),
    ("KAZ", "Kassym-Jomart Tokayev", "2019-03-20/.."),
    ("UZB", "Islam Karimov", "1991/2016-09-02"),
    ("UZB", "Shavkat Mirziyoyev", "2016-12/.."),
]
# The visits are made up, dated as precisely as a notebook might have them.
NOTEBOOK = Source("A notebook", published="2024")
VISITS = [
    ("KAZ", "2013-09-07"),
    ("KAZ", "2019-03"),
    ("UZB", "2016"),
    ("UZB", "2016-10"),
    ("KAZ", "2022-09-14"),
]

terms = EventLog.of(
    *(Event(InOffice(s, p), when=when, cite=LIST) for s, p, when in TERMS)
)
visits = EventLog.of(
    *(Event(Visited("CHN", s), when=when, cite=NOTEBOOK) for s, when in VISITS)
)

# One day, one state: the extents that are active on the day of a view.
print("Kazakhstan on 20 March 2019:")
for term, answer in terms.among("KAZ").as_of("2019-03-20").active(InOffice):
    print(f"  {term.what}: {answer}")

# The join: each visit with the terms of its host that may have a day in common with it.
print("\nWho received the visitors?")
hosts = {s: [entry.claim for entry in terms.among(s)] for s, _, _ in TERMS}
for visit in visits.as_of("2024-01-01").events:
    match visit.what:
        case Visited(host=state):
            found = {
                str(term.what): term.when.overlaps(visit.when, today="2024-01-01")
                for term in hosts[state]
            }
            told = [f"{who} ({a})" for who, a in found.items() if a is not Answer.NO]
            people = " or ".join(told) or "nobody on the list"
            print(f"  {name_of(state)}, {in_words(visit.when)}: {people}")
        case _:
            pass

# Between two terms: how long was the office vacant, at least and at most?
before, after = hosts["UZB"]
print("\nDays from one president of Uzbekistan to the next:", end=" ")
print("{} to {}".format(*before.when.days_until(after.when, today="2024-01-01")))
