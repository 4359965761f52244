"""Read a drawing as somebody with a ruler does: groups with their marks and words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from attrs import frozen

from bri_timeline.pages._markup import plain_text


__all__ = ["Group", "groups", "texts_of", "words_of", "x_of_the_day"]

SVG = "{http://www.w3.org/2000/svg}"


@frozen
class Group:
    """What has one title: the marks and the words in it.

    Attributes:
        told: The lines of the title.
        words: Its texts, in the order in which they are drawn.
        nodes: Its elements.
    """

    told: list[str]
    words: list[str]
    nodes: list[ET.Element]

    def marks(self, tag: str, **wanted: str | None) -> list[ET.Element]:
        """Return the elements of a name that have some attributes, or lack them."""
        return [
            node
            for node in self.nodes
            if node.tag == SVG + tag
            and all(
                node.get(name.rstrip("_").replace("_", "-")) == value
                for name, value in wanted.items()
            )
        ]

    def paths(self, **wanted: str | None) -> list[list[tuple[float, float]]]:
        """Return the points of paths."""
        return [points(node.get("d", "")) for node in self.marks("path", **wanted)]


def points(d: str) -> list[tuple[float, float]]:
    """Return the points of a path."""
    found = re.findall(r"(-?[\d.]+) (-?[\d.]+)", d)
    return [(float(x), float(y)) for x, y in found]


def groups(drawing: str) -> list[Group]:
    """Return the groups of a drawing that have a title."""
    found = (_group(g) for g in ET.fromstring(drawing).iter(f"{SVG}g"))
    return [group for group in found if group is not None]


def _group(g: ET.Element) -> Group | None:
    title = g.find(f"{SVG}title")
    if title is None:
        return None
    inside = list(g.iter())
    return Group((title.text or "").split("\n"), [*_texts(g)], inside)


def _texts(node: ET.Element) -> Iterator[str]:
    for text in node.iter(f"{SVG}text"):
        yield plain_text(text.text or "")


def texts_of(drawing: str) -> list[str]:
    """Return the lines of text of a drawing."""
    return [*_texts(ET.fromstring(drawing))]


def words_of(drawing: str) -> str:
    """Return all words of a drawing, as they stand."""
    return " ".join(texts_of(drawing))


def x_of_the_day(drawing: str) -> float:
    """Return where the line of the day stands."""
    return next(
        float(node.get("x1", ""))
        for node in ET.fromstring(drawing).iter(f"{SVG}line")
        if node.get("stroke-width") == "1.25" and node.get("x1") == node.get("x2")
    )
