"""Let two libraries write and read the same logs; print the first difference.

`python tests/before/files.py BEFORE_PYTHON --logs 300 --seed 0`
"""

from __future__ import annotations

import sys

from compare import main


if __name__ == "__main__":
    sys.exit(main(__doc__.partition("\n")[0], with_files=True))
