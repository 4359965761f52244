"""Run a program beside the S3 of moto; it needs nothing else that is installed here."""

from __future__ import annotations

import os
import subprocess
import sys
from threading import Thread

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    create_backend_app,
)
from werkzeug.serving import WSGIRequestHandler, make_server


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Give the program the address of the server, and end as it does."""
    # One request at a time: it looks for a file and creates it in two steps, where S3
    # does so in one.
    application = DomainDispatcherApplication(create_backend_app)
    server = make_server(
        "127.0.0.1", 0, application, threaded=False, request_handler=_Quiet
    )
    Thread(target=server.serve_forever, daemon=True).start()
    address = {"BRI_TIMELINE_S3": f"http://127.0.0.1:{server.server_port}"}
    sys.exit(subprocess.run(sys.argv[1:], env=os.environ | address).returncode)


if __name__ == "__main__":
    main()
