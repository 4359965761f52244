"""What Hypothesis calls whenever it is imported, wherever this library is installed.

It makes `from_type(Edtf)` work, and of `Source` and `Citation`, without a line in
anybody's tests. It stands beside the package, not in it, so that whoever imports
Hypothesis need not wait for the library: nothing of the library is imported before
somebody else imports it, and no strategy before one is asked for.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


__all__ = ["Awaited", "register"]

_LIBRARY = "bri_timeline"
_STRATEGIES = {"Citation": "citations", "Edtf": "edtfs", "Source": "sources"}


def register() -> None:
    """Tell Hypothesis of the library's values, now or once the library is imported.

    Called through the entry point `hypothesis`.
    """
    if _LIBRARY in sys.modules:
        _register()
    else:
        sys.meta_path.insert(0, Awaited(_LIBRARY, _register))


class Awaited(MetaPathFinder):
    """A module that is awaited, and what to do once it is imported.

    To be put first on `sys.meta_path`, from which it withdraws when it is asked for the
    module; it finds nothing by itself.

    Args:
        name: The full name of the module.
        then: Called once, after the module has been executed.
    """

    def __init__(self, name: str, then: Callable[[], None]) -> None:
        self.name = name
        self.then = then

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return what the other finders find, prepared to call *then*."""
        if fullname != self.name:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            self._follow(spec.loader)
        return spec

    def _follow(self, loader: Loader) -> None:
        own, execute = vars(loader), loader.exec_module

        def exec_module(module: ModuleType) -> None:
            del own["exec_module"]
            execute(module)
            self.then()

        own["exec_module"] = exec_module


def _register() -> None:
    from hypothesis.strategies import register_type_strategy

    library = sys.modules[_LIBRARY]
    for name in _STRATEGIES:
        register_type_strategy(getattr(library, name), _strategy)


def _strategy(kind: type) -> SearchStrategy[object]:
    testing = importlib.import_module(f"{_LIBRARY}.testing")
    found: SearchStrategy[object] = getattr(testing, _STRATEGIES[kind.__name__])()
    return found
