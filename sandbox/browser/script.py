"""Stripe.js as one classic script, put together from the modules in `stripe_js/`.

A shop's page loads it with a plain `<script src>` and expects `window.Stripe` at once, which a module cannot give. So
the modules, each readable and checked by itself, are joined inside one function: their `import` lines (always one
line, always of a neighbour) and the word `export` go, everything else stays as it is.
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
    "stripe",
)
_IMPORT = re.compile(r'^import \{[^}]+\} from "\./\w+\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=class|const|function|async)", re.MULTILINE)


def stripe_js() -> str:
    """The script that is served at `/endive/stripe.js`."""
    joined = "\n".join(_body((FOLDER / f"{name}.js").read_text(encoding="utf-8")) for name in MODULES)
    return f'(() => {{\n"use strict";\n\n{joined}}})();\n'


def _body(module: str) -> str:
    return _EXPORT.sub("", _IMPORT.sub("", module))
