"""Chronologies in Markdown: pandoc reads them as they are meant."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pypandoc
import pytest
import typst

from bri_timeline import Event, EventLog, Source
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import PictureError
from bri_timeline.evidence import citation_key
from bri_timeline.formats import csl
from bri_timeline.pages import markdown
from bri_timeline.relations import PositionDeclared, Visited, relationship


LANGUAGES = ("en", "de", "ru", "zh")
NAMES = ("王毅: 报告", "تقرير *عن* الزيارة", "Отчёт № 5", 'A "report" [1] @b')
HOSTILE = (
    r"\`*_{}[]()#+-.!|<>@$^~&\"' --- ... :smile: http://a.b/c_d 1) x",
    "<script>x</script> &amp; <!-- y --> {=html} \\( z \\)",
    "^[note] [^1] [@key] [text](url) ![i](u) $x$ ~~s~~ H~2~O a^2^",
    "# heading\n- item\n\n> quote\n::: div",
)


def pandoc(text: str, target: str) -> str:
    """Return what pandoc makes of a document; a warning of it is a failure."""
    done = subprocess.run(
        [
            pypandoc.get_pandoc_path(),
            "--citeproc",
            "--fail-if-warnings",
            "--standalone",
            "--wrap=none",
            f"--to={target}",
        ],
        input=text,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def claims(count: int) -> EventLog:
    """Claims of sources with titles in several scripts."""
    return EventLog.of(
        *(
            Event(
                PositionDeclared("AZE", NAMES[n % 4], f"position {n}"),
                when=f"20{10 + n % 9}-0{1 + n % 9}",
                cite=Source(f"{NAMES[n % 4]} {n}", published="2019-05-01").at("p. 3"),
            )
            for n in range(count)
        )
    )


def keys(text: str) -> list[str]:
    """The keys of the sources of a document."""
    return re.findall(r'^- \{"id":"([^"]+)"', text, re.MULTILINE)


class TestDocument:
    """What a chronology says."""

    @pytest.mark.slow
    def test_it_is_headed_by_its_two_dates(self) -> None:
        """The day, and the day by which it was known, stand first, with the state."""
        view = azerbaijan_china().as_of("2019-04-26", "2019-05-05")
        chronology = markdown.render(
            view, projection=relationship("AZE", "CHN"), title="Two states"
        )
        text = " ".join(pandoc(chronology, "plain").split())

        assert (
            "By 26 April 2019, as reported by 5 May 2019: two visits, one meeting, ten"
            " agreements worth 821 million USD, three positions, three projects and"
            " four more; sources differ about one of them."
        ) in text
        assert "Putin" in markdown.render(view)
        assert "Putin" not in chronology

    def test_everything_known_is_said_too(self) -> None:
        """Without a day of knowledge the heading says that all is included."""
        text = markdown.render(azerbaijan_china().as_of("2019-04-26"), language="de")

        assert "26\\. April" not in text
        assert "Bis zum 26. April 2019, nach allem, was bekannt ist: " in text

    def test_a_period_has_both_its_days(self) -> None:
        """The chronology of a window says when it begins."""
        text = markdown.render(azerbaijan_china().during("2019"))

        assert "From 1 January 2019 to 31 December 2019, with all that is known" in text

    def test_a_position_in_the_log_stands_as_it_is(self) -> None:
        """A view by position has no day of knowledge to put in words."""
        view = azerbaijan_china().as_of("2019-04-26", known_by=5)

        assert f"as reported by {view.basis}: " in markdown.render(view)

    @pytest.mark.slow
    def test_a_dispute_is_a_note(self) -> None:
        """What another source says stands in a footnote with its citation."""
        text = pandoc(markdown.render(azerbaijan_china(), language="en"), "plain")
        note = text.partition("[1] ")[2]

        assert note.startswith("Sources differ: 24 April 2019: Ilham Aliyev and Xi")
        assert "Turan" in note

    def test_a_newspaper_is_no_preprint_and_dates_are_in_words(self) -> None:
        """Footnotes of pandoc's own style say what sources are, and no date as EDTF."""
        day, month = (
            Event(
                Visited("AZE", "CHN"),
                when=when,
                id="v",
                cite=Source(f"On {when}", container="The Courier", published=out),
            )
            for when, out in (("2018-08-15", "2018-08-16"), ("2018-08", "2018-09-01"))
        )
        text = pandoc(markdown.render(EventLog.of(day, month)), "plain")

        assert "preprint" not in text.lower()
        assert "[1] 15 August 2018 (" in text
        assert "; some time in August 2018 (" in text

    def test_a_correction_keeps_what_was_said_before(self) -> None:
        """A corrected claim has a note with what it was."""
        log = EventLog.of(
            Event(
                Visited("AZE", "CHN"), when="2015", cite=Source("A", published="2016")
            )
        )
        log = log.append(
            Event(Visited("AZE", "CHN"), when="2016", cite=Source("B")), supersedes=0
        )
        text = pandoc(markdown.render(log), "plain")

        assert "corrected: it was “Azerbaijan visits China”, some time in 2015" in text

    def test_undecided_and_unsourced_claims_say_so(self) -> None:
        """A claim that may not have happened yet, and one without a source."""
        log = EventLog.of(Event(Visited("AZE", "CHN"), when="2015"))
        text = markdown.render(log.as_of("2015-06-01"))

        assert "Azerbaijan visits China (may have happened) (no source)" in text

    def test_an_unknown_language_is_refused(self) -> None:
        """The error names the languages that there are."""
        with pytest.raises(PictureError, match="give one of en, de, ru, zh"):
            markdown.render(EventLog(), language="xx")

    def test_an_empty_log_is_a_chronology_too(self) -> None:
        """Nothing is listed, and pandoc takes it."""
        assert "nothing is reported." in pandoc(markdown.render(EventLog()), "plain")


