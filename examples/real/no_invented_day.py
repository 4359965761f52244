"""A model proposes facts from an article with its words. What can it not invent?

The data: article.txt, the text of "Azerbaijan Eyes More Cooperation With China Within
Belt and Road Initiative" (Eurasia Daily Monitor 16:62, https://jamestown.org).
"""

import json
import sys
from pathlib import Path

from bri_timeline import EventLog, Source
from bri_timeline.formats import proposals
from bri_timeline.measures import count
from bri_timeline.relations import FACTS, Visited


# What a model gave: a visit, again, again with another day, and one more.
FOUND = """[
{"kind": "Visited", "what": {"guest": "AZE", "host": "CHN"}, "when": "April 24",
 "quote": "Ilham Aliyev arrived in China"},
{"kind": "Visited", "what": {"guest": "AZE", "host": "CHN"}, "when": "last week",
 "quote": "President Aliyev's visit to China last week"},
{"kind": "Visited", "what": {"guest": "AZE", "host": "CHN"}, "when": "April 27",
 "quote": "Ilham Aliyev arrived in China"},
{"kind": "Visited", "what": {"guest": "CHN", "host": "AZE"}, "when": "April 24",
 "quote": "Xi Jinping came to Baku"}
]"""

if len(sys.argv) < 2:
    print(__doc__)
    sys.exit()
text, log = Path(sys.argv[1], "article.txt").read_text("utf-8"), EventLog()
edm = Source("Eurasia Daily Monitor 16:62", published="[2019-04-29..2019-05-05]")
for one in proposals.examine(json.loads(FOUND), FACTS, document=text, source=edm):
    print(one)
    if one.event is not None:
        log = log.propose(one.event, by="a model")
visits, day = count(Visited), "2019-05-31"
print(*log.proposals, log.as_of(day).project(visits), sep="\n")
log = log.accept(log.proposals[0], by="a person")
print(log.as_of(day).explain(visits, of=int))
