from django.core.management.base import BaseCommand, CommandError

from payments.audit.snapshot import snapshot
from payments.ledger.verification import account_sums, verify_ledger
from payments.money import Money, UnknownCurrency


class Command(BaseCommand):
    help = "Prove that the ledger is balanced, fits the payments and is what the audit trail tells; exit 1 if not."

    def handle(self, *args: object, **options: object) -> None:
        found = 0
        with snapshot():
            for currency, account, amount in account_sums():
                self.stdout.write(f"{account:<12} {_shown(amount, currency):>20}")
            for trouble in verify_ledger():
                self.stderr.write(trouble)
                found += 1
        if found:
            raise CommandError(f"{found} differences in the ledger.", returncode=1)
        self.stdout.write("The ledger is whole: every currency sums to zero.")


def _shown(amount: int, currency: str) -> str:
    """The sum as people write it; minor units where somebody put in a currency that there is not."""
    try:
        return str(Money(amount, currency))
    except UnknownCurrency:
        return f"{amount} {currency}"
