from django.core.management.base import BaseCommand, CommandError

from payments.ledger.verification import account_sums, verify_ledger
from payments.money import Money


class Command(BaseCommand):
    help = "Prove that the ledger is balanced, fits the payments and is what the audit trail tells; exit 1 if not."

    def handle(self, *args: object, **options: object) -> None:
        for currency, account, amount in account_sums():
            self.stdout.write(f"{account:<12} {Money(amount, currency)!s:>20}")
        troubles = list(verify_ledger())
        for trouble in troubles:
            self.stderr.write(trouble)
        if troubles:
            raise CommandError(f"{len(troubles)} differences in the ledger.", returncode=1)
        self.stdout.write("The ledger is whole: every currency sums to zero.")
