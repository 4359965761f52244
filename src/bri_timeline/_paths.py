"""Paths of files, and URLs that are given in their place."""

from __future__ import annotations

import re


__all__ = ["url_problem"]

# `Path` makes one stroke of two.
_URL = re.compile(
    r"(abfss?|adl|az|file|ftp|gc?s|hdfs|https?|memory|oci|postgres(ql)?|s3a?|sftp"
    r"|webhdfs):/",
    re.IGNORECASE,
)


def url_problem(path: object) -> str | None:
    """Return why a URL cannot be opened as a file; None for the path of a file.

    Args:
        path: What was given as a path.
    """
    if _URL.match(str(path)) is None:
        return None
    return "is a URL, and files of this machine alone are read and written: copy it"
