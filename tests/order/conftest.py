"""Logs whose events lie in blocks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bri_timeline import _selection
from bri_timeline._folding import _facts
from bri_timeline._log import _log
from bri_timeline._order import FoldCache


@pytest.fixture(autouse=True, scope="module")
def in_blocks() -> Iterator[None]:
    """Let all logs that a module makes have their events in blocks."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (_log, _facts, _selection):
            patch.setattr(module, "FoldCache", FoldCache)
        yield
