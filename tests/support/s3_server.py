"""A server of S3 of one's own, in this process, for as long as it runs."""

from __future__ import annotations

import logging
import os
from functools import cache
from itertools import count
from threading import Lock
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.server import ThreadedMotoServer


__all__ = ["at_url"]

_NUMBERS = count()


@cache
def _bucket() -> str:
    """Start the server, and return the URL of a bucket; workers find it too."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    # It looks for a file and creates it in two steps: S3 does so in one.
    lock, answer = Lock(), DomainDispatcherApplication.__call__

    def alone(server: DomainDispatcherApplication, *given: Any) -> Any:
        with lock:
            return answer(server, *given)

    DomainDispatcherApplication.__call__ = alone
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "anybody",
        "AWS_SECRET_ACCESS_KEY": "anything",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    # The package of S3 reads these when it is imported.
    from s3fs import S3FileSystem

    S3FileSystem.clear_instance_cache()
    S3FileSystem().mkdir("s3://data")
    return "s3://data"


def at_url() -> str:
    """Return a URL at which nothing is yet."""
    return f"{_bucket()}/{next(_NUMBERS)}"