class TestPandoc:
    """What pandoc makes of it."""

    @pytest.mark.slow
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_two_hundred_claims_become_a_paper(
        self, language: str, tmp_path: Path
    ) -> None:
        """A document for Word and a PDF are made without a warning."""
        path = tmp_path / "chronology.md"
        markdown.render(claims(200), language=language, title="Positions").save(path)
        text = path.read_text("utf-8")
        # A binary format is written to a file, not to the standard output.
        word = pypandoc.convert_text(
            text,
            "docx",
            "md",
            extra_args=["--citeproc", "--fail-if-warnings"],
            outputfile=str(tmp_path / "chronology.docx"),
        )
        source = tmp_path / "chronology.typ"
        source.write_text(pandoc(text, "typst"), "utf-8")

        assert word == ""
        assert (tmp_path / "chronology.docx").read_bytes()[:2] == b"PK"
        assert typst.compile(str(source)).startswith(b"%PDF")

    @pytest.mark.slow
    def test_text_is_what_was_written(self) -> None:
        """Signs that mean something in Markdown are text, in every place for text."""
        for text in HOSTILE:
            said = " ".join(text.split())
            log = EventLog.of(
                Event(
                    PositionDeclared("AZE", "peace", text),
                    when="2019-04-24",
                    cite=Source(text, container=text).at(text),
                )
            )
            found = pandoc(markdown.render(log, title=text), "json")
            words = _words(json.loads(found))

            assert words.count(said) >= 3, words


class TestKeys:
    """Keys by which sources are cited."""

    def test_keys_stay_when_sources_are_added(self) -> None:
        """After a hundred more sources each key is what it was."""
        before, after = (keys(markdown.render(claims(n))) for n in (100, 200))

        assert len(set(before)) == 100
        assert set(before) < set(after)

    def test_keys_are_the_same_everywhere(self) -> None:
        """Markdown has the keys of CSL-JSON."""
        log = claims(8)
        written = [item["id"] for item in json.loads(csl.dumps(log))]

        assert sorted(keys(markdown.render(log))) == sorted(written)

    def test_a_key_tells_what_it_is(self) -> None:
        """A key has words of the source and its year."""
        source = Source("A title", published="2019-05", container="Eurasia Monitor 16")

        assert citation_key(source).startswith("eurasia-monitor-16-2019-")
        assert citation_key(Source("王毅")).startswith("source-")


def _words(node: object) -> str:
    """The text of a document as pandoc has parsed it."""
    if isinstance(node, list):
        return "".join(map(_words, node))
    if not isinstance(node, dict):
        return ""
    if node.get("t") == "Str":
        return str(node["c"])
    if node.get("t") in ("Space", "SoftBreak"):
        return " "
    return "".join(map(_words, node.values()))
