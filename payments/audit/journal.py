from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from payments.models import AuditEntry
from payments.statements import insert_rows

Facts = Mapping[str, str | int | list[dict[str, str | int]] | None]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts and from where: pointers such as "user:7" and "request:9f3c", never a name or an address."""

    name: str
    origin: str = ""

    @classmethod
    def user(cls, user_id: int, origin: str = "") -> Actor:
        return cls(f"user:{user_id}", origin)


SHOPPER = Actor("shopper", "checkout")
WORKER = Actor("system", "worker")


@dataclass(slots=True)
class Journal:
    """The audit entries of one transaction, written in one statement at its end."""

    actor: Actor
    payment_id: int | None
    entries: list[AuditEntry] = field(default_factory=list)

    def note(self, action: str, object_type: str, object_id: int, *, before: Facts, after: Facts) -> None:
        self.entries.append(
            AuditEntry(
                actor=self.actor.name,
                origin=self.actor.origin,
                action=action,
                object_type=object_type,
                object_id=object_id,
                payment_id=self.payment_id,
                before=before,
                after=after,
            )
        )

    def belongs_to(self, payment_id: int) -> None:
        """Name the payment of entries that were noted before it had an id."""
        self.payment_id = payment_id
        for entry in self.entries:
            entry.payment_id = payment_id

    def write(self) -> None:
        insert_rows(self.entries)
        self.entries = []
