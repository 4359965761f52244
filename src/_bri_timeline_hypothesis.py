"""The Hypothesis plugin: makes `from_type()` work for `Edtf`, `Source` and `Citation`.

Hypothesis imports it through an entry point. It stands beside the package, so that
importing Hypothesis does not import the library: strategies are registered when a test
imports the library, and imported when they are used.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


__all__ = ["Awaited", "register"]

_LIBRARY = "bri_timeline"
_STRATEGIES = {"Citation": "citations", "Edtf": "edtfs", "Source": "sources"}


def register() -> None:
    """Register the strategies of the library, now or once the library is imported.

    Called through the entry point `hypothesis`.
    """
    if _LIBRARY in sys.modules:
        _register()
    else:
        sys.meta_path.insert(0, Awaited(_LIBRARY, _register))


class Awaited(MetaPathFinder):
    """A finder that calls a function once a module has been imported.

    Put it first on `sys.meta_path`. It removes itself when the module is looked up, and
    finds nothing by itself.

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
        """Return the spec that the other finders find, prepared to call *then*."""
        if fullname != self.name:
            return None
        # Before the other finders are asked, or this one would be asked again for ever.
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            self._follow(spec.loader)
        return spec

    def _follow(self, loader: Loader) -> None:
        # Wrapping this one loader instance leaves its class, and other modules, alone.
        own, execute = vars(loader), loader.exec_module

        def exec_module(module: ModuleType) -> None:
            del own["exec_module"]
            execute(module)
            self.then()

        own["exec_module"] = exec_module


def _register() -> None:
    # Hypothesis calls this module while it is being imported itself.
    from hypothesis.strategies import SearchStrategy, register_type_strategy

    def strategy(kind: type) -> SearchStrategy[object]:
        testing = importlib.import_module(f"{_LIBRARY}.testing")
        made: SearchStrategy[object] = getattr(testing, _STRATEGIES[kind.__name__])()
        return made

    library = sys.modules[_LIBRARY]
    for name in _STRATEGIES:
        register_type_strategy(getattr(library, name), strategy)
