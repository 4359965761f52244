"""The script of a page: modules in the order of their imports, as one text."""

from __future__ import annotations

import re
from graphlib import CycleError
from importlib.resources import files

import pytest

from bri_timeline.pages.html._script import bundled


MODULES = {
    path.name: path.read_text("utf-8")
    for path in (files("bri_timeline.pages.html") / "data").iterdir()
    if path.name.endswith(".js")
}
NAMES = re.compile(r"^(?:export )?(?:const|let) (\w+|[\[{][^=]*[\]}]) =", re.MULTILINE)


class TestBundle:
    """What is left of modules."""

    def test_each_module_stands_after_what_it_imports(self) -> None:
        """Once, without imports, exports, comments, types and indentation."""
        modules = {
            "a.js": 'import { b } from "./b.js";\n'
            'import {\n  c,\n} from "./c.js";\n\nb(c);\n',
            "b.js": '// Why.\nimport { c } from "./c.js";\n\n'
            "export const b = () => {\n  /** @type {A} */\n  return c; // 1\n};\n",
            "c.js": "export let c = /** @type {number} */ (1);\n",
            "d.js": "nobody imports it\n",
        }

        assert bundled("a.js", modules.__getitem__) == (
            "let c = (1);\nconst b = () => {\nreturn c; // 1\n};\nb(c);\n"
        )

    def test_a_circle_is_an_error(self) -> None:
        """No order would be right."""
        modules = {
            "a.js": 'import { b } from "./b.js";\n',
            "b.js": 'import { a } from "./a.js";\n',
        }

        with pytest.raises(CycleError):
            bundled("a.js", modules.__getitem__)


class TestModules:
    """The modules of the page."""

    def test_all_of_them_are_in_the_page(self) -> None:
        """Each is needed by the first one, and nothing of a module's syntax is left."""
        script = bundled("main.js", MODULES.__getitem__)

        assert not re.findall(r"^(?:import|export)\b|/\*|^\s", script, re.MULTILINE)
        for text in MODULES.values():
            for name in NAMES.findall(text):
                assert re.search(
                    rf"^(?:const|let) {re.escape(name)} =", script, re.MULTILINE
                )

    def test_they_share_one_scope(self) -> None:
        """No two of them define a name, and no text goes on in another line."""
        names = [
            name
            for text in MODULES.values()
            for found in NAMES.findall(text)
            for name in re.findall(r"\w+", found)
        ]
        lines = [line for text in MODULES.values() for line in text.splitlines()]

        assert len(names) == len({*names})
        assert not [line for line in lines if line.count("`") % 2]
