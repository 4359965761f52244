"""How many examples a test tries that is slow for each of them."""

from __future__ import annotations

from hypothesis import settings


def at_most(count: int) -> settings:
    """Return the settings of the profile, with no more examples than *count*.

    A number given as it is would be tried by the quick profile too.
    """
    return settings(max_examples=min(count, settings().max_examples))
