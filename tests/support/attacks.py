"""Strings that try to run something, to break out, or to mislead; and a hostile log."""

from __future__ import annotations

from attrs import frozen

from bri_timeline import Event, EventLog, Place, Source
from bri_timeline.relations import (
    AgreementSigned,
    AgreementStatusChanged,
    IndicatorObserved,
    InitiativeLaunched,
    Joined,
    Met,
    Planned,
    PositionDeclared,
    ProjectStatusChanged,
    Visited,
)


__all__ = ["ATTACKS", "Hostile", "hostile_log"]

# Each would set `hacked`, or open a dialogue, if it were run.
ATTACKS = (
    "<script>hacked=1</script>",
    "</script><script>hacked=1</script>",
    "</SCRIPT ><script>hacked=1</script>",
    "<!--<script>hacked=1</script>",
    "--><script>hacked=1</script>",
    "]]><script>hacked=1</script>",
    "</style><script>hacked=1</script>",
    "</title><script>hacked=1</script>",
    "</table></main><script>hacked=1</script>",
    "</svg><script>hacked=1</script>",
    "</textarea><img src=x onerror=hacked=1>",
    "<img src=x onerror=hacked=1>",
    "<img src=x onerror='alert(1)'>",
    "<svg onload=hacked=1>",
    "<svg><animate onbegin=hacked=1 attributeName=x dur=1s>",
    "<iframe srcdoc='<script>parent.hacked=1</script>'>",
    "<a href='javascript:hacked=1'>click</a>",
    "<details open ontoggle=hacked=1>",
    "<input autofocus onfocus=hacked=1>",
    "<body onload=hacked=1>",
    "<meta http-equiv=refresh content='0;url=javascript:hacked=1'>",
    "<base href='https://example.org/'>",
    "<form action='https://example.org/'><button>x</button></form>",
    "<link rel=stylesheet href='https://example.org/x.css'>",
    '" onmouseover=hacked=1 autofocus onfocus=hacked=1 x="',
    "' onmouseover=hacked=1 autofocus onfocus=hacked=1 x='",
    "&lt;script&gt;hacked=1&lt;/script&gt;&#60;script&#62;hacked=1",
    "\u2028hacked=1\u2029hacked=1\\u003cscript>",
    "${hacked=1}{{hacked=1}}`;hacked=1;//'\"*/hacked=1/*",
    "\u202e<script>hacked=1</script>\u202c",
    "\u2066\u202eevil\u2069 text that would be read backwards \u202d",
    "\u2067[3] certain\u2069 \u2068(taken)\u2069",
    "\u202a\u202b\u202c\u202d\u202e unclosed embeddings",
    "\u200fAliyev\u200e \u061c\u0632\u064a\u0627\u0631\u0629 (Baku) 24",
    "\u0632\u064a\u0627\u0631\u0629 <b>bold</b> & \u05d1\u05d9\u05e7\u05d5\u05e8",
    "\x80\x81\x85\x90\x98\x9b31m\x9c\x9d0;title\x9f",
    "\x9b2J\x9bHcleared",
    "\x1b]8;;javascript:hacked=1\x1b\\click\x1b]8;;\x1b\\",
    "\r\nSet-Cookie: hacked=1\r\n\r\n<script>hacked=1</script>",
    '=HYPERLINK("javascript:hacked=1")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "#day=0001-01-01&lang=<script>hacked=1</script>",
    "%3Cscript%3Ehacked=1%3C/script%3E\ud83d\ude00\ufe0f\u200d",
    "\u202egnp.exe\u202c\x00\x01\x1b[2J\ufeff\ufffe\ud800 " + "A" * 500,
)


@frozen
class Hostile:
    """A payload of somebody's own."""

    text: str
    parties: frozenset[str]


def hostile_log() -> EventLog:
    """Return a log with every attack in every field of text that a log has."""
    log = EventLog()
    for number, text in enumerate(ATTACKS):
        source = Source(
            f"{text} {number}",
            published="2019",
            container=text,
            author=text,
            url=f"javascript:hacked=1//{number}" if number % 2 else f"https://a/{text}",
        )
        for place, fact in enumerate(_facts(text)):
            name = f"{text} {place}"
            where = Place(text, 40.4, 49.9, text if text.strip() else None)
            event = Event(
                fact, when="2019-04-24", where=where, cite=source.at(text), id=name
            )
            log = log.append(event)
        wrong = log[len(log) - 1]
        again = Event(Hostile(text, frozenset({text})), when="2019", cite=source)
        log = log.append(again, supersedes=wrong, because=text, known="2020-01-01")
        log = log.retract(wrong.position - 1, because=text, known="2020-01-01")
    return log


def _facts(text: str) -> tuple[object, ...]:
    parties = ("AZE", "CHN")
    return (
        InitiativeLaunched(text, "CHN", text),
        Joined("AZE", text),
        Visited("AZE", "CHN", occasion=text, described_as=text),
        Met(parties, place=text, occasion=text, about=text),
        AgreementSigned(parties, text, between=text),
        AgreementStatusChanged(parties, text, text),
        PositionDeclared("CHN", text, text),
        IndicatorObserved(parties, text, 1, text),
        ProjectStatusChanged(parties, text, text),
        Planned(parties, text, place=text),
        Hostile(text, frozenset({"AZE", "CHN"})),
        Hostile(text, frozenset({text, "AZE"})),
    )
