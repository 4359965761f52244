"""The notebooks run from top to bottom, and show what they say."""

from __future__ import annotations

import asyncio
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient


FOLDER = Path(__file__).parents[2] / "examples" / "notebooks"
SHOWN = {
    "analyst": ["Outcomes(values=(0, 120), complete=True", "<table"],
    "journalist": ["OVERDUE", "(1, 0)", "<table"],
    "scholar": ["shape: (10, 8)", "shape: (2, 8)", "Allen.BEFORE", "<table"],
}


def test_every_notebook_is_tested() -> None:
    """No notebook is left out, and none has outputs that could be out of date."""
    assert sorted(SHOWN) == sorted(path.stem for path in FOLDER.glob("*.ipynb"))
    for path in FOLDER.glob("*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        assert [] == [cell for cell in cells if cell.get("outputs")]


# The kernel's own sockets and loops are closed when the process ends.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SHOWN)
def test_a_notebook_runs(name: str, tmp_path: Path) -> None:
    """Each cell runs without an error, and the answers are those expected."""
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    resources = {"metadata": {"path": str(tmp_path)}}
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources=resources
    )
    asyncio.run(client.async_execute())
    outputs = str([cell.get("outputs") for cell in notebook.cells])

    assert [] == [part for part in SHOWN[name] if part not in outputs]
