"""Colours and shapes: eight of each, so that neither is needed to read the other.

The colours are those of Okabe and Ito ("Color Universal Design", 2008), which people
see apart however they see colours. Some are pale, so every mark has a dark outline.
"""

from __future__ import annotations

from math import cos, pi, sin


__all__ = ["COLOURS", "FLAG", "INK", "MUTED", "PAPER", "SHAPES", "look"]

INK, MUTED, PAPER = "#1b1b1f", "#5b5d66", "#ffffff"
COLOURS = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#f0e442",
    "#8a8d98",
)
FLAG = "M0 7V-7M0 -7L8 -4L0 -1"


def _polygon(corners: int, size: float, turn: float = 0.0, inner: float = 1.0) -> str:
    points = []
    for corner in range(corners):
        angle = 2 * pi * corner / corners - pi / 2 + turn
        reach = size * (inner if corner % 2 else 1)
        points.append(f"{reach * cos(angle):.1f} {reach * sin(angle):.1f}")
    return f"M{'L'.join(points)}Z"


# Paths around 0, 0 that reach about 6 from there.
SHAPES = (
    "M-5.5 0A5.5 5.5 0 1 1 5.5 0A5.5 5.5 0 1 1 -5.5 0Z",
    _polygon(4, 7, pi / 4),
    _polygon(4, 7),
    _polygon(3, 7),
    _polygon(6, 6.3),
    _polygon(3, 7, pi),
    _polygon(10, 7, inner=0.5),
    _polygon(5, 6.5),
)


def look(number: int) -> tuple[str, str]:
    """Return the colour and the shape of the lane of that number, from 0.

    Beyond eight the colours come again, with other shapes.
    """
    turn = number // len(COLOURS)
    shape = SHAPES[(number + turn) % len(SHAPES)]
    return COLOURS[number % len(COLOURS)], shape
