"""Children of a process, and whether each has done its work."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable


def forked(work: Callable[[], object]) -> int:
    """Start a process that does some work and ends; return its number."""
    process = os.fork()
    if not process:
        code = 1
        try:
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(code)
    return process


def joined(*processes: int) -> None:
    """Wait for processes, and make sure that each has done its work."""
    codes = [os.waitpid(process, 0)[1] for process in processes]

    assert [0] * len(codes) == codes
