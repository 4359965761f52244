"""From payload to plain data and back, by the classes that a log may hold."""

from bri_timeline._codec._vocabulary import Vocabulary


__all__ = ["Vocabulary"]
