"""Which accounts the gateways can be asked about."""

from __future__ import annotations

import logging

from payments.models import GatewayAccount

logger = logging.getLogger(__name__)


def served_accounts() -> list[GatewayAccount]:
    """Those whose keys we have; of the others the log says that they were not asked.

    A gateway's test and live account each have a row, and its balance does not tell which of them it is of.
    """
    accounts = list(GatewayAccount.objects.order_by("pk"))
    for account in accounts:
        if not account.is_served:
            logger.info("account_not_asked", extra={"account": str(account), "reason": "the keys are of another mode"})
    return [account for account in accounts if account.is_served]
