"""Believe what a proxy says of the shopper only if the operator named that proxy in TRUSTED_PROXIES."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

UNIX_SOCKET = "unix"
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED")


class TrustedProxies:
    """Sets REMOTE_ADDR to the address of the client that the trusted proxies saw, or drops their headers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        names: list[str] = settings.TRUSTED_PROXIES
        self.by_socket = UNIX_SOCKET in names
        self.networks = [ip_network(name, strict=False) for name in names if name != UNIX_SOCKET]

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if self._trusts(request.META.get("REMOTE_ADDR", "")):
            request.META["REMOTE_ADDR"] = self._client(request)
        else:
            for header in FORWARDED:
                request.META.pop(header, None)
        return self.get_response(request)

    def _client(self, request: HttpRequest) -> str:
        """The right-most address that no trusted proxy has: all to the left of it is the client's own word."""
        chain = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        address: str = request.META.get("REMOTE_ADDR", "")
        while chain and self._trusts(address):
            address = chain.pop()
        return address if _is_address(address) else ""

    def _trusts(self, address: str) -> bool:
        if not address:
            return self.by_socket
        return _is_address(address) and any(_contains(network, address) for network in self.networks)


def _contains(network: IPv4Network | IPv6Network, address: str) -> bool:
    return ip_address(address) in network


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
