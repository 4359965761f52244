"""The command, and what all pictures have in common."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from bri_timeline import Event, EventLog, Source, View, relations
from bri_timeline._command import main
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import BriTimelineError, MissingExtraError, PictureError
from bri_timeline.formats import chronicle
from bri_timeline.pages import (
    html,
    markdown,
    network,
    png,
    svg,
    text,
)
from bri_timeline.relations import Visited, relationship


LOG = azerbaijan_china()
AZE_CHN = relationship("AZE", "CHN")


MODULES = [text, svg, html, network]
TOML = """
chronicle = 1

[[entries]]
when = 2019-04-24
known = 2019-04-25

[entries.Visited]
guest = "AZE"
host = "CHN"
"""


# Each has a second source that came out later, when another date was reported.
SOURCES = {
    name: Source(f"{name} paper", published=published)
    for name, published in (
        ("First", "2019-04-24"),
        ("Second", "2019-04-26"),
        ("Third", "2019-05"),
        ("Old", None),
    )
}
TWICE = EventLog.of(
    Event(
        Visited("AZE", "CHN"),
        when="2019-04-24",
        cite=[SOURCES["First"], SOURCES["Third"]],
        id="visit",
    ),
    Event(
        Visited("AZE", "CHN"),
        when="2019-04-25",
        cite=[SOURCES["Second"], SOURCES["Third"]],
        id="visit",
    ),
    Event(Visited("CHN", "AZE"), when="2018", cite=SOURCES["Old"]),
)


class TestTogether:
    """Properties that all modules share."""

    @pytest.mark.parametrize(
        "module",
        [html, markdown, svg, text],
        ids=lambda module: module.__name__,
    )
    @pytest.mark.parametrize(
        ("known_by", "out"),
        [
            ("2019-04-01", {"Old"}),
            ("2019-04-24", {"Old", "First"}),
            ("2019-04-30", {"Old", "First", "Second"}),
            ("2019-05-31", {*SOURCES}),
            (0, {"First", "Third"}),
            (None, {*SOURCES}),
        ],
    )
    def test_no_source_is_from_after_the_day_of_knowledge(
        self, module: ModuleType, known_by: str | int | None, out: set[str]
    ) -> None:
        """A source is in a picture from its own day on; of a position every one is."""
        picture = module.render(TWICE.as_of("2019-09-01", known_by))
        shown = picture if isinstance(picture, str) else picture.to_json()

        assert out == {name for name in SOURCES if f"{name} paper" in shown}

    @pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
    @pytest.mark.parametrize("shown", [LOG, LOG.as_of("2019-04-24")], ids=type)
    def test_what_render_returns_is_saved(
        self, module: ModuleType, shown: EventLog | View, tmp_path: Path
    ) -> None:
        """A picture is text, of a log as of a view, and written as it is."""
        path = tmp_path / "picture"
        page = module.render(shown)
        page.save(path)

        assert isinstance(page, str)
        assert page.encode() == path.read_bytes()

    def test_png_has_the_size_of_the_svg(self, tmp_path: Path) -> None:
        """A PNG has the size of the SVG, so many times as is asked for."""
        path = tmp_path / "picture.png"
        png.render(LOG, projection=AZE_CHN, width=500, zoom=1.5).save(path)
        picture = path.read_bytes()
        height = re.search('height="([0-9]+)"', svg.render(LOG, width=500))

        assert picture.startswith(b"\x89PNG\r\n")
        assert 750 == int.from_bytes(picture[16:20], "big")
        assert height is not None
        assert int.from_bytes(picture[20:24], "big") > int(height[1])

    def test_render_without_the_extra_names_it(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where no renderer is installed, it is said how to install one."""
        monkeypatch.setitem(sys.modules, "resvg_py", None)

        with pytest.raises(MissingExtraError, match=r"pip install 'resvg-py>="):
            png.render(LOG)

    def test_the_command_draws_a_png(self, tmp_path: Path) -> None:
        """The command writes a PNG too."""
        (tmp_path / "visit.toml").write_text(TOML, "utf-8")
        out = tmp_path / "picture.png"

        assert 0 == main(["timeline", str(tmp_path / "visit.toml"), "-o", str(out)])
        assert out.read_bytes().startswith(b"\x89PNG")

    def test_the_command_draws_what_a_store_holds(self, tmp_path: Path) -> None:
        """Whatever other commands read can be drawn."""
        (tmp_path / "visit.toml").write_text(TOML, "utf-8")
        in_force_events, out = tmp_path / "visit.db", tmp_path / "visit.txt"

        assert 0 == main(
            ["import", str(tmp_path / "visit.toml"), "-o", str(in_force_events)]
        )
        assert 0 == main(["timeline", str(in_force_events), "-o", str(out)])
        assert "Azerbaijan visits China" in out.read_text("utf-8")

    @pytest.mark.parametrize("suffix", [".html", ".svg", ".txt", ".HTML"])
    @pytest.mark.parametrize(
        "more",
        [[], ["--between", "AZE", "CHN"], ["--on", "2019-04-24", "--title", "T"],
         ["--on", "2019-04-24", "--known-by", "2019-04-25"]],
        ids=str,
    )  # fmt: skip
    def test_timeline_command_writes_the_picture(
        self, suffix: str, more: list[str], tmp_path: Path
    ) -> None:
        """The command reads a chronicle and writes the picture that is asked for."""
        (tmp_path / "visit.toml").write_text(TOML, "utf-8")
        out = tmp_path / f"picture{suffix}"
        status = main(["timeline", str(tmp_path / "visit.toml"), "-o", str(out), *more])

        # A text has no title: an option without effect is refused.
        is_drawn = suffix != ".txt" or "--title" not in more
        assert is_drawn is (0 == status)
        assert out.exists() is is_drawn
        assert not is_drawn or "Azerbaijan visits China" in out.read_text("utf-8")

    def test_a_picture_has_the_title_of_its_chronicle(self, tmp_path: Path) -> None:
        """It is headed by its title, unless one is given; else by its file's name."""
        titled, plain = tmp_path / "titled.toml", tmp_path / "plain.toml"
        plain.write_text(TOML, "utf-8")
        head, rest = TOML.split("\n", 1)
        titled.write_text(f'{head}\ntitle = "The Visits"\n{rest}', "utf-8")
        for log, more, title in (
            (titled, [], "The Visits"),
            (titled, ["--title", "Mine"], "Mine"),
            (titled, ["--from", "chronicle"], "The Visits"),
            (plain, [], "plain"),
        ):
            out = tmp_path / "picture.svg"
            assert 0 == main(["timeline", str(log), "-o", str(out), *more])
            assert f'<title id="bri-title">{title}<' in out.read_text("utf-8")

    def test_timeline_writes_markdown_and_embedded_pages(self, tmp_path: Path) -> None:
        """They are what `pages.markdown` and `pages.html` with `embed` write."""
        path = tmp_path / "visit.toml"
        path.write_text(TOML, "utf-8")
        log = chronicle.load(path, relations.FACTS)
        for name, more, page in (
            ("a.md", [], markdown.render(log, title="visit")),
            ("a.html", ["--embed"], html.render(log, title="visit", embed=True)),
        ):
            assert 0 == main(["timeline", str(path), "-o", str(tmp_path / name), *more])
            assert page == (tmp_path / name).read_text("utf-8")

    @pytest.mark.parametrize(
        ("arguments", "problem"),
        [
            (["visit.toml", "-o", "x.svg", "--embed"], "--embed is for a page, .html"),
            (
                ["visit.toml", "-o", "x.pdf"],
                "is not a picture: name it .html, .png, .svg, .txt or .md",
            ),
            (["lacking.toml", "-o", "x.svg"], "lacking.toml"),
            (
                ["visit.toml", "-o", "x.svg", "--between", "AZE", "XYZ"],
                "is not the code of an actor",
            ),
            (["visit.toml", "-o", "x.svg", "--on", "2019"], "is not one day"),
            (["visit.toml", "-o", "x.svg", "--known-by", "2019-01-01"], "needs --on"),
        ],
    )
    def test_the_command_reports_errors(
        self,
        arguments: list[str],
        problem: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """Errors are reported on the standard error, and no file is written."""
        monkeypatch.chdir(tmp_path)
        Path("visit.toml").write_text(TOML, "utf-8")
        status = main(["timeline", *arguments])

        # What cannot be read is a fault, a wrong argument is not.
        assert status == (1 if problem == "lacking.toml" else 2)
        assert problem in capsys.readouterr().err
        assert ["visit.toml"] == [path.name for path in tmp_path.iterdir()]

    def test_picture_error_is_a_value_error(self) -> None:
        """A picture that cannot be drawn is an error of this library, and a value's."""
        assert issubclass(PictureError, BriTimelineError)
        assert issubclass(PictureError, ValueError)
