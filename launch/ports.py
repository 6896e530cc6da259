"""The ports that the shop and the sandbox listen on."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

SHOP = ("PORT", 8000)
SANDBOX = ("SANDBOX_PORT", 8001)


class PortTaken(Exception):
    """A port that must be ours is another program's, or no port at all."""


@dataclass(frozen=True)
class Ports:
    shop: int
    sandbox: int


def fixed_ports() -> Ports:
    """PORT and SANDBOX_PORT, else 8000 and 8001. Raises PortTaken rather than listen where nobody looks."""
    return Ports(*(_available(name, int(_given(name) or default)) for name, default in (SHOP, SANDBOX)))


def free_ports() -> Ports:
    """PORT and SANDBOX_PORT where given, else whichever are free. Raises PortTaken."""
    with socket.socket() as one, socket.socket() as other:  # both held, so that they differ
        free = [_bind_any(one), _bind_any(other)]
    names = (SHOP[0], SANDBOX[0])
    return Ports(*(_available(name, int(_given(name) or port)) for name, port in zip(names, free, strict=True)))


def _given(name: str) -> str:
    text = os.environ.get(name, "")
    if text and not (text.isdecimal() and 0 < int(text) < 65536):
        raise PortTaken(f"{name}={text} is not a port: give a number from 1 to 65535")
    return text


def _available(name: str, port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PortTaken(f"port {port} cannot be used ({error.strerror}): set {name} to one that is free") from error
    return port


def _bind_any(probe: socket.socket) -> int:
    probe.bind(("127.0.0.1", 0))
    port: int = probe.getsockname()[1]
    return port
