"""The reference of the site: a page for each module, in the order of use."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path
from types import ModuleType

import bri_timeline


# The reference in the order of use. The modules of a package follow it.
GROUPS = {
    "Record and ask": [
        *("", "relations", "edtf", "phrases", "measures", "folds"),
        *("evidence", "chronicles"),
        "errors",
    ],
    "Read and write files": ["formats", "answers"],
    "Draw": ["pages"],
    "Keep": ["stores", "scale"],
    "Test and build on": ["testing", "extend", "extensions"],
}
# A list in a docstring, of names below titles.
_LISTED = re.compile(r"^- (.*?):\s(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)


def modules_of(names: list[str]) -> list[ModuleType]:
    """Return modules of the package, each with the public ones below it."""
    found: list[ModuleType] = []
    for name in names:
        top = importlib.import_module(f"bri_timeline.{name}".rstrip("."))
        path = getattr(top, "__path__", ()) if name else ()
        infos = pkgutil.walk_packages(path, f"{top.__name__}.")
        below = [info.name for info in infos if "._" not in info.name]
        found += [top, *map(importlib.import_module, below)]
    return found


def public(module: ModuleType) -> list[str]:
    """Return the public names that a module lists."""
    return list(getattr(module, "__all__", ()))


def heading(title: str, line: str = "=") -> list[str]:
    """Return the lines of a heading."""
    return [title, line * len(title), ""]


def toctree(names: list[str], *options: str) -> list[str]:
    """Return the lines that put pages into the sidebar."""
    shown = [f"   :{option}:" for option in options]
    return [".. toctree::", *shown, "", *(f"   {name}" for name in names), ""]


def sections(module: ModuleType) -> dict[str, list[str]]:
    """Return the public names of a module in the order of use: that of its docstring.

    If this lists all of them below titles (`- Title: an `Event` has...`), so does the
    reference. Otherwise, a name that it does not have comes last.
    """
    doc = module.__doc__ or ""
    found: dict[str, list[str]] = {}
    left = _in_order(public(module), doc)
    for title, text in _listed(module).items():
        found[title] = [name for name in left if _place(name, text) < len(text)]
        left = [name for name in left if name not in found[title]]
    return {"": _in_order(public(module), doc)} if left else found


def _listed(module: ModuleType) -> dict[str, str]:
    found: list[tuple[str, str]] = _LISTED.findall(module.__doc__ or "")
    return dict(found)


def _in_order(names: list[str], doc: str) -> list[str]:
    return sorted(names, key=lambda name: _place(name, doc))


def _place(name: str, text: str) -> int:
    place = re.search(rf"(?:`|── ){name}\b", text)
    return place.start() if place else len(text)


def _entry(module: ModuleType, name: str) -> list[str]:
    value = getattr(module, name)
    if isinstance(value, ModuleType):
        return []
    kind = "function" if callable(value) else "data"
    if isinstance(value, type):
        kind = "exception" if issubclass(value, BaseException) else "class"
    members = [":members:", ":inherited-members: object,tuple,int,Exception,Executor"]
    options = [f"   {member}" for member in members] if isinstance(value, type) else []
    return [f".. auto{kind}:: {name}", *options, ""]


def _used_in(module: ModuleType, guides: dict[str, str]) -> list[str]:
    """Return a line with the first guides that import a module."""
    parent, _, leaf = module.__name__.rpartition(".")
    pattern = rf"^from {module.__name__} import"
    # Whatever is imported from the top is not said to be.
    pattern += rf"|^from {parent} import [^()]*\b{leaf}$" if "." in parent else ""
    pages = [
        f":doc:`/guides/{name}`"
        for name, text in guides.items()
        if re.search(pattern, text, re.MULTILINE)
    ]
    return [f"In the guides: {', '.join(pages[:4])}.", ""] if pages else []


def _pages(module: ModuleType, guides: dict[str, str]) -> dict[str, str]:
    """Return the pages of a module by their names: what it is for, and each name.

    The longest module has a page for each of its sections.
    """
    name = module.__name__
    here = [f".. currentmodule:: {name}", ""]
    lines = [*heading(f"``{name}``"), f".. automodule:: {name}", "", *here]
    lines += _used_in(module, guides)
    pages: dict[str, str] = {}
    for title, names in sections(module).items():
        entries = [line for one in names for line in _entry(module, one)]
        if module is bri_timeline:
            about = " ".join(_listed(module)[title].split())
            about = re.sub(r"`(\w+)`", r":py:obj:`\1`", about[0].upper() + about[1:])
            page = [*heading(title), *here, about, "", *entries]
            pages[f"{name}-{_slug(title)}"] = "\n".join(page)
        else:
            lines += [*(heading(title, "-") if title else []), *entries]
    lines += toctree(list(pages), "hidden") if pages else []
    return {name: "\n".join(lines), **pages}


def _slug(title: str) -> str:
    return title.lower().replace(" ", "-")


def lay_out(folder: Path, guides: dict[str, str]) -> list[str]:
    """Write the reference, and return the names of the pages of its groups.

    Args:
        folder: Where; it must not exist.
        guides: The texts of the guides by their names, in the order of the sidebar.
    """
    folder.mkdir()
    for group, names in GROUPS.items():
        modules = modules_of(names)
        lines = heading(group)
        for module in modules:
            about = (module.__doc__ or "").partition("\n")[0]
            lines += [f":doc:`{module.__name__}`", f"   {about}", ""]
            for name, text in _pages(module, guides).items():
                (folder / f"{name}.rst").write_text(text, "utf-8")
        lines += toctree([module.__name__ for module in modules], "hidden")
        (folder / f"{_slug(group)}.rst").write_text("\n".join(lines), "utf-8")
    return [f"reference/{_slug(group)}" for group in GROUPS]
