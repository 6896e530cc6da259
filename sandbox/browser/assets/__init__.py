"""Scripts and styles of the sandbox's own pages, served from `/assets/`."""

from __future__ import annotations

from pathlib import Path

from sandbox.messages import Request, Response
from sandbox.routing import Router

FOLDER = Path(__file__).parent
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


def register(router: Router) -> None:
    """One route per file that is there at the start: nothing else can be asked for."""
    for file in sorted(FOLDER.rglob("*")):
        if file.suffix in TYPES:
            router.get(f"/assets/{file.relative_to(FOLDER).as_posix()}", _Serving(file))


class _Serving:
    """Reads the file at every request, so that an edit shows without a restart."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __call__(self, request: Request) -> Response:
        headers = (
            ("Content-Type", TYPES[self._file.suffix]),
            ("Cache-Control", "no-cache"),
            ("X-Content-Type-Options", "nosniff"),
        )
        return Response(200, self._file.read_bytes(), headers)
