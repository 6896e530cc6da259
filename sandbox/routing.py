"""From a method and a path to the function that answers.

`Router` is also the door for `sandbox.browser`: its `routes.py` defines

    def register(router: Router, sandbox: Sandbox) -> None: ...

which the application calls once at the start. There it adds its own pages:

    router.get("/endive/stripe.js", serve_script)
    router.post("/3d_secure_2/{payment_intent}/complete", complete)

A handler takes a `Request` and returns a `Response`. `{name}` matches one path segment and lands in
`request.path_parameters`. These routes carry no API key check, no idempotency and no faults: those belong to `/v1/`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from sandbox.messages import Request, Response

Handler = Callable[[Request], Response]


@dataclass(frozen=True)
class _Route:
    method: str
    pattern: re.Pattern[str]
    handler: Handler


class Router:
    """Routes in the order they were added; the first that fits answers."""

    def __init__(self) -> None:
        self._fixed: dict[tuple[str, str], Handler] = {}
        self._routes: list[_Route] = []

    def get(self, path: str, handler: Handler) -> None:
        """Answer GET (and HEAD) on `path`."""
        self.add("GET", path, handler)

    def post(self, path: str, handler: Handler) -> None:
        """Answer POST on `path`."""
        self.add("POST", path, handler)

    def add(self, method: str, path: str, handler: Handler) -> None:
        """Answer `method` on `path`, in which `{name}` stands for one segment."""
        if "{" not in path:
            self._fixed[method, path] = handler
            return
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
        self._routes.append(_Route(method, pattern, handler))

    def dispatch(self, request: Request) -> Response | None:
        """The answer of the route that fits, or None."""
        method = "GET" if request.method == "HEAD" else request.method
        if handler := self._fixed.get((method, request.path)):
            return handler(request)
        for route in self._routes:
            if route.method == method and (match := route.pattern.fullmatch(request.path)):
                return route.handler(replace(request, path_parameters=match.groupdict()))
        return None
