"""Packages are found by name, and not imported before."""

from __future__ import annotations

import bri_timeline


def test_packages_are_found_without_importing_them_by_name() -> None:
    """`import bri_timeline as bt; bt.relations.Visited`."""
    found = vars(bri_timeline)["__getattr__"]("relations")

    assert found.Visited is bri_timeline.relations.Visited
    for name in bri_timeline._PACKAGES:
        assert getattr(bri_timeline, name).__name__ == f"bri_timeline.{name}"
    assert not hasattr(bri_timeline, "_log_of")
