"""Compare the reading of dates with `edtf` and `undate`, side by side in one run.

Run by hand: `python tests/benchmarks/bench_edtf.py`. Prints how many times as long each
peer takes for the same text, and how long hostile text takes.
"""

from __future__ import annotations

from collections.abc import Callable
from timeit import repeat

from edtf import parse_edtf
from edtf.parser.edtf_exceptions import EDTFParseException
from undate import Undate

from bri_timeline import Edtf
from bri_timeline.errors import EdtfError


COMMON = {
    "year": "2015",
    "month": "2019-08",
    "day": "2019-04-24",
    "approximate": "2016~",
    "uncertain": "2016?",
    "interval of years": "2015/2017",
    "interval of days": "2015-01-01/2017-02-03",
    "interval without end": "2015/..",
    "one of a range": "[2015..2017]",
    "decade": "201X",
}
HOSTILE = {
    "a year of seven million digits": "Y1E7000000",
    "a range of 3.6 million days": "[0001-01-01..9999-12-31]",
    "100,000 brackets": "[" * 100_000,
    "4,096 brackets": "[" * 4_096,
    "digits of another script": "٢٠١٥",
    "a trailing newline": "2015\n",
    "a year of 4,095 digits": "Y" + "9" * 4_095,
    "a set of 800 equal decades": f"[{','.join(['20X0'] * 800)}]",
    "a set of 800 years": f"[{','.join(map(str, range(1000, 1800)))}]",
    "a set of 370 days": f"[{','.join(f'{1000 + n}-10-10' for n in range(370))}]",
    "a set of 800 decades": f"[{','.join(f'{200 + n}X' for n in range(800))}]",
    "a set of 370 masks": f"[{','.join(f'{1000 + n}-1X-1X' for n in range(370))}]",
}
REFUSALS = (EDTFParseException, EdtfError, NotImplementedError, ValueError)


def seconds(read: Callable[[str], object], text: str) -> float | None:
    """Return the least time of several that *read* takes; None if it refuses."""
    try:
        read(text)
    except REFUSALS:
        return None
    times = 1
    while (least := min(repeat(lambda: read(text), number=times, repeat=3))) < 0.01:
        times *= 4
    return least / times


def ours(text: str) -> object:
    """Read or refuse text."""
    try:
        return Edtf(text)
    except EdtfError as error:
        return error


def ratio(peer: float | None, own: float) -> str:
    """Return how many times as long a peer takes."""
    return "refused" if peer is None else f"{peer / own:,.0f}"


def main() -> None:
    """Print both tables."""
    print(f"{'times as long as ours':31}{'text':24}{'edtf':>8}{'undate':>8}")
    for name, text in COMMON.items():
        own = seconds(Edtf, text) or 0.0
        peers = [seconds(parse_edtf, text)]
        peers.append(seconds(lambda text: Undate.parse(text, "EDTF"), text))
        columns = "".join(f"{ratio(peer, own):>8}" for peer in peers)
        print(f"{name:31}{text:24}{columns}")
    print(f"\n{'hostile text':31}{'milliseconds':>12}")
    for name, text in HOSTILE.items():
        print(f"{name:31}{(seconds(ours, text) or 0.0) * 1000:12.3f}")


if __name__ == "__main__":
    main()
