"""The check that a vocabulary has what a projection reads of a dataset."""

from __future__ import annotations

from bri_timeline import Vocabulary
from bri_timeline._events.marks import closing_classes
from bri_timeline._projection import classes_needed, refuse_unknown
from bri_timeline.scale._manifest import Manifest
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
