"""Slips in declarations and tables: each is answered, with its place and a remedy."""

from __future__ import annotations

import tomllib

import pytest

from bri_timeline.errors import BriTimelineError
from bri_timeline.formats import tables
from bri_timeline.relations import FACTS


WHEN = 'when = { column = "day", format = "yyyy-mm-dd" }'
GUEST = '{ column = "guest", as = "state" }'
DECLARED = f"""
title = "T"

[source]
title = "A list"
published = "2020"

[[events]]
kind = "AgreementSigned"
{WHEN}

[events.fields]
parties = [{GUEST}, "CHN"]
title = {{ column = "deal" }}
value = {{ amount = {{ column = "sum" }}, currency = "USD", optional = true }}
"""
HEAD, ROW = "guest,day,deal,sum", "Georgia,2015-03-14,a port,1.5"
TABLE = f"{HEAD}\n{ROW}\nItaly,2016-04-15,a road,\n"
TOP, FORM = 'title = "T"\n', 'format = "yyyy-mm-dd"'

# What is written in place of what, the place that is named, and the remedy.
SLIPS = [
    (TOP, 'titel = "T"\n', "titel", "write title, events, source"),
    (TOP, f"{TOP}skip = '1'\n", "skip", "write a number without quotes"),
    (
        TOP,
        f"{TOP}skip = 1\n",
        "column 'day'",
        "skip: the columns stand in row 1: write",
    ),
    (TOP, f"{TOP}header = 2\n", "column 'day'", "there are 'guest / Georgia'"),
    (TOP, f"{TOP}missing = 'n/a'\n", "missing", 'write a list, such as ["..."]'),
    (TOP, f"{TOP}fill = 'guest'\n", "fill", 'write a list, such as ["..."]'),
    (TOP, f"{TOP}fill = ['Guest']\n", "column 'Guest'", "there are 'guest'"),
    (TOP, f"{TOP}language = 'german'\n", "language", "write a language such as 'de'"),
    (TOP, f"{TOP}decimal = 'comma'\n", "decimal", "is not '.' or ','"),
    (TOP, f"{TOP}delimiter = ';'\n", "column 'day'", "is its delimiter ';'?"),
    (TOP, f"{TOP}delimiter = 'tab'\n", "delimiter", "is not one character"),
    (TOP, f"{TOP}encoding = 'ansi'\n", "encoding", "such as 'utf-8'"),
    (TOP, f"{TOP}coverage = 'to 2019'\n", "coverage", "expected a year of four digits"),
    (TOP, f"{TOP}match = {{ deal = '(a)' }}\n", "match.deal", "write (?P<guest>...)"),
    (TOP, f"{TOP}lookups = [{{ name = 'x' }}]\n", "lookups[1].file", "write it"),
    ('[source]\ntitle = "A list"', "[source]", "source", "a source needs one"),
    ('"A list"', '"deal"', "title is 'deal' in all rows", "write {deal} for"),
    ('"2020"', '"spring"', "'spring'", "expected a year of four digits"),
    ('"2020"', '"{seen}"', "column 'seen'", "there are 'guest', 'day'"),
    ("[[events]]", "[events]", "events", "or [[...]] above each table"),
    ("Signed", "Singed", "has no 'AgreementSinged'", "it has AgreementSigned"),
    ('"day"', '"Day"', "column 'Day'", "there are 'guest', 'day'"),
    ('"day"', '["day"]', "events[1].when[1].columns[1]", "write text in quotes"),
    (WHEN, 'when = "day"', "events[1].when[1]", "write a table"),
    (WHEN, 'when = { is = "soon" }', "events[1].when: is", "expected a year of four"),
    (WHEN, 'when = { column = "day" }', "events[1].when[1].format", "write it"),
    (WHEN, f'{WHEN}\nwhere = {{ deal = "x" }}', "events[1].where", "write a list"),
    (
        WHEN,
        f'{WHEN}\nwhere = {{ deal = ["x"] }}',
        "no cell of 'deal'",
        "there are 'a p",
    ),
    (WHEN, f'{WHEN}\nkey = ["deal"]', "events[1].key", "write when, parties, title"),
    (FORM, 'format = "YYYY-MM-DD"', "events[1].when", "one yyyy, as in yyyy-mm"),
    (FORM, 'format = "dd.mm.yyyy"', "line 2", "say what it means under dates"),
    (FORM, f'{FORM}, first = "months"', "events[1].when", "write day, month, year"),
    (FORM, f'{FORM}, precisions = {{ d = "day" }}', "events[1].when", "by precision"),
    (FORM, f'{FORM}, dates = {{ x = "c. 2015" }}', "when: x", "did you mean '2015~'"),
    (
        FORM,
        f'{FORM}, sentinels = {{ x = "now" }}',
        "events[1].when",
        "write missing, o",
    ),
    ('title = { column = "deal" }', "", "events[1].fields.title", "needs it"),
    (
        'title = { column = "deal" }',
        'title = "deal"',
        "title is 'deal'",
        "write {deal}",
    ),
    ('"state"', '"states"', "events[1].fields.parties", "write one of number, state"),
    (GUEST, '"Georgia"', "parties", "did you mean GEO"),
    (
        '"state" }',
        '"state", code = {} }',
        "events[1].fields.parties",
        "one of as, codes",
    ),
    ('"sum" }', '"sum", times = "m" }', "events[1].fields.value", "such as 1000000"),
    ('currency = "USD"', 'currency = "$"', "value", "write three capital letters"),
    ("optional = true", "optional = 1", "value.optional", "It has amount, currency"),
    (HEAD, "a list, 2019\n\n" + HEAD, "column 'day'", "in row 3: write skip = 2"),
    (HEAD, "guest,day,day,sum", "column 'day'", "which one is meant?"),
    (HEAD, HEAD.replace(",", ";"), "line 2", "quote a cell that has a delimiter"),
    (ROW, "Georgien,2015-03-14,a port,1", "guest: 'Georgien'", "under codes"),
    (ROW, "Georgia?,2015-03-14,a port,1", "guest: 'Georgia?'", "under codes"),
    (ROW, ",2015-03-14,a port,1", "guest holds nothing", "fill if it repeats the cell"),
    (ROW, "Georgia,,a port,1", "day has no date", "missing would give it bounds"),
    (ROW, "Georgia,2014-15,a port,1", "'2014-15'", "2014/2015 or [2014..2015]?"),
    (ROW, "Georgia,2013-2018,a port,1", "'2013-2018'", "2013/2018 or [2013..2018]?"),
    (ROW, "Georgia,14.3.2015,a port,1", "'14.3.2015'", "say what it means under dates"),
    (ROW, "Georgia,2015-02-30,a port,1", "'2015-02-30'", "say what it means under"),
    (ROW, "Georgia,2015-03-14,a port,~4", "sum: '~4'", "say what it means under codes"),
    (ROW, "Georgia,2015-03-14,a port,#REF!", "sum: '#REF!'", "correct it, or add it"),
    (ROW, 'Georgia,2015-03-14,a port,"1,500"', "'sum': '1,500'", "write decimal = ','"),
    (ROW, "Georgia,2015-03-14,a port, b,1", "the row has 5 cells", "quote a cell that"),
    (ROW, 'Georgia,2015-03-14,"a port,1', "line 2: cannot be read", "is not closed"),
]


def answer(declaration: str, table: str) -> str:
    """All that is said of a table that is read by a declaration."""
    try:
        declared = tables.declared(tomllib.loads(declaration))
        found = tables.loads(table, declared, FACTS)
    except BriTimelineError as error:
        return str(error)
    return "\n".join([*map(str, found.rejected), *found.cautions])


@pytest.mark.parametrize(("right", "wrong", "place", "remedy"), SLIPS)
def test_a_slip_is_answered(right: str, wrong: str, place: str, remedy: str) -> None:
    """With its place and what to write; and what is right, with nothing."""
    texts = [DECLARED.replace(right, wrong, 1), TABLE.replace(right, wrong, 1)]
    said = answer(*texts)
    assert [DECLARED, TABLE] != texts
    assert f"{place}" in said
    assert remedy in said
    assert answer(DECLARED, TABLE) == ""
