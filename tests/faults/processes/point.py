"""What a crash point is: one call of one function, before or after which somebody is killed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    WEB = "web"
    WORKER = "worker"


class When(StrEnum):
    BEFORE = "before"
    AFTER = "after"


class Victim(StrEnum):
    PROCESS = "the process that stands there"
    PROGRAM = "that process with its master"
    DATABASE = "PostgreSQL"
    SESSION = "a server process of PostgreSQL"
    GATEWAY = "the sandbox"
    GATEWAY_AT_WORK = "the sandbox with an answer held back"


@dataclass(frozen=True, slots=True)
class CrashPoint:
    """`function` is `module:name` or `module:Class.name`, as the module that calls it knows it.

    A process of `role` stops before or after its call, if the call shows the text `showing` (see laying.py).
    """

    name: str
    role: Role
    when: When
    function: str
    victim: Victim = Victim.PROCESS
    showing: str = ""

    @property
    def slug(self) -> str:
        return self.name.replace(" ", "-").replace(",", "").replace(":", "")
