"""What an API endpoint is: a name, an address, who may call it, and the function that does the work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.auth import Key
from sandbox.errors import Detail
from sandbox.events import Cause
from sandbox.parameters import Params
from sandbox.world import Sandbox

Answer = Mapping[str, object]


@dataclass(frozen=True)
class Call:
    """One authenticated, checked call of an endpoint."""

    sandbox: Sandbox
    params: Params
    path: Mapping[str, str]
    key: Key
    client_secret: str
    request_id: str
    idempotency_key: str | None

    @property
    def cause(self) -> Cause:
        """What the events of this call name as their request."""
        return Cause(self.request_id, self.idempotency_key)

    @property
    def id(self) -> str:
        """The id in the path."""
        return self.path["id"]

    @property
    def from_browser(self) -> bool:
        """Whether the caller holds only the publishable key."""
        return self.key is Key.PUBLISHABLE


@dataclass(frozen=True)
class Endpoint:
    """`name` is what the parameter table and the control API call it, such as `payment_intents.confirm`.

    `about` finds what a request is about by the id in its path: refused parameters are answered with it.
    """

    name: str
    method: str
    path: str
    work: Callable[[Call], Answer]
    browser: bool = False
    about: Callable[[Sandbox, str], Detail] | None = None
