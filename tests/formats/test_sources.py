"""CSL-JSON and BibTeX: sources out and in, and what is lost on the way."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bri_timeline import Event, EventLog, Source
from bri_timeline.errors import FaultsError
from bri_timeline.evidence import citation_key, csl_item
from bri_timeline.formats import bibtex, csl
from bri_timeline.relations import Joined


HERE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
BOTH = pytest.mark.parametrize("library", [csl, bibtex])
PAPER = Source(
    "Azerbaijan & \u201cChina\u201d: 100 % {more}",
    published="[2019-04-29..2019-05-05]",
    container="Eurasia Daily Monitor 16:62",
    author="R. Author and Son",
    url="https://paper.example/a_b?c=1#d",
)
DATES = """
2015 2015-04 2015-04-24 2015~ 2015? 201X 2015/2016-02 -0044 Y12345 2015/.. 2015-21
{2015,2016} 2015~/2016 2015/2016~ 2015-04~ 2019-04-24T10:00:00Z
"""
texts = st.text('aB{}\\$%&_#~^@",= \n\u0130', max_size=5)
maybe = st.none() | texts
sources = st.builds(
    Source,
    texts,
    published=st.none() | st.sampled_from(DATES.split()),
    container=maybe,
    author=maybe,
    url=maybe,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A path in a folder of its own."""
    return tmp_path / "sources"


def faults_of(library: ModuleType, path: Path, text: str) -> list[str]:
    """What is said about a file."""
    path.write_text(text, "utf-8")
    with pytest.raises(FaultsError) as caught:
        library.load(path)
    return [str(fault) for fault in caught.value.faults]


@BOTH
@HERE
@example(found=[Source("a"), Source("a", author=""), Source("a", url="")])
@given(found=st.lists(sources, max_size=3, unique=True))
def test_load_reads_fields_without_losses_as_they_were(
    found: list[Source], library: ModuleType, tmp_path: Path
) -> None:
    """Every field of which no loss is reported comes back as it was."""
    file = tmp_path / "sources"
    losses = list(map(str, library.dump(found, file)))
    written = [
        source
        for source in found
        if not any(
            loss.startswith(f"{citation_key(source)}: is not") for loss in losses
        )
    ]

    again = library.load(file)
    assert len(written) == len(again)
    for source, back in zip(written, again, strict=True):
        for name in ("title", "published", "container", "author", "url"):
            is_kept = getattr(source, name) == getattr(back, name)
            key = citation_key(source)
            said = f"{key}: its {name} does not come back as it was"
            assert is_kept is (said not in losses)


@BOTH
def test_load_reads_the_source_that_dump_wrote(library: ModuleType, path: Path) -> None:
    """Text of any letters, addresses and imprecise dates are kept."""
    plain = Source("x", published="2015~")

    assert () == library.dump([PAPER, plain, PAPER], path)
    assert (PAPER, plain) == library.load(path)


def test_bibtex_dump_leaves_out_sources_without_a_title(path: Path) -> None:
    """A source without a title is not written, so that the rest can be read."""
    losses = bibtex.dump([Source(""), PAPER], path)

    assert [
        f"{citation_key(Source(''))}: is not written: '' could not be read again"
    ] == [str(loss) for loss in losses]
    assert (PAPER,) == bibtex.load(path)


@BOTH
def test_the_sources_of_a_log_are_written(library: ModuleType, path: Path) -> None:
    """Each source that a log cites is written once."""
    log = EventLog.of(
        Event(Joined("AZE", "x"), when="2015", cite=[PAPER.at("p. 1"), Source("y")]),
        Event(Joined("CHN", "x"), when="2015", cite=PAPER.at("p. 2")),
    )
    library.dump(log.retract(0, because="no"), path)

    assert (PAPER, Source("y")) == library.load(path)


def test_both_have_the_keys_by_which_sources_are_cited(path: Path) -> None:
    """Markdown has these keys too."""
    found = [PAPER, Source("\u738b\u6bc5", published="2019-05-01"), Source("a [1] @b")]
    bibtex.dump(found, path)
    written = re.findall(r"^@\w+\{([^,]+),", path.read_text("utf-8"), re.MULTILINE)
    csl.dump(found, path)
    items = json.loads(path.read_text("utf-8"))

    assert sorted(written) == sorted(item["id"] for item in items)
    assert {*map(citation_key, found)} == {*written}


