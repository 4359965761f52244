"""Chronicle files: what people write becomes a log, and what is wrong is said."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from attrs import field, frozen
from hypothesis import given
from hypothesis import strategies as st

from bri_timeline import EventLog, Source, Vocabulary
from bri_timeline.errors import BriTimelineError, FaultsError
from bri_timeline.formats.chronicle import load, loads
from bri_timeline.relations import FACTS, AgreementSigned, Joined, Money, Visited


HEAD = """\
chronicle = 1

[sources.paper]
title = "The Paper"
published = "2019-04"
"""


def claim(when: str, member: str = "AZE", *, extra: str = "") -> str:
    """The text of an entry that reports a membership."""
    return f"""
[[entries]]
when = "{when}"
cite = ["paper: p. 1"]
{extra}
[entries.Joined]
member = "{member}"
body = "x"
"""


def retraction(target: str, *, extra: str = "") -> str:
    """The text of an entry that retracts another."""
    return f'\n[[entries]]\nretracts = "{target}"\nbecause = "wrong"\n{extra}\n'


def faults_of(text: str, vocabulary: Vocabulary = FACTS) -> list[str]:
    """What is said about a text that has faults."""
    with pytest.raises(FaultsError) as caught:
        loads(text, vocabulary)
    return [str(fault) for fault in caught.value.faults]


def certain(log: EventLog) -> list[str]:
    """The dates of the events that count."""
    return [str(event.when) for event in log.as_of("2030-01-01").events]


# --- what is right ------------------------------------------------------------------


def test_an_entry_becomes_an_event_with_its_citations() -> None:
    """Date, payload, id and citations are those of the file."""
    log = loads(HEAD + claim("2015~", extra='id = "joined"'), FACTS)
    event = log[0].event
    source = Source("The Paper", published="2019-04")

    assert event is not None
    assert (Joined("AZE", "x"), "joined", "2015~") == (
        event.what, event.id, str(event.when),
    )  # fmt: skip
    assert (source.at("p. 1"),) == event.cite
    assert date(2019, 4, 30) == log[0].known


def test_dates_may_be_days_or_text() -> None:
    """A TOML day and its text say the same, for `when` and `published`."""
    text = HEAD.replace('"2019-04"', '"2019-04-30"') + claim("2015-01-02")
    days = text.replace('"2015-01-02"', "2015-01-02")
    days = days.replace('"2019-04-30"', "2019-04-30")

    assert loads(text, FACTS) == loads(days, FACTS)


def test_known_says_from_when_an_entry_was_known() -> None:
    """The day in the file counts instead of that of the source."""
    logs = [
        loads(HEAD + claim("2015", extra=f"known = {day}"), FACTS)
        for day in ("2019-05-01", '"2019-05-01"')
    ]

    assert logs[0] == logs[1]
    assert date(2019, 5, 1) == logs[0][0].known


def test_sources_are_cited_whole_or_at_a_place() -> None:
    """A key alone cites the source; what follows a colon is the place, colons too."""
    text = HEAD + claim("2015").replace('"paper: p. 1"', '"paper", " paper :a: b "')
    event = loads(text, FACTS)[0].event

    assert event is not None
    assert ["", "a: b"] == [citation.locator for citation in event.cite]


def test_a_correction_takes_the_place_of_its_target() -> None:
    """`supersedes` names a label or an id above, and the reason is kept."""
    for name in ("label", "id"):
        text = HEAD + claim("2015", extra=f'{name} = "first"')
        text += claim("2016", extra='supersedes = "first"\nbecause = "misprint"')
        log = loads(text, FACTS)

        assert (0, "misprint") == (log[1].supersedes, log[1].because)
        assert ["2016"] == certain(log)


def test_a_retraction_withdraws_its_target_and_can_be_retracted() -> None:
    """Retractions have labels, so that they can be taken back."""
    text = HEAD + claim("2015", extra='label = "a"')
    text += claim("2016", extra='label = "b"\nsupersedes = "a"')
    without = text + retraction("b", extra='label = "c"')
    again = without + retraction("c", extra="known = 2019-06-01")

    assert ["2016"] == certain(loads(text, FACTS))
    assert ["2015"] == certain(loads(without, FACTS))
    assert ["2016"] == certain(loads(again, FACTS))
    assert date(2019, 6, 1) == loads(again, FACTS)[3].known


def test_the_labelled_of_two_claims_can_be_meant() -> None:
    """Both are about one happening, and have its id."""
    text = HEAD + claim("2015", extra='id = "x"\nlabel = "by the caption"')
    text += claim("2016", extra='id = "x"')
    log = loads(text + retraction("by the caption"), FACTS)

    assert 0 == log[2].retracts


def test_a_label_that_is_the_id_of_the_same_entry_is_clear() -> None:
    """Both names mean it."""
    text = HEAD + claim("2015", extra='id = "x"\nlabel = "x"')

    assert 0 == loads(text + retraction("x"), FACTS)[1].retracts


def test_an_entry_that_repeats_another_adds_nothing_and_keeps_its_label() -> None:
    """The same words twice are one entry, which either name means."""
    text = HEAD + claim("2015", extra='label = "a"') + claim("2016")
    log = loads(text + claim("2015", extra='label = "b"') + retraction("b"), FACTS)

    assert 3 == len(log)
    assert 0 == log[2].retracts


def test_repeated_entries_of_one_id_are_one_target() -> None:
    """An id is ambiguous only if it names different entries."""
    twice = claim("2015", extra='id = "a"') * 2

    assert 2 == len(loads(HEAD + twice + retraction("a"), FACTS))


def test_after_a_retraction_the_same_words_are_a_new_entry() -> None:
    """What was withdrawn may be claimed again."""
    text = HEAD + claim("2015", extra='label = "a"') + retraction("a")
    log = loads(text + claim("2015", extra='label = "b"') + retraction("b"), FACTS)

    assert [None, 0, None, 2] == [entry.retracts for entry in log]


@frozen
class Deal:
    """A payload of somebody else."""

    country: str
    sums: tuple[Money, ...]
    signed: date
    share: float = field(default=0.0)


def test_users_bring_their_own_classes() -> None:
    """A vocabulary of other classes reads the same files."""
    text = """
