"""JSON Schema of chronicles and proposals, as a validator of its own applies it."""

from __future__ import annotations

import json

import pytest

from bri_timeline.errors import VocabularyError
from bri_timeline.relations import FACTS


def test_a_schema_says_what_kinds_are_for() -> None:
    """The docstring of a class is its description, which editors and models show."""
    found = json.dumps(FACTS.json_schema("proposals"))
    assert "A person or body of one state visited another state." in found


def test_another_schema_is_not_there() -> None:
    """The error says which there are."""
    with pytest.raises(VocabularyError, match="ask for 'chronicle' or 'proposals'"):
        FACTS.json_schema("log")
