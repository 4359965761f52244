"""Text or bytes that pages return, with a method that writes them to a file."""

from __future__ import annotations

from pathlib import Path

from bri_timeline.extend import replaced


class Page(str):
    """A page, a picture or a table as text: print it, embed it, or save it."""

    __slots__ = ()

    def save(self, path: str | Path) -> None:
        """Write it to a file, in UTF-8.

        Args:
            path: The file, which is replaced as a whole.

        Raises:
            OutputError: It is a device, a pipe, a folder or a URL; or it cannot be
                written.
        """
        with replaced(Path(path)) as file:
            file.write(self.encode())


class Picture(bytes):
    """A picture in pixels, which can be saved."""

    __slots__ = ()

    def save(self, path: str | Path) -> None:
        """Write it to a file; see `Page.save()`."""
        with replaced(Path(path)) as file:
            file.write(self)
