"""The guide has each key of a declaration: its meaning, and an example that reads."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template

import openpyxl
import pytest

from bri_timeline import Vocabulary
from bri_timeline._command._authoring import _documented
from bri_timeline.errors import BriTimelineError
from bri_timeline.formats import tables
from bri_timeline.formats.tables import _cells
from bri_timeline.formats.timelinejs import Slide
from bri_timeline.relations import FACTS


GUIDE = Path(__file__).parents[2] / "examples" / "guides" / "table-declarations.md"
CLASSES = {
    "table": tables.Declaration,
    "lookups": tables.Lookup,
    "rules": tables.Rule,
    "dates": tables.Dates,
}
# A table, a declaration in which `$rules_key` stands for the example of the guide, and
# what it gives. Keys that exclude each other stand apart.
SHEETS = r"""
day,text,paper,printed,page
2015,Hello,Gazette,2015-02,3
--
$table_title
$table_events
$table_source
$table_coverage
--
Hello 2015
====
day,text
2015,Hello
--
title = "A workbook"
source.title = "A"
$table_sheet
[[events]]
kind = "Slide"
when = { column = "day", format = "edtf" }
fields.headline = "{text}"
--
Hello 2015
====
Сделки
No.;Deal;Примечание;Value;
;;;m;of
1;Kasachstan mit China;k.A.;1,5;x
2;Georgien mit China;a;2;x
--
title = "A text"
source.title = "A"
$table_encoding
$table_delimiter
$table_decimal
$table_match
$table_lookups
$table_skip
$table_header
$table_missing
$table_language
[[events]]
kind = "AgreementSigned"
when = { column = "session.day", format = "edtf" }
[events.fields]
parties = [{ column = "one", as = "state" }, { column = "two", as = "state" }]
title = "a deal"
between = { column = "Примечание", optional = true }
value = { amount = { column = "Value / m" }, currency = "USD" }
--
Agreement: a deal, worth 1.50 USD 2018-02
Agreement: a deal, worth 2 USD 2018-03
====
guest,day
Chad,2015
,2016
--
title = "Merged cells"
source.title = "A"
$table_fill
[[events]]
kind = "Slide"
when = { column = "day", format = "edtf" }
fields.headline = "{guest}"
--
Chad 2015
Chad 2016
====
No.,text
1,Hello
--
title = "A lookup"
source.title = "A"
[[lookups]]
$lookups_name
$lookups_file
$lookups_column
$lookups_key
[[events]]
kind = "Slide"
when = { column = "session.day", format = "edtf" }
fields.headline = "{text}"
--
Hello 2018-03
====
type,status,guest,own,common,end,city,lat,lon,paper,text
visit,done,Georgia,2015-05-02,,2015-05-04,Baku,40.4,49.9,Courier,on trade
visit,done,Chad,,2015-06,2015-06-09,Baku,40.4,49.9,Courier,on transport
visit,done,Chad,2016,,2016-06-09,Baku,40.4,49.9,Tabloid,on transport
visit,planned,Chad,2016,,2016-06-09,Baku,40.4,49.9,Courier,on trade
visit,done,Chad,2017,,2017-06-09,Baku,40.4,49.9,Courier,a holiday
--
title = "A rule with an id"
source.title = "A"
[[events]]
$rules_kind
$rules_when
$rules_fields
$rules_until
$rules_place
$rules_where
$rules_where_not
$rules_containing
$rules_id
--
Georgia visits China 2015-05-02/2015-05-04
Chad visits China 2015-06/2015-06-09
====
guest
Chad
--
title = "A rule with a key"
source.title = "A"
[[events]]
kind = "Visited"
when = { column = "guest", format = "edtf", dates = { Chad = "2015" } }
$rules_fields
$rules_key
--
Chad visits China 2015
====
Month,Year,day,text
5,2015,,a
juin,2015,,b
,,2015-07-01,c
,,ca. 2015,d
,,,e
--
title = "Days"
source.title = "A"
[[events]]
kind = "Slide"
fields.headline = "{text}"
[[events.when]]
$dates_columns
$dates_format
$dates_language
[[events.when]]
column = "day"
format = "yyyy-mm-dd"
$dates_first
$dates_dates
$dates_missing
--
a 2015-05
b 2015-06
c 2015-07
d 2015~
e [..2025-05]
====
end,known,text
today,d,a
2015-12-31,d,b
2014-05-01,m,c
2014-05-01,d,d
--
title = "Ends"
source.title = "A"
[[events]]
kind = "Slide"
fields.headline = "{text}"
when = { column = "known", format = "edtf", dates = { d = "2009", m = "2009" } }
[events.until]
column = "end"
format = "yyyy-mm-dd"
$dates_sentinels
$dates_precision
$dates_precisions
$dates_exclusive
--
a 2009/..
b 2009/2015-12-31..
c 2009/2014-04
d 2009/2014-04-30
====
buyer;code;m;note
Kosovo;345;1,5;
Georgien;345;7;urgent
--
title = "Cells"
source.title = "A"
[[events]]
kind = "AgreementSigned"
when = { column = "code", format = "edtf", dates = { 345 = "1992" } }
[[events.fields.parties]]
$cells_column
$cells_as
$cells_codes
$cells_language
[[events.fields.parties]]
column = "code"
as = "cow"
$cells_on
[events.fields]
title = "a sale"
[events.fields.between]
column = "note"
$cells_optional
[events.fields.value]
currency = "USD"
[events.fields.value.amount]
column = "m"
$cells_times
$cells_decimal
--
Agreement: a sale, worth 1.5 million USD 1992
Agreement: a sale, worth 7 million USD 1992
"""
_KEY = re.compile(r"^- `(\w+)`: ((?:.|\n  )+)", re.MULTILINE)
_ROW = re.compile(r"^\| `((\w+) = (?:[^|\n]|\\\|)+)` \| (.+) \|$", re.MULTILINE)
_SENTENCE = re.compile(r".*?\.(?= [A-Z`]|$)")
_SHOWN = re.compile(r"\$(\w+)")


def keys() -> dict[str, tuple[str, str]]:
    """The example and the meaning of each key, by its name and that of its section."""
    found: dict[str, tuple[str, str]] = {}
    for part in GUIDE.read_text("utf-8").split("\n## ")[1:]:
        section = part.splitlines()[0].split()[-1].lower()
        for row in _ROW.findall(part):
            example, name, meaning = (cell.replace(r"\|", "|") for cell in row)
            found[f"{section}_{name}"] = (example, meaning)
    return found


def read(path: Path, text: str, without: str = "") -> object:
    """Read a table, with an example left out, or tell why it cannot be read."""
    examples = {name: example for name, (example, _) in keys().items()}
    text = Template(text).substitute(examples | {without: ""})
    path.with_suffix(".toml").write_text(text, "utf-8")
    try:
        declaration = tables.read_declaration(path.with_suffix(".toml"))
        return tables.load(path, declaration, FACTS | Vocabulary(Slide))
    except BriTimelineError as error:
        return str(error)


def test_the_guide_has_every_key_of_a_declaration() -> None:
    """With the first sentence of its docstring: write it anew after a change."""
    said = {title: _documented(cls.__doc__ or "")[1] for title, cls in CLASSES.items()}
    said["cells"] = dict(_KEY.findall(tables.__doc__ or ""))

    assert said["cells"].keys() == _cells._KEYS
    assert {name: meaning for name, (_, meaning) in keys().items()} == {
        f"{title}_{name}": _SENTENCE.findall(" ".join(text.split()))[0]
        for title, texts in said.items()
        for name, text in texts.items()
    }


@pytest.mark.parametrize("case", SHEETS.strip().split("\n====\n"))
def test_examples_of_keys_read_a_table(case: str, tmp_path: Path) -> None:
    """They give what is expected; and without one of them it is not the same."""
    sheet, text, expected = case.split("\n--\n")
    path = tmp_path / ("t.xlsx" if "$table_sheet" in text else "t.csv")
    path.write_bytes(sheet.encode("cp1251"))
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for title, word in (("Notes", "Bye"), ("Deals", "Hello")):
            page = book.create_sheet(title)
            for line in sheet.replace("Hello", word).splitlines():
                page.append(line.split(","))
        book.save(path)
    sessions = "No.,number,day\n1,2,2018-02\n2,1,2018-03\n"
    (tmp_path / "sessions.csv").write_text(sessions, "utf-8")
    whole = read(path, text)

    assert isinstance(whole, tables.Imported), whole
    told = [f"{entry.claim.what} {entry.claim.when}" for entry in whole.log]
    assert told == expected.splitlines()
    for name in _SHOWN.findall(text):
        assert whole != read(path, text, without=name), name


def test_every_example_of_a_key_is_read() -> None:
    """The tables leave none out."""
    assert {*_SHOWN.findall(SHEETS)} == keys().keys()