def test_csl_dump_writes_items_of_csl(path: Path) -> None:
    """Plain dates are numbers, names are literal."""
    csl.dump([Source("x", published="2015-04/2016~", author="y", container="z")], path)
    csl.dump([Source("x", published="2015-04~", author="y", container="z")], path)

    assert json.loads(path.read_text()) == [
        {
            "id": "z-2015-1aa4a32e",
            "type": "article-journal",
            "title": "x",
            "container-title": "z",
            "author": [{"literal": "y"}],
            "issued": {"date-parts": [[2015, 4]], "circa": True},
        }
    ]


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ({"container": "The Courier", "published": "2013-11-25"}, "article-newspaper"),
        ({"container": "EDM 16:62", "published": "2019-05-05"}, "article-journal"),
        ({"container": "A Review", "published": "2013"}, "article-journal"),
        ({"container": "A Review"}, "article-journal"),
        ({"url": "https://audit.example/"}, "webpage"),
        ({"published": "2013-11-25"}, "document"),
    ],
)
def test_csl_type_is_what_is_known_of_a_source(
    parts: dict[str, str], kind: str
) -> None:
    """Styles print a type in their way: `article` alone would be a preprint."""
    assert kind == csl_item(Source("x", **parts))["type"]


def test_csl_dump_writes_seasons_as_text(path: Path) -> None:
    """A date that numbers cannot say is text, and so is a doubtful one."""
    csl.dump([Source("x", published="2015-21"), Source("y", published="2015?")], path)

    assert [{"literal": "2015-21"}, {"literal": "2015?"}] == [
        item["issued"] for item in json.loads(path.read_text())
    ]


def test_bibtex_dump_escapes_latex(path: Path) -> None:
    """A per cent sign is not a comment, and a backslash not a command."""
    bibtex.dump([Source("100 % \\x", published="2015~")], path)
    text = path.read_text()

    assert r"title = {100 \% \textbackslash{}x}" in text
    assert "date = {2015~}" in text


def test_csl_load_reads_items_of_other_programs(path: Path) -> None:
    """Volume and issue belong to the container, names are put together."""
    item = {
        "title": "x",
        "container-title": "Monitor",
        "volume": 16,
        "issue": "62",
        "page": "1-2",
        "author": [{"family": "Doe", "given": "J."}, {"literal": "Press"}],
        "issued": {"date-parts": [["2019", 4]]},
    }
    items = [item, {"title": "y", "issued": "2015?", "author": []}]
    items.append({"title": "z", "issued": {"raw": "2015"}})
    items.append({"title": "z", "container-title": "Monitor", "volume": "1"})
    path.write_text(json.dumps(items))
    paper = Source(
        "x", published="2019-04", container="Monitor 16:62", author="J. Doe; Press"
    )

    assert csl.load(path) == (
        paper,
        Source("y", published="2015?"),
        Source("z", published="2015"),
        Source("z", container="Monitor 1"),
    )


def test_bibtex_load_reads_entries_of_other_programs(path: Path) -> None:
    """Year and month are a date, braces that only group are none of the text."""
    path.write_text(
        """
        @string{edm = "Eurasia Daily Monitor"}
        @article{a, Title = {The {BRI} \\& more}, journal = edm, volume = 16,
          number = 62, year = 2019, month = apr, pages = {1--2}}
        @book{b, title = "x", year = "2015", month = 4}
        @comment{nothing}
        @book{c, title = "y", year = 2015, booktitle = {z}}
        """
    )

    assert bibtex.load(path) == (
        Source(
            "The BRI & more",
            published="2019-04",
            container="Eurasia Daily Monitor 16:62",
        ),
        Source("x", published="2015-04"),
        Source("y", published="2015", container="z"),
    )


@pytest.mark.parametrize(
    ("items", "said"),
    [
        (1, "file: is the number 1: CSL-JSON is a list of items"),
        ([1], "item 1: is the number 1: write an object"),
        ([{}], "item 1: has no title"),
        ([{"title": []}], "item 1: title is a list: write text"),
        ([{"title": True}], "item 1: title is true: write text"),
        ([{"title": "x", "author": "y"}], "item 1: author is 'y': write a list"),
        ([{"title": "x", "issued": {}}], "item 1: issued is a table: write date-parts"),
        ([{"title": "x", "issued": 1}], "item 1: issued is the number 1"),
        ([{"title": "x", "issued": "spring"}], "item 1: 'spring' is not an EDTF date"),
        (
            [{"title": "x", "issued": {"date-parts": [["x"]]}}],
            "item 1: issued has ['x']: write whole numbers",
        ),
    ],
)
def test_csl_load_reports_faulty_items(path: Path, items: object, said: str) -> None:
    """What is wrong with an item is said with its number."""
    assert faults_of(csl, path, json.dumps(items))[0].startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n@misc{a, year = 2015}", "line 2, a: has no title: write one"),
        ("<html>404</html>", "file: has no entry of BibTeX, such as @book"),
        (
            "@misc{a, title = {x}, date = {spring}}",
            "line 1, a: 'spring' is not an EDTF",
        ),
        ("@misc{a, title = {x}\n\n@misc{b, title = {y}}", "line 1: is not BibTeX"),
        (
            "@misc{a, title={x}}\n@misc{a, title={x}}",
            "line 2: is not BibTeX: Duplicate",
        ),
    ],
)
def test_bibtex_load_reports_faulty_entries(path: Path, text: str, said: str) -> None:
    """What is wrong with an entry is said with its line."""
    assert faults_of(bibtex, path, text)[0].startswith(said)