chronicle = 1
note = "no sources"
[[entries]]
when = 2019-04-24
[entries.deal]
country = "AZE"
signed = 2019-04-23
share = 0.5
sums = [{ amount = 1.10, currency = "USD" }]
"""
    log = loads(text, Vocabulary(deal=Deal))
    expected = Deal("AZE", (Money("1.1", "USD"),), date(2019, 4, 23), 0.5)

    assert log[0].event is not None
    assert expected == log[0].event.what
    assert log[0].known is None


def test_decimals_are_read_as_they_are_written() -> None:
    """A TOML number becomes a decimal without passing through a float."""
    text = HEAD + claim("2015").replace("Joined", "AgreementSigned").replace(
        'member = "AZE"\nbody = "x"',
        'parties = ["AZE"]\ntitle = "x"\n'
        'value = { amount = 123456789012345678.1, currency = "USD" }',
    )
    event = loads(text, FACTS)[0].event

    assert event is not None
    assert isinstance(event.what, AgreementSigned)
    assert Money("123456789012345678.1", "USD") == event.what.value


# --- files --------------------------------------------------------------------------


def test_a_file_is_read_like_its_text(tmp_path: Path) -> None:
    """A path or its name, a byte order mark, and other line ends make no difference."""
    text = HEAD + claim("2015")
    path = tmp_path / "log.toml"
    for data in (text, "\ufeff" + text, text.replace("\n", "\r\n")):
        path.write_bytes(data.encode())

        assert loads(text, FACTS) == load(path, FACTS) == load(str(path), FACTS)
        assert loads(text, FACTS) == loads(data, FACTS)


def test_a_file_in_another_encoding_is_refused_by_line(tmp_path: Path) -> None:
    """Latin-1 is not guessed at; the message names the file, the line, the remedy."""
    path = tmp_path / "log.toml"
    path.write_bytes(b'chronicle = 1\ntitle = "caf\xe9"\n')
    with pytest.raises(FaultsError) as caught:
        load(path, FACTS)

    assert str(path) == caught.value.document
    assert ["line 2: is not in UTF-8: save the file in that encoding"] == [
        str(fault) for fault in caught.value.faults
    ]


def test_a_fault_of_a_source_on_one_line_has_its_line() -> None:
    """Not that of the first source whose key has a point."""
    text = """\
