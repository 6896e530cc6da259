from django.core.management.base import BaseCommand, CommandError, CommandParser

from payments.audit.sealing import seal_pending
from payments.audit.verification import Anchor, verify_audit
from payments.models import AuditSeal


class Command(BaseCommand):
    help = "Prove that no audit entry was changed, removed or cut off; names each that was, and exits 1."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anchor",
            metavar="NUMBER:MAC",
            help="a seal as it stands in the log (event audit_sealed): finds a chain that was cut off at its end",
        )

    def handle(self, *args: object, anchor: str | None = None, **options: object) -> None:
        seal_pending()
        troubles = list(verify_audit(self._anchor(anchor) if anchor else None))
        for trouble in troubles:
            self.stderr.write(trouble)
        if troubles:
            raise CommandError(f"{len(troubles)} differences in the audit trail.", returncode=1)
        newest = AuditSeal.objects.order_by("-number").first()
        self.stdout.write(f"The audit trail is whole; newest seal {newest.number}:{newest.mac}" if newest else "Empty.")

    def _anchor(self, text: str) -> Anchor:
        number, colon, mac = text.partition(":")
        if not (number.isdigit() and colon and mac):
            raise CommandError("--anchor is a seal's number, a colon and its MAC, as the log has them.")
        return Anchor(int(number), mac)
