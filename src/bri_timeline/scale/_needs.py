"""The check that a vocabulary has what a projection reads of a dataset."""

from __future__ import annotations

from collections.abc import Collection
from typing import get_args

from bri_timeline import Vocabulary
from bri_timeline._events.marks import closing_classes
from bri_timeline._projection import classes_needed, refuse_unknown
from bri_timeline.errors import VocabularyError
from bri_timeline.extend import members_of, payload_fields
from bri_timeline.scale._manifest import Manifest, Rules
from bri_timeline.stores import names_of


def check_known(projection: object, manifest: Manifest, vocabulary: Vocabulary) -> None:
    """Check that a vocabulary has what a projection reads, and what ends that.

    Args:
        projection: A projection, or a function that returns one, which says nothing.
        manifest: The manifest of the whole dataset.
        vocabulary: The payload classes.

    Raises:
        VocabularyError: It has no such class; or the dataset has facts of a class, or
            of a version, that it lacks.
    """
    classes, upcasts = vocabulary.classes, vocabulary.upcasts
    reads = getattr(projection, "reads", None) or ()
    names_of((cls for cls in reads if cls is not object), vocabulary)
    written = {kind for part in manifest.parts for kind in part.kinds}
    known = [classes[name] for name, _ in written if name in classes]
    lacking = [
        (name, max(version, 1))
        for name, version in written
        if name not in classes or version > 1 + len(upcasts.get(classes[name], ()))
    ]
    needed = classes_needed(projection, lambda: closing_classes(known))
    refuse_unknown(needed, lacking)
    names = names_of((cls for cls in reads if cls is not object), vocabulary)
    check_rules(names or {*classes}, manifest, vocabulary)


def rules_of(name: str, vocabulary: Vocabulary) -> Rules:
    """Return what the class of a kind says of itself.

    How it finds its parties is not among it: functions cannot be compared.
    """
    cls = vocabulary.classes[name]
    version = 1 + len(vocabulary.upcasts.get(cls, ()))
    fields = {name: shape(part.type) for name, part in payload_fields(cls).items()}
    said = {name: getattr(cls, name, None) for name in ("silent", "until", "last_of")}
    # A field or a property of that name is something else.
    declared = {
        name: shape(value)
        for name, value in said.items()
        if isinstance(value, tuple | frozenset)
    }
    return Rules(version, fields, declared)


def check_rules(
    names: Collection[str], manifest: Manifest, vocabulary: Vocabulary
) -> None:
    """Check that classes say of themselves what they said when they were written.

    Args:
        names: Their kinds.
        manifest: The manifest of the whole dataset.
        vocabulary: The payload classes.

    Raises:
        VocabularyError: One says something else.
    """
    for name, then in manifest.rules.items():
        if name in names and name in vocabulary.classes:
            changed = then.changed(rules_of(name, vocabulary))
            if changed:
                problem = f"has changed since the dataset was written: {changed[0]}"
                remedy = "open it with the class of that time, or write it anew from"
                cls = vocabulary.classes[name]
                raise VocabularyError(cls, f"{name} {problem}: {remedy} entries()")


def shape(value: object) -> str:
    """Return a type, or what a class declares, as text that every Python writes."""
    if isinstance(value, str):
        return value
    if isinstance(value, tuple | frozenset):
        parts = [*map(shape, value)]
        return f"({', '.join(parts if isinstance(value, tuple) else sorted(parts))})"
    members = members_of(value)
    if len(members) > 1:
        return " or ".join(sorted(map(shape, members)))
    inner = ", ".join(map(shape, get_args(value)))
    return f"{getattr(value, '__name__', value)}{inner and f'[{inner}]'}"
