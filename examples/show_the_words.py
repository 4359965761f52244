"""A model reads an article, a person decides, and every value leads to the words."""

from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import evolve

from bri_timeline import EventLog, Source, evidence
from bri_timeline.formats import proposals
from bri_timeline.pages import html
from bri_timeline.relations import FACTS, AgreementSigned, Visited, relationship


FOLDER = Path(__file__).parent / "proposals"
MODEL, PERSON = "a model", "Anna"

# The document, and the list that a model made of it: it was given the text, and
# FACTS.json_schema("proposals").
text = (FOLDER / "article.txt").read_text("utf-8")
article = Source(
    "A short chronicle of Azerbaijan and China",
    published="2019-05-03",
    digest=evidence.digest(text),
)
found = proposals.load(FOLDER / "found.json", FACTS, document=text, source=article)

print("What the model proposes, and what cannot be proposed:")
log = EventLog()
for item in found:
    if item.event is not None:
        log = log.propose(item.event, by=MODEL)
    for problem in item.problems:
        print(f"  {item.number}  {problem}")
print(f"  {len(log.proposals)} of {len(found)} wait; {len(log.published())} count")

print("\nWhat a person decides:")
launch, first, second, ten, tyres = log.proposals
for proposal in (launch, second, ten):
    log = log.accept(proposal, by=PERSON)
# The article gives the month, which the model did not see.
log = log.accept(
    first, by=PERSON, event=evolve(first.event, when="2015-12"), because="December"
)
# The tyre plant is one of the ten: counted by itself, it would be counted twice.
assert isinstance(tyres.event.what, AgreementSigned)
part = evolve(tyres.event.what, part_of="ten-agreements")
log = log.accept(tyres, by=PERSON, event=evolve(tyres.event, what=part))
for proposal in log.all_proposals():
    print(f"  {proposal}")

pair = relationship("AZE", "CHN")
view = log.as_of("2019-05-03")
state = view.project(pair)
print(f"\nVisits {len(state.visits)}, agreements {state.agreement_count}, and why:")
print(view.explain(pair, of=attrgetter("agreement_count")))

checked = evidence.check(log, {article: text})
print(f"\n{len(checked.standing)} quotes stand, {len(checked.missing)} do not:")
for quoted in checked.standing:
    if quoted.span is not None and isinstance(quoted.event.what, Visited):
        words = text[quoted.span.start : quoted.span.end]
        print(f"  {quoted.event.when}: {' '.join(words.split())}")

with TemporaryDirectory() as folder:
    page = Path(folder) / "page.html"
    html.render(log, projection=pair, title="Azerbaijan and China").save(page)
    written = page.read_text("utf-8")
print(f"\nThe page has the words: {'signed ten agreements' in written}")