chronicle = 1
sources.a = { title = "A" }
sources.b = { title = "B", published = "2019-13" }
sources.c.published = "2019-13"
sources.c.title = "C"
"""
    with pytest.raises(FaultsError) as refused:
        loads(text, FACTS)

    assert ["line 3, source 'b'", "line 4, source 'c'"] == [
        fault.place.partition(": ")[0] for fault in refused.value.faults
    ]


def test_what_cannot_be_opened_is_an_error_of_the_system(tmp_path: Path) -> None:
    """A directory and a missing file raise what `open` raises."""
    for path in (tmp_path, tmp_path / "missing.toml"):
        with pytest.raises(OSError, match=tmp_path.name):
            load(path, FACTS)


def test_a_file_of_more_than_a_gibibyte_is_not_read(tmp_path: Path) -> None:
    """The size is looked at first."""
    path = tmp_path / "log.toml"
    with path.open("wb") as file:
        file.truncate((1 << 30) + 1)
    with pytest.raises(FaultsError, match="at most 1073741824 are read"):
        load(path, FACTS)


# --- what is wrong ------------------------------------------------------------------

FAULTY = """\
chronicle = 2
titel = "Memberships"
# \"\"\" [[entries]] in a comment is no entry
note = '''
[[entries]]
'''

[sources.a]
titl = "A"
published = 2019

[sources.b]
title = "B"
published = "2019-13"

[[entries]]
id = "visit"
when = 2015
cite = "a: para 1"
[entries.Visited]
guest = "Azerbaijan"
hosts = "CHN"

[[entries]]
id = "joined"
when = "2019-02-30"
cite = ["a", "cc: p. 5", "b"]
known = "2019"
supersedes = "vist"
[entries.Joind]
member = "AZE"

[[entries]]
label = "three"
when = "{2016,2018}"
place = "Baku"
cite = ["a", 5]
[entries.Joined]
member = "AZE"
body = 5
[entries.Left]
member = "CHN"

[[entries]]
retracts = "below"
known = 2019-04-24T10:00:00

[[entries]]
id = "below"
when = "2019"
supersedes = "visit"
Joined = 5  # \"\"\"

