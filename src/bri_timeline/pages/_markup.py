"""Elements of HTML and SVG, and the text in them: its width, direction and lines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from html import escape

from bri_timeline.extend import harmless


# Other schemes, such as `javascript:`, would run code when a reader clicks.
_ADDRESS = re.compile(r"https?://[^\s\x00-\x20\"'<>\\^`{|}]+", re.IGNORECASE)


# Widths in parts of the font size, of DejaVu Sans: the widest font of those that a
# system is likely to have. Other fonts leave room.
_NARROW, _SPACE, _THIN, _DIGIT = 0.3, 0.33, 0.42, 0.64
_LETTER, _CAPITAL, _WIDE, _FULL = 0.62, 0.72, 0.99, 1.02
_CLASSES = (
    ("iIjl.,:;'|!\u2019\u2018", _NARROW),
    ("frt()[]{}-/\\\u00b7", _THIN),
    ("mwMW%@\u2014\u2026\u0428\u0429\u042e\u0416\u0448\u0449\u044e\u0436", _WIDE),
    ("0123456789", _DIGIT),
    (" \u00a0", _SPACE),
)
_WIDTHS = {letter: width for letters, width in _CLASSES for letter in letters}
_ARABIC = range(0x0590, 0x0900)

# Between East Asian characters a line may end anywhere, except before punctuation.
# Patterns are compiled when text is laid out: that takes 5 ms, and HTML needs none.
_ASIAN = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_CLOSING = "\u3001\u3002\uff0c\uff01\uff1f\uff09\u300d\u300f\u300b\uff1b\uff1a"
_PIECE = rf"\s+|[{_ASIAN}][{_CLOSING}]*|[^\s{_ASIAN}]+"

# First strong isolate, and the end of it (Unicode Standard Annex 9).
_FSI, _PDI = "\u2068", "\u2069"
_RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
# Letters of other scripts end a run; digits and marks between its words do not.
_RUN = rf"[{_RTL}](?:[^A-Za-z\u00c0-\u058f\u0900-\u1fff{_ASIAN}]*[{_RTL}])?"


class Markup(str):
    """Text that is already markup. Any other string is escaped."""

    __slots__ = ()


def escaped(text: str) -> Markup:
    """Return *text* escaped, unless it is markup."""
    return text if isinstance(text, Markup) else Markup(escape(harmless(text)))


def marked(text: str) -> Markup:
    """Return as markup what may be drawn as it is, such as `isolated()` returns."""
    return Markup(escape(text))


def element(tag: str, *content: str, **attributes: str | float | None) -> Markup:
    """Return an element.

    Args:
        tag: The name of the element.
        content: Text, which is escaped, or markup.
        attributes: By name: `_` stands for a hyphen, and a trailing `_` is dropped
            (`class_`). None is left out, numbers are rounded to two decimals.
    """
    inside = "".join(map(escaped, content))
    named = _attributes(attributes) if attributes else ""
    return Markup(f"<{tag}{named}>{inside}</{tag}>")


def empty(tag: str, **attributes: str | float | None) -> Markup:
    """Return an element without content: `<rect/>`."""
    return Markup(f"<{tag}{_attributes(attributes)}/>")


def joined(parts: Iterable[str], between: str = "") -> Markup:
    """Return the concatenated parts, each escaped unless it is markup."""
    return Markup(escaped(between).join(map(escaped, parts)))


def web_address(url: str | None) -> str | None:
    """Return *url* if it is an http or https address, otherwise None."""
    return url if url and _ADDRESS.fullmatch(url) else None


def _attributes(attributes: dict[str, str | float | None]) -> str:
    return "".join(
        [
            f'{_named(name)}"{_value(value)}"'
            for name, value in attributes.items()
            if value is not None
        ]
    )


# The same few names occur on each of many thousand elements.
@cache
def _named(name: str) -> str:
    return f" {name.rstrip('_').replace('_', '-')}="


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return escaped(value)
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


# Pictures have few different characters.
@lru_cache(8192)
def _width(letter: str) -> float:
    known = _WIDTHS.get(letter)
    if known is not None:
        return known
    kind = unicodedata.category(letter)
    if kind in ("Mn", "Me", "Cf", "Cc"):
        return 0
    if unicodedata.east_asian_width(letter) in "WF" or letter > "\uffff":
        return _FULL
    if ord(letter) in _ARABIC:
        return _CAPITAL
    return _CAPITAL if kind == "Lu" else _LETTER


def text_width(text: str, size: float = 12) -> float:
    """Return the width of a text that it does not exceed in common fonts, in pixels."""
    return size * sum(map(_width, text))


def is_rtl(text: str) -> bool:
    """Return whether the first letter of a text is of a right-to-left script."""
    if text.isascii():
        return False
    strong = (kind for kind in map(unicodedata.bidirectional, text)
              if kind in ("L", "R", "AL"))  # fmt: skip
    return next(strong, "L") != "L"


def isolated(text: str) -> str:
    """Return text that does not reorder what is beside it, without control characters.

    Text that begins from right to left is isolated as a whole, in other text each run
    of such letters. The result may be drawn as it is, but for escaping.
    """
    plain = harmless(text)
    if plain.isascii():
        return plain
    if is_rtl(plain):
        return f"{_FSI}{plain}{_PDI}"
    return re.sub(_RUN, rf"{_FSI}\g<0>{_PDI}", plain)


def plain_text(text: str) -> str:
    """Return the text that `isolated()` was given."""
    return text.replace(_FSI, "").replace(_PDI, "")


def shortened(text: str, room: float, size: float = 12) -> str:
    """Return a text, truncated with an ellipsis to a width in pixels."""
    if text_width(text, size) <= room:
        return text
    space, count = room - text_width("\u2026", size), 0
    # All of it is wider than the room, so that the end is never reached.
    while (wide := text_width(text[count], size)) <= space:
        space, count = space - wide, count + 1
    return f"{text[:count].rstrip()}\u2026" if count else ""


def wrapped(text: str, room: float, size: float = 12) -> list[str]:
    """Return a text as lines of a width in pixels; no text is lost.

    Isolates that a line leaves open are closed, and opened again on the next.
    """
    lines, line, width = [], "", 0.0
    for piece in _fitting(text, room, size):
        wide = text_width(piece, size)
        if line and width + wide > room and not piece.isspace():
            lines.append(line.rstrip())
            line, width = "", 0.0
        if line or not piece.isspace():
            line += piece
            width += wide
    return _closed([*lines, line.rstrip()])


def pieces(text: str) -> list[str]:
    """Return the pieces of a text between which a line may end."""
    return re.findall(_PIECE, text)


def _fitting(text: str, room: float, size: float) -> Iterator[str]:
    """Yield the pieces between which a line may end; long words are split."""
    for piece in pieces(text):
        start, width = 0, 0.0
        for end, letter in enumerate(piece):
            wide = text_width(letter, size)
            if width + wide > room and end > start:
                yield piece[start:end]
                start, width = end, 0.0
            width += wide
        yield piece[start:]


def _closed(lines: list[str]) -> list[str]:
    closed_lines, is_open = [], 0
    for line in lines:
        text = _FSI * is_open + line
        is_open = text.count(_FSI) - text.count(_PDI)
        closed_lines.append(text + _PDI * is_open)
    return closed_lines
