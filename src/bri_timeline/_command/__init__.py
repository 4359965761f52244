"""The command line: a module for each verb, and modules that verbs share.

Each verb has `add()`, which adds its arguments to a parser, and `run()`.
"""

from bri_timeline._command._program import main


__all__ = ["main"]
