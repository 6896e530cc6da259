from __future__ import annotations

from dataclasses import dataclass, field

from payments.audit.journal import Journal
from payments.models import Dispute, Observation, Operation, Payment, PaymentAttempt, Refund


@dataclass(slots=True)
class Fact:
    """An observation that is being applied, with the locked payment and what it has changed so far.

    `own` is the operation whose own answer this is; `unsettled` are the payment's other open operations. `changes`
    are the payment's columns to write; `changed_refunds` and `changed_disputes` are (row, its status before).
    """

    observation: Observation
    payment: Payment
    attempt: PaymentAttempt | None
    own: Operation | None
    unsettled: list[Operation]
    journal: Journal
    ended_as: str = ""
    changes: dict[str, object] = field(default_factory=dict)
    changed_refunds: list[tuple[Refund, str]] = field(default_factory=list)
    changed_disputes: list[tuple[Dispute, str]] = field(default_factory=list)

    def change(self, **columns: object) -> None:
        """Set columns of the payment, here now and in the database when the fact is done."""
        for name, value in columns.items():
            setattr(self.payment, name, value)
        self.changes.update(columns)

    @property
    def is_not_sent(self) -> bool:
        """Whether this is our own record that an operation never left."""
        return self.observation.verdict == Observation.Verdict.NOT_SENT
