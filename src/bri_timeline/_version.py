"""The version of the package, read from its metadata when it is asked for."""

from importlib.metadata import PackageNotFoundError, version


__all__ = ["__version__"]

try:
    __version__ = version("bri-timeline")
except PackageNotFoundError:  # a copy of the files, which was never installed
    __version__ = "unknown"
