import re

from django.core.management.base import BaseCommand, CommandError, CommandParser

from payments.audit.snapshot import snapshot
from payments.audit.verification import Anchor, verify_audit
from payments.models import AuditSeal

_ANCHOR = re.compile("([1-9][0-9]*):([0-9a-f]{64})")


class Command(BaseCommand):
    help = "Prove that no audit entry was changed, removed or cut off; names each that was, and exits 1."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anchor",
            metavar="NUMBER:MAC",
            help="a seal as it stands in the log (event audit_sealed): finds a chain that was cut off at its end",
        )

    def handle(self, *args: object, anchor: str | None = None, **options: object) -> None:
        logged = self._anchor(anchor) if anchor is not None else None
        found = 0
        with snapshot():
            for trouble in verify_audit(logged):
                self.stderr.write(trouble)
                found += 1
            newest = AuditSeal.objects.order_by("-number").first()
        if found:
            raise CommandError(f"{found} differences in the audit trail.", returncode=1)
        self.stdout.write(f"The audit trail is whole; newest seal {newest.number}:{newest.mac}" if newest else "Empty.")

    def _anchor(self, text: str) -> Anchor:
        form = _ANCHOR.fullmatch(text)
        if form is None:
            raise CommandError("--anchor is a seal's number, from 1, a colon and its MAC, as the log has them.")
        return Anchor(int(form[1]), form[2])
