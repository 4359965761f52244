"""The script of a page: its modules as one text, each after those that it imports."""

from __future__ import annotations

import re
from collections.abc import Callable
from graphlib import TopologicalSorter


# As the formatter writes it: a list of names, then a module of the same folder.
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(?P<name>\w+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=const |let )", re.MULTILINE)
# Types and explanations are for those who read the modules.
_COMMENT = re.compile(r"^ *//[^\n]*\n|/\*\*.*?\*/ ?\n?", re.MULTILINE | re.DOTALL)
# No text goes on in another line.
_INDENT = re.compile(r"^\s+", re.MULTILINE)


def bundled(start: str, read: Callable[[str], str]) -> str:
    """Return a module and all that it needs as one script, in which names are shared.

    Modules import by name, and have no default. No two define the same name at the top.

    Args:
        start: The name of the module.
        read: Returns the text of a module by its name.

    Raises:
        graphlib.CycleError: Modules import each other in a circle.
    """
    texts, graph, names = dict[str, str](), dict[str, list[str]](), [start]
    while names:
        name = names.pop()
        texts[name] = text = read(name)
        graph[name] = [found["name"] for found in _IMPORT.finditer(text)]
        names += [needed for needed in graph[name] if needed not in texts]
    order = TopologicalSorter(graph).static_order()
    return "".join(_plain(texts[name]) for name in order)


def _plain(text: str) -> str:
    """Return a module without imports, exports, comments and indentation."""
    for pattern in (_IMPORT, _EXPORT, _COMMENT, _INDENT):
        text = pattern.sub("", text)
    return text
