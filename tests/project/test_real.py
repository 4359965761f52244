"""The programs in `examples/real` run without data, and on rows like those."""

from __future__ import annotations

import ast
import runpy
import sys
from pathlib import Path

import pytest


FOLDER = Path(__file__).parents[2] / "examples" / "real"
PROGRAMS = sorted(FOLDER.glob("*.py"))
LINES = 30

ARTICLE = """Two presidents meet on the sidelines of the Belt and Road Forum, Beijing,
April 25. On April 24, President Ilham Aliyev arrived in China. This is about President
Aliyev\u2019s visit to China last week. It was said that China fully supports
Azerbaijan\u2019s territorial integrity (Turan, April 24). They agreed to hold the next
Moscow-Baku-Tehran trilateral summit in Russia.
"""
COLUMNS = [
    "id", "side_a", "side_b", "type_of_violence", "country", "best", "low", "high",
    "date_start", "date_end", "date_prec", "source_office", "source_date",
    "source_headline", "source_original",
]  # fmt: skip


def clash(number: int, deaths: int, start: str, end: str, precision: int) -> str:
    """Return a row of UCDP, made up."""
    cells = [number, "A", "B", 2, "Georgia", deaths, deaths, deaths, start, end]
    return ",".join(map(str, [*cells, precision, "Paper", "1994-01-01", "Title", ""]))


# What a file of the name holds, made up, in the format of the real one.
FILES = {
    "article.txt": ARTICLE,
    "bri_join_year_152.csv": "\ufeffcountry,iso2,join_year\nA,AZ,2015\nB,GE,2016\n"
    "C,EL,2018\n",
    "gfdc_bri_countries_2025-05.csv": "iso3,name,mou\nAZE,A,2015-12-01\n"
    "GEO,B,2017-03-01\nKAZ,C,2018-05-23\nARM,D,\n",
    "cgit_2005_2018_coerced_first_of_month.csv": "country,date,quantity_in_millions\n"
    "England,2005-07-01,100\nCuba,2005-08-01,50\n",
    "cgit_2005_2018_raw_year_month.csv": "Year,Month,Quantity in Millions,Country\n"
    "2005,July,100,Britain\n2005,August,50,Cuba\n",
    "ucdp_ged_sample_1000.csv": "\n".join(
        [
            ",".join(COLUMNS),
            clash(1, 3000, "1993-03-20", "1993-05-31", 5),
            clash(2, 8, "1993-05-15", "1993-05-20", 2),
            clash(3, 5, "1994-05-15", "1994-05-15", 1),
        ]
    ),
}
# What each program reads, and says of that.
PRINTED = {
    "joined.py": [
        "line 4: Joined: iso2: 'EL' is not a valid iso2",
        "line 5: Joined: mou has no date: missing would give it bounds",
        "3 joined; of 1 a list only says less",
        "Between the lists there are 1 dispute\n",
        "2016: 1 to 2\n2017: 2 to 2\n2018: 3 to 3\n",
    ],
    "no_invented_day.py": [
        "item 3: when: 'April 27' is neither EDTF nor in the document",
        "item 4: quote: is not in the document",
        "1  [2019-04-21..2019-05-04]  Azerbaijan visits China  (open, a model)\n0\n",
        "2019-04-24  0 -> 1",
    ],
    "on_its_day.py": [
        "3 quotes stand in the text",
        "entry 20 is dated 2019-04-25, after entry 21's report",
        "['2019-04-25', 'overdue, outcome unknown']; later:",
        "later: ['2019-04-24', 'postponed']",
        "\u201cagreed to hold the next Moscow-Baku-Tehran trilateral summit in Russia",
    ],
    "renamed.py": [
        "changed=1, withdrawn=0, fields={'parties': 1}",
        "Britain 100 -> 0: 1 rows\nEngland 0 -> 100: 1 rows\n",
    ],
    "without_a_month.py": [
        "3013 deaths, 3000 of them in no single month\n",
        "GEO 1993: 3008, of which in\n  March 0 to 3000\n  April 0 to 3000\n  May 8 to",
    ],
}


def run(path: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", [str(path), *arguments])
    runpy.run_path(str(path), run_name="__main__")


def files_of(path: Path) -> list[str]:
    """The files that a program says it reads."""
    about = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return [name for name in FILES if name in about]


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_without_data_it_says_where_they_come_from(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It names the files that it reads, and ends well."""
    with pytest.raises(SystemExit) as ended:
        run(path, monkeypatch)
    printed = capsys.readouterr().out

    assert ended.value.code is None
    assert "The data: " in printed
    assert files_of(path)
    assert all(name in printed for name in files_of(path))


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_it_answers_from_rows_like_the_real_ones(
    path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It reads no other files than those that it names."""
    for name in files_of(path):
        (tmp_path / name).write_text(FILES[name], "utf-8")
    run(path, monkeypatch, str(tmp_path))
    printed = capsys.readouterr().out

    assert PRINTED[path.name] == [
        part for part in PRINTED[path.name] if part in printed
    ]


def test_all_programs_are_told_of() -> None:
    """The guide has each of them, with the command, and each is checked here."""
    guide = (FOLDER.parent / "guides" / "real-data.md").read_text("utf-8")

    assert sorted(PRINTED) == [path.name for path in PROGRAMS]
    assert PROGRAMS == [
        path for path in PROGRAMS if f"python examples/real/{path.name} " in guide
    ]


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_it_can_be_read_at_a_glance(path: Path) -> None:
    """It has at most thirty lines without its docstring, comments and blank lines."""
    about, *_ = ast.parse(path.read_text("utf-8")).body
    after = path.read_text("utf-8").splitlines()[about.end_lineno :]
    code = [line for line in after if line.strip() and not line.strip().startswith("#")]

    assert 0 < len(code) <= LINES
