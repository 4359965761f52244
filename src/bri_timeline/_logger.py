"""Messages to the logger `bri_timeline`, for programs that listen."""

from __future__ import annotations

import sys
import warnings


__all__ = ["alert", "inform", "warn"]


def inform(message: str, *values: object) -> None:
    """Log that something takes long, or is waited for.

    Args:
        message: The text, with a `%s` for each value.
        values: The values.
    """
    _log("info", message, values)


def warn(message: str, *values: object) -> None:
    """Log that something was repaired, or needs attention.

    Args:
        message: The text, with a `%s` for each value.
        values: The values.
    """
    _log("warning", message, values)


def alert(message: str, *values: object) -> None:
    """Log that answers may lack something; warn as Python does if nobody listens.

    Args:
        message: The text, with a `%s` for each value.
        values: The values.
    """
    if _is_heard():
        _log("warning", message, values)
    else:
        warnings.warn(message % values, UserWarning, stacklevel=2)


def _is_heard() -> bool:
    logging = sys.modules.get("logging")
    if logging is None:
        return False
    loggers = logging.getLogger("bri_timeline"), logging.getLogger()
    handlers = [handler for logger in loggers for handler in logger.handlers]
    return any(not isinstance(one, logging.NullHandler) for one in handlers)


def _log(level: str, message: str, values: tuple[object, ...]) -> None:
    # Importing `logging` takes a tenth of the import of the library, and a program
    # that has not imported it cannot listen.
    logging = sys.modules.get("logging")
    if logging is None:
        return
    logger = logging.getLogger("bri_timeline")
    if not logger.handlers:
        # Else Python would print warnings that nobody has asked for.
        logger.addHandler(logging.NullHandler())
    getattr(logger, level)(message, *values)
