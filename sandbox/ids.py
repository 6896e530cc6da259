"""Object ids in Stripe's form: a prefix that names the kind, then random letters and digits."""

from __future__ import annotations

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits


def random_text(length: int) -> str:
    """Letters and digits that cannot be guessed."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def new_id(prefix: str) -> str:
    """A fresh id: the prefix (such as `pi_3`) and 23 more characters."""
    return f"{prefix}{random_text(23)}"


def client_secret(object_id: str) -> str:
    """The secret that lets a browser with the publishable key act on one object."""
    return f"{object_id}_secret_{random_text(25)}"
