"""Two sources disagree about one meeting: it is counted once, and both are kept."""

from bri_timeline import Prefer
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.edtf import in_words
from bri_timeline.relations import Relationship, relationship


def meetings(state: Relationship) -> int:
    return len(state.meetings)


log = azerbaijan_china()
azerbaijan_china_relations = relationship("AZE", "CHN")

print("When did the two presidents meet?")
for dispute in log.as_of("2019-04-25").disputes:
    for claim in dispute.claims:
        taken = "taken" if claim == dispute.taken else "set aside"
        print(f"  {in_words(claim.when)}, {taken}")
        for citation in claim.cite:
            print(f"      {citation}")

print("\nHow many meetings, certainly, by which rule?")
for rule in Prefer:
    counts = [
        meetings(
            log.reading(prefer=rule).as_of(day).project(azerbaijan_china_relations)
        )
        for day in ("2019-04-23", "2019-04-24", "2019-04-25")
    ]
    print(f"  {rule.value:<15} 23 April: {counts[0]}, 24: {counts[1]}, 25: {counts[2]}")

print("\nWhy one?")
print(log.as_of("2019-04-25").explain(azerbaijan_china_relations, of=meetings))

print("\nWhat cannot be as reported (which is wrong, nobody here judges):")
for contradiction in log.contradictions():
    print(f"  {contradiction}")
