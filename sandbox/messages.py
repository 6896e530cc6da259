"""HTTP requests and responses as values, apart from the sockets that carry them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Request:
    """One request. Header names are lower case; `path_parameters` are what the route's `{name}` parts matched."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    path_parameters: Mapping[str, str] = field(default_factory=dict)

    def header(self, name: str) -> str:
        """The header's value, or an empty string."""
        return self.headers.get(name.lower(), "")

    def query_value(self, name: str) -> str:
        """The first value of a flat query parameter, or an empty string."""
        return dict(reversed(parse_qsl(self.query, keep_blank_values=True))).get(name, "")


@dataclass(frozen=True)
class Response:
    """One answer. It waits `delay_s`, then takes `drip_s` to go; `drop` closes the connection instead."""

    status: int
    body: bytes = b""
    headers: Headers = ()
    delay_s: float = 0.0
    drip_s: float = 0.0
    drop: bool = False

    @classmethod
    def json(cls, status: int, document: object, headers: Headers = ()) -> Response:
        """A JSON answer."""
        return cls(status, to_json(document), (("Content-Type", "application/json"), *headers))

    @classmethod
    def html(cls, text: str, status: int = 200, headers: Headers = ()) -> Response:
        """An HTML page."""
        return cls(status, text.encode(), (("Content-Type", "text/html; charset=utf-8"), *headers))

    @classmethod
    def javascript(cls, text: str) -> Response:
        """A script that is asked for anew at every load."""
        return cls(
            200, text.encode(), (("Content-Type", "text/javascript; charset=utf-8"), ("Cache-Control", "no-cache"))
        )

    @classmethod
    def see_other(cls, location: str) -> Response:
        """A redirect that the browser follows with GET."""
        return cls(303, b"", (("Location", location),))


def to_json(document: object) -> bytes:
    """A document as it goes over the wire."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
