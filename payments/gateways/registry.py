"""Which adapter speaks for which gateway: the setting PAYMENT_GATEWAYS names a factory for each code."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from payments.gateways.base import Gateway


class UnknownGateway(LookupError):
    """No adapter is configured under this code."""


@cache
def _built(factory: str) -> Gateway:
    make = cast(Callable[[], Gateway], import_string(factory))
    return make()


def forget() -> None:
    """Build the adapters anew at their next use, after the settings changed."""
    _built.cache_clear()


def configured() -> dict[str, Gateway]:
    """Every gateway that PAYMENT_GATEWAYS names, by its code."""
    return {code: gateway_for(code) for code in settings.PAYMENT_GATEWAYS}


def gateway_for(code: str) -> Gateway:
    """The adapter configured for a gateway's `code`, such as "stripe". Raises UnknownGateway."""
    factories: dict[str, str] = settings.PAYMENT_GATEWAYS
    if code not in factories:
        raise UnknownGateway(f"no gateway {code!r}; PAYMENT_GATEWAYS names {', '.join(sorted(factories))}")
    return _built(factories[code])
