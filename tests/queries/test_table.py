"""Answers as tables: every cell is there, exact, and readers of Arrow take them."""

from __future__ import annotations

from typing import Any

import pytest

from bri_timeline import (
    Table,
)
from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.errors import MissingExtraError, PlainDataError
from bri_timeline.measures import count


LOG = azerbaijan_china()
VIEW = LOG.as_of("2019-04-26")


class TestTable:
    """The table itself."""

    def test_a_table_knows_its_length_and_its_text(self) -> None:
        """Its text names the kind of rows."""
        table = Table(LOG.history(count()))

        assert 11 == len(table)
        assert "<table of 11 rows of Period>" == repr(table)
        assert "<table of 0 rows of nothing>" == repr(Table(()))

    def test_something_else_than_an_answer_is_refused(self) -> None:
        """The error has the row and the remedy."""
        with pytest.raises(PlainDataError, match="row 1 of a table is not an answer"):
            Table([VIEW.events[0], {"id": 1}])

    def test_it_says_which_extra_it_needs(self, monkeypatch: Any) -> None:
        """Without pyarrow the error has the command."""
        monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
        with pytest.raises(MissingExtraError, match="pip install 'pyarrow>="):
            VIEW.__arrow_c_stream__()
