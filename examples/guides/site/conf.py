"""Settings of Sphinx for the documentation site; `build.py` calls it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pygments.lexers.special import TextLexer
from sphinx.search.en import SearchEnglish

import bri_timeline


if TYPE_CHECKING:
    from collections.abc import Container

    from docutils.nodes import Element, TextElement
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment


project = "bri_timeline"
author = "The bri_timeline authors"
copyright = "The bri_timeline authors, MIT licence"  # noqa: A001 Sphinx's name for it
version = release = bri_timeline.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinxext.opengraph",
]
source_suffix = {".rst": "restructuredtext", ".md": "myst-nb", ".ipynb": "myst-nb"}
# Notebooks are shown with what they print now; one that fails is an error.
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_raise_on_error = True
# The description of a page is how it begins.
ogp_enable_meta_description = True
ogp_social_cards = {"enable": False}
myst_enable_extensions = ["attrs_inline"]
# GitHub writes links to headings in this way.
myst_heading_anchors = 4
# A single backtick is code, as in Markdown.
default_role = "code"

autodoc_member_order = "groupwise"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_class_signature = "mixed"
python_use_unqualified_type_names = True
maximum_signature_line_length = 80
napoleon_use_rtype = False
napoleon_use_ivar = True

html_theme = "furo"
html_title = f"bri_timeline {release}"
html_static_path = ["static"]
html_favicon = "static/icon.svg"
html_logo = "static/icon.svg"
templates_path = ["templates"]
html_context = {"browser": tags.has("browser")}  # noqa: F821 Sphinx gives it
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/search.html",
        "try.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
html_css_files = ["site.css"]
html_copy_source = False
# The reference has its own order, and the search finds the rest.
html_use_index = html_domain_indices = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5394"},
    "dark_css_variables": {"color-brand-primary": "#8ab4f8"},
    "source_edit_link": "",
}
# The highlighting must be readable on the ground that the theme gives it.
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(?<!`)`([^`]+)`(?!`)(\w?)")


def _from_markdown(
    app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]
) -> None:
    """Mark the code of a docstring, which is marked as in Markdown, as Sphinx does."""
    names = getattr(thing, "__all__", ()) if what == "module" else ()

    def span(found: re.Match[str]) -> str:
        return _span(found, names)

    prose, *rest = _FENCE.split("\n".join(lines))
    text = _SPAN.sub(span, prose)
    while rest:
        indent, language, code, prose, *rest = rest
        code = "".join(f"    {line}\n" for line in code.splitlines())
        text += f"{indent}.. code-block:: {language or 'text'}\n\n{code}"
        text += _SPAN.sub(span, prose)
    lines[:] = text.splitlines()


def _span(found: re.Match[str], names: Container[str]) -> str:
    """Return code as Sphinx marks it; a name of the module leads to its place."""
    code, behind = found.groups()
    code = " ".join(code.split())
    is_name = code.removesuffix("()") in names and code != "state_names"
    marked = f":py:obj:`{code}`" if is_name else f"``{code}``"
    return marked + (f"\\ {behind}" if behind else "")


def _public(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, text: TextElement
) -> Element | None:
    """Find the page of a class by its name, where a type names its private module."""
    wanted = node.get("reftarget", "").rpartition(".")[2]
    domain = env.domains.python_domain
    for name, found in domain.objects.items():
        if name.rpartition(".")[2] == wanted and found.objtype in ("class", "data"):
            return domain.resolve_xref(
                env, node["refdoc"], app.builder, "obj", name, node, text
            )
    return None


class _English(SearchEnglish):
    """English in which the words of dates, and of the library's names, are words."""

    stopwords = SearchEnglish.stopwords - {
        *("about", "after", "before", "between", "during", "since", "until"),
        *("same", "when", "where"),
    }


def setup(app: Sphinx) -> None:
    """Read docstrings as they are written, and lead references to public pages."""
    app.add_lexer("csv", TextLexer)
    app.add_search_language(_English)
    # Lines of JSON in the documents are shortened with "...".
    app.add_lexer("json", TextLexer)
    app.connect("missing-reference", _public)
    # After napoleon, which has found the sections by then.
    app.connect("autodoc-process-docstring", _from_markdown, priority=900)
