"""What staff must look at, counted on the admin's first page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django import template
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from payments.models import Discrepancy, Operation, WebhookEvent

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

register = template.Library()


@dataclass(frozen=True, slots=True)
class Concern:
    """`count` rows of one kind that wait for somebody, and the list that shows them."""

    label: StrOrPromise
    count: int
    url: str


@register.inclusion_tag("admin/payments/attention.html")
def needs_attention(user: User | AnonymousUser) -> dict[str, list[Concern]]:
    """The concerns that `user` may look at and that have rows; no more than one query for each."""
    waiting: list[tuple[StrOrPromise, str, QuerySet[Discrepancy] | QuerySet[WebhookEvent], str]] = [
        (
            _("Open discrepancies"),
            "discrepancy",
            Discrepancy.objects.filter(resolved_at=None),
            "resolved_at__isempty=1",
        ),
        (
            _("Webhook events given up"),
            "webhookevent",
            WebhookEvent.objects.filter(status=WebhookEvent.Status.PARKED),
            "status__exact=parked",
        ),
    ]
    concerns = [
        Concern(label, rows.count(), f"{reverse(f'admin:payments_{model}_changelist')}?{query}")
        for label, model, rows, query in waiting
        if user.has_perm(f"payments.view_{model}")
    ]
    if user.has_perm("payments.view_payment"):
        unknown = Operation.objects.filter(status=Operation.Status.UNKNOWN).count()
        payments = f"{reverse('admin:payments_payment_changelist')}?outcome=unknown"
        concerns.append(Concern(_("Operations without an outcome"), unknown, payments))
    return {"concerns": [concern for concern in concerns if concern.count]}
