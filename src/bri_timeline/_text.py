"""Text of others, made harmless: all that is shown to people passes through here.

Some characters act on whoever shows them. Control characters move the cursor of a
terminal or send it commands, those of C1 (U+0080 to U+009F) as well as those of C0, and
end a document of XML. Bidirectional controls reorder what stands around a text, so that
it reads as what it is not (CVE-2021-42574). Neither has a meaning in a title or a name:
each is shown as a replacement character. Letters that are written from right to left,
and the marks between them, stay.
"""

from __future__ import annotations

import re


__all__ = ["harmless", "one_line", "shape"]

_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, but for tab and line feed
    "\u202a-\u202e\u2066-\u2069\u206a-\u206f"  # embeddings, overrides, isolates
    "\u2028\u2029"  # separators of lines and paragraphs
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"  # what is not a character
)
_BREAK = re.compile("\r\n?")
_BREAKS = re.compile("\r\n|[\t\n\r\v\f\x85\u2028\u2029]")
_SIGN = "\ufffd"


def harmless(text: str) -> str:
    """Return text that does nothing but stand there; it may have several lines."""
    return text if text.isprintable() else _HARMFUL.sub(_SIGN, _BREAK.sub("\n", text))


def one_line(text: str) -> str:
    """Return text that does nothing but stand there, in one line."""
    return text if text.isprintable() else _HARMFUL.sub(_SIGN, _BREAKS.sub(" ", text))


def shape(value: object) -> str:
    """Return the `repr()` of a value in one line, or that it has none.

    A whole number of more than 4,300 digits has none, nor has what holds one.
    """
    try:
        return one_line(repr(value))
    except Exception as error:  # of anybody's class
        return f"<{type(value).__name__} that cannot be shown: {type(error).__name__}>"
