"""Answers of several rows as tables, where no reader of Arrow is installed."""

from __future__ import annotations

from typing import Any

import pytest

from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import MissingExtraError


def test_a_table_says_which_extra_it_needs(monkeypatch: Any) -> None:
    """Without pyarrow the error has the command."""
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match="pip install 'pyarrow>="):
        azerbaijan_china().as_of("2019-04-26").__arrow_c_stream__()
