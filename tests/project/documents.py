"""Documents whose blocks of code are run in order, in a folder of their own.

A block is what its language says: `python` runs, all blocks of a document share their
names, and "Save this as" above one makes it a module too; `sh` runs in the folder;
`text` is what was printed before it; `csv`, `json` and `toml` are files, called by the
last name in backquotes above them; DuckDB runs `sql` in the folder.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import duckdb
from attrs import define, field
from sybil import Document, Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

from bri_timeline._command import main


FILES = ("csv", "html", "json", "toml")
LANGUAGES = ("python", "sh", "text", "sql", *FILES)
_FILE_NAME = re.compile(r"`([\w-]+\.[a-z]+)`")
_MODULE = re.compile(r"[Ss]ave\s+this\s+as\s+`(\w+\.py)`:\n\n(?:```python\n)?$")
_PYTHON = PythonCodeBlockParser()


@define
class Run:
    """A run of documents in a folder, with what was printed and not yet shown."""

    folder: Path
    printed: str = ""
    _database: duckdb.DuckDBPyConnection = field(factory=duckdb.connect)

    def document(self, path: Path) -> Document:
        """Parse a document whose blocks act on this run."""
        kinds = {"sh": self._command, "text": self._text, "sql": self._query}
        kinds |= dict.fromkeys(FILES, self._file)
        blocks = [CodeBlockParser(name, does) for name, does in kinds.items()]
        return Sybil(parsers=[_PYTHON, *blocks]).parse(path)

    def play(self, path: Path) -> int:
        """Run the blocks of a document, and count them.

        Raises:
            AssertionError: It prints something that it does not show.
        """
        count = 0
        with contextlib.chdir(self.folder):
            for example in self.document(path).examples():
                self._example(example)
                count += 1
        assert not self.printed, f"{path.name} does not show {self.printed!r}"
        return count

    def _example(self, example: Example) -> None:
        above = _MODULE.search(example.document.text[: example.start])
        if above:
            (self.folder / above[1]).write_text(example.parsed, "utf-8")
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            example.evaluate()
        self.printed += output.getvalue()

    def _text(self, example: Example) -> str | None:
        printed, self.printed = self.printed, ""
        return None if example.parsed == printed else f"it prints\n{printed}"

    def _file(self, example: Example) -> str | None:
        names = _FILE_NAME.findall(example.document.text[: example.start])
        if not names:
            return "the file has no name: write it in backquotes above"
        (self.folder / names[-1]).write_text(example.parsed, "utf-8")
        return None

    def _query(self, example: Example) -> str | None:
        found = self._database.execute(example.parsed).fetchall()
        is_view = example.parsed.startswith("create")
        return None if found or is_view else "it finds nothing"

    def _command(self, example: Example) -> str | None:
        for line in example.parsed.replace("\\\n", " ").splitlines():
            name, *arguments = shlex.split(line)
            if name != "python":
                return f"{name} is not a program that is run here"
            is_ours = arguments[:2] == ["-m", "bri_timeline"]
            status, out, err = (self._ours if is_ours else self._python)(arguments)
            if (status, err) != (0, ""):
                return f"{line} ends with {status}:\n{err}"
            self.printed += out
        return None

    def _python(self, arguments: list[str]) -> tuple[int, str, str]:
        result = subprocess.run(
            [sys.executable, *arguments],
            capture_output=True,
            check=False,
            encoding="utf-8",
            env={**os.environ, "PYTHONUTF8": "1"},
        )
        return result.returncode, result.stdout, result.stderr

    def _ours(self, arguments: list[str]) -> tuple[int, str, str]:
        """Run the command in this process: to start another takes most of the time."""
        out, err = io.StringIO(), io.StringIO()
        path, modules = [*sys.path], {*sys.modules}
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = main(arguments[2:])
        sys.path[:] = path
        # The next document may have a module of the same name.
        for name in {*sys.modules} - modules:
            origin = getattr(sys.modules[name], "__file__", None)
            if origin and self.folder in Path(origin).parents:
                del sys.modules[name]
        return status, out.getvalue(), err.getvalue()
