"""The command line: `python -m bri_timeline`."""

from __future__ import annotations

import sys

from bri_timeline._command import main


__all__ = ["main"]


if __name__ == "__main__":
    sys.exit(main())
