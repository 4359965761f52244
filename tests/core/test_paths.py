"""A URL is not the path of a file, wherever a path is given."""

from __future__ import annotations

import pytest

from bri_timeline._paths import url_problem
from bri_timeline.errors import without_secrets


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("s3://bucket/a@b", "s3://bucket/a@b"),
        ("ftp://me:pa/ss?w@host/a", "ftp://...@host/a"),
        ("x::s3://KEY:PW@b/a?sig=x", "x::s3://...@b/a?..."),
        ("C:/me@home", "C:/me@home"),
    ],
)
def test_a_place_is_shown_without_a_password(url: str, shown: str) -> None:
    """Whatever is in it."""
    assert shown == without_secrets(url)


@pytest.mark.parametrize("path", ["a:/b", "C:/data", "s3/a", "x/s3:/a", "notes: 1.txt"])
def test_paths_that_look_alike_are_paths(path: str) -> None:
    """Drives of Windows, and names with a colon."""
    assert url_problem(path) is None
