"""The check that a vocabulary has what a projection reads of a dataset."""

from __future__ import annotations

from collections.abc import Collection
from typing import get_args

import attrs

from bri_timeline import Vocabulary
from bri_timeline.errors import VocabularyError
from bri_timeline.extend import members_of, payload_fields, refuse_lacking
from bri_timeline.scale._manifest import Manifest, Rules
from bri_timeline.stores import names_of


def check_known(projection: object, manifest: Manifest, vocabulary: Vocabulary) -> None:
    """Check that a vocabulary has what a projection reads, and what ends that.

    Args:
        projection: A projection, or a function that returns one, which says nothing.
        manifest: The manifest of the whole dataset.
        vocabulary: The payload classes.

    Raises:
        VocabularyError: It has none of the classes; or the dataset has facts of a
            class, or of a version, that it lacks; or a class has changed.
    """
    classes, upcasts = vocabulary.classes, vocabulary.upcasts
    depends_on = getattr(projection, "depends_on", None) or ()
    reads = tuple(cls for cls in depends_on if cls is not object)
    # Many read more kinds than there are facts of. What has none of them is a mistake.
    names = {name for name, cls in classes.items() if issubclass(cls, reads)}
    if reads and not names:
        names_of(reads, vocabulary)
    written = {kind for part in manifest.parts for kind in part.kinds}
    known = [classes[name] for name, _ in written if name in classes]
    lacking = [
        (name, max(version, 1))
        for name, version in written
        if name not in classes or version > 1 + len(upcasts.get(classes[name], ()))
    ]
    refuse_lacking(projection, lacking, known)
    check_rules(names or {*classes}, manifest, vocabulary)


def rules_of(name: str, vocabulary: Vocabulary) -> Rules:
    """Return the rules of the class of a kind.

    How it finds its parties is not among them: functions cannot be compared.

    Args:
        name: The kind.
        vocabulary: The payload classes.
    """
    cls = vocabulary.classes[name]
    version, parts = 1 + len(vocabulary.upcasts.get(cls, ())), payload_fields(cls)
    fields = {
        name: tuple(sorted(map(shape, members_of(part.type))))
        for name, part in parts.items()
    }
    # A field or a property of that name is something else.
    silent = getattr(cls, "silent", None)
    if not isinstance(silent, frozenset):
        silent = {one.name for one in attrs.fields(cls) if one.default is None}
    said = {name: getattr(cls, name, None) for name in ("until", "last_of")}
    declared = {
        name: shape(value) for name, value in said.items() if isinstance(value, tuple)
    }
    return Rules(version, fields, tuple(sorted(silent)), declared)


def check_rules(
    names: Collection[str], manifest: Manifest, vocabulary: Vocabulary
) -> None:
    """Check that the rules of classes are those with which they were written.

    Args:
        names: Their kinds.
        manifest: The manifest of the whole dataset.
        vocabulary: The payload classes.

    Raises:
        VocabularyError: Those of one are others.
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
    if isinstance(value, tuple):
        return f"({', '.join(map(shape, value))})"
    members = members_of(value)
    if len(members) > 1:
        return " or ".join(sorted(map(shape, members)))
    inner = ", ".join(map(shape, get_args(value)))
    return f"{getattr(value, '__name__', value)}{inner and f'[{inner}]'}"
