"""Interchange formats, one module each: `load` reads, `dump` writes."""
