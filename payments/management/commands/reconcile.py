from django.core.management.base import BaseCommand

from payments.operations import sweeping
from payments.webhooks.inbox import drain_inbox


class Command(BaseCommand):
    help = (
        "Do now what the periodic jobs do: sweep operations and observations, drain webhooks, ask about what is open."
    )

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(f"operations enqueued:      {sweeping.sweep_operations()}")
        self.stdout.write(f"observations applied:     {sweeping.sweep_observations()}")
        self.stdout.write(f"webhook events drained:   {drain_inbox()}")
        self.stdout.write(f"open payments asked:      {sweeping.ask_about_open_payments()}")
        self.stdout.write(f"pending refunds asked:    {sweeping.ask_about_pending_refunds()}")
