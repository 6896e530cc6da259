"""The environment of a local shop, kept in a file of its state folder: the next start finds the same secrets."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from launch.ports import Ports

NOTE = """\
# The environment of this local shop. Secrets were drawn at the first start and are kept; addresses are written anew by
# each start. A variable of the real environment wins over this file.
"""


def shop_environment(file: Path, *, ports: Ports, database_url: str, mail: Path, alone: bool) -> dict[str, str]:
    """Every setting of the shop: of the real environment, unless `alone`, else as kept in `file`, else drawn."""
    kept = _drawn() | _read(file) | _addresses(ports, database_url, mail)
    _write(file, kept)
    return kept if alone else kept | {name: os.environ[name] for name in kept if name in os.environ}


def process_environment(shop: Mapping[str, str]) -> dict[str, str]:
    """What a process of the shop sees: the real environment under the shop's own settings."""
    return {**os.environ, **shop, "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONUNBUFFERED": "1"}


def _drawn() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DEBUG": "0",
        "TRUSTED_PROXIES": "",
        "DEFAULT_FROM_EMAIL": "shop@localhost",
        "AUDIT_SEAL_KEY": secrets.token_urlsafe(48),
        "LOG_LEVEL": "INFO",
        "STRIPE_SECRET_KEY": f"sk_test_{secrets.token_hex(24)}",
        "STRIPE_PUBLISHABLE_KEY": f"pk_test_{secrets.token_hex(24)}",
        "STRIPE_WEBHOOK_SECRETS": f"whsec_{secrets.token_hex(24)}",
        "SHOP_CURRENCY": "EUR",
        "CAPTURE_METHOD": "automatic",
        "ALLOW_TEST_MODE": "1",
        "STAFF_USERNAME": "staff",
        "STAFF_PASSWORD": secrets.token_urlsafe(15),
    }


def _addresses(ports: Ports, database_url: str, mail: Path) -> dict[str, str]:
    shop, sandbox = f"http://127.0.0.1:{ports.shop}", f"http://localhost:{ports.sandbox}"
    return {
        "SITE_URL": shop,
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "CSRF_TRUSTED_ORIGINS": shop,
        "DATABASE_URL": database_url,
        "DATABASE_DIRECT_URL": database_url,
        "EMAIL_URL": f"filemail:///{quote(str(mail))}",  # the path begins after the third slash
        "STRIPE_API_BASE": sandbox,
        "STRIPE_JS_URL": f"{sandbox}/endive/stripe.js",
    }


def _read(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    lines = (line for line in file.read_text().splitlines() if "=" in line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def _write(file: Path, values: Mapping[str, str]) -> None:
    """Readable by its owner from its first byte on, and never half written."""
    unfinished = file.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(NOTE + "".join(f"{name}={value}\n" for name, value in values.items()))
    unfinished.rename(file)
