from collections.abc import Callable, Sequence

from django.core.management.base import BaseCommand, CommandError

from payments.models import Discrepancy, GatewayAccount, Payment
from payments.operations import alerts, sweeping
from payments.operations.comparison import CurrencyBalance, compare_settlement
from payments.operations.settlement import ListUnavailable
from payments.webhooks.inbox import drain_inbox
from payments.webhooks.replay import replay_events

Step = tuple[str, Callable[[], int]]


class Command(BaseCommand):
    help = (
        "Do now what the periodic jobs do: take up what was left lying, ask the gateway about all that is open, find "
        "webhooks that never came, and hold the ledger against what was settled. Names each difference: exit 1 if "
        "there is one, else 2 if an account could not be compared."
    )

    def steps(self) -> Sequence[Step]:
        """What is done, in order, and how much of it there was."""
        return [
            ("operations handed to the workers", sweeping.sweep_operations),
            ("observations applied", sweeping.sweep_observations),
            ("webhook events that never came", replay_events),
            ("webhook events processed", drain_inbox),
            ("open payments asked about", sweeping.ask_about_open_payments),
            ("pending refunds asked about", sweeping.ask_about_pending_refunds),
            ("open disputes asked about", sweeping.ask_about_open_disputes),
            ("outcomes unknown for too long", alerts.alert_about_unknown),
            ("not sent for too long", alerts.alert_about_unsent),
        ]

    def handle(self, *args: object, **options: object) -> None:
        for told, do in self.steps():
            self.stdout.write(f"{told:<34}{do():>6}")
        found = [self._compare(account) for account in GatewayAccount.objects.order_by("pk")]
        waiting = Discrepancy.objects.filter(resolved_at=None).count()
        self.stdout.write(f"{'waiting for staff':<34}{waiting:>6}")
        if differences := sum(count or 0 for count in found):
            raise CommandError(f"{differences} differences from what was settled.", returncode=1)
        if None in found:
            raise CommandError("Not every account was compared. Run this again when its gateway answers.", returncode=2)

    def _compare(self, account: GatewayAccount) -> int | None:
        """Print the account's comparison; returns how many differences it has, None if nobody knows."""
        if not account.is_served:
            waits = account.payments.filter(status__in=Payment.OPEN).count()
            self.stdout.write(
                f"{account}: not asked, the keys are of another mode; open payments left as they are: {waits}"
            )
            return 0
        try:
            report = compare_settlement(account)
        except ListUnavailable as error:
            self.stderr.write(f"{account}: not compared, because the gateway gave no list: {error}")
            return None
        for balance in report.balances:
            self._print(account, balance)
        for difference in report.differences:
            self.stderr.write(f"{account}: {difference.explanation}")
        return len(report.differences)

    def _print(self, account: GatewayAccount, balance: CurrencyBalance) -> None:
        self.stdout.write(f"{account}, settled in {balance.currency} and available to date:")
        for kind, money in balance.by_kind:
            self.stdout.write(f"  {kind:<32}{money!s:>20}")
        self.stdout.write(f"  {'fees':<32}{-balance.fees!s:>20}")
        self.stdout.write(f"  {'the gateway moved':<32}{balance.movements!s:>20}")
        if balance.in_transit:
            self.stdout.write(f"  {'of it not booked yet':<32}{balance.in_transit!s:>20}")
        self.stdout.write(f"  {'the ledger has':<32}{balance.ledger!s:>20}")
        told = str(balance.gateway) if balance.gateway is not None else "not asked"
        self.stdout.write(f"  {'the gateway holds':<32}{told:>20}")