[[entries]]
when = 2019-01-01
supersedes = "below"
because = ""
[entries.AgreementSigned]
parties = ["AZE", 5]
title = "x"
value = { amount = 1.5, currency = "usd" }
"""
SAID = """\
line 1: chronicle: is the number 2: write chronicle = 1 at the top
line 2: titel: is not a key of a chronicle. Did you mean 'title'?
line 8, source 'a': title: is missing: source needs it
line 9, source 'a': titl: source has no such field. Did you mean 'title'?
line 10, source 'a': published: is the number 2019: write an EDTF date, such as '2015'
line 14, source 'b': published: '2019-13' is not an EDTF date
line 18, entry 1 'visit': when: is the number 2015: write a date in quotes
line 19, entry 1 'visit': cite: is 'a: para 1': write a list of texts
line 20, entry 1 'visit': Visited.host: is missing: Visited needs it
line 21, entry 1 'visit': Visited.guest: 'Azerbaijan' is not the code of an actor
line 22, entry 1 'visit': Visited.hosts: Visited has no such field.
line 26, entry 2 'joined': when: '2019-02-30' is not an EDTF date
line 27, entry 2 'joined': cite: names 'cc', which is not a source of this file.
line 28, entry 2 'joined': known: '2019' is not one day
line 29, entry 2 'joined': supersedes: 'vist' is not the label or id of an entry above.
line 30, entry 2 'joined': Joind: the vocabulary has no 'Joind'. Did you mean 'Joined'
line 33, entry 3 'three': has 2 tables: Joined, Left; write one
line 35, entry 3 'three': when: '{2016,2018}' is several days
line 36, entry 3 'three': place: is not a key of an entry. It has id, label
line 37, entry 3 'three': cite: holds the number 5: write a list of texts
line 40, entry 3 'three': Joined.body: is the number 5: write text
line 41, entry 3 'three': Left.body: is missing: Left needs it
line 44, entry 4: because: is missing: say why it is retracted
line 45, entry 4: retracts: 'below' is entry 5, which stands below
line 46, entry 4: known: is the instant 2019-04-24T10:00:00: write a day
line 52, entry 5 'below': Joined: must be a table: begin it with [entries.Joined]
line 57, entry 6: because: is '': write text in quotes
line 59, entry 6: AgreementSigned.parties item 2: is a whole number: write text
line 61, entry 6: AgreementSigned.value: 'usd' is not a currency
"""


def test_all_faults_of_a_file_are_reported_by_line_entry_and_field() -> None:
    """Every fault has its place and its remedy, in order, and none is made up."""
    found = faults_of(FAULTY)
    expected = SAID.splitlines()

    assert expected == [
        said[: len(start)] for said, start in zip(found, expected, strict=True)
    ]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("retract", "is not a key of an entry. Did you mean 'retracts'?"),
        ("undo", "supersedes, because; or retracts."),
    ],
)
def test_the_keys_of_an_entry_are_listed_with_retracts(key: str, said: str) -> None:
    """It makes an entry a withdrawal, which has other keys."""
    (found,) = faults_of(HEAD + claim("2015", extra=f'{key} = "a"'))

    assert found.endswith(said)


def test_the_guide_has_a_table_of_all_keys_of_an_entry() -> None:
    """Whoever writes a file finds how to correct and to withdraw."""
    (found,) = faults_of(HEAD + claim("2015", extra='undo = "a"'))
    keys = found.partition("It has ")[2].partition(";")[0].split(", ")
    guides = Path(__file__).parents[2] / "examples" / "guides"
    guide = (guides / "write-facts.md").read_text("utf-8")

    assert [] == [key for key in (*keys, "retracts") if f"\n| `{key}` |" not in guide]


def test_a_faulty_entry_or_source_is_no_fault_of_what_refers_to_it() -> None:
    """One mistake gives one message, also where others build on it."""
    wrong = claim("2015-13", extra='label = "a"')
    text = HEAD.replace("2019-04", "2019-44") + wrong
    text += claim("2016", extra='supersedes = "a"\nlabel = "b"') + retraction("b")
    found = faults_of(text + retraction("a"))

    assert ["source 'paper': published", "entry 1 'a': when"] == [
        said.split(", ")[1][: len(place)]
        for said, place in zip(
            found, ["source 'paper': published", "entry 1 'a': when"], strict=True
        )
    ]


def test_an_id_that_a_faulty_entry_shares_is_not_ambiguous_yet() -> None:
    """What a faulty entry will say is open, so nothing is said of what refers to it."""
    text = HEAD + claim("2015-13", extra='id = "a"') + claim("2016", extra='id = "a"')

    assert 1 == len(faults_of(text + retraction("a")))


TARGETS = [
    (claim("2015") + retraction("a"), "is not the label or id of an entry above"),
    (retraction("a", extra='label = "a"'), "is this entry itself"),
    (retraction("a") + claim("2015", extra='label = "a"'), "which stands below"),
    (
        claim("2015", extra='id = "a"') + claim("2016", extra='id = "a"')
        + retraction("a"),
        "may mean entries 1 and 2: give the one that is meant a label of its own",
    ),
    (
        claim("2015", extra='id = "a"') + claim("2016", extra='label = "a"')
        + retraction("a"),
        "may mean entries 1 and 2: give the one that is meant a label of its own",
    ),
    (
        claim("2015", extra='label = "a"') + retraction("a", extra='label = "b"')
        + claim("2016", extra='supersedes = "b"'),
        "names a retraction, which claims nothing: retract it instead",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("entries", "problem"), TARGETS, ids=range(len(TARGETS)))
def test_a_target_that_is_not_one_entry_above_is_refused(
    entries: str, problem: str
) -> None:
    """A correction or retraction is told what its target is instead."""
    (said,) = faults_of(HEAD + entries)

    assert problem in said


WHOLE = [
    ("", "chronicle: is missing: write chronicle = 1 at the top"),
    ("chronicle = true", "line 1: chronicle: is true: write chronicle = 1"),
    ("chronicle = 1\nchronicle = 1", "a name is given twice in one table"),
    ("chronicle = 1\nx = ", "end of document: is not TOML: invalid value"),
    ("chronicle = 1\nx = 2019-04", "line 2, column 9: is not TOML: expected newline"),
    ("chronicle = 1\nx = " + "9" * 5_000, "too many digits in a number"),
    ("x = 1e9999999999999999999999", "too many digits in a number"),
    ("x = " + "[" * 100_000, "is nested too deeply to be read"),
    ("x = " + "{a=" * 100_000, "is nested too deeply to be read"),
    ("\n" + "x." * 100_000 + "x = 1", "line 2: is nested too deeply to be read"),
    ("[" * 100_000, "is not TOML"),
    ("chronicle = 1\nentries = 5", "line 2: entries: must be tables: begin each"),
    ("chronicle = 1\nentries = [5]", "line 2, entry 1: must be a table: begin it"),
    ("chronicle = 1\nsources = 5", "line 2: sources: must be tables: begin each"),
    ("chronicle = 1\nsources.x = 5", "line 2, source 'x': must be a table: begin it"),
    ("chronicle = 1\n[[entries]]\nwhen = '1'", "'1' is not an EDTF date"),
    ("chronicle = 1\n[[entries]]\nwhen = '2015'", "says what happened; write one"),
    ("chronicle = 1\n[[entries]]\nlabel = 5", "label: is the number 5: write text"),
    ("chronicle = 1\n[[entries]]\nid = 0x" + "f" * 9_999, "id: is a huge number"),
    ("chronicle = 1\n[[entries]]\nid.a = 1", "id: is a table: write text in quotes"),
    ("chronicle = 1\n[[entries]]\nsupersedes = 5", "write a label or an id in quotes"),
    ("chronicle = 1\n[[entries]]\nretracts = []", "write a label or an id in quotes"),
    (
        "chronicle = 1\n[[entries]]\nretracts = ''\nx = 1",
        "x: is not a key of a retract",
    ),
    (
        "chronicle = 1\n[[entries]]\n'o d' = 1",
        "entry 1: 'o d': is not a key of an entry",
    ),
    ("chronicle = 1\n[[entries]]\n[entries.Joined]\nmember = nan", "the number NaN"),
]


@pytest.mark.parametrize(("text", "problem"), WHOLE, ids=range(len(WHOLE)))
def test_broken_and_hostile_texts_are_refused_in_words(text: str, problem: str) -> None:
    """Whatever a text holds, the error is ours, and says what to do."""
    assert problem in "\n".join(faults_of(text))


def test_citing_is_no_fault_where_the_sources_cannot_be_read() -> None:
    """Only the table of sources is reported, not each entry that cites one."""
    text = "chronicle = 1\nsources = 5\n" + claim("2015")

    assert 1 == len(faults_of(text))


def test_an_unhashable_payload_is_reported_by_entry() -> None:
    """A class of somebody whose parts could change is refused like any other fault."""

    @frozen
    class Loose:
        stops: list[str]

    text = "chronicle = 1\n[[entries]]\nwhen = '2015'\n[entries.Loose]\nstops = ['a']"
    (said,) = faults_of(text, Vocabulary(Loose))

    assert said.startswith("line 2, entry 1: ")
    assert "Loose.stops" in said


lines = st.sampled_from([
    "chronicle = 1", "[[entries]]", "[entries.Joined]", "[sources.a]", "[entries]",
    'title = "x"', 'when = "2015"', "when = 2015", 'cite = ["a"]', 'member = "AZE"',
    'body = "x"', 'label = "a"', 'id = "a"', 'supersedes = "a"', 'retracts = "a"',
    'because = "x"', "known = 2015-01-01", "known = 1", "x.y = [{}]", '"""', "#",
])  # fmt: skip


@given(st.lists(lines | st.text(max_size=8), max_size=14))
def test_any_text_becomes_a_log_or_faults(found: list[str]) -> None:
    """Lines in any order are read, or refused with an error that has addresses."""
    text = "\n".join(found)
    try:
        log = loads(text, Vocabulary(Joined, Visited))
    except BriTimelineError as error:
        said = isinstance(error, FaultsError) and all(f.place for f in error.faults)
    else:
        said = isinstance(log, EventLog)

    assert said
