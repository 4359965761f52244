"""Hypothesis knows the library's values, and does not wait for the library."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _bri_timeline_hypothesis import Awaited, register
from bri_timeline import Citation, Edtf, Source, testing


register()


@given(st.from_type(Edtf), st.from_type(Source), st.from_type(Citation))
def test_from_type_generates_dates_sources_and_citations(
    when: Edtf, source: Source, citation: Citation
) -> None:
    """Dates, sources and citations are generated from their classes alone."""
    assert isinstance(when, Edtf)
    assert isinstance(source, Source)
    assert isinstance(citation, Citation)


@given(...)
def test_given_generates_values_from_annotations(when: Edtf) -> None:
    """An annotation is enough, as for every type that Hypothesis knows."""
    assert isinstance(when, Edtf)


def run(code: str) -> str:
    """Return what a new interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert (0, "") == (done.returncode, done.stderr)
    return done.stdout.strip()


def test_the_entry_point_is_installed() -> None:
    """Hypothesis finds the function by its entry point."""
    found = [entry.value for entry in entry_points(group="hypothesis")]

    assert "_bri_timeline_hypothesis:register" in found


def test_hypothesis_alone_loads_nothing() -> None:
    """Importing Hypothesis imports neither the library nor what that needs."""
    code = """
import sys, hypothesis
needed = {"bri_timeline", "msgspec", "pendulum"} & set(sys.modules)
print(sorted(needed), "_bri_timeline_hypothesis" in sys.modules)
"""

    assert "[] True" == run(code)


@pytest.mark.slow
@pytest.mark.parametrize(
    "imports",
    [
        "import hypothesis; from bri_timeline import Edtf",
        "from bri_timeline import Edtf; import hypothesis",
        "import hypothesis, bri_timeline.edtf; from bri_timeline import Edtf",
        "from bri_timeline.testing import edtfs; from bri_timeline import Edtf",
    ],
)
def test_the_order_of_imports_does_not_matter(imports: str) -> None:
    """Dates are generated whichever of the two is imported first."""
    code = f"""
{imports}
import sys
from hypothesis import find, strategies as st
print("bri_timeline.testing._strategies" in sys.modules)
print(find(st.from_type(Edtf), lambda _: True))
print([f for f in sys.meta_path if type(f).__name__ == "Awaited"])
"""

    loaded, when, waiting = run(code).splitlines()
    assert str("testing" in imports) == loaded
    assert ("2015-12-30", "[]") == (when, waiting)


class TestAwaited:
    """A module that is awaited."""

    def test_awaited_calls_the_function_after_the_import(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What is to follow is called once, when the module has been executed."""
        (tmp_path / "late_module.py").write_text("value = 1\n")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
        done: list[int] = []
        awaited = Awaited(
            "late_module", lambda: done.append(sys.modules["late_module"].value)
        )
        sys.meta_path.insert(0, awaited)

        assert awaited in sys.meta_path
        assert awaited.find_spec("another_module", None) is None

        module = import_module("late_module")

        assert [1] == done
        assert awaited not in sys.meta_path
        assert "exec_module" not in vars(module.__loader__)
        del sys.modules["late_module"]

    def test_awaited_leaves_an_import_error_as_it_is(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A module that does not exist is an ordinary error, and nothing follows."""
        monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
        awaited = Awaited("no_such_module_at_all", pytest.fail)
        sys.meta_path.insert(0, awaited)

        with pytest.raises(ModuleNotFoundError):
            import_module("no_such_module_at_all")
        assert awaited not in sys.meta_path


@pytest.mark.slow
def test_stores_are_not_loaded_before_they_are_checked() -> None:
    """The test kit imports no store, and knows all of its names and no other."""
    code = """
import sys, bri_timeline.testing as testing
print(any(name.startswith("bri_timeline.stores") for name in sys.modules))
print(all(getattr(testing, name).__name__ == name for name in testing.__all__))
print(hasattr(testing, "check_nothing"))
"""

    assert ["False", "True", "False"] == run(code).splitlines()


def test_the_kit_has_all_names_that_it_lists() -> None:
    """What the kit says it has can be had, and nothing else."""
    assert all(callable(getattr(testing, name)) for name in testing.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'check_nothing'"):
        _ = testing.check_nothing
