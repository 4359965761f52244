"""What did an article have wrong on its day, and who says so, in which words?

The data: article.txt, the text of "Azerbaijan Eyes More Cooperation With China Within
Belt and Road Initiative" (Eurasia Daily Monitor 16:62, https://jamestown.org).
"""

import sys
from pathlib import Path

from bri_timeline import Event, Source, evidence
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.relations import Postponed, Relationship, relationship


DAY, LATER = "2019-05-05", "2019-09-01"
# Entries of the chronicle, and the words of the article for them.
QUOTES = {
    21: "China fully supports Azerbaijan's territorial integrity (Turan, April 24)",
    20: "meet on the sidelines of the Belt and Road Forum, Beijing, April 25",
    24: "agreed to hold the next Moscow-Baku-Tehran trilateral summit in Russia",
}


def found(state: Relationship) -> list[str]:
    met = [str(one.when) for one in state.meetings if one.id == "xi-aliyev-meeting"]
    return met + [plan.status_on(LATER).value for plan in state.plans.values()]


if len(sys.argv) < 2:
    print(__doc__)
    sys.exit()
text, log = Path(sys.argv[1], "article.txt").read_text("utf-8"), azerbaijan_china()
article = log[0].claim.cite[0].source
for number, words in QUOTES.items():
    log = log.append(log[number].claim.cited([article.at("", quote=words)]))
print(len(evidence.check(log, {article: text}).standing), "quotes stand in the text")
print(*log.contradictions(), sep="\n")

# What a reader makes of that, and a report that came later.
log = log.append(log[21].claim, supersedes=20, because="told on 24 April", known=LATER)
mehr = Source("Mehr News, item 148791", published="2019-08-12")
log = log.append(Event(Postponed("trilateral-planned"), when="2019-08-12", cite=mehr))
three, now = relationship("AZE", "CHN", "RUS"), log.as_of(LATER)
change = log.as_of(LATER, known_by=DAY).diff(now, three)
print(f"Known on {DAY}: {found(change.before)}; later: {found(change.after)}")
print(now.explain(three, of=found))
