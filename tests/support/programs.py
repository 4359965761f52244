"""Programs that tests start."""

from __future__ import annotations

import os


__all__ = ["unmeasured"]


def unmeasured() -> dict[str, str]:
    """Return an environment in which coverage loads nothing into a program."""
    begin = "COVERAGE_PROCESS_"
    return {k: value for k, value in os.environ.items() if not k.startswith(begin)}
