"""Self-contained HTML documents with a content security policy."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files

from bri_timeline.pages._markup import Markup, element, empty, joined


__all__ = [
    "document",
    "island",
]


_NOTHING: Mapping[str, str | None] = {}


def document(
    title: str,
    body: Markup,
    *,
    styles: Sequence[str],
    scripts: Sequence[str] = (),
    meta: Mapping[str, str | None] = _NOTHING,
    language: str = "en",
    pictures: bool = False,
) -> str:
    """Return an HTML document whose policy allows its own script and style only.

    Args:
        title: The title of the page.
        body: The content of the page.
        styles: File names of style sheets of this package.
        scripts: File names of scripts of this package, which share one scope.
        meta: What the head says of the page, by name; of Open Graph if it has a colon.
        language: The language of the page, as a BCP 47 tag.
        pictures: Allow pictures that the page itself holds.
    """
    style = "".join(map(_data, styles))
    # One function scope: nothing leaks into the page, and the hash covers all of it.
    script = f'(() => {{\n"use strict";\n{"".join(map(_data, scripts))}}})();\n'
    policy = _policy(style, script if scripts else None, pictures=pictures)
    head = joined(
        [
            Markup('<meta charset="utf-8">'),
            Markup(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
            Markup('<meta name="viewport" content="width=device-width">'),
            Markup('<meta name="referrer" content="no-referrer">'),
            element("title", title),
            *(_meta(name, content) for name, content in meta.items() if content),
            element("style", Markup(style)),
        ]
    )
    run = element("script", Markup(script)) if scripts else Markup()
    content = joined([element("head", head), element("body", body, run)])
    return f"<!doctype html>\n{element('html', content, lang=language)}\n"


def _meta(name: str, content: str) -> Markup:
    if ":" in name:
        return empty("meta", property=name, content=content)
    return empty("meta", name=name, content=content)


def island(name: str, content: object) -> Markup:
    """Return data for a script: JSON in which no character is special in HTML.

    Args:
        name: The id of the element.
        content: A value that JSON can represent.
    """
    text = json.dumps(content, separators=(",", ":"), allow_nan=False)
    # `</script>` or `<!--` in a text would end the script element or hide its end.
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return element("script", Markup(text), type="application/json", id=name)


# The files of an installed package do not change while it runs.
@cache
def _data(name: str) -> str:
    return files(__package__).joinpath("data", name).read_text("utf-8")


def _policy(style: str, script: str | None, *, pictures: bool) -> str:
    """Return a policy by hashes (Content Security Policy Level 3, section 2.3.1)."""
    runs = "'none'" if script is None else _hash(script)
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {runs};"
        f"{' img-src data:;' if pictures else ''}"
        " base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
