"""Stripe.js as one classic script, put together from the modules in `stripe_js/`.

A shop's page loads it with a plain `<script src>` and expects `window.Stripe` at once, which a module cannot give. So
each module, readable and checked by itself, becomes a function that returns what it exports, and an import (always one
line, always of a neighbour that stands before it) takes from what that function returned.
"""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "stripe_js"
MODULES = (
    "errors",
    "frame_channel",
    "elements_options",
    "billing_details",
    "payment_element",
    "elements",
    "payment_intents",
    "modal",
    "next_action",
    "confirm_payment",
    "stripe",
)
_IMPORT = re.compile(r'^import (\{[^}]+\}) from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:class|const|function) (\w+))", re.MULTILINE)


def stripe_js() -> str:
    """The script that is served at `/endive/stripe.js`."""
    modules = "\n".join(map(_as_function, MODULES))
    return f'(() => {{\n"use strict";\n\n{modules}}})();\n'


def _as_function(name: str) -> str:
    text = (FOLDER / f"{name}.js").read_text(encoding="utf-8")
    exported = ", ".join(export[2] for export in _EXPORT.finditer(text))
    body = _EXPORT.sub(r"\1", _IMPORT.sub(r"const \1 = \2;", text))
    return f"const {name} = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();\n"
