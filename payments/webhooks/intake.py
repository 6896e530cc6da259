"""Take webhooks in: verify, store the raw bytes, wake the drain, answer. Nothing is made of them here."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payments.gateways.base import InvalidWebhook, WebhookNotice
from payments.gateways.registry import UnknownGateway, gateway_for
from payments.models import GatewayAccount
from payments.transactions import retried

logger = logging.getLogger(__name__)

Values = dict[str, str | bytes | datetime]

LARGEST_BODY = 512 * 1024

# One statement: the event once, and a drain job unless one already waits. The conflict clause fits the queue's unique
# index on waiting queueing locks; should a wake-up be lost in a race, the periodic drain finds the event.
_STORE = """
WITH account AS (
  SELECT id FROM payments_gatewayaccount WHERE gateway = %(gateway)s AND mode = %(mode)s
), stored AS (
  INSERT INTO payments_webhookevent
    (account_id, event_id, event_type, body, subject_kind, subject_id, gateway_time, status, tries, last_error,
     next_try_at)
  SELECT id, %(event_id)s, %(event_type)s, %(body)s, %(subject_kind)s, %(subject_id)s, %(created)s, %(status)s, 0, '',
         CASE WHEN %(status)s::varchar = 'received' THEN now() END
  FROM account
  ON CONFLICT (account_id, event_id) DO NOTHING
  RETURNING status
), woken AS (
  INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args)
  SELECT 'asking', 'payments.drain_inbox', 'payments.drain_inbox', '{}'
  FROM stored WHERE status = 'received'
  ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
)
SELECT count(*) FROM account
"""


@csrf_exempt
@require_POST
def receive(request: HttpRequest, gateway: str) -> HttpResponse:
    """200 means stored, for the first delivery and every later one; 400 that the signature or body is not valid."""
    try:
        adapter = gateway_for(gateway)
    except UnknownGateway as error:
        raise Http404(str(error)) from None
    if int(request.headers.get("Content-Length") or 0) > LARGEST_BODY:
        return HttpResponse("The body is larger than any event.\n", status=413, content_type="text/plain")
    body = request.body
    try:
        notice = adapter.parse_webhook(body, request.headers)
    except InvalidWebhook as error:
        logger.warning("webhook_refused", extra={"gateway": gateway, "reason": str(error)})
        return HttpResponse(f"Not accepted: {error}\n", status=400, content_type="text/plain")
    _store(gateway, notice, body)
    return HttpResponse("stored\n", content_type="text/plain")


def _store(gateway: str, notice: WebhookNotice, body: bytes) -> None:
    mode = GatewayAccount.Mode.LIVE if notice.live else GatewayAccount.Mode.TEST
    values: Values = {
        "gateway": gateway,
        "mode": mode,
        "event_id": notice.event_id,
        "event_type": notice.event_type,
        "body": body,
        "subject_kind": notice.subject.kind if notice.subject else "",
        "subject_id": notice.subject.gateway_id if notice.subject else "",
        "created": notice.created,
        "status": "received" if notice.subject else "kept",
    }
    if not _execute(values):
        GatewayAccount.objects.get_or_create(gateway=gateway, mode=mode)
        _execute(values)


@retried
def _execute(values: Values) -> bool:
    """Whether the account is known; then the event is stored."""
    with connection.cursor() as cursor:
        cursor.execute(_STORE, values)
        return bool(cursor.fetchone()[0])
