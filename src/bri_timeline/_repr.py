"""Short reprs that evaluate back."""

from __future__ import annotations

from attrs import NOTHING, AttrsInstance, fields_dict


__all__ = ["brief"]


def brief(value: AttrsInstance) -> str:
    """Return the constructor call of an attrs instance, without what is default.

    Args:
        value: An instance of an attrs class whose fields can be passed to its
            `__init__`.
    """
    cls = type(value)
    parts = []
    for name, field in fields_dict(cls).items():
        if not field.init:
            continue
        content = getattr(value, name)
        if field.default is NOTHING or content != field.default:
            parts.append(
                f"{field.alias}={content!r}" if field.kw_only else repr(content)
            )
    return f"{cls.__name__}({', '.join(parts)})"
