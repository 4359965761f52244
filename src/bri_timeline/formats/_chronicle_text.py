"""How a chronicle is laid out: a table for each source, one for each entry.

What a value looks like in TOML is for `tomli_w` to say; here is only where it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Sequence

from bri_timeline._extras import needing


__all__ = ["Table", "laid_out"]

Table = Mapping[str, object]
_WIDEST = 88


def laid_out(top: Table, sources: Mapping[str, Table], entries: Sequence[Table]) -> str:
    """Return a chronicle as text.

    Args:
        top: What stands above all tables.
        sources: The sources, by key.
        entries: The entries: what is a table in one is written below it.
    """
    blocks = [_lines(top)]
    blocks += [
        f"[sources.{_key(key)}]\n{_lines(source)}" for key, source in sources.items()
    ]
    for entry in entries:
        tables = {k: v for k, v in entry.items() if isinstance(v, Mapping)}
        plain = {k: v for k, v in entry.items() if k not in tables}
        blocks.append(f"[[entries]]\n{_lines(plain)}")
        blocks += [
            f"[entries.{_key(name)}]\n{_lines(table)}" for name, table in tables.items()
        ]
    return "\n".join(blocks)


def _lines(table: Table) -> str:
    return "".join(f"{line}\n" for k, v in table.items() for line in _pair(k, v))


def _pair(key: str, value: object) -> Iterator[str]:
    line = f"{_key(key)} = {_value(value)}"
    if len(line) <= _WIDEST or not isinstance(value, list):
        yield line
        return
    yield f"{_key(key)} = ["
    yield from (f"    {_value(item)}," for item in value)
    yield "]"


def _value(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    return _written("x", value).removeprefix("x = ")


@lru_cache(1 << 12)
def _key(key: str) -> str:
    return _written(key, 0).removesuffix(" = 0")


def _written(key: str, value: object) -> str:
    with needing("chronicle"):
        import tomli_w

    return tomli_w.dumps({key: value}).removesuffix("\n")
