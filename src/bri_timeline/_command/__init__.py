"""The command line: one module for each verb, and what they share.

A verb says by `add()` what it takes, and by `run()` what it does.
"""

from bri_timeline._command._program import main


__all__ = ["main"]
