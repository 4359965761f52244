"""The static HTML of a page, which its script completes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bri_timeline import Source
from bri_timeline.pages._markup import Markup, element, empty, joined
from bri_timeline.pages._wording import citations, describe_event, when_cell
from bri_timeline.pages.html._page_data import PageData


__all__ = [
    "board",
    "claims_section",
    "footer",
    "header",
    "legend",
    "sources_section",
    "symbols",
]


_LEGEND = (
    (
        "When it happened",
        ("day", "on that very day"),
        ("span", "on some day within: the source does not say which"),
    ),
    (
        "By the day shown",
        ("day", "certain: it had happened"),
        ("perhaps", "perhaps: it may have"),
        ("later", "later: it had not"),
    ),
    (
        "Besides",
        ("holds", "still in force"),
        ("aside", "does not count: withdrawn, corrected or outweighed"),
        ("flag", "sources differ about it"),
    ),
)


def header(title: str, lead: str) -> Markup:
    """Return the top of the page."""
    switch = element("button", "Dark", type="button", id="theme", hidden="")
    return joined(
        [
            element("a", "Skip to the table of claims", href="#claims", class_="skip"),
            element("header", element("h1", title), element("p", lead), switch),
        ]
    )


def legend(day: str) -> Markup:
    """Return the legend, whose samples the script draws.

    Args:
        day: The day of the statuses in the table, in words.
    """
    meaning = "\u201cCertain\u201d means that it had happened by"
    condition = ", if those who say so are right."
    return element(
        "section",
        element("h2", "How to read it", class_="quiet"),
        element("div", *(_samples(*group) for group in _LEGEND), class_="legend"),
        element(
            "p",
            f"{meaning} the day shown{condition} To see who says so, choose a mark,"
            " open a value, or read the table.",
            class_="moving quiet",
        ),
        element(
            "p",
            "This page moves by script, which is off here. The table below holds every"
            " claim, with its date as precise as its source gives it, how it stands on"
            f" {day}, and who says so. {meaning} that day{condition}",
            class_="noscript",
        ),
        id="legend",
    )


def _samples(title: str, *samples: tuple[str, str]) -> Markup:
    items = (
        element("li", element("span", "", class_="sample", data_sample=name), text)
        for name, text in samples
    )
    return element("div", element("h3", title), element("ul", *items))


def board(relationship: str | None, *, has_known: bool) -> Markup:
    """Return the sliders, and the empty elements of the timeline and the state.

    Args:
        relationship: The parties whose state is shown, if any.
        has_known: Include a slider for the day of knowledge.
    """
    sliders = [_slider("day", "On this day", "what had happened by then")]
    known = _slider("known", "As known by", "what had been reported by then")
    sliders.append(known if has_known else element("div", id="basis", class_="slider"))
    state = element("section", id="state", aria_label="State of the relationship")
    beside = element(
        "div",
        element(
            "section",
            id="detail",
            aria_label="Chosen claim",
            # Screen readers announce the chosen claim when it changes.
            aria_live="polite",
            tabindex="-1",
            hidden="",
        ),
        state if relationship else Markup(),
        id="beside",
    )
    timeline = element(
        "section",
        _tools(),
        element("div", id="lanes", role="group", aria_label="Lanes shown"),
        element("p", id="note", class_="quiet"),
        element("div", id="chart"),
        id="picture",
        aria_label="Timeline",
    )
    return joined(
        [
            element("div", *sliders, id="sliders", hidden=""),
            element("p", "", id="summary", role="status"),
            element("div", timeline, beside, id="board", hidden=""),
        ]
    )


def claims_section(table: Markup) -> Markup:
    """Return the section with the table of claims."""
    scroll = element(
        "div",
        table,
        class_="scroll",
        role="region",
        tabindex="0",
        aria_labelledby="claims-title",
    )
    found = element("p", "", id="found", role="status")
    heading = element("h2", "All claims", id="claims-title")
    return element("section", heading, found, scroll, id="claims")


def sources_section(sources: Markup) -> Markup:
    """Return the section with the list of sources."""
    return element("section", element("h2", "Sources"), sources, id="sources")


def footer() -> Markup:
    """Return the footer, which lists the keyboard commands."""
    keys = (
        ("Tab", "goes from mark to mark"),
        ("Enter", "shows who says so"),
        ("arrows", "move along the marks, or a slider"),
        ("+ and \u2212", "zoom, 0 shows all"),
        ("/", "searches"),
        ("Esc", "closes"),
    )
    mentions = (element("span", element("kbd", key), f" {what}") for key, what in keys)
    return element("footer", element("p", joined(mentions, " \u00b7 "), id="keys"))


def symbols(shapes: Iterable[str]) -> Markup:
    """Return the shapes of marks as SVG symbols for the script."""
    paths = (
        element("symbol", empty("path", d=path), id=f"shape{n}", overflow="visible")
        for n, path in enumerate(shapes)
    )
    return element("svg", *paths, width=0, height=0, aria_hidden="true", class_="defs")


def _slider(name: str, title: str, hint: str) -> Markup:
    return element(
        "div",
        element("label", title, for_=name, title=hint),
        element("output", "", id=f"{name}-said", for_=name),
        element("button", "\u2039", type="button", id=f"{name}-back",
                aria_label=f"{title}: one change back"),
        empty("input", type="range", id=name, min="0", max="0", step="1", value="0"),
        element("button", "\u203a", type="button", id=f"{name}-on",
                aria_label=f"{title}: one change on"),
        empty("input", type="date", id=f"{name}-pick",
              aria_label=f"{title}: pick a day", min="0001-01-01", max="9999-12-31"),
        class_="slider",
    )  # fmt: skip


def _tools() -> Markup:
    def choice(name: str, label: str, *options: tuple[str, str]) -> Markup:
        found = (element("option", text, value=value) for value, text in options)
        return element("label", f"{label} ", element("select", *found, id=name))

    def button(name: str, text: str, label: str) -> Markup:
        return element("button", text, type="button", id=name, aria_label=label)

    return element(
        "div",
        element("label", "Search ", empty("input", type="search", id="search")),
        choice(
            "show",
            "Show",
            ("all", "everything"),
            ("certain", "certain"),
            ("perhaps", "perhaps"),
            ("flagged", "where sources differ"),
            ("aside", "what does not count"),
        ),
        choice("by", "Lanes by", ("kinds", "kind"), ("parties", "party")),
        choice("spacing", "Spacing", ("time", "true to time"), ("even", "even")),
        element(
            "span",
            button("out", "\u2212", "Zoom out"),
            button("in", "+", "Zoom in"),
            button("left", "\u2190", "Earlier"),
            button("right", "\u2192", "Later"),
            button("all", "All", "All: show the whole span"),
            class_="zoom",
            role="group",
            aria_label="Zoom",
        ),
        class_="tools",
    )


def claims_table(
    data: PageData, statuses: Iterable[str], numbers: Mapping[Source, int]
) -> Markup:
    """Return the table of all claims.

    Args:
        data: The content of the page.
        statuses: The status of each claim in the end, in words.
        numbers: The numbers of the sources, to which citations link.
    """
    cited: list[list[Markup]] = [[] for _ in data.claims]
    for number, mention in enumerate(data.mentions):
        mentions = citations(mention.event, numbers, number)
        cited[mention.claim].append(mentions)
    rows = (
        element(
            "tr",
            when_cell(claim.event),
            element("td", describe_event(claim.event), class_="what"),
            element("td", status, class_="status"),
            element("td", element("ul", *mentions), class_="who"),
            id=f"c{n}",
        )
        for n, (claim, status, mentions) in enumerate(
            zip(data.claims, statuses, cited, strict=True)
        )
    )
    titles = ("When", "What", "Status", "Who says so")
    heads = (element("th", title, scope="col") for title in titles)
    return element(
        "table", element("thead", element("tr", *heads)), element("tbody", joined(rows))
    )
