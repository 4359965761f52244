"""Files of other programs, with as many rows as are wanted."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta


DECLARATION = """
title = "Members"

[source]
title = "{name}"
published = "2025-05"

[[events]]
kind = "Joined"
when = { column = "day", format = "yyyy-mm-dd" }
fields = { member = { column = "code", as = "iso3" }, body = "{body}" }
"""
CODES = ["AZE", "CHN", "KAZ", "GEO", "TUR"]
NAMES = ["Georgia", "Turkey", "China", "Kazakhstan", "Azerbaijan"]
ACTOR = {"actorText": "the government", "sector": "GOV"}


def days(size: int) -> Iterable[tuple[int, str]]:
    """Yield numbers with days, two rows a day."""
    first = date(2018, 1, 1)
    return ((n, (first + timedelta(days=n // 2)).isoformat()) for n in range(size))


def rows(found: Iterable[Mapping[str, object]], delimiter: str = ",") -> str:
    """Return a table with a header."""
    some = [*found]
    file = io.StringIO()
    writer = csv.DictWriter(file, [*some[0]], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(some)
    return file.getvalue()


def articles(size: int) -> str:
    """Return rows of GDELT, three of an article."""
    found = []
    for n, day in days(size):
        cells = [""] * 61
        cells[0], cells[1], cells[26] = str(n), day.replace("-", ""), "042"
        cells[5] = cells[6] = cells[7] = CODES[n % 5]
        cells[15] = cells[16] = cells[17] = CODES[n // 5 % 5]
        cells[-2:] = day.replace("-", ""), f"http://news.example/{n // 3}"
        found.append("\t".join(cells) + "\n")
    return "".join(found)


def stories(size: int) -> str:
    """Return rows of ICEWS."""
    return rows(
        {
            "event_id": n,
            "event_date": day,
            "source_name": f"Ann {n // 4}",
            "source_country": NAMES[n % 5],
            "cameo_code": "042",
            "target_name": NAMES[n // 5 % 5],
            "target_country": NAMES[n // 5 % 5],
            "story_id": n // 3,
            "publisher": f"The Paper {n // 9}",
            "city": "Ankara",
        }
        for n, day in days(size)
    )


def fights(size: int) -> str:
    """Return rows of UCDP."""
    return rows(
        {
            "id": n,
            "side_a": "Government of Turkey",
            "side_b": f"Rebels {n // 4}",
            "type_of_violence": 1,
            "country": "Turkey",
            "best": 2,
            "low": 1,
            "high": n,
            "date_start": day,
            "date_end": day,
            "date_prec": 1,
            "source_office": "The Agency;The Post",
            "source_date": f"{day};{day}",
            "source_headline": f"Clash {n};",
            "source_original": "",
        }
        for n, day in days(size)
    )


def members(size: int) -> str:
    """Return rows for the declaration."""
    return rows(
        {
            "code": CODES[n % 5],
            "day": day,
            "body": f"Body {n // 4}",
            "name": "List",
        }
        for n, day in days(size)
    )


def records(size: int) -> str:
    """Return records of PLOVER."""
    return json.dumps(
        [
            {
                "id": f"R-{n}",
                "date": day,
                "source": [{"code": CODES[n % 5], **ACTOR}],
                "target": [{"code": CODES[n // 5 % 5], **ACTOR}],
                "event": "AGREE",
                "publication": f"The Agency {n // 9}",
            }
            for n, day in days(size)
        ]
    )


def stories_of_polecat(size: int) -> str:
    """Return rows of POLECAT."""
    return rows(
        (
            {
                "Event ID": n,
                "Event Date": day,
                "Event Type": "CONSULT",
                "Event Mode": "visit",
                "Actor Name": NAMES[n % 5],
                "Actor Country": CODES[n % 5],
                "Recipient Name": NAMES[n // 5 % 5],
                "Recipient Country": CODES[n // 5 % 5],
                "Source": f"The Agency {n // 9}",
                "Publication Date": day,
            }
            for n, day in days(size)
        ),
        "\t",
    )


def quadruples(size: int) -> str:
    """Return quadruples of ICEWS: of five actors, and one relation."""
    return "".join(f"{n % 5}\t0\t{n // 5 % 5}\t{n * 24}\n" for n in range(size))
