from collections.abc import Sequence

from checkout.operations.expire import expire_unpaid_orders
from payments.management.commands import reconcile


class Command(reconcile.Command):
    """The payments' own command, and what this shop does with orders that nobody paid."""

    def steps(self) -> Sequence[reconcile.Step]:
        return [("unpaid orders being ended", expire_unpaid_orders), *super().steps()]
