"""A server that answers as S3 does, in this process, for as long as it runs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Lock, Thread
from time import gmtime, strftime, time
from typing import ClassVar
from urllib.error import HTTPError
from urllib.parse import parse_qs, unquote, urlsplit
from urllib.request import Request, urlopen
from xml.sax.saxutils import escape, unescape


__all__ = ["at_url"]

_NUMBERS = count()
_BUCKET = "data"


class _Answers(BaseHTTPRequestHandler):
    """What a dataset asks for: put (also only what is new), get, head, list, delete."""

    protocol_version = "HTTP/1.1"
    # An answer is sent at once, not in small pieces that wait for each other.
    wbufsize = -1
    disable_nagle_algorithm = True
    objects: ClassVar[dict[str, tuple[bytes, float]]] = {}
    lock = Lock()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    @property
    def key(self) -> str:
        return unquote(urlsplit(self.path).path)

    def answer(
        self, status: HTTPStatus, body: bytes = b"", **headers: str | int
    ) -> None:
        self.send_response(status)
        for name, value in {"content_length": len(body), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers["content-length"]))

    def do_PUT(self) -> None:
        data, is_new = self.body(), self.headers["if-none-match"] == "*"
        if not self.key.startswith(f"/{_BUCKET}"):
            self.answer(
                HTTPStatus.NOT_FOUND, b"<Error><Code>NoSuchBucket</Code></Error>"
            )
            return
        with self.lock:
            is_refused = is_new and self.key in self.objects
            if not is_refused:
                self.objects[self.key] = data, time()
        if is_refused:
            self.answer(HTTPStatus.PRECONDITION_FAILED)
        else:
            self.answer(HTTPStatus.OK, etag=_tag(data))

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        if "list-type" in asked:
            body = "".join(self.listed(f"{self.key.rstrip('/')}/{asked['prefix'][0]}"))
            found = f"<ListBucketResult>{body}</ListBucketResult>"
            self.answer(HTTPStatus.OK, found.encode())
        elif self.key in self.objects:
            data, made = self.objects[self.key]
            changed = strftime("%a, %d %b %Y %H:%M:%S GMT", gmtime(made))
            self.answer(HTTPStatus.OK, data, etag=_tag(data), last_modified=changed)
        else:
            self.answer(HTTPStatus.NOT_FOUND)

    def do_HEAD(self) -> None:
        self.do_GET()

    def listed(self, start: str) -> Iterator[str]:
        yield "<IsTruncated>false</IsTruncated>"
        for key, (data, made) in [*self.objects.items()]:
            if key.startswith(start) and "/" not in key.removeprefix(start):
                name = escape(key.split("/", 2)[2])
                changed = strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(made))
                yield f"<Contents><Key>{name}</Key><LastModified>{changed}"
                yield f"</LastModified><Size>{len(data)}</Size></Contents>"

    def do_POST(self) -> None:
        """Delete several: that is how the client deletes one, too."""
        names = re.findall("<Key>.*?</Key>", self.body().decode())
        for name in names:
            key = unescape(name.removeprefix("<Key>").removesuffix("</Key>"))
            self.objects.pop(f"{self.key.rstrip('/')}/{key}", None)
        gone = "".join(f"<Deleted>{name}</Deleted>" for name in names)
        self.answer(HTTPStatus.OK, f"<DeleteResult>{gone}</DeleteResult>".encode())

    def do_DELETE(self) -> None:
        self.objects.pop(self.key, None)
        self.answer(HTTPStatus.NO_CONTENT)


def _tag(data: bytes) -> str:
    return f'"{sha256(data).hexdigest()[:32]}"'


@cache
def _bucket() -> str:
    """Start the server, and return the URL of a bucket; workers find it too.

    With `BRI_TIMELINE_S3`, the address of another server, the tests run on that.
    """
    address = os.environ.get("BRI_TIMELINE_S3")
    if address is None:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
    os.environ |= {
        "AWS_ENDPOINT_URL": address,
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "anybody",
        "AWS_SECRET_ACCESS_KEY": "anything",
        "AWS_REGION": "us-east-1",
    }
    # A bucket that is there already is its own answer.
    bucket = Request(f"{address}/{_BUCKET}", method="PUT", data=b"")
    with suppress(HTTPError), urlopen(bucket):
        pass
    return f"s3://{_BUCKET}"


def at_url() -> str:
    """Return a URL at which nothing is yet."""
    return f"{_bucket()}/{next(_NUMBERS)}"
