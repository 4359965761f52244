"""Paths of files, and URLs that are given in their place."""

from __future__ import annotations

import os
import re


__all__ = ["url_problem"]

# `Path` makes one stroke of two.
_URL = re.compile(
    r"(.+::)?(abfss?|adl|az|file|ftp|gc?s|hdfs|https?|memory|oci|postgres(ql)?|s3a?|sftp"
    r"|webhdfs):/",
    re.IGNORECASE | re.DOTALL,
)


def url_problem(path: object) -> str | None:
    """Return why a URL cannot be opened as a file; None for the path of a file.

    Text that is the path of no file cannot be opened either.

    Args:
        path: What was given as a path.
    """
    text = str(path)
    if _URL.match(text) is not None:
        return "is a URL, and files of this machine alone are read and written: copy it"
    try:
        is_path = "\0" not in text and bool(os.fsencode(text) or True)
    except UnicodeEncodeError:
        is_path = False
    return None if is_path else "has a character that no path has: give another"
