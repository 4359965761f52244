"""A module that is not installed is an error that says what is missing."""

from __future__ import annotations

import importlib

import pytest

from bri_timeline._later import needing
from bri_timeline.errors import MissingExtraError


def test_another_failed_import_is_not_taken_for_a_missing_extra() -> None:
    """What the extra does not bring is what is missing: the error says so itself."""
    with pytest.raises(ModuleNotFoundError, match="no_such_module"), needing("arrow"):
        importlib.import_module("no_such_module")


def test_a_missing_extra_is_an_import_error() -> None:
    """Who expects an ImportError gets one, with the name of the module."""
    error = MissingExtraError("arrow", "pyarrow", "pyarrow>=20")

    assert isinstance(error, ImportError)
    assert ("arrow", "pyarrow") == (error.extra, error.name)
