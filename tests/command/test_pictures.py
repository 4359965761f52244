"""The command draws each picture that has a name."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from bri_timeline import Event, Place
from bri_timeline._command import main
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.extend import LANGUAGES
from bri_timeline.extensions import OURS, PICTURES, accepted, extension, suffixes
from bri_timeline.formats import jsonl
from bri_timeline.relations import FACTS, Met


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a log."""
    monkeypatch.chdir(tmp_path)
    log, beijing = azerbaijan_china(), Place("Beijing", 39.9, 116.4)
    jsonl.dump(log, "nowhere.jsonl", FACTS)
    met = Event(Met(("AZE", "CHN")), when="2018-06", where=beijing)
    jsonl.dump(log.append(met), "log.jsonl", FACTS)
    return tmp_path


def test_pictures_are_the_pages_that_no_name_of_a_file_tells() -> None:
    """Those that `--help` lists."""
    without = [name for name in OURS["pages"] if not suffixes(extension("pages", name))]
    assert [*PICTURES] == without


@pytest.mark.parametrize("name", PICTURES)
def test_each_picture_is_drawn_for_a_day(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The title is that of the picture, unless one is given."""
    asked = f"timeline log.jsonl --picture {name} --between AZE CHN --on 2019-04-25"

    assert main(shlex.split(f"{asked} -o a.svg --title Own")) == 0
    assert main(shlex.split(f"{asked} -o b.svg")) == 0
    own, plain = ((folder / file).read_text("utf-8") for file in ("a.svg", "b.svg"))
    assert own.replace(">Own<", "") != plain.replace(">Own<", "")
    assert ">Own<" in own
    assert "drawn" in capsys.readouterr().out


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "file"),
    [
        *(
            ("html", "a.html"),
            ("svg", "a.svg"),
            ("text", "a.txt"),
            ("markdown", "a.md"),
        ),
        *((name, "a.svg") for name in PICTURES),
    ],
)
def test_each_file_is_what_python_draws(
    name: str, file: str, language: str, folder: Path
) -> None:
    """With all options that it takes: title, language, and a frame."""
    page = extension("pages", name)
    options = {"title": "Own", "language": language, "embed": True}
    taken = accepted(page.render, options)
    given = [f"--{option}" for option in taken if option != "language"]
    asked = " ".join(given).replace("--title", "--title Own")
    asked += f" --picture {name}" if name in PICTURES else ""

    assert 0 == main(
        shlex.split(f"timeline log.jsonl -o {file} --language {language} {asked}")
    )
    drawn = page.render(jsonl.load("log.jsonl", FACTS), **taken)
    assert str(drawn) == (folder / file).read_text("utf-8")


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ("-o a.html --picture beliefs", "--picture beliefs is drawn as .svg or .png"),
        ("-o a.svg --picture html", "is told by the name of the file: .html"),
        ("-o a.txt --title T", "--title: a.txt shows no title: leave it out"),
        ("-o a.md --embed", "--embed is for a page, .html, and not for a.md"),
        ("-o a.svg --embed --picture beliefs", "--embed is for a page, .html, and not"),
        ("-o a.md --language fr", "choose from"),
        ("-o a.md --known-by 2019-05-01", "needs --on, the day to show, or --during"),
        ("-o -", "which has no name: give a file"),
        ("-o a.md --picture beliefs", "and a.md is neither"),
        ("-o a.svg --picture nothing", "'nothing' is not among the pages: html"),
        (
            "-o a.svg --picture beliefs --on 2019-04-25 --known-by 2019-05-01",
            "--picture beliefs shows days of knowledge: leave out --known-by",
        ),
        (
            "-o a.svg --picture beliefs --during 2019",
            "--picture beliefs shows days of knowledge: leave out --during",
        ),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_a_picture_does_not_take_is_refused(
    asked: str, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing that is asked is passed over in silence."""
    assert main(shlex.split(f"timeline log.jsonl {asked}"))
    assert problem in " ".join(capsys.readouterr().err.split())


@pytest.mark.usefixtures("folder")
def test_a_map_without_places_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """An empty picture would promise what is not there."""
    assert main(shlex.split("timeline nowhere.jsonl -o a.svg --picture places"))
    assert 'where=Place("Baku", latitude=' in capsys.readouterr().err
    assert not Path("a.svg").exists()
