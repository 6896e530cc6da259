"""The pages' HTML, each with its policy: no inline script, no inline style, nothing from elsewhere."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template

from sandbox.messages import Headers, Response

FOLDER = Path(__file__).parent
EMBEDDABLE = "*"
NOWHERE = "'none'"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action {form_action}; frame-ancestors {frame_ancestors}"
)


def read(name: str) -> Template:
    """A page's text, with `$name` where values go."""
    return Template((FOLDER / f"{name}.html").read_text(encoding="utf-8"))


def filled(name: str, **values: str) -> str:
    """A page with plain texts put in, escaped."""
    return read(name).substitute({key: escape(value) for key, value in values.items()})


def page(html: str, *, embeddable: bool, form_action: str = "'self'", status: int = 200) -> Response:
    """A page's answer. `embeddable` says whether other sites may show it in a frame.

    No other site learns an address of ours, which may hold a client secret. (The policy `no-referrer` goes too far:
    browsers then send this page's own forms with `Origin: null`.)
    """
    policy = _POLICY.format(form_action=form_action, frame_ancestors=EMBEDDABLE if embeddable else NOWHERE)
    headers: Headers = (
        ("Content-Security-Policy", policy),
        ("Cache-Control", "no-store"),
        ("Referrer-Policy", "same-origin"),
        ("X-Content-Type-Options", "nosniff"),
    )
    return Response.html(html, status, headers)
